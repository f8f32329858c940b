# %% [markdown]
# # 2. What the potential knows: risk and degrees of freedom
#
# Derivation 1 left two combinations of the potential,
# $$ R = Q_0 - J + \delta\,\partial_\delta J + \epsilon\,\partial_\epsilon J, \qquad
#    A = \frac{1}{2\delta}\,\partial_\delta J . $$
# That they are the estimator's error and its degrees of freedom per coordinate follows from three facts about
# the denoiser $f(x) = (|x|-\epsilon)_+\,\mathrm{sign}\,x$: it is the gradient of
# $g(x) = \tfrac12(|x|-\epsilon)_+^2$; it obeys $f^2 = 2g$; and Gaussian integration by parts (Stein).

# %%
import numpy as np
import sympy as sp
from scipy.stats import norm

from asymptotix.asymptotics.expansions.potential import SIZE, count_of, risk_of
from asymptotix.asymptotics.symbols import KAPPA, TAU
from derivations.render import agree, show

# %% [markdown]
# Write $\langle\cdot\rangle$ for the mean over $z$ and over coordinates, $x=\theta+\delta z$, $J = 2\langle
# g\rangle$. Then $\partial_\delta J = 2\langle z f\rangle = 2\delta\langle f'\rangle$, so $A=\langle
# f'\rangle$; and, since $\partial_\epsilon g = -|f|$ and $x f = f^2 + \epsilon|f|$,
# $$ \langle\theta f\rangle = \langle x f\rangle - \delta\langle z f\rangle
#    = J - \tfrac12\epsilon\,\partial_\epsilon J - \tfrac12\delta\,\partial_\delta J, $$
# whence $\langle(f-\theta)^2\rangle = J - 2\langle\theta f\rangle + Q_0$ is the stated $R$. The algebra:

# %%
Jv, Jd, Je, Q0, delta, eps = sp.symbols("J J_delta J_epsilon Q_0 delta epsilon")
square = Jv  # <f^2> = 2 <g>
with_x = Jv - eps * Je / 2  # <x f> = <f^2> + eps <|f|>,  dJ/d eps = -2 <|f|>
with_z = Jd / 2  # <z f>
cross = with_x - delta * with_z
assert sp.expand(square - 2 * cross + Q0 - (Q0 - Jv + delta * Jd + eps * Je)) == 0

# %% [markdown]
# The same three facts hold for matrices: $f$ acts on the spectrum, $\langle Z, f(X)\rangle$ integrates by
# parts over the Gaussian ensemble, and its divergence is
# $\frac{1}{d^2}\sum_{jk}\frac{f(x_j)-f(x_k)}{x_j-x_k}$. A random matrix shows it: size 400, one draw; the
# divergence averages over $d^2$ pairs, and the error fluctuates by less than 1 %.

# %%
rng = np.random.default_rng(5)
size, noise, threshold = 400, 0.8, 1.1
spectrum = np.linspace(0, 2, size) ** 2


def noisy_eigenvalues(level: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    g = np.random.default_rng(seed).standard_normal((size, size))
    values, vectors = np.linalg.eigh(np.diag(spectrum) + level / np.sqrt(2 * size) * (g + g.T))
    return values, vectors


def potential(level: float, at: float) -> float:
    return float(np.mean(np.maximum(noisy_eigenvalues(level, 1)[0] - at, 0) ** 2))


values, vectors = noisy_eigenvalues(noise, 1)
learned = np.maximum(values - threshold, 0)
error = np.sum(((vectors * learned) @ vectors.T - np.diag(spectrum)) ** 2) / size
step = 1e-3
slope_noise = (potential(noise + step, threshold) - potential(noise - step, threshold)) / (2 * step)
slope_threshold = (potential(noise, threshold + step) - potential(noise, threshold - step)) / (2 * step)
identity = (
    np.mean(spectrum**2) - potential(noise, threshold) + noise * slope_noise + threshold * slope_threshold
)
agree(identity, error, 0.01)
gaps = values[:, None] - values[None, :] + np.eye(size)
divergence = (learned[:, None] - learned[None, :]) / gaps + np.diag(values > threshold)
agree(slope_noise / (2 * noise), np.mean(divergence), 0.01)
show(r"R\ \text{from the potential}", float(identity))
show(r"\|f(X)-S\|_F^2/d", float(error))

# %% [markdown]
# **Scaled units.** With $\tau=\delta/\sqrt d$, $\kappa=\epsilon/\sqrt d$ and the potential summed over
# coordinates, the identities keep their form; $s = dA$. The library's two functions, on soft thresholding of
# one Gaussian coordinate, against its risk computed by quadrature:

# %%
u, x = sp.symbols("u x", real=True)
beyond = sp.integrate((u - x) ** 2 * sp.exp(-(u**2) / 2) / sp.sqrt(2 * sp.pi), (u, x, sp.oo))
share = sum(TAU**2 * beyond.subs(x, (KAPPA - side * SIZE) / TAU) for side in (1, -1))
at = {SIZE: sp.Float(0.7, 30), TAU: sp.Float(0.5, 30), KAPPA: sp.Float(0.9, 30)}
z = np.linspace(-12, 12, 200_001)
noisy = 0.7 + 0.5 * z
soft = np.sign(noisy) * np.maximum(abs(noisy) - 0.9, 0)
# the trapezoid rule on a kinked integrand errs by the square of its step, 1e-8
agree(sp.N(risk_of(share).subs(at)), np.trapezoid((soft - 0.7) ** 2 * norm.pdf(z), z), 1e-7)
kept = norm.sf((0.9 - 0.7) / 0.5) + norm.sf((0.9 + 0.7) / 0.5)
agree(sp.N(count_of(share).subs(at)), kept, 1e-12)
