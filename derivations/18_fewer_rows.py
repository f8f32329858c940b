# %% [markdown]
# # 18. Fewer rows than columns
#
# The bilinear network of $m=\rho d$ rows has the sectors of the square one; its shares of the potential change with
# $\rho$. Everything follows from one equation: behind noise of variance $\tau^2/d$ the square $s$ of a feature
# appears where (Dozier and Silverstein; $F=\rho\tau^2/s$ is the trace of bare noise)
# $$ z^2 = s(1+F)^2+(1-\rho)\,\tau^2(1+F). $$

# %%
import numpy as np
import sympy as sp

import asymptotix as ax
from asymptotix.asymptotics.expansions.mellin import power_law_integral
from asymptotix.asymptotics.expansions.rectangular_threshold import edge, rectangular_shares, square
from asymptotix.asymptotics.symbols import GAMMA, RATIO
from derivations.render import agree, show

s = sp.symbols("s", positive=True)
show("z^2", square(s, RATIO))
show(r"c_{\mathrm{edge}}", edge(RATIO))
assert edge(sp.Integer(1)) == 2

# %% [markdown]
# A feature is visible where $dz/ds>0$, from $a=\rho^{1/4}$ on (Benaych-Georges and Nadakuditi). On the arc
# $s=\sqrt{\rho}\,e^{i\theta}$ the place is real, $z^2=1+\rho+2\sqrt{\rho}\cos\theta$: there lies the noise, of density
# $2\,\mathrm{Im}\,s/(\pi z)$. Its moments are Gegenbauer's integrals. At threshold zero $R=\rho\,d\,\tau^2$ and
# $s=\rho\,d$, and the first moment $M_1$ says how both fall.

# %%
noise, feature = rectangular_shares(2, RATIO)
show(r"M_1(\rho=1/4)", rectangular_shares(2, sp.Rational(1, 4))[0].moment(1))
show("M_2", noise.moment(2))
rng = np.random.default_rng(0)
drawn = np.linalg.svd(rng.standard_normal((200, 800)) / np.sqrt(800), compute_uv=False)
agree(float(noise.moment(1).subs(RATIO, sp.Rational(1, 4))), drawn.sum() / 800, 3e-3)
agree(float(edge(sp.Rational(1, 4))), drawn.max(), 3e-2)

# %% [markdown]
# At the edge noise leaks with the powers of the square network and other constants:

# %%
for name, term in (("R/(d\\tau^2)", noise.edge_risk()[0]), ("s/d", noise.edge_count()[0])):
    show(name, term.coefficient * sp.Symbol("g", positive=True) ** term.powers["gap"])

# %% [markdown]
# **Features.** With $P=(z-\kappa)^2$ both identities need $z^2$ and $z\,\tau\partial_{\tau} z$, which are Laurent
# polynomials in $a$; only $\kappa\,\tau\partial_{\tau} z$ has a root in it. Summed over a power law it leaves one
# integral, by $t=\sqrt{\rho}/a^2$, that is elementary at $\rho=1$:
# $$ W(s)=\int_0^1 t^{s-1}\,d\sqrt{(1+\sqrt{\rho}\,t)(1+t/\sqrt{\rho})},\qquad s=\frac{1}{2}+\frac{1}{2\gamma}. $$

# %%
risk, count = feature.at_shape(noise.edge, feature.onset(noise.edge))
features = power_law_integral(risk)
value = features.subs({RATIO: sp.Rational(1, 2), GAMMA: sp.Rational(5, 4)})
a = np.exp(np.linspace(np.log(1e-6), np.log(1e6), 400_001))
z = np.sqrt((a**2 + 1) * (a**2 + 0.5)) / a
overlap = np.maximum(a**4 - 0.5, 0) / (a * a * a * z)
w = np.where(a > 0.5**0.25, z - 1 - np.sqrt(0.5), 0.0)
kept = np.where(a < 1e3, a**2 + w**2 - 2 * a * w * overlap, (1 + np.sqrt(0.5)) ** 2 + 1.5)
direct = np.trapezoid(kept * a**-0.8, np.log(a)) / 1.25
agree(float(sp.N(value)), float(direct), 1e-3)

# %% [markdown]
# **Phases.** Regions and exponents are those of the square network; the constants are functions of $\rho$. The peak is
# at $n=md$.

# %%
diagram = ax.phase_diagram("bilinear", aspect="rho")
for phase in ("III", "V", "VIa"):
    here = next(p for p in diagram.phases if p.phase == phase)
    show(rf"C_{{\mathrm{{{phase}}}}}", here.constant)
(peak,) = diagram.peaks
show(r"n_{\rm eff}/d", peak.ratio)

# %% [markdown]
# Against the state evolution at $d=10^8$, next order included:

# %%
d = 10**8
for gamma, samples, length, tolerance in (("3/4", 2, "3/5", 5e-3), ("5/4", "3/4", -1, 8e-2)):
    point = ax.phase_diagram("bilinear", aspect="1/4").at(gamma, samples, length)
    n_eff, lam = (float(d) ** float(sp.Rational(x)) for x in (samples, length))
    problem = ax.Problem(
        "bilinear", gamma=float(sp.Rational(gamma)), d=d, rows=d // 4, n=n_eff * d, lam=lam, noise=1
    )
    agree(point.law(n_eff, lam, d, 1, order=1) / ax.solve(problem).error, 1.0, tolerance)
