# %% [markdown]
# # 12. No noise
#
# With $\Delta=0$ the only noise is the features' own error, $f n_{\rm eff}\tau^2 = R$. Take $\lambda\to0$ and
# $1\ll n_{\rm eff}\ll d$, so that all samples are used up: $s = f n_{\rm eff}$.
#
# **Quadratic.** At the edge both equations are sums over the features above $\tau$:
# $$ f n_{\rm eff} = F(2)\,(N\tau)^{-1/\gamma},\qquad f n_{\rm eff} = S(2)\,(N\tau)^{-1/\gamma} + s_{\rm
# leak}. $$ They are consistent only because $S<F$: the leak takes up the fraction $1-S/F$ of the samples.
# Exponents alone cannot tell; the constants decide.

# %%
import numpy as np
import sympy as sp
from scipy.optimize import brentq

from asymptotix.asymptotics import laws
from asymptotix.asymptotics.definition import definition
from asymptotix.asymptotics.expansions.mellin import TEACHER_NORM, power_law_integral
from asymptotix.asymptotics.symbols import GAMMA, SHAPE
from derivations.render import agree, show

diagonal, quadratic = definition("diagonal"), definition("quadratic")

noise, feature = quadratic.shares()
risk, count = feature.at_shape(noise.edge, feature.onset(noise.edge))
F, S = (sp.factor(power_law_integral(p)) for p in (risk, count))
fraction = sp.factor(1 - S / F)
show(r"s_{\rm leak}/(f n_{\rm eff})", fraction)
assert sp.simplify(fraction - (4 * GAMMA + 1) / (6 * GAMMA)) == 0  # positive for every gamma

# %% [markdown]
# A threshold above the edge is no way out: $F(c)>S(c)$ there too, so the two equations without a leak
# contradict one another for every $c$.

# %%
above, learned = feature.at_shape(SHAPE, feature.onset(SHAPE))
for exponent in (sp.Rational(3, 5), sp.Integer(1), sp.Rational(5, 4), sp.Integer(3)):
    difference = sp.lambdify(
        SHAPE, (power_law_integral(above) - power_law_integral(learned)).subs(GAMMA, exponent), "numpy"
    )
    assert np.all(difference(np.linspace(2, 50, 2000)) > 0)

law = laws.noiseless(noise, feature, quadratic.scales())
show("R", law.expression)
f, n, tau = sp.symbols("f n_eff tau", positive=True)
level = (F / (2 * n)) ** GAMMA / TEACHER_NORM
direct = sp.simplify(law.expression.subs(laws.N_EFF, n) / (2 * n * level**2))
assert sp.simplify(direct.subs(GAMMA, sp.Rational(5, 4))) == 1

# %% [markdown]
# Against a direct solution with the actual sum over features ($n_{\rm eff}=2000$; the next order is
# $1/i^\star$ and the leak's gap, $(n/d)^{2/5}$, here negligible at $d\to\infty$): 0.5 %.

# %%
index = np.arange(1, 400_001, dtype=float)
spectrum = index**-1.25 / np.sqrt(float(sp.zeta(2.5)))


def features_risk(noise_level: float) -> float:
    ratio = spectrum / noise_level
    return float(np.sum(np.where(ratio > 1, 6 - 8 / ratio + 3 / ratio**2, ratio**2)))


beyond = 400_000.0**-1.5 / 1.5 / float(sp.zeta(2.5))
solved = brentq(lambda t: features_risk(t) + beyond / t**2 - 4000, 1e-6, 1e-2)
agree(4000 * solved**2, law.value(gamma=1.25, n_eff=2000), 5e-3)

# %% [markdown]
# **Diagonal.** Features use up $i^\star\sim n/c^2$ of the samples only; leaked noise fills nearly all of
# $n$, so that $q$ and hence $c$ follow from $d$ alone, $n = T d\,q/c$ with $T=4\varphi(0)/2$, and
# $R=n\tau^2$ from $n = C c^{2-1/\gamma}(N\tau)^{-1/\gamma}$. The rate $n^{1-2\gamma}$ carries
# $(\log)^{2\gamma-1}$.

# %%
noise, feature = diagonal.shares()
law = laws.noiseless(noise, feature, diagonal.scales())
show("R", law.expression)
numbers = {"gamma": 1.25, "n_eff": 1e6, "d": 1e40}
leak = noise.edge_count()[0]
c = brentq(lambda v: np.log(float(leak.coefficient) * 1e40 / 1e6) - v * v / 2 - np.log(v), 2, 40)
C = float((2 * GAMMA / (2 * GAMMA - 1)).subs(GAMMA, sp.Rational(5, 4)))
by_hand = 1e6 * ((C * c**1.2 / 1e6) ** 1.25) ** 2 / float(sp.zeta(2.5))
agree(law.value(**numbers), by_hand, 1e-9)
show("c", float(c))

# %% [markdown]
# At $\lambda\to0$ the quadratic error is the same as at its best penalty to leading order, since the minimum
# of $F$ is at the edge: without noise nothing is gained by regularising.

# %%
values = sp.lambdify(SHAPE, power_law_integral(above).subs(GAMMA, sp.Rational(5, 4)), "numpy")
assert np.argmin(values(np.linspace(2, 20, 500))) == 0
