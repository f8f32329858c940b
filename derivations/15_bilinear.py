# %% [markdown]
# # 15. Two layers that differ
#
# The bilinear network $f(x,x')=x'^{\top}Sx/\sqrt d$, $S=U^{\top}V$, with weight decay on both wide layers: the least
# $(\|U\|^2+\|V\|^2)/2$ of a given product is the nuclear norm. Its features $x'_ix_j/\sqrt d$ have variance $1/d$ each
# and are not symmetric: $\alpha\delta^2=R+\Delta$ and $\lambda/2=\epsilon(\alpha-A)$, with $\alpha=n/d^2$.
#
# **Symmetrise.** $\begin{pmatrix}0&Y\\Y^{\top}&0\end{pmatrix}$ has the eigenvalues $\pm$ the singular values of
# $Y=S+\delta Z/\sqrt d$: the law of $\pm a_i$, freely convolved with a semicircle. In units of $\tau$,
# $$ z = w + S(w),\qquad S(w)=\frac1d\sum_i\frac{w}{w^2-a_i^2}. $$
# Bare noise and one feature are those of a symmetric matrix, so the phases are too:

# %%
import itertools
from collections.abc import Callable

import numpy as np
import sympy as sp

import asymptotix as ax
from asymptotix.arrays import Array
from asymptotix.networks.oblong_values import OblongValues
from asymptotix.networks.square_values import SquareValues
from asymptotix.risk.singular_bayes import least_error
from asymptotix.risk.singular_parts import singular_parts
from asymptotix.risk.spectral_bands import banded_error
from asymptotix.teacher import PowerLaw
from derivations.render import agree, show

w, a, d = sp.symbols("w a d", positive=True)
S = sp.symbols("S")
bare = sp.solve(sp.Eq(S, (w / w**2)), S)[0]
position = w + bare
show("z", position)
edge = position.subs(w, sp.solve(sp.diff(position, w), w)[0])
assert edge == 2
laws = [ax.phase_diagram(x).at(gamma="5/4", a="1/2", l=-1).risk_exponent for x in ("symmetric", "bilinear")]
assert laws[0] == laws[1]

# %% [markdown]
# **Degrees of freedom.** With $J=2d\int_c^\infty(x-c)^2\rho\,dx$ and Burgers' equation $\partial_vG=-G\,\partial_zG$,
# $s=v\,\partial_vJ=-\frac{2d}\pi\,{\rm Im}\int_c^\infty(x-c)\,G^2dx$. For bare noise $G=e^{-i\theta}$, $x=2\cos\theta$;
# at $c=0$ all $d$ singular values are learned:

# %%
theta = sp.symbols("theta", positive=True)
share = sp.integrate(2 * sp.cos(theta) * sp.sin(2 * theta) * 2 * sp.sin(theta), (theta, 0, sp.pi / 2))
show("s/d", sp.simplify(2 / sp.pi * share))
assert sp.simplify(2 / sp.pi * share) == 1

# %% [markdown]
# **Risk.** $\rho=\sum a_i^2+2d\int_c^\infty\rho\,(x-c)[(x-c)-2\xi]\,dx$, with the best denoiser $\xi=x-2\,{\rm Re}\,G$.
# What features below the threshold cost is a sum of angles, $U=\frac1\pi\sum a_i^2\arg(a_i^2-\bar w_c^2)$, because
# $\frac{w}{w^2-a^2}=\frac12\left(\frac1{w-a}+\frac1{w+a}\right)$ integrates to logarithms; in the rest
# $T=dS$ meets $(w^2-(S-c)^2)(1+S')-w^2$, in which the teacher's own size has cancelled:

# %%
c, slope = sp.symbols("c slope")
z = w + S
left = (z - c) * (z + c - 2 * S) * (1 + slope) - w**2
assert sp.expand(left - (w**2 * slope - (S - c) ** 2 * (1 + slope))) == 0

# %% [markdown]
# **A quarter arc.** In large dimensions terms of order $d$ would cancel in these integrals. Let $S=H+T$, the head $H$
# from the $m$ features above about $|w_c|/2$ and the tail $T$ from all others. What the tail alone leaks runs along
# the right arc from $w_c$ to $|w_c|$, where it has no pole. In the rest the head is a factor, and from $w_c$ it may go
# up the quarter arc to the imaginary axis: a function that is odd in $w$ is imaginary there and $dw$ too, so that its
# integral along the axis is real. Infinity leaves a residue, where $S\to1/w$ and $T\to(1-m/d)/w$; over the quarter
# circle $\int dw/w=-i\pi/2$:

# %%
m, n_t = sp.symbols("m n_t", positive=True)
odd = w * S**2  # z S^2 z' far away
far = sp.limit(w * (odd.subs(S, 1 / w) - odd.subs(S, (1 - m / d) / w)), w, sp.oo)
head = sp.expand(-2 * d / sp.pi * far * (-sp.pi / 2))
show("s_{\\infty}", sp.factor(head))
assert sp.simplify(head - m * (2 - m / d)) == 0

# %% [markdown]
# What is even in $w$ comes with one power of $c$, $B=\frac{2d}\pi\,[{\rm Im}\int(S^2-T^2)\,dw-\frac13{\rm
# Im}(S^3-T^3)(w_c)]$, as $S^2dz=S^2dw+d(S^3)/3$, and does not vanish on the axis: features at $a_i$ repel those at
# $-a_j$. So
# $$ s=m(2-m/d)+V_s+cB-\frac{2d}\pi\,{\rm Im}\int_{\rm up}(z\,S^2z'-z_t\,T^2z_t')\,dw. $$
# Against what is computed, term by term:

# %%
features_of = PowerLaw(1.25).spectrum(300).values() * np.exp(2.5)
potential = SquareValues(PowerLaw(1.25).spectrum(300))
cut = 1.1
here = potential.line(-2.5).at_c(cut)
start = complex(here.point)
radius, angle = abs(start), np.angle(start)
above = features_of[features_of > radius / 2]
below = features_of[features_of <= radius / 2]


def sums(at: Array, atoms: Array) -> tuple[Array, Array]:
    """Its share of S, and the derivative."""
    inverse = 1 / (at[:, None] ** 2 - atoms**2)
    value = (at[:, None] * inverse).sum(axis=1) / 300
    return value, (inverse - 2 * at[:, None] ** 2 * inverse**2).sum(axis=1) / 300


def along(path: Array, function: Callable[..., Array]) -> float:
    """Im int of a function of (w, S, S', T, T') along a path of 30 panels."""
    node, weight = np.polynomial.legendre.leggauss(40)
    total = 0.0
    for first, last in itertools.pairwise(path):
        x, dx = (first + last) / 2 + (last - first) / 2 * node, (last - first) / 2 * weight
        at = np.exp(x)  # a path in log w
        (tail, tail_slope), (more, more_slope) = sums(at, below), sums(at, above)
        total += (function(at, tail + more, tail_slope + more_slope, tail, tail_slope) * at * dx).sum().imag
    return total


turn = angle + (np.pi / 2 - angle) * np.linspace(0, 1, 31) ** 3
quarter, right = np.log(radius) + 1j * turn, np.log(radius) + 1j * np.linspace(angle, 0, 31)
axis = np.log(radius) + np.linspace(0, 40, 61) + 0.5j * np.pi
scale = 2 * 300 / np.pi
leak = -scale * along(right, lambda w, s, ds, t, dt: (w + t - cut) * t**2 * (1 + dt))
going_up = along(quarter, lambda w, s, ds, t, dt: (w + s) * s**2 * (1 + ds) - (w + t) * t**2 * (1 + dt))
even = along(quarter, lambda w, s, ds, t, dt: s**2 - t**2) + along(axis, lambda w, s, ds, t, dt: s**2 - t**2)
(tail, _), (more, _) = sums(np.array([start]), below), sums(np.array([start]), above)
even -= ((tail + more) ** 3 - tail**3)[0].imag / 3
count = len(above)
total = count * (2 - count / 300) + leak + cut * scale * even - scale * going_up
show("s", float(total))
agree(total, here.dof, 1e-10)

# %% [markdown]
# **Fewer rows than columns.** With $m$ rows, $b=1-m/d$, the blocks of the resolvent of the symmetrised matrix have
# traces $h=pF$ and $k=qF+b/p$ over $d$, where $p=z-h$, $q=z-k$, $F=\frac1d\sum\frac1{s-a_i^2}$ and $s=pq$; as
# $k-h=b/z$, everything is explicit in $s$: $z^2=s(1+F)^2+b(1+F)$ (Dozier and Silverstein).

# %%
s, b, F, z = sp.symbols("s b F z", positive=True)
p = z / (1 + F)
q = z - p * F - b / z
assert sp.simplify(q - (p - b / z)) == 0
squared = sp.solve(sp.Eq(sp.expand(p * q), s), z**2)[0]
show("z^2", sp.factor(squared))
assert sp.simplify(squared - (s * (1 + F) ** 2 + b * (1 + F))) == 0
# the noise alone: F = m/(d s), whose edges are 1 +- sqrt(m/d)
y = sp.symbols("y", positive=True)
noise = squared.subs({F: y / s, b: 1 - y})
assert {sp.factor(noise.subs(s, x)) for x in (sp.sqrt(y), -sp.sqrt(y))} == {
    sp.factor(sp.expand((1 + sp.sqrt(y)) ** 2)),
    sp.factor(sp.expand((1 - sp.sqrt(y)) ** 2)),
}
assert sp.simplify(sp.diff(noise, s).subs(s, sp.sqrt(y))) == 0

# %% [markdown]
# Burgers' equation for two blocks, $\partial_v\frac1d\log\det=-hk$, gives
# $s_{\rm dof}=-\frac{2d}\pi\,{\rm Im}\int(z-c)\,hk\,dz$, the best denoiser $\xi=x-2\,{\rm Re}\,h-b/x$, and
# $\rho=\sum a_i^2+\frac{2d}\pi\,{\rm Im}\int h\,(z-c)(z+c-2k)\,dz$, where $(z-c)(z+c-2k)=q^2-(k-c)^2$. The
# teacher's own size is in $h q^2 dz/ds=\frac12F\,q^2\,[(1+F)+(2s+\frac b{1+F})F']$; what is left of it beside
# $\frac12sF=\frac1{2d}\sum(1+\frac{a_i^2}{s-a_i^2})$, whose integral is known, does not grow with the teacher:

# %%
k = p * F + b / z
assert sp.simplify((z - c) * (z + c - 2 * k) - ((z - k) ** 2 - (k - c) ** 2)) == 0
slope = sp.symbols("slope")
rest = s * (1 + F) + b
q_squared = s**2 * (1 + F) / rest
dz = ((1 + F) ** 2 + (2 * s * (1 + F) + b) * slope) / (2 * sp.sqrt((1 + F) * rest))
full = F * sp.sqrt((1 + F) * rest) / (1 + F) * q_squared * dz
left = F / 2 * (s * (s * F * (1 + F) - b) / rest + q_squared * (2 * s + b / (1 + F)) * slope)
assert sp.simplify(full - s * F / 2 - left) == 0

# %% [markdown]
# Against singular values of matrices that are drawn ($d=200$; the next order is $1/d$ of a direction):

# %%
spectrum, log_tau, threshold = PowerLaw(1.25).spectrum(200), -2.5, 1.5
features = np.diag(spectrum.values() * np.exp(-log_tau))
rng, risks = np.random.default_rng(0), []
for _draw in range(8):
    u, s, v = np.linalg.svd(features + rng.standard_normal((200, 200)) / np.sqrt(200))
    risks.append((((u * np.maximum(s - threshold, 0.0)) @ v - features) ** 2).sum())
here = SquareValues(spectrum).line(log_tau).at_c(threshold)
show(r"\rho", here.rho)
agree(here.rho, np.mean(risks), 3e-2)

# %% [markdown]
# And with fewer rows ($100\times300$):

# %%
spectrum = PowerLaw(1.25).spectrum(100)
features = np.diag(spectrum.values() * np.exp(-log_tau)) @ np.eye(100, 300)
risks = []
for _draw in range(8):
    u, s, v = np.linalg.svd(features + rng.standard_normal((100, 300)) / np.sqrt(300), full_matrices=False)
    risks.append((((u * np.maximum(s - threshold, 0.0)) @ v - features) ** 2).sum())
here = OblongValues(spectrum, 300.0).line(log_tau).at_c(threshold)
show(r"\rho", here.rho)
agree(here.rho, np.mean(risks), 3e-2)

# %% [markdown]
# **Parts and the least error at any dimension.** With $G=1+F$, $\varrho=sG+b$, $Z=z^2=G\varrho$ and $r=(p+q)/2$, what
# is even in $z$ has no root in $dZ$. Pairs of visible features with all directions, $V=\sum_{\rm vis}1/(s-a^2)$, have
# $f^2rV-2f(sV-n)$, of which $n$ is real along the axis:

# %%
s, b, F, z, c = sp.symbols("s b F z c", positive=True)
p, G, rho, Z = z / (1 + F), 1 + F, s * (1 + F) + b, (1 + F) * (s * (1 + F) + b)
V, n, hidden, seen, x = sp.symbols("V n y_h y_v x")
r = p - b / (2 * z)
pair = sp.expand((r * (z - c) ** 2 - 2 * (z - c) * s) / (2 * z))  # dz = dZ/(2 z)
even = (s * F - s + b / 2) / 2 + c**2 * (1 / (2 * G) - b / (4 * Z))
odd = -2 * c * (s * F + b / 2) / (2 * z)
assert sp.simplify((pair - even - odd).subs(b, z**2 / G - s * G)) == 0

# %% [markdown]
# What is even is led to the negative axis, where it is real; a large circle leaves $-\pi$ times the coefficient of
# $1/s$ ($F\approx y/s+x/s^2$, $V\approx n/s+A/s^2$): the visible features' squares $A$ cancel against $\sum a^2$:

# %%
A, large = sp.symbols("A epsilon", positive=True)


def residue(integrand: sp.Expr, rows: sp.Expr, squares: sp.Expr) -> sp.Expr:
    """The coefficient of ``1/s`` in ``integrand dZ/ds`` far away."""
    far = rows / s + squares / s**2
    at = (integrand * sp.diff(Z, s, 1) + integrand * sp.diff(Z, F) * sp.diff(far, s)).subs(F, far)
    return sp.simplify(sp.series(sp.together(at.subs(s, 1 / large)), large, 0, 2).removeO().coeff(large, 1))


y = 1 - b
found = residue((n / s + A / s**2) * even, y, x)
show(r"-\frac2\pi\oint", sp.expand(2 * found))
assert sp.simplify(2 * found + A - n * (c**2 + (1 + y) / 2)) == 0

# %% [markdown]
# $Z$ has a zero $s_0<0$, of the columns beyond the rows: around it $\int W\,d\log Z$ is $-\pi W(s_0)$ and
# $\int(W-W(s_0))\,d\log Z$, on whichever side the path comes in. Hidden features ($F_h=t\sum 1/(s-a^2)$, $T=sF_h-y_h$)
# and these columns have beyond the bulk what visible ones add, $F=F_h+V$; in units of $t$, in $dZ$:

# %%
H = sp.symbols("F_h")
T = s * H - hidden
plain = r * H + b * G / (2 * z)  # columns beyond the rows: t (d - m)/(2 p)
pair = (plain * (z - c) ** 2 + (r - 2 * (z - c)) * T) / (2 * z)
extra = F - H
even = H * rho / 2 + b * (1 + extra) / 4 + T / (2 * G) - T + c**2 * H / (2 * G)
even += b * (c**2 * (1 + extra) - T) / (4 * Z)
odd = -2 * c * (s * H * F + b * H + b * (1 + extra) / 2 + hidden) / (2 * z)
assert sp.simplify((pair - even - odd).subs(b, z**2 / G - s * G)) == 0

# %% [markdown]
# The least error has $\psi=rK/d-[(z-\frac bz)^2h-2(z-\frac bz)h^2+\frac43h^3]$, all even:

# %%
h = z * F / G
psi = (r * (s * F - y) - ((z - b / z) ** 2 * h - 2 * (z - b / z) * h**2 + sp.Rational(4, 3) * h**3)) / (2 * z)
by_slope, by_one = F * (s * F - rho / 2), (s * F - y) / 2 + b * F + F**3 * (b / (3 * G) - 2 * s / 3)
columns = -b * (s * F - y) / 4 - b**2 * F / (2 * G)
whole = by_slope + by_one / G + columns / Z
assert sp.simplify((psi - whole).subs(b, z**2 / G - s * G)) == 0
alone = by_slope + ((s * F - y + seen) / 2 + b * F + F**3 * (b / (3 * G) - 2 * s / 3)) / G
more = sp.simplify(residue(whole, y, x) - residue(alone, y - seen, x))
show(r"\oint", sp.factor(more))
assert sp.simplify(more - seen * (1 + y - seen) / 2) == 0

# %% [markdown]
# Against bands followed one by one, and the sum of the parts against the risk, which shares no integral with them:

# %%
spectrum, log_tau = PowerLaw(1.25).spectrum(401), -4.5
a = spectrum.values() * np.exp(-log_tau)
square = SquareValues(spectrum)
show(r"{\rm mmse}", least_error(square, log_tau))
agree(least_error(square, log_tau), banded_error(np.concatenate([a, -a[::-1]])) / 2, 1e-3)
for values in (square, OblongValues(spectrum, 900.0)):
    here = values.response(values.path_of(0.8, log_tau), log_tau)
    parts = singular_parts(values, here, log_tau)
    agree(parts.overfitting + parts.underfitting + parts.approximation, here.rho, 1e-10)
