// The learned weights that a derived law predicts, at a finite dimension: a bulk of noise, and features.
// Effective noise tau and threshold kappa are the law's own; the teacher's coefficients have norm one.
function growth(g, p, d) {
  return value(g.constant, p) * d ** affine(g.exponent, p) * Math.log(d) ** ratio(g.log, p.gamma);
}
// The complementary error function to seven digits [Press et al., Numerical Recipes, 6.2].
function erfc(x) {
  const t = 1 / (1 + x / 2);
  const series = [0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368, -1.26551223];
  return t * Math.exp(series.reduce((sum, c) => sum * t + c, 0) - x * x);
}
// The part of the noise above x (in units of tau): of the semicircle on [-2, 2], given its distance `gap` to the edge.
function semicircleAbove(gap) {
  if (gap <= 0) return 0;
  if (gap < 1e-4) return (2 / (3 * Math.PI)) * gap ** 1.5;
  const x = 2 - gap;
  return 0.5 - (x * Math.sqrt(4 - x * x)) / (4 * Math.PI) - Math.asin(x / 2) / Math.PI;
}
// {features(w), bulk(w)}: how many weights of each kind are above w >= 0; {top}: the largest.
function spectrum(network, piece, p, d) {
  const { tau, kappa, gap, q } = Object.fromEntries(Object.entries(piece.unknowns).map(([name, g]) => [name, growth(g, p, d)]));
  const first = riemann(2 * p.gamma) ** -0.5, index = (a) => (first > a ? Math.min((first / a) ** (1 / p.gamma), d) : 0);
  const seen = (least) => (w) => index(least(w)), left = d - index(tau);
  const noisy = piece.spectrum.includes("bulk"), { sides, matrix } = data.networks[network];
  if (!matrix) {
    const c = q ? Math.sqrt(-2 * Math.log(q)) : kappa / tau;
    return {
      top: first - kappa,
      features: seen((w) => Math.max(kappa + w, tau)),
      bulk: (w) => (noisy ? (left * sides * erfc((c + w / tau) / Math.SQRT2)) / 2 : 0),
    };
  }
  // a feature a > tau is seen at y = a + tau^2/a
  const below = gap ?? 2 - kappa / tau, y = (w) => (2 - below) * tau + w;
  return {
    top: first > tau ? first + tau ** 2 / first - y(0) : below * tau,
    features: seen((w) => (y(w) <= 2 * tau ? tau : (y(w) + Math.sqrt(y(w) ** 2 - 4 * tau ** 2)) / 2)),
    bulk: (w) => (noisy ? left * sides * semicircleAbove(below - w / tau) : 0),
  };
}

// The number of weights above w, both axes logarithmic: noise blue, features orange.
function sketch(network, piece, p, d) {
  const { top, features, bulk } = spectrum(network, piece, p, d);
  const found = { features: Math.floor(features(0)), bulk: bulk(0) < 1 ? 0 : bulk(0) };
  const svg = element("svg", {
    viewBox: "0 0 300 150", class: "sketch", role: "img", "aria-label": `spectrum: ${piece.spectrum || "nothing"}`,
    "data-features": found.features, "data-bulk": found.bulk,
  });
  const left = 34, right = 292, bottom = 112, high = 8, decades = Math.log10(d);
  const x = (t) => right + (t / depthOf(top, features, bulk)) * (right - left);
  const h = (count) => bottom - Math.min(Math.max(Math.log10(count) / decades, 0), 1) * (bottom - high);
  const steps = Array.from({ length: 121 }, (_, k) => -(1 - k / 120) * depthOf(top, features, bulk));
  const draw = (count, ink) => {
    const points = steps.map((t) => [x(t), h(count(top * 10 ** t))]);
    if (count(0) >= 1) svg.append(element("path", { d: `${path(points)}L${right},${bottom}L${left},${bottom}Z`, fill: ink, "fill-opacity": 0.5, stroke: ink }));
  };
  if (found.features || found.bulk) {
    draw(bulk, "#0072b2");
    draw(features, "#d55e00");
  }
  svg.append(element("path", { d: `M${left},${high}V${bottom}H${right}`, class: "axis" }));
  const label = (at, text, anchor) => svg.append(element("text", { ...at, "text-anchor": anchor }, text));
  label({ x: left - 4, y: high + 8 }, "d", "end");
  label({ x: left - 4, y: bottom }, "1", "end");
  const reach = Math.round(depthOf(top, features, bulk));
  label({ x: left, y: bottom + 14 }, `10${superscript(-reach)}`, "middle");
  label({ x: right, y: bottom + 14 }, "1", "middle");
  label({ x: (left + right) / 2, y: bottom + 14 }, `weight / largest, d = 10${superscript(Math.round(decades))}`, "middle");
  label({ x: (left + right) / 2, y: bottom + 31 }, inWords(found, d), "middle");
  return svg;
}
const superscript = (k) => String(k).replace(/./g, (s) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[s] ?? "⁻");
// How many decades of weights to show: enough to see the smallest features and the bulk.
function depthOf(top, features, bulk) {
  const all = (w) => features(w) + bulk(w);
  for (let k = 1; k < 16; k++) if (all(top * 10 ** -k) > 0.8 * all(0)) return k;
  return 16;
}
function inWords({ features, bulk }, d) {
  const plain = (count) => (count < 1000 ? String(Math.round(count)) : `${(count / 10 ** Math.floor(Math.log10(count))).toFixed(1)}·10${superscript(Math.floor(Math.log10(count)))}`);
  const parts = [[features, "features"], [bulk, "noise"]].filter(([count]) => count >= 1).map(([count, name]) => `${plain(count)} ${name}`);
  const zero = d - features - bulk;
  if (zero > 0.5 * d) parts.push("the rest zero");
  else if (zero > 1e-6 * d) parts.push(`${plain(zero)} zero`);
  return parts.join(", ");
}
