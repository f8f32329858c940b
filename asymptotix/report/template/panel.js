// What the page says of one point, in words and numbers.
const number = (x, digits = 3) => {
  if (x === 0) return "0";
  const e = Math.floor(Math.log10(Math.abs(x)));
  if (e >= -3 && e < 4) return String(Number(x.toPrecision(digits)));
  return `${(x / 10 ** e).toFixed(digits - 1)} × 10<sup>${minus(e)}</sup>`;
};
const short = (x) => minus(Number(x.toFixed(3)));
const power = (name, e) => (Math.abs(e) < 5e-4 ? "1" : `<i>${name}</i><sup>${short(e)}</sup>`);

function drawPanel() {
  const panel = $("panel"), p = point(), found = locate(phases(), p);
  const noise = state.noiseless ? "Δ = 0" : `Δ = ${power("d", -p.zeta)}`, width = member().sized ? `, ${SIZED[member().sized].name} = ${power("d", p.b)}` : "";
  const pin = state.pinned ? "pinned: click or press Enter to let go" : "click or press Enter to pin";
  const where = `<p class="where"><i>n</i><sub>eff</sub> = ${power("d", p.a)}, λ = ${power("d", p.l)}, ${noise}, <i>γ</i> = ${short(p.gamma)}${width}<br><small>${pin}</small></p>`;
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
  panel.innerHTML = `${where}
    <p class="phase" data-phase="${phase.name}"><i style="background:${colour(phase)}"></i>Phase ${phase.name}${found.boundary ? ", boundary" : ""}</p>
    <p class="words">${phase.words}</p>
    <p class="formula">error ≃ ${phase.formula}</p>
    <dl>
      <dt>here</dt><dd data-constant="${constant}" data-exponent="${exponent}">${number(constant, 4)} ${Math.abs(exponent) < 5e-4 ? "" : power("d", exponent)}${logs}</dd>
      <dt>next order</dt><dd>${relative}</dd>
      <dt>${at}</dt><dd>${number(10 ** log10law(phase, p, d))} by the law${solved === null ? "" : `,<br>${number(solved)} solved`}</dd>
      <dt>where</dt><dd><ul class="plain">${phase.region.map((r) => `<li>${r}</li>`).join("")}</ul></dd>
      <dt>weights</dt><dd>${weights(piece(phase, p), p) || "nothing"}</dd>
    </dl>`;
  // the sketch knows the plain networks: a threshold at kappa, noise of one size
  if (!member().words) panel.append(sketch(state.network, piece(phase, p), p, d));
}
