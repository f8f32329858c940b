// The state evolution's own map: colour and lines of equal error, with the derived law's lines over them.
const map = () => {
  const h = heat();
  return h && !state.noiseless && state.zeta === 0 ? h.log10[String(state.gamma)] || null : null;
};
// Cividis, from dark to light: the same order for every eye.
const cividis = [[0, 34, 78], [18, 53, 112], [59, 73, 108], [87, 93, 109], [112, 113, 115], [138, 134, 120], [165, 156, 116], [195, 179, 105], [225, 204, 85], [254, 232, 56]];
function shade(log10, low) {
  const t = 1 - 0.8 * Math.sqrt(Math.max(log10 / low, 0));
  const x = Math.min(Math.max(t, 0), 1) * (cividis.length - 1), k = Math.min(Math.floor(x), cividis.length - 2), f = x - k;
  return cividis[k].map((c, i) => Math.round(c + f * (cividis[k + 1][i] - c)));
}
const LEVELS = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48].map((x) => -x);

function drawNumbers() {
  const z = state.view === "numbers" ? map() : null;
  for (const id of ["map", "contours"]) $(id).replaceChildren();
  $("key").textContent = state.view === "numbers" && !z ? "No map of this one: the state evolution is not computed at such sizes." : "";
  if (!z) return;
  const [rows, columns] = heat().shape, d = heat().d;
  const grid = Array.from({ length: rows }, (_, j) => z.slice(j * columns, (j + 1) * columns).map((x) => (x === null ? null : x / 1000)));
  const low = Math.min(...z.filter((x) => x !== null)) / 1000, levels = LEVELS.filter((x) => x > low);
  drawMap(grid, low);
  const taken = [];
  for (const level of levels) {
    const solved = contour(grid, level).map((s) => s.map((q) => onGrid(q, rows, columns)));
    drawLines(solved, "solved");
    drawLines(lawLines(level, d), "law");
    label(solved, level, taken);
  }
  $("key").append(colourBar(low, levels), caption(d, z.includes(null)));
}
const onGrid = ([i, j], rows, columns) => [a0 + ((a1 - a0) * i) / (columns - 1), l0 + ((l1 - l0) * j) / (rows - 1)];

function drawMap(grid, low) {
  const [rows, columns] = [grid.length, grid[0].length], canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [columns, rows];
  const context = canvas.getContext("2d"), image = context.createImageData(columns, rows);
  grid.forEach((row, j) => row.forEach((x, i) => {
    image.data.set([...(x === null ? [128, 128, 128] : shade(x, low)), 255], 4 * ((rows - 1 - j) * columns + i));
  }));
  context.putImageData(image, 0, 0);
  // pixels are centred on grid points, so the picture reaches half a cell beyond the window
  const w = box.width / (columns - 1), h = box.height / (rows - 1);
  $("map").append(element("image", {
    href: canvas.toDataURL(), x: box.x - w / 2, y: box.y - h / 2, width: w * columns, height: h * rows, preserveAspectRatio: "none",
  }));
}
function drawLines(segments, name) {
  const shape = segments.map((s) => path(s.map(([a, l]) => [px(a), py(l)]))).join("");
  if (shape) $("contours").append(element("path", { d: shape, class: name }));
}

// Each phase's own law drawn in its own region only: on the grid its lines would zigzag where two phases meet.
function lawLines(level, d) {
  const found = [], steps = 40, p = point();
  for (const { phase, sides } of shapes(p)) {
    const heights = Array.from({ length: steps + 1 }, (_, j) => Array.from({ length: steps + 1 }, (_, i) => {
      const [a, l] = onGrid([i, j], steps + 1, steps + 1);
      return log10law(phase, { ...p, a, l }, d);
    }));
    for (const segment of contour(heights, level)) {
      const part = within(segment.map((q) => onGrid(q, steps + 1, steps + 1)), sides);
      if (part) found.push(part);
    }
  }
  return found;
}

// The error written on its line, where it is farthest from what is written already and from the frame.
function label(segments, level, taken) {
  const room = ([x, y]) => Math.min(
    ...taken.map(([u, v]) => Math.hypot(x - u, y - v)), x - box.x - 14, box.x + box.width - x - 8, y - box.y - 4, box.y + box.height - y,
  );
  const spots = segments.map(([[a, l]]) => [px(a), py(l)]);
  if (!spots.length) return;
  const best = spots.reduce((x, y) => (room(y) > room(x) ? y : x));
  if (room(best) < 16) return;
  taken.push(best);
  const text = element("text", { x: best[0], y: best[1] + 4, class: "level" }, "10");
  text.append(element("tspan", { dy: -5, "font-size": "75%" }, minus(level)));
  $("contours").append(text);
}

function colourBar(low, levels) {
  const width = 636, svg = element("svg", { viewBox: `0 0 ${width + 84} 40`, class: "colourbar", role: "img", "aria-label": "colours of the error" });
  const x = (log10) => 70 + (log10 / low) * width, steps = 96;
  for (let k = 0; k < steps; k++) {
    const fill = `rgb(${shade((low * (k + 0.5)) / steps, low).join(",")})`;
    svg.append(element("rect", { x: 70 + (width * k) / steps, y: 2, width: width / steps + 0.5, height: 12, fill }));
  }
  svg.append(element("text", { x: 0, y: 13 }, "error"));
  let last = -Infinity;
  for (const level of [0, ...levels]) {
    if (x(level) - last < 34) continue;
    last = x(level);
    const text = element("text", { x: last, y: 33, "text-anchor": "middle" }, level === 0 ? "1" : "10");
    if (level !== 0) text.append(element("tspan", { dy: -5, "font-size": "75%" }, minus(level)));
    svg.append(element("line", { x1: last, x2: last, y1: 14, y2: 19, class: "tick" }), text);
  }
  return svg;
}
function caption(d, holes) {
  const span = document.createElement("span");
  span.innerHTML = `State evolution at d = 10<sup>${Math.round(Math.log10(d))}</sup>, Δ = 1: colour and black lines. The derived law: dashed lines at the same errors.${holes ? " Grey: not solved." : ""}`;
  return span;
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
