// What a phase says at a point: polynomials in gamma, affine forms in (1, a, l, zeta, b), expression trees.
const polynomial = (c, g) => c.reduceRight((sum, x) => sum * g + x, 0);
const ratio = ([n, d], g) => polynomial(n, g) / polynomial(d, g);
const sizes = (p) => [1, p.a, p.l, p.zeta, p.b];
const product = (c, p) => sizes(p).reduce((sum, x, k) => sum + c[k] * x, 0);
const affine = (form, p) => product(form.map((x) => ratio(x, p.gamma)), p);

// How far inside an inequality row > 0 a point is, in units of a, l, zeta or b.
function margin(row, p) {
  const c = row.map((x) => polynomial(x, p.gamma));
  return product(c, p) / (Math.hypot(...c.slice(1)) || 1);
}
const depth = (rows, p) => rows.reduce((least, row) => Math.min(least, margin(row, p)), Infinity);
const alive = (phase, p) => (phase.gamma[0] === null || p.gamma > phase.gamma[0])
  && (phase.gamma[1] === null || p.gamma < phase.gamma[1]);

// Riemann's function for s > 1, by Euler and Maclaurin.
function riemann(s) {
  const n = 14;
  let sum = 0;
  for (let k = 1; k < n; k++) sum += k ** -s;
  const last = n ** -s;
  return sum + (last * n) / (s - 1) + last / 2 + (s * last) / n / 12
    - (s * (s + 1) * (s + 2) * last) / n ** 3 / 720
    + (s * (s + 1) * (s + 2) * (s + 3) * (s + 4) * last) / n ** 5 / 30240;
}
// The integral of t^(a-1) (1+t)^-s from 0 to x, a, x > 0, by its hypergeometric series in x / (1 + x).
function lowerBeta(a, s, x) {
  const z = x / (1 + x);
  let term = 1, sum = 1;
  for (let k = 0; k < 400 && Math.abs(term) > 1e-17 * Math.abs(sum); k++) {
    term *= ((a + k) * (a + 1 - s + k) * z) / ((a + 1 + k) * (k + 1));
    sum += term;
  }
  return (z ** a / a) * sum;
}
// A function of gamma by its Chebyshev coefficients, in logarithms; log(2 gamma - 1) from low to high is -1 to 1.
function series([low, high, ...c], gamma) {
  const x = (2 * Math.log(2 * gamma - 1) - low - high) / (high - low);
  return Math.exp(c.reduce((sum, y, k) => sum + y * Math.cos(k * Math.acos(x)), 0));
}
function value(tree, p) {
  if (typeof tree === "number") return tree;
  if (typeof tree === "string") return p[tree];
  const x = tree.slice(1).map((t) => value(t, p));
  switch (tree[0]) {
    case "+": return x.reduce((s, y) => s + y, 0);
    case "*": return x.reduce((s, y) => s * y, 1);
    case "^": return x[0] ** x[1];
    case "log": return Math.log(x[0]);
    case "sin": return Math.sin(x[0]);
    case "zeta": return riemann(x[0]);
    case "B": return lowerBeta(...x);
    case "series": return series(x, p.gamma);
    default: throw new Error(`unknown function ${tree[0]}`);
  }
}

// How well a piece's conditions hold: 2 all of them, 1 with ties, 0 not. Where exponents tie, powers of log d decide.
function standing(piece, p) {
  let worst = 2;
  for (const { row, log } of piece.conditions) {
    const m = margin(row, p), lead = Math.abs(m) > 1e-9 ? m : ratio(log, p.gamma);
    if (lead < 0) return 0;
    if (lead === 0) worst = 1;
  }
  return worst;
}
const holds = (phase, p) => Math.max(...phase.pieces.map((q) => standing(q, p)));
// The phase at a point: inside its region, or on an edge where powers of log d favour it; else one of several.
function locate(phases, p) {
  const near = phases.filter((phase) => alive(phase, p));
  const inside = near.find((phase) => depth(phase.rows, p) > 1e-9) || near.find((phase) => holds(phase, p) === 2);
  if (inside) return { phase: inside, boundary: false };
  const edge = near.filter((phase) => holds(phase, p) === 1);
  return edge.length ? { phase: edge[0], boundary: new Set(edge.map((x) => x.name)).size > 1 } : null;
}
const piece = (phase, p) => phase.pieces.reduce((best, q) => (standing(q, p) > standing(best, p) ? q : best));
// The learned weights in words: of features within noise, those stand out that exceed it.
const weights = (q, p) => q.spectrum + (q.submerged && affine(q.unknowns.tau.exponent, p) < 0 ? " + spikes" : "");
function law(phase, p) {
  return {
    constant: value(phase.constant, p),
    exponent: affine(phase.exponent, p),
    log: ratio(phase.log, p.gamma),
  };
}
// log10 of the law at a finite dimension.
function log10law(phase, p, d) {
  const { constant, exponent, log } = law(phase, p);
  return Math.log10(constant) + exponent * Math.log10(d) + log * Math.log10(Math.log(d));
}
// The largest relative correction there: an exponent of d, or words if it is only a power of log d.
function nextOrder(phase, p) {
  let top = null;
  for (const c of piece(phase, p).corrections) {
    const e = affine(c.exponent, p), q = ratio(c.log, p.gamma);
    if (top === null || e > top.e || (e === top.e && q > top.q)) top = { e, q, loglog: c.loglog };
  }
  return top;
}
