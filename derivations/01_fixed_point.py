# %% [markdown]
# # 1. Two equations from one functional
#
# Both networks minimise a squared loss plus weight decay. Over the weights at fixed product, weight decay is
# an $\ell_1$ norm (diagonal) or a trace norm (quadratic), so each is a convex problem
# $$ \min_\theta \tfrac12 \sum_{\mu=1}^n \big(y_\mu - \theta\cdot x_\mu/\sqrt d\big)^2 +
# \lambda\,\Omega(\theta),    \qquad y_\mu = \theta^\star\cdot x_\mu/\sqrt d + \sqrt\Delta\,\xi_\mu . $$
# With Gaussian $x$, Gordon's comparison replaces the $n\times d$ matrix by two vectors, and the problem by
# one over a few scalars. With $R = \|\theta-\theta^\star\|^2/d$, $\alpha = n/d$ and $h$ a standard Gaussian
# vector, $$ \max_{\beta}\min_{\theta}\; \beta\sqrt\alpha\,\sqrt{R+\Delta} - \beta\,
# h\cdot(\theta-\theta^\star)/d    - \tfrac12\beta^2 + \lambda\,\Omega(\theta)/d . $$
# Write $\sqrt{R+\Delta} = \min_\sigma \frac{R+\Delta}{2\sigma} + \frac\sigma2$; then $\theta$ feels a
# parabola of curvature $b = \beta\sqrt\alpha/\sigma$ around $\theta^\star + \delta h$, $\delta = \beta/b$.

# %%
import numpy as np
import sympy as sp
from sklearn.linear_model import Lasso

from derivations.render import agree, show

alpha, noise, penalty, delta, b, beta, sigma = sp.symbols("alpha Delta lam delta b beta sigma", positive=True)
offset, h = sp.symbols("v h", real=True)  # offset = theta - theta_star of one coordinate

# complete the square in one coordinate
quadratic = beta * sp.sqrt(alpha) * offset**2 / (2 * sigma) - beta * h * offset
curvature = beta * sp.sqrt(alpha) / sigma
centre = beta / curvature * h
remainder = sp.expand(quadratic - curvature / 2 * (offset - centre) ** 2)
assert sp.simplify(remainder + beta**2 / (2 * curvature) * h**2) == 0
scalars = {beta: b * delta, sigma: sp.sqrt(alpha) * delta}
assert sp.simplify(curvature.subs(scalars) - b) == 0

# %% [markdown]
# The minimum over $\theta$ is the Moreau envelope of $\Omega$ at scale $\epsilon = \lambda/b$. For soft
# thresholding $\min_\theta \frac12(x-\theta)^2 + \epsilon|\theta| = \frac12 x^2 -
# \frac12(|x|-\epsilon)_+^2$, and the same holds for the eigenvalues of a positive semidefinite matrix with
# $(x-\epsilon)_+^2$. Everything about the network is then in the *potential* $J(\delta,\epsilon)$, the mean
# of $(\cdot-\epsilon)_+^2$. It stays abstract here.

# %%
J = sp.Function("J")
Q0 = sp.Symbol("Q_0", positive=True)
eps = sp.Symbol("epsilon", positive=True)
envelope = b * ((Q0 + delta**2) / 2 - J(delta, penalty / b) / 2)
rest = (
    beta * sp.sqrt(alpha) * (sigma / 2 + noise / (2 * sigma)) - beta**2 / 2 - beta**2 / (2 * curvature)
).subs(scalars)
functional = sp.expand(sp.simplify(rest)) + sp.expand(envelope)
expected = b / 2 * (alpha * delta**2 + noise + Q0 - J(delta, penalty / b)) - b**2 * delta**2 / 2
assert sp.simplify(functional - expected) == 0
show(r"F(\delta, b)", expected)

# %% [markdown]
# **Stationarity in $\delta$** gives the threshold equation and **stationarity in $b$** the noise equation,
# with $A = \partial_\delta J/(2\delta)$ and $R = Q_0 - J + \delta\,\partial_\delta J +
# \epsilon\,\partial_\epsilon J$.

# %%
Jd, Je, Jv = sp.symbols("J_delta J_epsilon J_0")
first, second = sp.symbols("first second")
slots = {
    sp.Subs(sp.Derivative(J(first, second), first), first, delta): Jd,
    J(delta, penalty / b): Jv,
}


def with_names(expression: sp.Expr) -> sp.Expr:
    """Name the potential's value and slopes, and put epsilon for lam/b."""
    expression = expression.subs(sp.Derivative(J(delta, penalty / b), delta), Jd)
    expression = expression.replace(sp.Subs, lambda *_: Je).subs(J(delta, penalty / b), Jv)
    return sp.expand(expression.subs(penalty, eps * b))


in_delta = with_names(sp.diff(functional, delta))
in_b = with_names(sp.diff(functional, b))
A = Jd / (2 * delta)
R = Q0 - Jv + delta * Jd + eps * Je
solution = sp.solve(in_delta, b)
assert len(solution) == 1
assert sp.simplify(solution[0] - (alpha - A)) == 0  # lam = eps b = eps (alpha - A)
assert sp.simplify(2 * in_b.subs(b, alpha - A) - (noise + R - alpha * delta**2)) == 0
show(r"\lambda", eps * (alpha - sp.Symbol("A")))
show(r"\alpha\,\delta^2", sp.Symbol("R") + noise)

# %% [markdown]
# **Quadratic network.** The sensing matrix $(xx^\top - 1)/\sqrt d$ acts like a symmetric Gaussian one with
# $\mathrm{var}\,\langle S, Z\rangle = 2\|S\|_F^2/d$, and symmetric matrices have $d^2/2$ coordinates.
# Dividing $y$ by $\sqrt2$ and the objective $\sum(y-\hat y)^2 + \lambda d\,\mathrm{Tr}S$ by 4, then counting
# per coordinate, gives the same functional with $\alpha \to n/(d^2/2) = 2n/d^2$, $\Delta\to\Delta/2$,
# $\lambda\to\lambda/2$. In scaled units $\tau=\delta/\sqrt d$, $\kappa=\epsilon/\sqrt d$, $s = dA$ these are
# the factors of `Scales`.

# %%
from asymptotix.asymptotics.definition import definition

diagonal, quadratic_network, symmetric = map(definition, ("diagonal", "quadratic", "symmetric"))

n, d = sp.symbols("n d", positive=True)
samples, tau, kappa, s = sp.symbols("samples tau kappa s", positive=True)
coordinates, variance, divisor = d**2 / 2, sp.Integer(2), sp.Integer(4)
for network in (quadratic_network, symmetric):
    scales = network.scales()
    assert sp.simplify(scales.samples * (n / d) / d - n / coordinates) == 0  # n_eff = n/d
    assert scales.noise == 1 / variance
    assert scales.penalty == (d / divisor) / coordinates * d
assert (diagonal.scales().samples, diagonal.scales().noise, diagonal.scales().penalty) == (1, 1, 1)

# the scaled form, every term positive
scaled = (samples / d * (tau * sp.sqrt(d)) ** 2, kappa * sp.sqrt(d) * (samples - s) / d)
assert sp.simplify(scaled[0] - samples * tau**2) == 0
assert sp.simplify(scaled[1] * sp.sqrt(d) - kappa * (samples - s)) == 0  # = lam sqrt(d)

# %% [markdown]
# **An independent number.** One LASSO problem of 1500 features, solved by coordinate descent, against the two
# equations solved by nested bisection on their own Monte-Carlo-free integrals. One data set fluctuates by a
# few per cent ($\sim n^{-1/2}$); we allow 10 %.

# %%
from scipy.optimize import brentq
from scipy.stats import norm

size, rows, lam, var = 1500, 900, 0.35, 0.2
rng = np.random.default_rng(3)
teacher = np.arange(1, size + 1) ** -1.25
teacher *= np.sqrt(size / np.sum(teacher**2))
x = rng.standard_normal((rows, size))
y = x @ teacher / np.sqrt(size) + np.sqrt(var) * rng.standard_normal(rows)
fit = Lasso(alpha=lam / rows, fit_intercept=False, tol=1e-10, max_iter=100_000).fit(x / np.sqrt(size), y)
measured = np.mean((fit.coef_ - teacher) ** 2)


def response(noise_level: float, threshold: float) -> tuple[float, float]:
    """Risk and degrees of freedom per coordinate of soft thresholding."""
    u, c = teacher / noise_level, threshold / noise_level
    tails = sum(norm.sf(q) * (1 + c**2) + norm.pdf(q) * (q - 2 * c) for q in (c - u, c + u))
    risk = noise_level**2 * np.mean(u**2 * (norm.cdf(c - u) - norm.cdf(-c - u)) + tails)
    return float(risk), float(np.mean(norm.sf(c - u) + norm.sf(c + u)))


def noise_at(c: float) -> float:
    return brentq(lambda t: rows / size * t**2 - var - response(t, c * t)[0], 1e-3, 50)


def penalty_at(c: float) -> float:
    t = noise_at(c)
    return c * t * (rows / size - response(t, c * t)[1])


c_star = brentq(lambda c: penalty_at(c) - lam, 1.0, 6.0)
predicted = response(noise_at(c_star), c_star * noise_at(c_star))[0]
agree(measured, predicted, 0.10)
show(r"\text{error of one LASSO fit}", float(measured))
show(r"\text{error from the two equations}", float(predicted))
