// The phase diagram: axes, regions, their names, and the point that the panel speaks of.
const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const box = { x: 70, y: 14, width: 636, height: 500 };
// Okabe and Ito's colours, and greys where nothing is learned.
const palette = ["#dcdcdc", "#bfbfbf", "#56b4e9", "#0072b2", "#009e73", "#f0e442", "#e69f00", "#f3cf8e", "#cc79a7", "#d55e00", "#c9b8a8", "#a6761d"];
const colour = (phase) => palette[phase.order % palette.length];
const state = { network: Object.keys(data.networks)[0], view: "phases", gamma: 1.25, zeta: 0, noiseless: false, b: 0.3, a: 0.6, l: -1, pinned: false };

const [a0, a1] = data.window.a, [l0, l1] = data.window.l;
const px = (a) => box.x + ((a - a0) / (a1 - a0)) * box.width;
const py = (l) => box.y + box.height - ((l - l0) / (l1 - l0)) * box.height;
const member = () => data.networks[state.network];
const phases = () => member()[state.noiseless ? "noiseless" : "noisy"];
const heat = () => member().heat;
const point = (a = state.a, l = state.l) => ({ gamma: state.gamma, zeta: state.noiseless ? 0 : state.zeta, a, l, b: member().sized ? state.b : 0 });
const minus = (x) => String(x).replace("-", "−");

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
  const across = element("text", { x: box.x + box.width / 2, y: 570, "text-anchor": "middle" }, "effective samples, a = log n");
  across.append(element("tspan", { dy: 5, "font-size": "75%" }, "eff"), element("tspan", { dy: -5 }, " / log d"));
  const y = box.y + box.height / 2;
  g.append(across, element("text", { x: 22, y, "text-anchor": "middle", transform: `rotate(-90 22 ${y})` }, "weight decay, ℓ = log λ / log d"));
}

// Where a phase is on the plane of a and l: half planes [c0, c1, c2], whether the noise's or the width's exponent
// is at the end of its range, and null if it is beyond.
function halfPlanes(phase, p) {
  const sides = [];
  let edge = false;
  for (const row of phase.rows) {
    const c = row.map((x) => polynomial(x, p.gamma)), rest = c[0] + c[3] * p.zeta + c[4] * p.b;
    if (c[1] !== 0 || c[2] !== 0) sides.push([rest, c[1], c[2]]);
    else if (rest < -1e-9) return null;
    else edge = edge || rest < 1e-9;
  }
  return { sides, edge };
}
const frame = [[a0, l0], [a1, l0], [a1, l1], [a0, l1]];
// Every phase that has a part of the window, with its half planes and polygon.
function shapes(p) {
  const found = [];
  for (const phase of phases()) {
    const planes = alive(phase, p) ? halfPlanes(phase, p) : null;
    const polygon = planes ? planes.sides.reduce((poly, c) => clip(poly, ...c), frame) : [];
    if (polygon.length < 3) continue;
    if (planes.edge && locate(phases(), { ...p, ...inside(polygon) })?.phase !== phase) continue;
    found.push({ phase, sides: planes.sides, polygon });
  }
  return found;
}
const inside = (polygon) => Object.fromEntries(areaAndCentre(polygon).centre.map((x, k) => ["al"[k], x]));

function drawRegions() {
  const regions = $("regions"), labels = $("labels"), numbers = state.view === "numbers";
  regions.replaceChildren();
  labels.replaceChildren();
  const named = [], all = shapes(point()).map((x) => ({ ...x, ...areaAndCentre(x.polygon) }));
  for (const { phase, polygon, area, centre } of all.sort((x, y) => y.area - x.area)) {
    const shape = path(polygon.map(([a, l]) => [px(a), py(l)])) + "Z";
    const fill = numbers ? { class: "border" } : { class: "region", fill: colour(phase) };
    regions.append(element("path", { d: shape, ...fill, "data-phase": phase.name }));
    const spot = [px(centre[0]), py(centre[1]) + 7];
    if (area < 0.12 || named.some(([x, y]) => Math.abs(x - spot[0]) < 34 && Math.abs(y - spot[1]) < 20)) continue;
    named.push(spot);
    labels.append(element("text", { x: spot[0], y: spot[1], class: "name" }, phase.name));
  }
}

function drawCross() {
  const x = px(state.a), y = py(state.l);
  $("cross").replaceChildren(
    element("line", { x1: box.x, x2: box.x + box.width, y1: y, y2: y, class: "cross" }),
    element("line", { x1: x, x2: x, y1: box.y, y2: box.y + box.height, class: "cross" }),
    element("circle", { cx: x, cy: y, r: 6.5, class: state.pinned ? "point pinned" : "point" }),
  );
}
