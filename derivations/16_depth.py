# %% [markdown]
# # 16. Depth: diagonal networks of more than two layers
#
# The network $\theta = u_1u_2\cdots u_L$ with weight decay on every layer has the penalty $|\theta|^q$, $q = 2/L$:
# at a given product all $|u_l|$ are equal (arithmetic and geometric mean), so that
# $\min \sum_l u_l^2 = L\,|\theta|^{2/L}$.

# %%
import math

import numpy as np
import sympy as sp

from asymptotix.asymptotics.expansions.power import PowerPenalty, power_shares
from asymptotix.asymptotics.expansions.scalar_threshold import noise_share
from derivations.render import agree, show

L = 3
u = sp.symbols("u1:4", positive=True)
theta = sp.Symbol("theta", positive=True)
third = theta / (u[0] * u[1])
energy = u[0] ** 2 + u[1] ** 2 + third**2
at = {u[0]: theta ** sp.Rational(1, 3), u[1]: theta ** sp.Rational(1, 3)}
assert all(sp.simplify(sp.diff(energy, x).subs(at)) == 0 for x in u[:2])
assert sp.simplify(energy.subs(at) - L * theta ** sp.Rational(2, L)) == 0

# %% [markdown]
# **The estimator jumps.** Of $\frac12(y-x)^2+\epsilon x^q$ the origin and the other minimum $x$ cost the same at the
# threshold. With the threshold as unit, $x = 1 - qCx^{q-1}$ and $x - x^2/2 = Cx^q$ give $x$ and $\epsilon = C$.

# %%
q = sp.Rational(2, L)
penalty = PowerPenalty(q)
x = penalty.jump
assert sp.simplify(x + penalty.beta * x ** (q - 1) - 1) == 0
assert sp.simplify((1 - x) ** 2 / 2 + penalty.strength * x**q - sp.Rational(1, 2)) == 0
show("x", x)
show("C", penalty.strength)
# a grid of estimates just below and just above the threshold
grid = np.linspace(0.0, 2.0, 400_001)
for y, expected in ((0.999, 0.0), (1.001, float(x))):
    cost = 0.5 * (y - grid) ** 2 + float(penalty.strength) * grid ** float(q)
    assert abs(grid[np.argmin(cost)] - expected) < 5e-3

# %% [markdown]
# **The same two identities.** By homogeneity $\epsilon = C\kappa^m$ with $\kappa$ the threshold and $m = 2-q$, so that
# $\epsilon\,\partial_\epsilon = \kappa\,\partial_\kappa/m$. For the bare noise, $P = \tau^2j(c)$:
# $R/\tau^2 = j - (1-\frac1m)c\,j'$ and $s = j - \frac c2j'$. Behind the Gaussian tail $cj'\simeq-c^2j$, and **both leak
# with the same power of $c$**: their ratio is a constant, the size of the jump.

# %%
noise, _ = power_shares(2, q)
ratio = noise.leak_ratio()
show(r"R_{\rm leak}/(\tau^2 s_{\rm leak})", ratio)
assert ratio == penalty.jump


def moments(c: float) -> tuple[float, float]:
    """``E u**2`` and ``E z u`` of bare noise by quadrature, at one threshold."""
    z = c + np.linspace(0.0, 12.0 / c, 200_001)
    size = z.copy()
    for _ in range(60):  # Newton's method on u + beta u**(q-1) = z, in units of the threshold
        v = size / c
        f = v + float(penalty.beta) * v ** float(q - 1) - z / c
        size = c * (v - f / (1 + float(penalty.beta * (q - 1)) * v ** float(q - 2)))
    weight = np.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)
    return float(2 * np.trapezoid(size**2 * weight, z)), float(2 * np.trapezoid(z * size * weight, z))


c = 30.0
risk, count = moments(c)
first, second = noise.edge_risk()
predicted = float(first.coefficient) * c ** float(first.powers["c"])
predicted += float(second.coefficient) * c ** float(second.powers["c"])
agree(
    predicted * math.exp(-0.5 * c * c), risk, 2e-4
)  # the next order is c^-4 = 1e-6 times constants of order 10
agree(float(ratio), risk / count, 1e-2)

# %% [markdown]
# **Without weight decay** ($s=\nu$, noise leaks to use up the samples) the two equations hold the same term:
# $\nu\tau^2 = \Delta + x\,\nu\tau^2$, so the error is
#
# $$R = \frac{x}{1-x}\,\Delta = \frac{2-2q}{q}\,\Delta = (L-2)\,\Delta,$$
#
# where two layers ($x=0$) have $\Delta/\log(d/n)$: deeper networks overfit to a plateau.

# %%
layers = sp.Symbol("L", positive=True)
plateau = sp.simplify((2 - 2 * q) / q)
assert sp.simplify(ratio / (1 - ratio) - plateau) == 0
assert plateau == L - 2
for depth in (3, 4, 6):
    jump = PowerPenalty(sp.Rational(2, depth)).jump
    assert sp.simplify(jump / (1 - jump)) == depth - 2

# %% [markdown]
# **Far below the noise** the bias is $2\epsilon|y|^q$ to first order: the deficits of both sums fall like $c^m$.

# %%
one, _, risk_fall, count_fall = noise.at_zero()
assert one == 1
assert sp.simplify(risk_fall / count_fall - 2) == 0
show(r"1 - s/d \simeq c^{m}\cdot", count_fall)

# %% [markdown]
# ## Other penalties that are sums over coefficients
#
# Only the proximal map $\hat x$ enters: $r = E(\hat x-a)^2$, $s = E\,z\hat x$.
#
# **Nonnegative weights**: $\hat x=(a+z-c)_+$. With $I_k = E(z-x)_+^k$ at $x=c-a$,
# $r = I_2-2aI_1+a^2$ and $s=I_0$: the diagonal network's, without the tail at $c+a$. So the bare noise has half of
# its share, and every phase that noise decides moves its constant alone, by what halving the share does.

# %%
a, c, z = sp.symbols("a c z", positive=True)
phi = sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi)
tails = [sp.integrate((z - (c - a)) ** k * phi, (z, c - a, sp.oo)) for k in range(3)]
r, s = tails[2] - 2 * a * tails[1] + a**2, tails[0]
assert sp.simplify(sp.diff(r, a) - 2 * a * (1 - s)) == 0
assert sp.simplify(sp.diff(s, a) - phi.subs(z, c - a)) == 0
assert sp.simplify(2 * noise_share(1).inside - noise_share(2).inside) == 0
show("r", sp.simplify(r))

# %% [markdown]
# **The elastic net**, $|\theta|+\frac\rho2\theta^2$: a soft threshold, then a shrinkage by $k=1/(1+e)$,
# $e=\rho\epsilon$. With the soft threshold's mean $m$ and bias $b=a-m$ the risk is a sum of positive terms, and $k$
# falls by $k(1-k)$ with the logarithm of the threshold as with that of the noise ($\epsilon = c\delta$).

# %%
k, m, square, e = sp.symbols("k m square e", positive=True)
soft_risk = square - 2 * a * m + a**2
shrunk = k**2 * square - 2 * k * a * m + a**2
assert sp.expand(k**2 * soft_risk + 2 * k * (1 - k) * a * (a - m) + (1 - k) ** 2 * a**2 - shrunk) == 0
factor = 1 / (1 + e)
assert sp.simplify(e * sp.diff(factor, e) + factor * (1 - factor)) == 0
# it is the minimiser: (x - y) + eps (1 + rho x) = 0 beyond the threshold
y, eps, rho = sp.symbols("y epsilon rho", positive=True)
best = (y - eps) / (1 + rho * eps)
assert sp.simplify(best - y + eps * (1 + rho * best)) == 0

# %% [markdown]
# In scaled units $e=\rho\sqrt d\,\kappa$. At a fixed $\rho$ a feature $\sqrt d\,a$ loses, in units of $\sqrt d$,
# $\kappa$ to the threshold and $\rho\sqrt d\,\kappa a$ to the ridge, which outweighs it by $\rho\sqrt d\,a$.
# So the phases depend on how $\rho$ scales with $d$, and those of the diagonal network are left where
# $\rho\ll1/\sqrt d$. No table of them is derived here.
