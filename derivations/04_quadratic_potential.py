# %% [markdown]
# # 4. The quadratic network's potential
#
# The learned matrix is $\mathrm{ReLU}(S + \delta Z - \epsilon)$ in law: the spectrum of the teacher
# convolved with a semicircle, shifted and cut. With $t=\tau^2/d$ and $G(w)=\sum_i 1/(w-a_i)$, the
# convolution is the image of the real line under $z(w) = w + t\,G(w)$ (subordination).
#
# **Bare noise.** $G(w) = d/w$, so $z = w + \tau^2/w$, whose critical value is the edge.

# %%
import numpy as np
import sympy as sp
from scipy.integrate import quad

from asymptotix.asymptotics.expansions import spectral_threshold
from asymptotix.asymptotics.expansions.potential import SIZE, count_of, risk_of
from asymptotix.asymptotics.symbols import KAPPA, SHAPE, TAU
from derivations.render import agree, show

w = sp.Symbol("w", positive=True)
critical = sp.solve(sp.diff(w + 1 / w, w), w)
assert critical == [1]
assert spectral_threshold.edge() == (w + 1 / w).subs(w, critical[0]) == 2
u = sp.Symbol("u", real=True)
g = (u - sp.sqrt(u**2 - 4)) / 2  # the branch G ~ 1/u of z = w + 1/w, G = 1/w
assert sp.simplify(g + 1 / g - u) == 0
rho = spectral_threshold.density(u)
assert sp.simplify(sp.im(g.subs(u, sp.Rational(1, 2))) + sp.pi * rho.subs(u, sp.Rational(1, 2))) == 0

# %% [markdown]
# Its share of the potential, $j(c)=\int_c^2(x-c)^2\rho(x)\,dx$, is elementary:

# %%
noise = spectral_threshold.noise_share(sides=1)
show("j(c)", noise.inside)
show("R/(d\\tau^2)", noise.risk())
show("s/d", noise.count())
for c in (0.0, 0.5, 1.5):
    exact = quad(lambda v, c=c: (v - c) ** 2 * np.sqrt(4 - v * v) / (2 * np.pi), c, 2, epsabs=1e-13)[0]
    agree(sp.N(noise.inside.subs(SHAPE, sp.Float(c, 30))), exact, 1e-9)
assert sp.simplify(noise.count().subs(SHAPE, 0)) == sp.Rational(1, 2)  # half of the noise is positive

# %% [markdown]
# The degrees of freedom agree with the divergence of the denoiser over pairs of eigenvalues: at $c=0$ half of
# all pairs by the symmetry $x_+ - (-x)_+ = x$.
#
# **Spikes.** One feature $a$ on top of the noise appears at $z(a) = a+\tau^2/a$ while $z'(a)>0$, that is
# $a>\tau$. Its share of the potential is $(a+\tau^2/a-\kappa)_+^2$, and the identities return the known
# overlap and count: $$ R = a^2 + w^2 - 2aw\,O,\quad w = a+\frac{\tau^2}{a}-\kappa,\quad O =
# 1-\frac{\tau^2}{a^2},\qquad    s = \frac{2w}{a}. $$

# %%
share = spectral_threshold.feature_share().potential
weight = SIZE + TAU**2 / SIZE - KAPPA
overlap = 1 - TAU**2 / SIZE**2
assert sp.simplify(risk_of(share) - (SIZE**2 + weight**2 - 2 * SIZE * weight * overlap)) == 0
assert sp.simplify(count_of(share) - 2 * weight / SIZE) == 0
show("r(a)", sp.expand(risk_of(share)))

# %% [markdown]
# One matrix of size 800 with a single spike: position and overlap fluctuate by $d^{-1/2}\approx 4\,\%$ of
# the noise.

# %%
size, spike, level = 800, 1.8, 1.0
normal = np.random.default_rng(11).standard_normal((size, size))
matrix = level / np.sqrt(2 * size) * (normal + normal.T)
matrix[0, 0] += spike
values, vectors = np.linalg.eigh(matrix)
agree(values[-1], spike + level**2 / spike, 0.04)
agree(vectors[0, -1] ** 2, 1 - level**2 / spike**2, 0.06)

# %% [markdown]
# **All features learned.** When no eigenvalue lies below the threshold, $\int(x-\kappa)^2$ needs only the
# first two moments of the convolution, which add: $R = d(\tau^2+\kappa^2)$ and $s=d$, exactly.

# %%
resolved = spectral_threshold.feature_share().resolved
assert sp.simplify(risk_of(resolved) - TAU**2 - KAPPA**2) == 0
assert sp.simplify(count_of(resolved)) == 1
