# %% [markdown]
# # 14. Data shape: inputs of variance $i^{-\beta}$
#
# Whitened coefficients $w_i=\sqrt{v_i}\,\theta_i$ see equal noise, and the penalty $\lambda\sum|\theta_i|$ weighs
# coordinate $i$ by $i^{\beta/2}$: a threshold of its own, $\kappa\,i^{\beta/2}$. Learned features end at
# $i_*=(N\kappa)^{-1/(\gamma+\beta/2)}$, learned noise at $i_n=(\tau/\kappa)^{2/\beta}$.

# %%
from fractions import Fraction

import numpy as np
import sympy as sp
from scipy.special import erfc

from asymptotix.asymptotics.definition import definition
from asymptotix.asymptotics.little_noise import LiftMeeting
from asymptotix.asymptotics.meeting_numbers import Block
from asymptotix.asymptotics.repulsion import leak
from asymptotix.inputs import PowerVariances
from asymptotix.networks.shaped_matrix import ShapedMatrix
from asymptotix.teacher import FiniteRank
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
    shared = {sector.shared for sector in sectors if sector.noise == "bulk" and sector.shared != 0}
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

# %% [markdown]
# ## Matrices: levels repel
#
# The quadratic network's whitened matrix $T=C^{1/2}SC^{1/2}$ pays $\lambda\,\mathrm{Tr}\,C^{-1}T$: direction $y=i/d$
# has the level $-C\,y^\beta$, in units of the noise, and is learned where noise lifts it above 0. Levels below repel it
# by $h=\int_0^1\frac{du}{C u^\beta}$ as long as the far end of that integral counts, $\beta<1$. Then
# $J=\int(h-Cy^\beta)_+^2dy$ and $A=2\int(h-Cy^\beta)_+h\,dy$, per coordinate.

# %%
C, y = sp.symbols("C y", positive=True)
far = sp.Symbol("beta", positive=True)
upto = sp.Symbol("Y", positive=True)  # h = C Y^beta
height = C * upto**far
J = sp.integrate(sp.expand((height - C * y**far) ** 2), (y, 0, upto))
A = 2 * height * sp.integrate(height - C * y**far, (y, 0, upto))
matrix_ratio = sp.simplify(J / A)
show(r"R_{\rm noise}/(\tau^2 s_{\rm noise})", matrix_ratio)
assert sp.simplify(matrix_ratio - far / (1 + 2 * far)) == 0
# Y^beta = h/C = 1/(C^2 (1 - beta)): J falls as C^-p
p = 2 + 2 / far
degree = sp.simplify(sp.expand_log(sp.log(J.subs(upto, (C**-2) ** (1 / far))), force=True).diff(C) * C)
assert sp.simplify(degree + p) == 0

# %% [markdown]
# **The plateau follows from homogeneity alone.** A leaked potential $J=\delta^2(\delta/\varepsilon)^p$ has, by the two
# identities $R=-J+\delta J_\delta+\varepsilon J_\varepsilon$ and $A=J_\delta/2\delta$, the ratio $2/(2+p)$; without
# weight decay $R=\Delta'\,2/p$. For $\beta>1$ the near end of the integral counts, $h\sim y^{1-\beta}/C$: the
# learned block $y\sim C^{-2/(2\beta-1)}$ is as large as its own noise, and $p=4/(2\beta-1)$.

# %%
delta, eps, power = sp.symbols("delta epsilon p", positive=True)
leaked = delta**2 * (delta / eps) ** power
risk = -leaked + delta * leaked.diff(delta) + eps * leaked.diff(eps)
freedom = leaked.diff(delta) / (2 * delta)
assert sp.simplify(risk / (delta**2 * freedom) - 2 / (2 + power)) == 0
assert sp.simplify((2 / (2 + power)).subs(power, p) - matrix_ratio) == 0

block = 4 / (2 * far - 1)
for rate in (Fraction(1, 4), Fraction(1, 2), Fraction(3, 4)):
    assert leak(rate).power == p.subs(far, sp.Rational(rate))
for rate in (Fraction(5, 4), Fraction(2)):
    assert leak(rate).power == block.subs(far, sp.Rational(rate))
assert block.subs(far, 1) == p.subs(far, 1)  # continuous at 1; nothing happens at 1/2
# the free convolution itself, 3000 of 1e9 directions learned, without features
potential = ShapedMatrix(FiniteRank([1.0]).spectrum(10**9), PowerVariances(Fraction(2)))
law = leak(2)
there = potential.response(float(np.log(1e9 / 3000) / law.learned - 2 * np.log(1e9)), 10.0)
agree(there.rho / there.dof, float(law.share), 1e-3)
show(r"R/\Delta", sp.Piecewise((far / (2 * (1 + far)), far < 1), ((2 * far - 1) / 4, True)))

# %% [markdown]
# **The block itself.** Without features $z=w+G(w)$ with $G(w)=\int_0^\infty\frac{du}{w+u^\beta}=k\,w^{1/\beta-1}$,
# $k=\frac{\pi/\beta}{\sin(\pi/\beta)}$, in units in which $CY^\beta=Y^{1/2}$. Two integrations by parts turn
# $J=-\frac1\pi\,\mathrm{Im}\int_{w_0}z^2\,G\,z'\,dw$ into $\frac1{3\pi}\,\mathrm{Im}\int^{w_0}z^3\,dw$, $z(w_0)=0$:
# a sum of powers of $w_0$, whose argument is $\pi\beta/(2\beta-1)$.

# %%
nodes, weights = np.polynomial.legendre.leggauss(200)
for rate in (Fraction(3, 2), Fraction(2)):
    b_, q_ = float(rate), 1 / float(rate) - 1
    k_ = np.pi / b_ / np.sin(np.pi / b_)
    w0 = k_ ** (1 / (1 - q_)) * np.exp(1j * np.pi / (1 - q_))
    path = 5.0 + (w0 - 5.0) * (1 - nodes) / 2  # from w_0 to a real point right of all noise
    stretched = path + k_ * path**q_
    whole = stretched**2 * k_ * path**q_ * (1 + k_ * q_ * path ** (q_ - 1))
    by_path = -float((weights * whole * (5.0 - w0) / 2).sum().imag) / np.pi
    bulk = next(s for s in definition(f"quadratic of beta {rate}").sectors() if s.name == "noise learned")
    agree(by_path, float(bulk.risk[0].coefficient), 1e-6)

# %% [markdown]
# **Features.** To first order in $\tau^2$ the count is $s=\frac1d\sum_{ij}\frac{f(b_i)-f(b_j)}{b_i-b_j}$ with
# $f(x)=x_+$, $b_i=a_i-\kappa i^\beta$, and the potential is $\tau^2s$, so that noise costs
# $\tau^2(1+\kappa\partial_\kappa)s$. A feature above the last threshold $K=\kappa d^\beta$ counts 2, one below it
# $2F(a/K)$, $F(x)=x\int_0^1\frac{dy}{x+y^\beta}$. Steep teachers, $\gamma>\max(1,\beta)$, have
# $s=2(NK)^{-1/\gamma}\int_0^\infty F(v^{-\gamma})\,dv$. Without weight decay $s=\nu$, hence
# $\nu\tau^2=\Delta'+(1-\frac1\gamma)\nu\tau^2$: the error is $(\gamma-1)\Delta'$ where features fill the samples.

# %%
v, gamma_ = sp.symbols("v gamma", positive=True)
inner_v = (
    sp.pi / gamma_ / sp.sin(sp.pi / gamma_)
)  # int dv/(1 + y**beta v**gamma) = y**(-beta/gamma) times this
learned = 2 * inner_v * gamma_ / (gamma_ - far)
for rate, decay in ((Fraction(1, 2), 3), (Fraction(3, 2), 4)):
    sector = next(s for s in definition(f"quadratic of beta {rate}").sectors() if "some above" in s.name)
    known = learned.subs({far: sp.Rational(rate), gamma_: decay}) * sp.zeta(2 * decay) ** sp.Rational(
        -1, 2 * decay
    )
    agree(float(known), float(sector.count[0].coefficient.subs(gamma, decay)), 1e-12)
    # the double sum itself, 400 of 4e5 features above K
    a_ = np.arange(1.0, 2e5) ** -float(decay)
    y_ = (np.arange(2e4) + 0.5) / 2e4
    last = 400.0 ** -float(decay)
    counted = sum(float((x / (x + last * y_ ** float(rate))).mean()) for x in a_[:20000])
    agree(float(learned.subs({far: sp.Rational(rate), gamma_: decay})) / 2 * 400.0 - 0.5, counted, 2e-3)
share = 1 - 1 / gamma_
assert sp.simplify(share / (1 - share) - (gamma_ - 1)) == 0

# %% [markdown]
# ## Interpolation with little noise
#
# Slow teachers without weight decay and noise: features, learned noise and thresholds end at one index $X$, and
# $s\tau^2=R$ makes a number of the feature there. For $\beta<1$ all levels are lifted by $\eta\kappa X^\beta$; in units
# of $\kappa X^\beta$ and $X$, $x=(1-\eta)u^{-\gamma}-u^\beta+\eta$ is learned, $s\tau^2=2\eta\int_0^1x\,du$,
# $R=\int_0^1(\eta-u^\beta)^2du+\frac{(1-\eta)^2}{2\gamma-1}$: a quadratic equation. With
# $X^{1+\beta}\propto n_{\rm eff}d^\beta$ the error is $\propto X^{1-2\gamma}$.

# %%
eta, decay_ = sp.symbols("eta gamma", positive=True)
x_ = (1 - eta) / (1 - decay_) - 1 / (1 + far) + eta
lost = eta**2 - 2 * eta / (1 + far) + 1 / (1 + 2 * far) + (1 - eta) ** 2 / (2 * decay_ - 1)
balance = sp.collect(sp.expand(2 * eta * x_ - lost), eta)
show("0", balance)
at_ = {far: sp.Rational(1, 2), decay_: sp.Rational(3, 4)}
(root,) = (r for r in sp.solve(balance.subs(at_), eta) if 0 < r < 1)
assert sp.simplify(1 - root - LiftMeeting(0, sp.Rational(3, 4), sp.Rational(1, 2))) == 0

# %% [markdown]
# For $\beta>1$, and for the diagonal network, the same equation is solved with integrals
# (`asymptotics/meeting_numbers.py`). Without features the block's own potential is recovered, of which
# $\tau P_\tau/2$ is $1+p/2$ and $\kappa P_\kappa$ is $-p$.

# %%
empty = Block(1.25, 2.0, 1e-12)
counted_, shrinking_ = empty.sums(empty.origin(empty.featureless))
bulk = next(s for s in definition("quadratic of beta 2").sectors() if s.name == "noise learned")
p_ = float(block.subs(far, 2))
agree(counted_, float(bulk.risk[0].coefficient) * (1 + p_ / 2), 1e-8)
agree(shrinking_, -float(bulk.risk[0].coefficient) * p_, 1e-8)

# %% [markdown]
# ## Either sign: no function of eigenvalues
#
# The symmetric network pays $\lambda\|C^{-1/2}TC^{-1/2}\|_*$. Where $T\ge0$ that is $\mathrm{Tr}\,C^{-1}T$, and the
# estimator the positive part above; else what is learned with one sign moves the threshold of the other, and two
# positive parts, one of $Y-\varepsilon C^{-1}$ and one of $-Y-\varepsilon C^{-1}$, are not its minimum. So there is no
# state evolution of that form; the same holds for the bilinear network.

# %%
rng = np.random.default_rng(5)
d, epsilon = 16, 0.2
root = np.arange(1.0, d + 1.0) ** -0.5  # standard deviations, beta = 1
outer = np.outer(root, root)


def positive_part(matrix: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.maximum(values, 0.0)) @ vectors.T)


def least(target: np.ndarray) -> np.ndarray:
    """``argmin |T - Y|^2/2 + eps |C^(-1/2) T C^(-1/2)|_*`` by alternating directions."""
    split, dual = np.zeros_like(target), np.zeros_like(target)
    for _ in range(4000):
        fitted = (outer * target + 0.2 * (split - dual)) / (outer**2 + 0.2)
        values, vectors = np.linalg.eigh(fitted + dual)
        split = (vectors * np.sign(values) * np.maximum(np.abs(values) - epsilon / 0.2, 0.0)) @ vectors.T
        dual = dual + fitted - split
    return np.asarray(split * outer)


def cost(learned: np.ndarray, target: np.ndarray) -> float:
    nuclear = np.abs(np.linalg.eigvalsh(learned / outer)).sum()
    return float(0.5 * ((learned - target) ** 2).sum() + epsilon * nuclear)


z_ = rng.standard_normal((d, d))
noise_ = (z_ + z_.T) / np.sqrt(2 * d)
shift = epsilon * np.diag(root**-2.0)
both = positive_part(noise_ - shift) - positive_part(-noise_ - shift)
minimum = least(noise_)
assert cost(minimum, noise_) < 0.999 * cost(both, noise_)
assert ((minimum - both) ** 2).sum() > 0.03 * (minimum**2).sum()
positive = (
    noise_ + 3 * shift + 3 * np.eye(d)
)  # nothing negative is learned: the quadratic network's positive part
agree(cost(positive_part(positive - shift), positive), cost(least(positive), positive), 1e-6)
