# %% [markdown]
# # 11. The Bayes benchmark
#
# Knowing the teacher's law (not its directions or positions), how much better than the best penalty can one
# do? The noise equation is the same, $f n_{\rm eff}\tau^2 = g\Delta + R$; only the denoiser differs.
#
# **Quadratic.** The best spectral denoiser keeps $x - 2\delta^2\,\mathrm{Re}\,G(x)$. On a spike that is
# $a\,O$ with $O = 1-\tau^2/a^2$ the squared overlap: its error is $a^2(1-O^2) = 2\tau^2-\tau^4/a^2$.

# %%
import numpy as np
import sympy as sp
from scipy.stats import norm

from asymptotix.asymptotics import laws
from asymptotix.asymptotics.definition import definition
from asymptotix.asymptotics.expansions.mellin import FEATURE as y
from asymptotix.asymptotics.expansions.mellin import power_law_integral
from asymptotix.asymptotics.expansions.potential import bayes_pieces
from asymptotix.asymptotics.symbols import GAMMA
from derivations.render import agree, show

diagonal, quadratic = definition("diagonal"), definition("quadratic")

a, tau, x = sp.symbols("a tau x", positive=True)
overlap = 1 - tau**2 / a**2
keep = sp.Symbol("k")
stationary = sp.solve(sp.diff(a**2 + keep**2 - 2 * a * keep * overlap, keep), keep)
assert sp.simplify(stationary[0] - a * overlap) == 0
# the same weight from x - 2 delta^2 Re G at the spike x = a + tau^2/a, where G = 1/a
assert sp.simplify((a + tau**2 / a - 2 * tau**2 / a) - a * overlap) == 0

noise, feature = quadratic.shares()
pieces = bayes_pieces(feature)
assert sp.simplify(pieces[1][0] - (2 - 1 / y**2)) == 0
factor = sp.factor(power_law_integral(pieces))
law = laws.bayes(noise, feature, quadratic.scales())
show("F_B", factor)
show(r"R_B", law.expression)
assert sp.simplify(factor - 8 * GAMMA**2 / (4 * GAMMA**2 - 1)) == 0

# %% [markdown]
# The bulk itself costs nothing to leading order: $\delta^2-\frac{4\pi^2}{3}\delta^4\int\rho^3$ vanishes for
# a bare semicircle, because $\int\rho_{sc}^3 = \frac3{4\pi^2}$.

# %%
t = sp.Symbol("t", real=True)
cube = sp.integrate(sp.expand((2 / sp.pi) * sp.sin(t) ** 4 / sp.pi**2), (t, 0, sp.pi))  # x = 2 cos t
assert sp.simplify(cube - sp.Rational(3, 4) / sp.pi**2) == 0

# %% [markdown]
# **Ratio.** At the optimal penalty the trace norm pays $\frac{3\gamma}{\gamma+1}$ times the Bayes risk: the
# rate is optimal, the constant is not.

# %%
ratio = laws.ratio_to_bayes(feature, noise)
show(r"R^\star/R_B", ratio)
assert sp.simplify(ratio - 3 * GAMMA / (GAMMA + 1)) == 0

# %% [markdown]
# One random matrix of size 1200, with the oracle that keeps $u_j^\top S u_j$ on each eigenvector (it attains
# the Bayes risk at large size). Fifteen spikes fluctuate, and those under the bulk help a little: we allow
# 12 %.

# %%
size = 1200
rng = np.random.default_rng(7)
spectrum = np.arange(1, size + 1) ** -1.25
spectrum /= np.sqrt(np.sum(spectrum**2))
level = float(np.sqrt(spectrum[14] * spectrum[15]))
normal = rng.standard_normal((size, size))
vectors = np.linalg.eigh(np.diag(spectrum) + level / np.sqrt(2 * size) * (normal + normal.T))[1]
kept = (vectors**2).T @ spectrum
oracle = 1 - np.sum(kept**2)
spikes = np.where(spectrum > level, 2 * level**2 - level**4 / spectrum**2, spectrum**2)
agree(oracle, np.sum(spikes), 0.12)

# %% [markdown]
# **Diagonal.** The posterior mean for a known law of sizes tells a feature from $d$ noisy zeros once
# $a > c_B\tau$, $c_B\simeq\sqrt{2\log(d/i^\star)}$, and learns it without bias: of the two halves of
# $\int\min(y,1)^2y^{-1-1/\gamma}$ only the missed one remains, and $R^\star/R_B\to 2\gamma$.

# %%
noise, feature = diagonal.shares()
law = laws.bayes(noise, feature, diagonal.scales())
show("R_B", law.expression)
ratio = laws.ratio_to_bayes(feature, noise)
assert sp.simplify(ratio - 2 * GAMMA) == 0

# %% [markdown]
# The posterior mean by quadrature, at $n=10^6$ and $d=10^{20}, 10^{60}$: within 10 % and closing in (the
# corrections are $\log\log/\log$).

# %%
misses = []
for d in (1e20, 1e60):
    edges = np.exp(np.linspace(np.log(3000.5), np.log(d), 3000))
    index = np.concatenate([np.arange(1, 3001), np.sqrt(edges[1:] * edges[:-1])])
    weight = np.concatenate([np.ones(3000), np.diff(edges)])
    size_over_noise = index**-1.25 / np.sqrt(float(sp.zeta(2.5))) * 1e3
    data = np.linspace(-10, 34, 2201)
    groups = np.digitize(np.log(size_over_noise), np.linspace(np.log(size_over_noise.min()), 3.3, 500))
    mass = np.bincount(groups, weight)
    second = np.bincount(groups, weight * size_over_noise**2)
    centre = np.sqrt(second[mass > 0] / mass[mass > 0])
    mass = mass[mass > 0]
    log_like = np.log(mass / d)[:, None] - (data[None, :] - centre[:, None]) ** 2 / 2
    like = np.exp(log_like - log_like.max(axis=0))
    posterior = (like * centre[:, None]).sum(axis=0) / like.sum(axis=0)
    near = centre < 24
    density = norm.pdf(data[None, :] - centre[near, None])
    risk = (density * (centre[near, None] - posterior[None, :]) ** 2).sum(axis=1) * (data[1] - data[0])
    total = 1e-6 * (np.sum(mass[near] * risk) + np.sum(mass[~near]))
    misses.append(total / law.value(gamma=1.25, n_eff=1e6, d=d, noise=1) - 1)
assert 0 < misses[1] < misses[0] < 0.1
show(r"R/R_B - 1", sp.Tuple(*[sp.Float(m, 3) for m in misses]))
