# %% [markdown]
# # 10. The optimal penalty
#
# For $1\ll n_{\rm eff}\ll d^{2\gamma}$ and noise of order one, the noise equation fixes $\tau^2=g\Delta/(f
# n_{\rm eff})$ whatever the penalty, and the penalty only chooses $c=\kappa/\tau$.
#
# **Quadratic.** Above the edge, $\partial_c r = 2(c-2/y) > 0$ on every learned feature ($y>y_0\ge1$): the
# risk grows with $c$. Below the edge noise leaks in with $g^{7/2}$. So the best $c$ is the edge, less a gap.

# %%
import numpy as np
import sympy as sp
from scipy.optimize import minimize_scalar

from asymptotix.asymptotics import laws
from asymptotix.asymptotics.definition import definition
from asymptotix.asymptotics.expansions.mellin import FEATURE as y
from asymptotix.asymptotics.expansions.mellin import power_law_integral
from asymptotix.asymptotics.symbols import GAMMA, SHAPE
from derivations.render import agree, show

diagonal, quadratic = definition("diagonal"), definition("quadratic")

noise, feature = quadratic.shares()
pieces, _ = feature.at_shape(SHAPE, sp.Integer(1))
slope = sp.diff(pieces[1][0], SHAPE)
assert sp.simplify(slope - 2 * (SHAPE - 2 / y)) == 0
total_slope = feature.slope_at(noise.edge)
assert sp.simplify(total_slope - 4 * GAMMA / (GAMMA + 1)) == 0

best = laws.optimum(noise, feature, quadratic.scales())
show(r"\lambda^\star", best.penalty.expression)
show(r"R^\star", best.risk.expression)
show(r"\text{relative shift of } c^\star", best.shape.correction)

# %% [markdown]
# $F(c)$ over $[2,\infty)$ as a number: its minimum is at 2, with the slope just found.

# %%
onset = feature.onset(SHAPE)
above, _ = feature.at_shape(SHAPE, onset)
F = sp.lambdify(SHAPE, power_law_integral(above).subs(GAMMA, sp.Rational(5, 4)), "numpy")
grid = np.linspace(2, 6, 400)
assert np.argmin(F(grid)) == 0
agree((F(2 + 1e-4) - F(2)) / 1e-4, total_slope.subs(GAMMA, sp.Rational(5, 4)), 1e-2)

# %% [markdown]
# The gap minimises $d\,\tau^2\frac{16}{105\pi}g^{7/2} - F'(2)\,i^\star\tau^2 g$: it closes as
# $(i^\star/d)^{2/5}$, which is the next order of $\lambda^\star$. At $d=400$ it is not small, hence the slow
# approach seen in experiments.

# %%
ratio = 1e-3  # i*/d
leak = noise.edge_risk()[0]
rate = float(total_slope.subs(GAMMA, sp.Rational(5, 4)))
numeric = minimize_scalar(
    lambda g: float(leak.coefficient) * g ** float(leak.powers["gap"]) - rate * ratio * g,
    bounds=(0, 1),
    method="bounded",
).x
tau = laws.noise_level(quadratic.scales())
assert best.shape.correction is not None
law_gap = -best.shape.correction * noise.edge
learned = laws.features_above(tau)
in_ratio = sp.simplify(law_gap.subs(laws.DIMENSION, learned / ratio)).subs(GAMMA, sp.Rational(5, 4))
values = {laws.N_EFF: 1000, laws.NOISE: 1}
agree(sp.N(in_ratio.subs(values)), numeric, 1e-4)

# %% [markdown]
# **Diagonal.** The Gaussian tail has no edge. Stationarity of $C c^{2-1/\gamma}i^\star + d\,T q\,c^{-3}$
# reads $q = \frac{2 i^\star}{dT}c^{3-1/\gamma}$ with $T=4\varphi(0)$, solved by Lambert's $W$:
# $c^\star\simeq\sqrt{2\log(d/i^\star)}$.

# %%
noise, feature = diagonal.shares()
best = laws.optimum(noise, feature, diagonal.scales())
show(r"c^\star", best.shape.expression)
numbers = {"gamma": 1.25, "n_eff": 1e9, "d": 1e60, "noise": 1.0}
c = best.shape.value(**numbers)
learned = float(
    sp.N(
        laws.features_above(laws.noise_level(diagonal.scales())).subs(
            {GAMMA: sp.Rational(5, 4), laws.N_EFF: 10**9, laws.NOISE: 1}
        )
    )
)
leak_factor = float(noise.edge_risk()[0].coefficient)
agree(np.exp(-(c**2) / 2), 2 * learned / (1e60 * leak_factor) * c ** (3 - 0.8), 1e-9)
show(r"c^\star\ \text{at}\ n=10^9,\ d=10^{60}", c)
show(r"\sqrt{2\log(d/i^\star)}", float(np.sqrt(2 * np.log(1e60 / learned))))
