# %% [markdown]
# # 13. Width
#
# A network of $p$ hidden units keeps the $p$ largest eigenvalues of $S+\delta Z$. Let $q$ be the quantile beyond which
# there are $p$; a threshold $\kappa\ge q$ leaves fewer, and width does not matter. Below it,
# $$ J_p=\sum_{k\le p}(x_k-\kappa)^2 . $$
# With $p=d^b$, $0<b<1$, the cut lies in one of two places.
#
# **Among features** far above noise and threshold. The share of each feature that is held tends to that of one of
# infinite size: it costs $\kappa^2+2\tau^2$ and counts 2. Those beyond are missed.

# %%
import sympy as sp

import asymptotix as ax
from asymptotix.asymptotics.definition import definition
from asymptotix.asymptotics.expansions.potential import SIZE, count_of, risk_of
from asymptotix.asymptotics.symbols import GAMMA, KAPPA, TAU
from derivations.render import agree, show

noise, feature = definition("quadratic of width d^b").shares()
risk, count = (sp.limit(f(feature.potential), SIZE, sp.oo) for f in (risk_of, count_of))
show("r_{\\infty}", risk)
show("s_{\\infty}", count)
assert sp.expand(risk - KAPPA**2 - 2 * TAU**2) == 0
assert count == 2

# %% [markdown]
# **At the edge of the noise**, where all of $1\ll p\ll d$ spare directions have $x_k=2\tau$ to leading order. Each
# costs $(2\tau-\kappa)^2$ and counts $2(2-\kappa/\tau)$: at $\kappa=0$, $4\tau^2$ and 4.

# %%
share = (noise.edge * TAU - KAPPA) ** 2
spare, used = sp.factor(risk_of(share, sp.Integer(0))), sp.factor(count_of(share))
show("r", spare)
show("s", used)
assert spare.subs(KAPPA, 0) == 4 * TAU**2
assert used.subs(KAPPA, 0) == 4

# %% [markdown]
# Put into the two equations, with $\lambda\to0$. For $n_{\rm eff}>2p$ the threshold vanishes,
# $2n_{\rm eff}\tau^2=\Delta/2+4p\tau^2$. For $n_{\rm eff}<2p$ the network interpolates: $2p(2-c)=2n_{\rm eff}$.
# Both have a peak at $n_{\rm eff}=2p$.

# %%
n, p, level, t = sp.symbols("n_eff p Delta t", positive=True)
(before,) = sp.solve(2 * n * t - level / 2 - 4 * p * t, t)
(after,) = sp.solve(2 * n * t - level / 2 - p * t * (n / p) ** 2, t)
few, many = sp.factor(4 * p * before), sp.factor(p * after * (n / p) ** 2)
show("R(n_{\\rm eff}>2p)", few)
show("R(n_{\\rm eff}<2p)", many)
assert sp.limit(few / (p * level / n), n, sp.oo) == 1
assert sp.limit(many / (n * level / (4 * p)), p, sp.oo) == 1

# %% [markdown]
# The engine of dominant balance finds the same, and every line between the phases, from the sectors.

# %%
diagram = ax.phase_diagram("quadratic", width=True)
laws = {(x.phase, str(x.fourth_exponent)): x for x in diagram.phases}
assert laws["WV", "1"].constant == 1
assert laws["WV", "-1"].constant == sp.Rational(1, 4)
held = laws["W", "1 - 2*gamma"].constant
show("R_W/p^{1-2\\gamma}", held)
assert sp.simplify(held * (2 * GAMMA - 1) * sp.zeta(2 * GAMMA)) == 1
(peak,) = (x for x in diagram.peaks if x.growth.exponent.coords[4])
assert peak.ratio == 2
show("R_{\\rm peak}", peak.growth.to_sympy())

# %% [markdown]
# Against the state evolution at $d=10^{40}$, on both sides of the peak, with $p=10^{16}$ units.

# %%
width = 10**16
for samples in (10**17, 4 * 10**16, 10**16, 10**14):
    problem = ax.Problem("quadratic", gamma=2, d=10**40, n=samples * 10**40, lam=0, noise=100, width=width)
    law = few if samples > 2 * width else many
    agree(ax.solve(problem).error, law.subs({n: samples, p: width, level: 100}), 1e-5)
