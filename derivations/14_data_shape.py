# %% [markdown]
# # 14. Data shape: inputs of variance $i^{-\beta}$
#
# Whitened coefficients $w_i=\sqrt{v_i}\,\theta_i$ see equal noise, and the penalty $\lambda\sum|\theta_i|$ weighs
# coordinate $i$ by $i^{\beta/2}$: a threshold of its own, $\kappa\,i^{\beta/2}$. Learned features end at
# $i_*=(N\kappa)^{-1/(\gamma+\beta/2)}$, learned noise at $i_n=(\tau/\kappa)^{2/\beta}$.

# %%
import numpy as np
import sympy as sp
from scipy.special import erfc

from asymptotix.asymptotics.definition import definition
from derivations.render import agree, show

beta = sp.Symbol("beta", positive=True)
k = 2 / beta
z, t = sp.symbols("z u", positive=True)

# %% [markdown]
# **Leaked noise.** A coordinate survives while $u^{\beta/2}=c_i<|z|$, i.e. for $|z|^k$ directions, $k=2/\beta$, and its
# learned risk is $\int_0^{|z|^k}(|z|-u^{1/k})^2du$. So the number of learned directions is $i_n\,E|z|^k$ and

# %%
K = sp.Symbol("k", positive=True)
inner = sp.integrate(sp.expand((z - t ** (1 / K)) ** 2), t)
inside = sp.simplify(inner.subs(t, z**K) - sp.limit(inner, t, 0))
factor = sp.simplify(sp.powsimp(sp.expand(inside / z ** (K + 2)), force=True))
assert sp.simplify(factor - 2 / ((K + 1) * (K + 2))) == 0
moment = 2 ** (K / 2) * sp.gamma((K + 1) / 2) / sp.sqrt(sp.pi)  # E|z|^K
next_moment = moment.subs(K, K + 2)
ratio = sp.simplify(sp.gammasimp(factor * next_moment / moment))
show(r"R_{\rm noise}/(\tau^2 s_{\rm noise})", ratio.subs(K, k))
assert sp.simplify(ratio.subs(K, k) - beta / (1 + beta)) == 0

# %% [markdown]
# **The plateau.** Without weight decay $s=\nu$, and both equations hold that term:
# $\nu\tau^2(1-\frac{\beta}{1+\beta})=\Delta$, hence $R=\beta\,\Delta$, whatever $n$: noise
# stays with the first $\sim n$ directions.

# %%
assert sp.simplify(ratio.subs(K, k) / (1 - ratio.subs(K, k)) - beta) == 0
for value in ("1/2", "1", "2"):
    sectors = definition(f"diagonal of beta {value}").sectors()
    shared = {sector.shared for sector in sectors if sector.noise == "bulk"}
    b = sp.Rational(value)
    assert shared == {b / (1 + b)}
    # the sums themselves, at i_n = 2000
    index = np.arange(1.0, 2e7) if b == sp.Rational(1, 2) else np.arange(1.0, 4e5)
    threshold = (index / 2000.0) ** float(b / 2)
    count = float(erfc(threshold / np.sqrt(2)).sum())
    bulk = next(sector for sector in sectors if sector.noise == "bulk")
    agree(
        float(bulk.count[0].coefficient) * 2000.0, count + 0.5, 1e-3
    )  # zeta(0) = -1/2, then powers of 1/i_n

# %% [markdown]
# **Learned features.**
# $\sum_{i<i_*}\kappa^2i^\beta+\sum_{i>i_*}a_i^2
# = i_*^{1-2\gamma}N^{-2}\left(\frac1{1+\beta}+\frac1{2\gamma-1}\right)$.

# %%
gamma = sp.Symbol("gamma", positive=True)
b = sp.Rational(1, 2)
biased = next(
    s for s in definition("diagonal of beta 1/2").sectors() if s.name == "features above the threshold"
)
coefficient = biased.risk[0].coefficient
norm = sp.sqrt(sp.zeta(2 * gamma))
g = gamma + b / 2
by_hand = (1 / (1 + b) + 1 / (2 * gamma - 1)) * norm ** (-(1 + b) / g)
for number in (sp.Rational(3, 5), sp.Rational(5, 4), 2):
    agree(float(by_hand.subs(gamma, number)), float(coefficient.subs(gamma, number)), 1e-12)
show("R", sp.simplify(by_hand))
