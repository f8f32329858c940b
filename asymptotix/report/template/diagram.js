// The interactive diagram. State is one object; `draw` shows it.
const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const box = { x: 70, y: 14, width: 636, height: 500 };
// Okabe and Ito's colours, and greys where nothing is learned.
const palette = ["#dcdcdc", "#bfbfbf", "#56b4e9", "#0072b2", "#009e73", "#f0e442", "#e69f00", "#f3cf8e", "#cc79a7", "#d55e00"];
const colour = (phase) => palette[phase.order % palette.length];
const state = { network: Object.keys(data.networks)[0], view: "phases", gamma: 1.25, zeta: 0, noiseless: false, a: 0.6, l: -1 };

const [a0, a1] = data.window.a, [l0, l1] = data.window.l;
const px = (a) => box.x + ((a - a0) / (a1 - a0)) * box.width;
const py = (l) => box.y + box.height - ((l - l0) / (l1 - l0)) * box.height;
const phases = () => data.networks[state.network][state.noiseless ? "noiseless" : "noisy"];
const heat = () => data.networks[state.network].heat;
const point = (a = state.a, l = state.l) => ({ gamma: state.gamma, zeta: state.noiseless ? 0 : state.zeta, a, l });
const map = () => {
  const h = heat();
  return h && !state.noiseless && state.zeta === 0 ? h.log10[String(state.gamma)] || null : null;
};
const number = (x, digits = 3) => {
  if (x === 0) return "0";
  const e = Math.floor(Math.log10(Math.abs(x)));
  if (e >= -3 && e < 4) return String(Number(x.toPrecision(digits)));
  return `${(x / 10 ** e).toFixed(digits - 1)} × 10<sup>${minus(e)}</sup>`;
};
const minus = (x) => String(x).replace("-", "−");
const short = (x) => minus(Number(x.toFixed(3)));
const power = (name, e) => (Math.abs(e) < 5e-4 ? "1" : `<i>${name}</i><sup>${short(e)}</sup>`);

function element(name, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const key in attributes) made.setAttribute(key, attributes[key]);
  if (text !== undefined) made.textContent = text;
  return made;
}
const path = (points) => `M${points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join("L")}`;

function drawAxes() {
  const g = $("axes");
  g.append(element("rect", { ...box, class: "frame" }));
  for (let a = Math.ceil(a0); a <= a1; a++) {
    g.append(element("line", { x1: px(a), x2: px(a), y1: py(l0), y2: py(l0) + 6, class: "tick" }));
    g.append(element("text", { x: px(a), y: py(l0) + 24, "text-anchor": "middle" }, minus(a)));
  }
  for (let l = Math.ceil(l0); l <= l1; l++) {
    g.append(element("line", { x1: box.x - 6, x2: box.x, y1: py(l), y2: py(l), class: "tick" }));
    g.append(element("text", { x: box.x - 11, y: py(l) + 5, "text-anchor": "end" }, minus(l)));
  }
  g.append(element("text", { x: box.x + box.width / 2, y: 570, "text-anchor": "middle" }, "effective samples, a = log n_eff / log d"));
  const y = box.y + box.height / 2;
  g.append(element("text", { x: 22, y, "text-anchor": "middle", transform: `rotate(-90 22 ${y})` }, "weight decay, ℓ = log λ / log d"));
}

function drawRegions() {
  const regions = $("regions"), labels = $("labels"), p = point(), numbers = state.view === "numbers";
  regions.replaceChildren();
  labels.replaceChildren();
  for (const phase of phases()) {
    if (!alive(phase, p)) continue;
    let edge = false; // the noise's exponent is at the end of the range where the phase is
    let polygon = [[a0, l0], [a1, l0], [a1, l1], [a0, l1]];
    for (const row of phase.rows) {
      const c = row.map((x) => polynomial(x, p.gamma));
      const rest = c[0] + c[3] * p.zeta;
      edge = edge || (c[1] === 0 && c[2] === 0 && Math.abs(rest) < 1e-9);
      if (c[1] !== 0 || c[2] !== 0 || rest < -1e-9) polygon = clip(polygon, rest, c[1], c[2]);
    }
    if (polygon.length < 3) continue;
    if (edge && locate(phases(), point(...areaAndCentre(polygon).centre))?.phase !== phase) continue;
    const shape = path(polygon.map(([a, l]) => [px(a), py(l)])) + "Z";
    const fill = numbers ? { class: "border" } : { class: "region", fill: colour(phase) };
    regions.append(element("path", { d: shape, ...fill, "data-phase": phase.name }));
    const { area, centre } = areaAndCentre(polygon);
    if (area > 0.12) labels.append(element("text", { x: px(centre[0]), y: py(centre[1]) + 7, class: "name" }, phase.name));
  }
}

// Cividis, from dark to light: the same order for every eye.
const cividis = [[0, 34, 78], [18, 53, 112], [59, 73, 108], [87, 93, 109], [112, 113, 115], [138, 134, 120], [165, 156, 116], [195, 179, 105], [225, 204, 85], [254, 232, 56]];
function shade(t) {
  const x = Math.min(Math.max(t, 0), 1) * (cividis.length - 1), k = Math.min(Math.floor(x), cividis.length - 2), f = x - k;
  return cividis[k].map((c, i) => Math.round(c + f * (cividis[k + 1][i] - c)));
}
function drawNumbers() {
  const under = $("map"), lines = $("contours"), z = map();
  under.replaceChildren();
  lines.replaceChildren();
  $("key").textContent = "";
  if (state.view !== "numbers" || !z) return;
  const [rows, columns] = heat().shape, d = heat().d;
  const grid = Array.from({ length: rows }, (_, j) => z.slice(j * columns, (j + 1) * columns).map((x) => (x === null ? null : x / 1000)));
  const low = Math.min(...z.filter((x) => x !== null)) / 1000;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [columns, rows];
  const context = canvas.getContext("2d"), image = context.createImageData(columns, rows);
  grid.forEach((row, j) => row.forEach((x, i) => {
    image.data.set([...(x === null ? [128, 128, 128] : shade(1 - 0.8 * Math.sqrt(Math.max(x / low, 0)))), 255], 4 * ((rows - 1 - j) * columns + i));
  }));
  context.putImageData(image, 0, 0);
  // pixels are centred on grid points, so the picture reaches half a cell beyond the window
  const w = box.width / (columns - 1), h = box.height / (rows - 1);
  under.append(element("image", {
    href: canvas.toDataURL(), x: box.x - w / 2, y: box.y - h / 2, width: w * columns, height: h * rows, preserveAspectRatio: "none",
  }));
  const at = (i, j) => [a0 + ((a1 - a0) * i) / (columns - 1), l0 + ((l1 - l0) * j) / (rows - 1)];
  const derived = grid.map((row, j) => row.map((_, i) => {
    const p = point(...at(i, j)), found = locate(phases(), p);
    return found ? log10law(found.phase, p, d) : null;
  }));
  const levels = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48].map((x) => -x).filter((x) => x > low);
  for (const level of levels) {
    for (const [heights, name] of [[grid, "solved"], [derived, "law"]]) {
      const shape = contour(heights, level).map((s) => path(s.map(([i, j]) => [px(at(i, j)[0]), py(at(i, j)[1])]))).join("");
      if (shape) lines.append(element("path", { d: shape, class: name }));
    }
  }
  const tens = Math.round(Math.log10(d));
  $("key").innerHTML = `State evolution at d = 10<sup>${tens}</sup>, Δ = 1: colour and black lines, at an error of ${levels.map((x) => `10<sup>${minus(x)}</sup>`).join(", ")}. The derived law: dashed lines at the same.${z.includes(null) ? " Grey: not solved." : ""}`;
}

function solvedHere() {
  const z = map();
  if (!z) return null;
  const [rows, columns] = heat().shape;
  const x = ((state.a - a0) / (a1 - a0)) * (columns - 1), y = ((state.l - l0) / (l1 - l0)) * (rows - 1);
  const i = Math.min(Math.floor(x), columns - 2), j = Math.min(Math.floor(y), rows - 2), f = x - i, g = y - j;
  const corner = [z[j * columns + i], z[j * columns + i + 1], z[(j + 1) * columns + i], z[(j + 1) * columns + i + 1]];
  if (corner.some((v) => v === null)) return null;
  return 10 ** (((corner[0] * (1 - f) + corner[1] * f) * (1 - g) + (corner[2] * (1 - f) + corner[3] * f) * g) / 1000);
}

function drawPanel() {
  const panel = $("panel"), p = point(), found = locate(phases(), p);
  const noise = state.noiseless ? "Δ = 0" : `Δ = ${power("d", -p.zeta)}`;
  const where = `<p class="where"><i>n</i><sub>eff</sub> = ${power("d", p.a)}, λ = ${power("d", p.l)}, ${noise}, <i>γ</i> = ${short(p.gamma)}</p>`;
  if (!found) {
    panel.innerHTML = `${where}<p>No single law holds here.</p>`;
    return;
  }
  const { phase } = found, { constant, exponent, log } = law(phase, p), next = nextOrder(phase, p), h = heat();
  const logs = Math.abs(log) < 1e-12 ? "" : ` (log <i>d</i>)<sup>${short(log)}</sup>`;
  const relative = next === null ? "none" : Math.abs(next.e) > 1e-12 ? power("d", next.e)
    : next.loglog ? "log log <i>d</i> / log <i>d</i>" : `(log <i>d</i>)<sup>${short(next.q)}</sup>`;
  const solved = state.noiseless ? null : solvedHere();
  const d = h ? h.d : 1e12, at = `at <i>d</i> = 10<sup>${Math.round(Math.log10(d))}</sup>`;
  const words = piece(phase, p).spectrum;
  panel.innerHTML = `${where}
    <p class="phase" data-phase="${phase.name}"><i style="background:${colour(phase)}"></i>Phase ${phase.name}${found.boundary ? ", boundary" : ""}</p>
    <p class="formula">error ≃ ${phase.formula}</p>
    <dl>
      <dt>here</dt><dd data-constant="${constant}" data-exponent="${exponent}">${number(constant, 4)} ${Math.abs(exponent) < 5e-4 ? "" : power("d", exponent)}${logs}</dd>
      <dt>next order</dt><dd>${relative}</dd>
      <dt>${at}</dt><dd>${number(10 ** log10law(phase, p, d))} by the law${solved === null ? "" : `,<br>${number(solved)} solved`}</dd>
      <dt>where</dt><dd><ul class="plain">${phase.region.map((r) => `<li>${r}</li>`).join("")}</ul></dd>
      <dt>weights</dt><dd>${words || "nothing"}</dd>
    </dl>`;
  panel.append(sketch(state.network, piece(phase, p), p, d));
}

function drawCross() {
  const x = px(state.a), y = py(state.l);
  $("cross").replaceChildren(
    element("line", { x1: box.x, x2: box.x + box.width, y1: y, y2: y, class: "cross" }),
    element("line", { x1: x, x2: x, y1: box.y, y2: box.y + box.height, class: "cross" }),
    element("circle", { cx: x, cy: y, r: 6.5, class: "point" }),
  );
}

// Numbers exist at some gammas only, with noise of order one: showing them snaps to the nearest.
function snap() {
  const h = heat();
  if (state.view !== "numbers" || !h) return;
  const known = Object.keys(h.log10).map(Number);
  state.gamma = known.reduce((best, g) => (Math.abs(g - state.gamma) < Math.abs(best - state.gamma) ? g : best));
  [state.zeta, state.noiseless] = [0, false];
}
function draw() {
  snap();
  $("gamma").value = state.gamma;
  $("zeta").value = state.zeta;
  $("noiseless").checked = state.noiseless;
  $("zeta").disabled = state.noiseless || state.view === "numbers";
  $("noiseless").disabled = state.view === "numbers";
  $("gamma-value").textContent = short(state.gamma);
  $("zeta-value").textContent = state.noiseless ? "∞" : short(state.zeta);
  drawNumbers();
  drawRegions();
  drawPoint();
}
function drawPoint() {
  drawCross();
  drawPanel();
}
function move(a, l) {
  state.a = Math.min(Math.max(a, a0), a1);
  state.l = Math.min(Math.max(l, l0), l1);
  drawPoint();
}
function listen() {
  const plot = $("plot");
  const follow = (event) => {
    const spot = new DOMPoint(event.clientX, event.clientY).matrixTransform(plot.getScreenCTM().inverse());
    const a = a0 + ((spot.x - box.x) / box.width) * (a1 - a0), l = l0 + ((box.y + box.height - spot.y) / box.height) * (l1 - l0);
    if (a >= a0 && a <= a1 && l >= l0 && l <= l1) move(Math.round(a * 100) / 100, Math.round(l * 100) / 100);
  };
  plot.addEventListener("pointermove", follow);
  plot.addEventListener("pointerdown", follow);
  plot.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? 0.25 : 0.05;
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!moves) return;
    event.preventDefault();
    move(Number((state.a + moves[0] * step).toFixed(4)), Number((state.l + moves[1] * step).toFixed(4)));
  });
  for (const name of ["network", "view"]) {
    document.querySelectorAll(`input[name=${name}]`).forEach((input) => {
      input.addEventListener("change", () => { state[name] = input.value; draw(); });
    });
  }
  $("gamma").addEventListener("input", (event) => { state.gamma = Number(event.target.value); draw(); });
  $("zeta").addEventListener("input", (event) => { state.zeta = Number(event.target.value); draw(); });
  $("noiseless").addEventListener("change", (event) => { state.noiseless = event.target.checked; draw(); });
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((d) => { d.open = true; }));
}
function prepare() {
  const all = Object.values(data.networks).flatMap((n) => [...n.noisy, ...n.noiseless]);
  document.querySelectorAll(".phases th[data-phase]").forEach((th) => {
    const phase = all.find((x) => x.name === th.dataset.phase);
    if (phase) th.style.setProperty("--phase", colour(phase));
  });
  const known = new Set(Object.values(data.networks).flatMap((n) => Object.keys(n.heat ? n.heat.log10 : {})));
  known.forEach((g) => $("gammas").append(Object.assign(document.createElement("option"), { value: g })));
}
drawAxes();
prepare();
listen();
draw();
