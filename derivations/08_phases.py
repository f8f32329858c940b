# %% [markdown]
# # 8. The phases
#
# Put $n_{\rm eff}=d^a$, $\lambda=d^l$, $\Delta=d^{-\zeta}$, $\tau=d^{-t}$, $\kappa=d^{-k}$. Every term of
# both equations is positive, so at large $d$ each equation says that its largest term on the left equals its
# largest on the right. In each sector, for each choice of dominant terms, this is an exact linear system for
# the exponents; the conditions that the chosen terms dominate, and that the sector's own range holds, cut
# out a polyhedron. The engine (`asymptotix.asymptotics`) does this for all sectors and all choices. Here we
# do a few by hand.

# %%
from typing import Any

import numpy as np
import sympy as sp

from asymptotix.asymptotics.definition import definition
from asymptotix.asymptotics.diagram import PhaseDiagram, phase_diagram
from asymptotix.asymptotics.laws import DIMENSION as d
from asymptotix.asymptotics.laws import N_EFF as n
from asymptotix.asymptotics.laws import NOISE as noise
from asymptotix.asymptotics.laws import PENALTY as lam
from asymptotix.asymptotics.phases import Phase
from asymptotix.asymptotics.symbols import GAMMA
from derivations.render import agree, show

quadratic = definition("quadratic")

N = sp.sqrt(sp.zeta(2 * GAMMA))


def same(phase: Phase, by_hand: sp.Expr) -> None:
    """The engine's law equals the one found by hand, in its constant and all its powers."""
    law = (
        phase.constant
        * n**phase.n_eff_exponent
        * lam**phase.lam_exponent
        * d**phase.d_exponent
        * noise**phase.noise_exponent
        * sp.log(d) ** phase.log_power
    )
    for values in ((1.25, 3.0, 0.2, 50.0, 0.7), (0.75, 11.0, 0.05, 900.0, 1.9)):
        at = dict(zip((GAMMA, n, lam, d, noise), values, strict=True))
        at[sp.Symbol("a", real=True)] = np.log(at[n]) / np.log(at[d])
        engine = law.subs({s: v for s in law.free_symbols for k, v in at.items() if s.name == k.name})
        agree(sp.N(engine), sp.N(by_hand.subs(at)), 1e-9)
    show(r"R_{\rm " + phase.phase + "}", by_hand)


def pick(diagram: PhaseDiagram, name: str, **point: Any) -> Phase:
    """The phase of that name at a point."""
    found = diagram.at(gamma="5/4", **point)
    assert found.phase == name, found.phase
    assert found.point is not None
    return next(p for p in diagram.phases if p.phase == name and p.contains(found.point))


# %% [markdown]
# **Quadratic network.** *II*: features above the threshold, $2n\kappa=\frac12\lambda\sqrt d$.

# %%
D = phase_diagram("quadratic")
scales = quadratic.scales()
kappa = scales.penalty * lam * sp.sqrt(d) / (scales.samples * n)
bias = 2 * GAMMA / (2 * GAMMA - 1) * kappa**2 * (N * kappa) ** (-1 / GAMMA)
same(pick(D, "II", a="1/2", l="-1/8", zeta=0), bias)
same(pick(D, "III", a=3, l="9/8", zeta=0), d * kappa**2)

# %% [markdown]
# *IV* and *V*: both equations at the edge, $2n\tau^2=\frac12\Delta$, $s_{\rm leak} = 2n$; the error is the
# features' (IV) or the leak's (V), whichever is larger: $\tau^2 F\,i^\star$ against $\frac27 g\cdot2n\tau^2$.

# %%
tau = sp.sqrt(scales.noise * noise / (scales.samples * n))
F = 24 * GAMMA**3 / ((GAMMA + 1) * (4 * GAMMA**2 - 1))
same(pick(D, "IV", a="1/4", l=-2, zeta=0), F * tau**2 * (N * tau) ** (-1 / GAMMA))
gap = (scales.samples * n * 15 * sp.pi / (8 * d)) ** sp.Rational(2, 5)
same(pick(D, "V", a="3/4", l=-2, zeta=0), sp.Rational(2, 7) * gap * scales.noise * noise)

# %% [markdown]
# They cross where $n^{-1+1/2\gamma} = (n/d)^{2/5}$, that is at $a = \frac{4\gamma}{14\gamma-5}$ for
# $\zeta=0$. Beyond $d$ all the noise is learned, half of it while features hide in the bulk (VIa), all of it
# once they are resolved (VIb).

# %%
a = sp.Symbol("a")
crossing = sp.solve(sp.Eq(a * (-1 + 1 / (2 * GAMMA)), (a - 1) * sp.Rational(2, 5)), a)[0]
assert sp.simplify(crossing - 4 * GAMMA / (14 * GAMMA - 5)) == 0
same(pick(D, "VIa", a=2, l=-2, zeta=0), d * tau**2 / 2)
same(pick(D, "VIb", a=3, l=-2, zeta=0), d * tau**2)

# %% [markdown]
# **Diagonal network.** The leak's risk is $\frac2{c^2}\Delta$, with $c^2=2(1-a)\log d$ from $s_{\rm
# leak}=n$: a phase whose error falls only as $1/\log d$, and which *rises* with $n$. It ties with
# $\frac2{c^2}n\tau^2$ as a power of $d$; the logarithm decides that $n\tau^2=\Delta$. The features'
# $n^{-1+1/2\gamma}$ never dominates: as a power of $d$ it is smaller for every $a>0$. In the paper's table
# this range reads $n^{-1+1/2\gamma}+1/\log(d/n)$.

# %%
D = phase_diagram("diagonal")
kappa = lam * sp.sqrt(d) / n
bias = 2 * GAMMA / (2 * GAMMA - 1) * kappa**2 * (N * kappa) ** (-1 / GAMMA)
same(pick(D, "II", a="1/2", l="-1/8", zeta=0), bias)
same(pick(D, "V", a="1/2", l=-2, zeta=0), noise / ((1 - sp.log(n) / sp.log(d)) * sp.log(d)))
assert not [p for p in D.phases if p.phase == "IV"]
same(pick(D, "VIa", a=2, l=-2, zeta=0), d * noise / n)

# %% [markdown]
# **Against numbers.** Both equations of the diagonal network at $d=10^{60}$, by bisection on sums over
# features (first 2000 exactly, then narrow panels), at a point of II: the law's own next orders are $c^{-2}$
# and $1/i^\star$.

# %%
from scipy.optimize import brentq
from scipy.stats import norm

gamma, size, samples, penalty = 1.25, 1e60, 1e40, 1e-7
edges = np.exp(np.linspace(np.log(2000.5), np.log(size), 40_000))
index = np.concatenate([np.arange(1, 2001), np.sqrt(edges[1:] * edges[:-1])])
weight = np.concatenate([np.ones(2000), np.diff(edges)])
features = index**-gamma / np.sqrt(float(sp.zeta(2.5)))


def response(level: float, threshold: float) -> tuple[float, float]:
    y, c = features / level, threshold / level
    tails = sum(norm.sf(q) * (1 + c**2) + norm.pdf(q) * (q - 2 * c) for q in (c - y, c + y))
    risk = level**2 * np.sum(weight * (y**2 * (norm.cdf(c - y) - norm.cdf(-c - y)) + tails))
    return float(risk), float(np.sum(weight * (norm.sf(c - y) + norm.sf(c + y))))


def level_at(c: float) -> float:
    def excess(log_level: float) -> float:
        level = np.exp(log_level)
        return float(samples * level**2 - 1 - response(level, c * level)[0])

    return float(np.exp(brentq(excess, -60, 5)))


def penalty_at(c: float) -> float:
    t = level_at(c)
    return float(c * t * (samples - response(t, c * t)[1]) / np.sqrt(size))


c = brentq(lambda v: np.log(penalty_at(v) / penalty), 30, 1e4)
exact = response(level_at(c), c * level_at(c))[0]
phase = pick(D, "II", a="2/3", l="-7/60", zeta=0)
agree(exact, phase.law(n_eff=samples, lam=penalty, d=size, noise=1, gamma="5/4"), 3e-3)
show("c", float(c))
show(r"R\ \text{exact}", float(exact))
