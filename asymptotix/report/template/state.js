// One object is the state; `draw` shows it, the address keeps it, listeners change it.

// Numbers exist at some gammas only, with noise of order one: showing them snaps to the nearest.
function snap() {
  const h = heat();
  if (state.view !== "numbers" || !h) return;
  const known = Object.keys(h.log10).map(Number);
  state.gamma = known.reduce((best, g) => (Math.abs(g - state.gamma) < Math.abs(best - state.gamma) ? g : best));
  [state.zeta, state.noiseless] = [0, false];
}
// The fourth size, if there is one: what it is called, and the range of its exponent.
const SIZED = { width: { name: "<i>p</i>", range: [0.05, 0.95] }, ridge: { name: "ridge", range: [-1.5, 1] } };
function draw() {
  snap();
  const size = SIZED[member().sized];
  if (size) {
    [$("b").min, $("b").max] = size.range;
    state.b = Math.min(Math.max(state.b, size.range[0]), size.range[1]);
    $("b-name").innerHTML = `${member().sized === "width" ? "width " : ""}${size.name}`;
  }
  for (const id of ["gamma", "zeta", "b"]) $(id).value = state[id];
  $("noiseless").checked = state.noiseless;
  $("zeta").disabled = state.noiseless || state.view === "numbers";
  $("noiseless").disabled = state.view === "numbers";
  document.querySelectorAll(".width").forEach((x) => { x.hidden = !member().sized; });
  for (const [name, value] of [["network", member().network], ["view", state.view]]) {
    document.querySelector(`input[name=${name}][value="${value}"]`).checked = true;
  }
  $("gamma-value").textContent = short(state.gamma);
  $("zeta-value").textContent = state.noiseless ? "∞" : short(state.zeta);
  $("b-value").textContent = short(state.b);
  drawVariants();
  drawNumbers();
  drawRegions();
  drawPoint();
}
function drawPoint() {
  drawCross();
  drawPanel();
  remember();
}
function drawVariants() {
  const kin = Object.entries(data.networks).filter(([, m]) => m.network === member().network), box = $("variants");
  box.hidden = kin.length < 2;
  box.replaceChildren(...kin.map(([key, m]) => {
    const label = document.createElement("label");
    label.innerHTML = `<input type="radio" name="variant" value="${key}"${key === state.network ? " checked" : ""}><span>${m.words || "plain"}</span>`;
    label.firstChild.addEventListener("change", () => { state.network = key; draw(); });
    return label;
  }));
}
function move(a, l) {
  state.a = Math.min(Math.max(a, a0), a1);
  state.l = Math.min(Math.max(l, l0), l1);
  drawPoint();
}

// The address: every state has one, and an address that is opened or edited is shown.
const KEPT = ["network", "view", "gamma", "zeta", "noiseless", "b", "a", "l", "pinned"];
let waiting = null; // browsers forbid more than a few changes of the address a second
function remember() {
  clearTimeout(waiting);
  waiting = setTimeout(() => history.replaceState(null, "", address()), 150);
}
const address = () => `#${KEPT.filter((k) => k !== "b" || member().sized).map((k) => `${k}=${encodeURIComponent(state[k])}`).join("&")}`;
const RANGES = { gamma: [0.55, 3], zeta: [-1, 3], b: [-1.5, 1], a: [a0, a1], l: [l0, l1] };
// What an address says, as far as it makes sense.
function recall(hash) {
  for (const [key, value] of new URLSearchParams(hash.slice(1))) {
    const range = RANGES[key], x = Number(value);
    if (range && Number.isFinite(x)) state[key] = Math.min(Math.max(x, range[0]), range[1]);
    if (key === "noiseless" || key === "pinned") state[key] = value === "true";
    if (key === "network" && Object.hasOwn(data.networks, value)) state.network = value;
    if (key === "view" && ["phases", "numbers"].includes(value)) state.view = value;
  }
}

function pin(on = !state.pinned) {
  state.pinned = on;
  drawPoint();
}
function listen() {
  const plot = $("plot");
  const follow = (event) => {
    const spot = new DOMPoint(event.clientX, event.clientY).matrixTransform(plot.getScreenCTM().inverse());
    const a = a0 + ((spot.x - box.x) / box.width) * (a1 - a0), l = l0 + ((box.y + box.height - spot.y) / box.height) * (l1 - l0);
    const there = a >= a0 && a <= a1 && l >= l0 && l <= l1;
    if (there) move(Math.round(a * 100) / 100, Math.round(l * 100) / 100);
    return there;
  };
  plot.addEventListener("pointermove", (event) => { if (!state.pinned) follow(event); });
  plot.addEventListener("click", (event) => { if (follow(event)) pin(); });
  plot.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") pin();
    else if (event.key === "Escape") pin(false);
    else {
      const step = event.shiftKey ? 0.25 : 0.05;
      const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (!moves) return;
      move(Number((state.a + moves[0] * step).toFixed(4)), Number((state.l + moves[1] * step).toFixed(4)));
    }
    event.preventDefault();
  });
  for (const name of ["network", "view"]) {
    document.querySelectorAll(`input[name=${name}]`).forEach((input) => {
      const first = Object.keys(data.networks).find((k) => data.networks[k].network === input.value);
      input.addEventListener("change", () => { state[name] = first || input.value; draw(); });
    });
  }
  for (const name of ["gamma", "zeta", "b"]) {
    $(name).addEventListener("input", (event) => { state[name] = Number(event.target.value); draw(); });
  }
  $("noiseless").addEventListener("change", (event) => { state.noiseless = event.target.checked; draw(); });
  document.querySelectorAll("#guide button").forEach((button) => {
    button.addEventListener("click", () => { recall(`#${button.dataset.state}`); draw(); });
  });
  addEventListener("hashchange", () => { recall(location.hash); draw(); });
  $("save-picture").addEventListener("click", () => save(picture(), "image/svg+xml", "svg"));
  $("save-table").addEventListener("click", () => save(csv(), "text/csv", "csv"));
  addEventListener("beforeprint", () => document.querySelectorAll("#phases details").forEach((d) => { d.open = true; }));
}

// What is shown, to keep: the diagram as a picture of its own, the phases as a table.
function picture() {
  const copy = $("plot").cloneNode(true), style = document.querySelector("style").textContent.replaceAll("#plot ", "svg ");
  const ink = getComputedStyle(document.body);
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.prepend(element("style", {}, `${style} svg { --ink: ${ink.color}; font-family: sans-serif; background: ${ink.backgroundColor}; }`));
  return new XMLSerializer().serializeToString(copy);
}
function csv() {
  const cell = (x) => `"${(Array.isArray(x) ? x.join("; ") : String(x)).replaceAll('"', '""')}"`;
  const rows = phases().map((phase) => phase.row), names = Object.keys(rows[0]);
  return [names.join(","), ...rows.map((row) => names.map((name) => cell(row[name])).join(","))].join("\n") + "\n";
}
function save(text, type, ending) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = `asymptotix-${state.network}.${ending}`;
  link.click();
  URL.revokeObjectURL(link.href);
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
recall(location.hash);
listen();
draw();
