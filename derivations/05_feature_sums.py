# %% [markdown]
# # 5. Sums over the features
#
# The teacher is $a_i = i^{-\gamma}/N$, $N^2=\sum_{i\le d}i^{-2\gamma}\to\zeta(2\gamma)$. For a scale $m$
# between $a_d$ and $a_1$ a sum over features is a Mellin integral,
# $$ \sum_i f(a_i/m) \;\simeq\; \frac{(Nm)^{-1/\gamma}}{\gamma}\int_0^\infty f(y)\,y^{-1-1/\gamma}\,dy . $$

# %%
import numpy as np
import sympy as sp
from scipy.special import zeta

from asymptotix.asymptotics.expansions.mellin import FEATURE as y
from asymptotix.asymptotics.expansions.mellin import power_law_integral
from asymptotix.asymptotics.symbols import GAMMA as gamma
from derivations.render import agree, show

i, N, m = sp.symbols("i N m", positive=True)
inverse = sp.solve(sp.Eq(y, i**-gamma / (N * m)), i)[0]
measure = sp.simplify(-sp.diff(inverse, y) / ((N * m) ** (-1 / gamma) * y ** (-1 - 1 / gamma)))
assert sp.simplify(measure - 1 / gamma) == 0

# %% [markdown]
# **Bias.** The one sum that every network needs: a feature above $\kappa$ keeps the bias $\kappa$, one below
# is missed, $f=\min(y,1)^2$.

# %%
bias = [(y**2, sp.Integer(0), sp.Integer(1)), (sp.Integer(1), sp.Integer(1), sp.oo)]
value = sp.factor(power_law_integral(bias))
show(r"\tfrac1\gamma\int\min(y,1)^2\,y^{-1-1/\gamma}dy", value)
assert sp.simplify(value - 2 * gamma / (2 * gamma - 1)) == 0
by_hand = sp.integrate(y ** (1 - 1 / sp.Integer(2)), (y, 0, 1)) + sp.integrate(
    y ** (-1 - 1 / sp.Integer(2)), (y, 1, sp.oo)
)
assert value.subs(gamma, 2) == by_hand / 2

# %% [markdown]
# **The two ends.** Towards $i=1$ the summand tends to $f_0 = f(\infty)$. Euler and Maclaurin (or the pole of
# the Mellin transform at 0, with $\zeta(0)=-\frac12$) give $-f_0/2$: the features are discrete, and the
# relative correction is $1/i^\star$ with $i^\star=(Nm)^{-1/\gamma}$. Towards $i=d$, where $f\simeq y^2$, the
# features beyond $d$ are absent: $-\frac{d^{1-2\gamma}}{(2\gamma-1)N^2}$, and $N^2$ lacks the same tail.

# %%
size, exponent, learned = 400_000, 0.8, 50
features = np.arange(1, size + 1, dtype=float) ** -exponent
norm = np.sqrt(np.sum(features**2))
features /= norm
scale = learned**-exponent / norm
direct = np.sum(np.minimum(features / scale, 1.0) ** 2)
leading = learned * float(value.subs(gamma, sp.Rational(8, 10)))
discrete = -0.5
beyond = -(size ** (1 - 2 * exponent)) / (2 * exponent - 1) / norm**2 / scale**2
# what is left is the kink's share, of order 1/i*, and the next Euler-Maclaurin term at i = d
agree(direct, leading + discrete + beyond, 2 / learned**2)
show(r"\text{direct sum}", float(direct))
show(r"\text{leading}", leading)
show(r"\text{with both ends}", leading + discrete + beyond)
tail = zeta(2 * exponent) - norm**2
agree(tail, size ** (1 - 2 * exponent) / (2 * exponent - 1), 1e-5)
