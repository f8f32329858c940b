# %% [markdown]
# # 6. Sectors of the diagonal network
#
# In a *sector* of $(\tau,\kappa)$ both $R$ and $s$ are sums of a few positive monomials. For Gaussian noise
# there is no edge: learned noise dies like $q=e^{-c^2/2}$, $c=\kappa/\tau$, so that thresholds with
# $c\sim\sqrt{2v\log d}$ are a sector with an unknown of their own, $v$ ($q=d^{-v}$).

# %%
import numpy as np
import sympy as sp
from scipy.stats import norm

from asymptotix.asymptotics.expansions import gaussian_shares, scalar_threshold
from asymptotix.asymptotics.expansions.mellin import TEACHER_NORM
from asymptotix.asymptotics.expansions.sectors import build_sectors
from asymptotix.asymptotics.symbols import GAMMA, SHAPE
from derivations.render import agree, show

sectors = {sector.name: sector for sector in build_sectors(*gaussian_shares(2))}
for name, sector in sectors.items():
    show(rf"R\ \text{{[{name}]}}", sum(term.expression for term in sector.risk))
    show(r"s", sum(term.expression for term in sector.count))

# %% [markdown]
# **The tail** by Watson's lemma, $\int_0^\infty t^2 e^{-ct}e^{-t^2/2}dt = \frac{2}{c^3}-\frac{12}{c^5}+\dots$
# A consequence decides between branches that exponents alone cannot tell apart: leaked risk and leaked count
# tie as powers of $d$, but $R_{\rm leak} = \frac{2}{c^2}\,s_{\rm leak}\,\tau^2$ carries a logarithm less.

# %%
edge = sectors["noise edge"]
tau, c = sp.symbols("tau c", positive=True)
leaked_risk, leaked_count = (terms[-1].expression for terms in (edge.risk, edge.count))
assert sp.simplify(leaked_risk / (leaked_count * tau**2) - 2 / c**2) == 0
large = 40.0  # the second term of the series is -6/c^2 of the first, the third 45/c^4
first, second = scalar_threshold.noise_share(2).edge_risk()
q, d = sp.symbols("q d", positive=True)
watson = leaked_risk.subs({d: 1, tau: 1, c: large, q: sp.exp(-(sp.Float(large, 40) ** 2) / 2)})
watson *= 1 + second.coefficient / first.coefficient / large**2
import mpmath

with mpmath.workdps(40):
    exact = 2 * mpmath.quad(lambda v: (v - large) ** 2 * mpmath.npdf(v), [large, large + 0.2, large + 2])
agree(watson, exact, 100 / large**4)

# %% [markdown]
# **The threshold far above the noise**: $R=C\kappa^{2-1/\gamma}$ with
# $C=\frac{2\gamma}{2\gamma-1}N^{-1/\gamma}$, $s=(N\kappa)^{-1/\gamma}$. The first correction from the noise,
# of relative order $\tau^2/\kappa^2$, has a share from the features at the threshold, which the identity on
# one coordinate does not see; it must be taken of the sum.

# %%
feature = scalar_threshold.feature_share()
noise_order = feature.noise_at_threshold()
assert sp.simplify(noise_order - (1 - 1 / GAMMA)) == 0
show(r"R_{\tau^2}\,/\,\tau^2 i^\star", noise_order)
i, exponent, shape = np.arange(1, 300_001, dtype=float), 2.0, 12.0
features = i**-exponent
kappa = 2000.5**-exponent
level = kappa / shape
y = features / level
tails = sum(norm.sf(q) * (1 + shape**2) + norm.pdf(q) * (q - 2 * shape) for q in (shape - y, shape + y))
direct = level**2 * np.sum(y**2 * (norm.cdf(shape - y) - norm.cdf(-shape - y)) + tails)
bare = np.sum(np.minimum(features, kappa) ** 2)
# the leak is 1e-30 here; next order 1/c^2 = 0.7 %, and the kink's discreteness 1/i* = 0.05 %
agree((direct - bare) / (level**2 * 2000), noise_order.subs(GAMMA, 2), 0.03)

# %% [markdown]
# **Inside and below the noise** ($\tau\gg a_d$): features no longer matter; with $c\to0$ all of the noise is
# learned, $R = d\tau^2(1-4\varphi(0)c)$, $s=d(1-2\varphi(0)c)$. The slopes are the interpolation peak's
# (derivation 9).

# %%
risk, count, risk_slope, count_slope = scalar_threshold.noise_share(2).at_zero()
phi0 = 1 / sp.sqrt(2 * sp.pi)
assert (risk, count) == (1, 1)
assert sp.simplify(risk_slope - 4 * phi0) == 0
assert sp.simplify(count_slope - 2 * phi0) == 0
agree(sp.N(scalar_threshold.noise_share(2).count().subs(SHAPE, 1.3)), 2 * norm.sf(1.3), 1e-12)

# %% [markdown]
# **Change the potential and the sectors change.** Nonnegative weights threshold one side only: all noise
# terms are halved, the features' terms stay.

# %%
for both, single in zip(*(build_sectors(*gaussian_shares(sides)) for sides in (2, 1)), strict=True):
    for wide, narrow in zip(both.risk + both.count, single.risk + single.count, strict=True):
        halved = wide.label.startswith("noise") and both.features != "all"
        assert sp.simplify(wide.coefficient / narrow.coefficient) == (2 if halved else 1)
assert sp.simplify(edge.risk[0].coefficient * TEACHER_NORM ** (1 / GAMMA) - 2 * GAMMA / (2 * GAMMA - 1)) == 0
