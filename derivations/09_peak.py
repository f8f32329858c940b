# %% [markdown]
# # 9. The interpolation peak
#
# With a vanishing penalty the network learns all of the noise, $c=\kappa/\tau\to0$. On the line
# $f\,n_{\rm eff} = s(c{=}0)$ the leading terms of both equations cancel, and the first order in $c$ decides:
# $$ f n_{\rm eff}\tau^2 - R = g\Delta,\qquad (f n_{\rm eff}-s)\,\kappa = h\lambda\sqrt d . $$

# %%
import mpmath
import sympy as sp

from asymptotix.asymptotics import laws
from asymptotix.asymptotics.definition import definition
from asymptotix.asymptotics.symbols import SHAPE
from derivations.render import agree, show

diagonal, quadratic, symmetric = definition("diagonal"), definition("quadratic"), definition("symmetric")

risk0, slope, count_slope = sp.symbols("r_0 r_1 s_1", positive=True)
d, tau, kappa = sp.symbols("d tau kappa", positive=True)
g, h = sp.symbols("g h", positive=True)
noise_balance = sp.Eq(slope * d * tau * kappa, g * laws.NOISE)
threshold_balance = sp.Eq(count_slope * d * kappa**2 / tau, h * laws.PENALTY * sp.sqrt(d))
solution = sp.solve([noise_balance, threshold_balance], [tau, kappa], dict=True)
(positive,) = [s for s in solution if s[tau].subs(dict.fromkeys(s[tau].free_symbols, 1)).is_real]
error = sp.powdenest(sp.simplify(risk0 * d * positive[tau] ** 2), force=True)
show("R", error)
assert d not in error.free_symbols
assert sp.simplify(sp.diff(sp.log(error), laws.PENALTY) * laws.PENALTY) == sp.Rational(-2, 3)
assert sp.simplify(sp.diff(sp.log(error), laws.NOISE) * laws.NOISE) == sp.Rational(4, 3)

# %% [markdown]
# Each network brings its own constants and its own line: $n=d$, $n = d^2/4$, $n=d^2/2$.

# %%
for network in (diagonal, quadratic, symmetric):
    noise, _ = network.shares()
    scales = network.scales()
    line, law = laws.peak(noise, scales)
    r0, s0, r1, s1 = noise.at_zero()
    values = {risk0: r0, slope: r1, count_slope: s1, g: scales.noise, h: scales.penalty}
    assert sp.simplify(error.subs(values) / law.expression) == 1
    show(r"n_{\rm eff}/d,\ R", sp.Tuple(line, law.expression))

# %% [markdown]
# The quadratic network's own equations, inside the bulk and to all orders in $c$, on the line: the ratio to
# the law tends to 1 linearly in $c$, so a ten times smaller $c$ must miss ten times less (to 10 %).

# %%
noise, scales = quadratic.shares()[0], quadratic.scales()
line, law = laws.peak(noise, scales)
risk, count = (sp.lambdify(SHAPE, f, "mpmath") for f in (noise.risk(), noise.count()))
size, variance, misses = mpmath.mpf(10) ** 10, 0.4, []
for c in (mpmath.mpf("1e-2"), mpmath.mpf("1e-3")):
    samples = 2 * size * mpmath.mpf(line.p) / line.q
    level = mpmath.sqrt(variance / 2 / (samples - size * risk(c)))
    penalty = 2 * c * level * (samples - size * count(c)) / mpmath.sqrt(size)
    exact = size * level**2 * risk(c)
    misses.append(float(exact / law.value(noise=variance, lam=float(penalty)) - 1))
agree(misses[1], misses[0] / 10, 0.1)

# %% [markdown]
# **The teacher's trace.** For the quadratic network the features under the bulk shift it by the trace, and
# the threshold is felt relative to that: $s = d\,\big(\tfrac12 - m(c - \mathrm{Tr}S/(d\tau))\big)$ with $m$
# the mean of the positive half, while $R$ is unchanged to this order (from $J=\delta^2
# j((\epsilon-\mu)/\delta)$). The peak is therefore finite as $\lambda\to0$ and sits above $n=d^2/4$: the law
# holds while $d\kappa\gg\mathrm{Tr}S$.

# %%
delta, eps, shift = sp.symbols("delta epsilon mu", positive=True)
j0, j1 = sp.symbols("j_0 j_1", positive=True)
J = delta**2 * (j0 - j1 * (eps - shift) / delta)  # first order in c and in the shift
R = -J + delta * sp.diff(J, delta) + eps * sp.diff(J, eps)
A = sp.diff(J, delta) / (2 * delta)
assert sp.simplify(sp.diff(R, shift)) == 0
assert sp.simplify(A - (j0 - j1 * (eps - shift) / (2 * delta))) == 0

# %% [markdown]
# **Where it sits, how high it is.** With $X = f n_{\rm eff}/d - s_0$ and $T=\mathrm{Tr}S$,
# the equations at $\lambda=0$ are $\tau^2(X+2mc) = g\Delta/d$ and, while $\kappa>0$, $X = m\,(T/(d\tau) -
# c)$. Eliminating $X$, $\tau\,(T + d\kappa) = g\Delta/m$: below the peak $\tau$ rises as $\kappa$ falls;
# beyond it $\kappa=0$ and $\tau^2=g\Delta/(dX)$ falls. The peak is where $\kappa$ vanishes:
# $$ \tau_0 = \frac{g\Delta}{m T},\qquad f n_{\rm eff} = s_0 d + \frac{(mT)^2}{g\Delta},\qquad R =
# j(0)\,d\,\tau_0^2 . $$ It needs few features above $\tau_0$, that is $\gamma<1$ at noise of order one. Then
# $T\simeq d^{1-\gamma}/((1-\gamma)N)$ and the height grows as $d^{2\gamma-1}$.

# %%
X, c, m, T, variance = sp.symbols("X c m T Delta", positive=True)
place = m * (T / (d * tau) - c)
together = d * tau**2 * (place + 2 * m * c)  # = g Delta
assert sp.simplify(together - m * tau * (T + d * c * tau)) == 0
position, height = laws.finite_peak(noise, scales)
show(r"n_{\rm eff}", position.expression)
show("R", height.expression)

# %% [markdown]
# The numerical solution of both equations at $\gamma=0.75$, $d=10^{24}$, $\lambda=0$: the peak's height, a quarter of
# it at $n=d^2/4$ (there $d\kappa = T$ and $\tau=\tau_0/2$), and half of it as far beyond the peak.

# %%
from asymptotix.problem import Problem
from asymptotix.state_evolution import solve

size, where = 10**24, position.value(gamma=0.75, d=1e24, noise=1.0)
for n_eff, share in ((size / 4, 0.25), (where, 1.0), (2 * where - size / 4, 0.5)):
    problem = Problem(network="quadratic", gamma=0.75, d=size, n=size * n_eff, lam=0, noise=1.0)
    # features above tau_0 are a fraction d**-0.17 ~ 1e-4 of the trace's effect
    agree(solve(problem).error, share * height.value(gamma=0.75, d=size, noise=1.0), 2e-3)
