"""From a sector of a network to a system of monomial equations.

Both fixed-point equations become "sum of positive monomials = sum of positive monomials" in the sector's
unknowns; the sizes ``samples``, ``noise``, ``penalty`` and ``d`` are known growths.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import sympy

from asymptotix.asymptotics.growth import Affine, Expr, Growth, gamma_of
from asymptotix.asymptotics.ratfun import RatFun
from asymptotix.asymptotics.sector import Scales, Sector, Term
from asymptotix.asymptotics.signs import Interval, rational_root
from asymptotix.asymptotics.symbols import SHAPE

ZERO = RatFun.of(0)
EVERY_GAMMA = Interval()


@dataclass(frozen=True)
class Monomial:
    """``known * prod(unknown**power) * c**shape_power``; ``c = sqrt(2 log(1/q))`` in a Gaussian sector."""

    known: Growth
    powers: tuple[RatFun, ...]
    shape_power: RatFun = ZERO
    label: str = ""
    corrects: int = 0


Side = tuple[Monomial, ...]
Pair = tuple[Monomial, Monomial]


@dataclass(frozen=True)
class System:
    """Equations, ties and strict inequalities between monomials, and the risk to be evaluated.

    ``exponential`` is the index of the unknown ``q = exp(-c**2/2)``; ``shape`` the range of a constant ``c``.
    """

    name: str
    unknowns: tuple[str, ...]
    equations: tuple[tuple[Side, Side], ...]
    risk: Side
    ties: tuple[Pair, ...] = ()
    smaller: tuple[Pair, ...] = ()
    corrections: Side = ()
    count_corrections: Side = ()
    exponential: int | None = None
    shape: tuple[Expr, Expr] | None = None
    gamma: Interval = EVERY_GAMMA


def sizes(scales: Scales) -> dict[str, Growth]:
    """The known growths of both equations: samples, noise and penalty with their prefactors, ``d`` and width."""
    a, length, zeta, b = (Affine.parameter(p) for p in ("a", "l", "zeta", "b"))
    return {
        "samples": Growth.known(scales.samples) * Growth.power_of_d(a),
        "noise": Growth.known(scales.noise) * Growth.power_of_d(-zeta),
        "penalty": Growth.known(scales.penalty)
        * Growth.power_of_d(length + Affine.of(Fraction(scales.size))),
        "d": Growth.power_of_d(1),
        "width": Growth.power_of_d(b),
    }


def monomial(
    term: Term, unknowns: Sequence[str], known: Mapping[str, Growth], shape: bool = False
) -> Monomial:
    """A :class:`Term` over the given unknowns; with ``shape``, powers of ``c`` belong to the coefficient."""
    growth, powers, c_power = Growth.known(term.coefficient), [RatFun.of(0)] * len(unknowns), RatFun.of(0)
    for name, power in term.powers.items():
        exponent = gamma_of(power)
        if name in unknowns:
            powers[list(unknowns).index(name)] = exponent
        elif name in known:
            growth = growth * known[name] ** exponent
        elif name == SHAPE.name and shape:
            growth = growth * Growth.known(SHAPE) ** exponent
        elif name == SHAPE.name:
            c_power = exponent
        else:
            raise ValueError(f"unknown quantity {name!r} in the term {term.label or term.powers}")
    return Monomial(growth, tuple(powers), c_power, term.label, term.corrects)


def system_of(sector: Sector, scales: Scales, noisy: bool = True) -> System:
    """Both equations of a network in one sector, terms moved so that all are positive."""
    known, unknowns = sizes(scales), sector.unknowns
    fixed = sector.shape is not None
    one = sympy.Integer(1)

    def build(term: Term) -> Monomial:
        return monomial(term, unknowns, known, fixed)

    degree = sympy.Rational(scales.degree)

    def times(term: Term, name: str, power: Expr) -> Term:
        return Term(term.coefficient, {**term.powers, name: term.powers.get(name, 0) + power}, term.label)

    risk = tuple(build(t) for t in sector.risk)
    samples = Monomial(known["samples"], build(Term(one, {"tau": 2})).powers, label="samples")
    noise = Monomial(known["noise"], (RatFun.of(0),) * len(unknowns), label="noise")
    first: tuple[Side, Side] = ((samples,), ((noise, *risk) if noisy else risk))
    if sector.shared:
        first = _without_leak(sector, known, degree, build, first)
    equations: list[tuple[Side, Side]] = [first]
    ties = [(build(x), build(y)) for x, y in sector.ties]
    if "kappa" in unknowns:
        fitted = Monomial(known["samples"], build(Term(one, {"kappa": degree})).powers, label="samples")
        penalty = Monomial(known["penalty"], (RatFun.of(0),) * len(unknowns), label="penalty")
        counted = tuple(build(times(t, "kappa", degree)) for t in sector.count)
        missing = tuple(build(times(t, "kappa", degree)) for t in sector.deficit)
        equations.append(((penalty, *counted), (fitted, *missing)))
        if fixed:
            ties.append((build(Term(one, {"kappa": 1})), build(Term(one, {"tau": 1, SHAPE.name: 1}))))
    return System(
        name=sector.name,
        unknowns=unknowns,
        equations=tuple(equations),
        risk=risk,
        ties=tuple(ties),
        smaller=tuple((build(x), build(y)) for x, y in sector.much_less),
        corrections=tuple(build(t) for t in sector.corrections),
        count_corrections=tuple(build(t) for t in sector.count_corrections),
        exponential=unknowns.index(sector.exponential[0]) if sector.exponential else None,
        shape=sector.shape,
        gamma=_interval(sector),
    )


def _without_leak(
    sector: Sector,
    known: Mapping[str, Growth],
    degree: Expr,
    build: Callable[[Term], Monomial],
    first: tuple[Side, Side],
) -> tuple[Side, Side]:
    """The noise equation less ``shared tau**2`` times the threshold equation: the leak has left, all else is positive.

    ``samples (1 - shared) tau**2 + shared tau**2 (penalty/kappa**m + features learned) = noise + features' risk``.
    """
    (samples,), right = first
    shared = Growth.known(sector.shared)
    left = replace(samples, known=samples.known * Growth.known(1 - sector.shared))
    decay = build(Term(sympy.Integer(1), {"tau": 2, "kappa": -degree}, "penalty"))
    learned = [
        build(replace(t, powers={**t.powers, "tau": t.powers.get("tau", 0) + 2}))
        for t in sector.count
        if not t.label.startswith("noise")
    ]
    beside = (replace(decay, known=known["penalty"] * decay.known), *learned)
    kept = tuple(m for m in right if m.label != "noise learned")
    return (left, *(replace(m, known=m.known * shared) for m in beside)), kept


def peak_system(sector: Sector, scales: Scales) -> System | None:
    """The equations where ``samples`` cancels both the count and the risk, or ``None`` if it cannot.

    What is left of ``samples tau**2 = noise + risk - risk_deficit`` and ``penalty + kappa (count - deficit) =
    samples kappa`` are the deficits. It takes one leading count and one leading risk of the same coefficient.
    """
    if not (sector.deficit and sector.risk_deficit and len(sector.count) == len(sector.risk) == 1):
        return None
    if sympy.simplify(sector.count[0].coefficient - sector.risk[0].coefficient) != 0:
        return None
    known, unknowns = sizes(scales), sector.unknowns
    nothing = (RatFun.of(0),) * len(unknowns)
    kappa = Term(sympy.Integer(1), {"kappa": sympy.Rational(scales.degree)})
    deficit = tuple(
        _product(monomial(t, unknowns, known), monomial(kappa, unknowns, known)) for t in sector.deficit
    )
    lost = tuple(monomial(t, unknowns, known) for t in sector.risk_deficit)
    plain = system_of(sector, scales)
    return replace(
        plain,
        name=f"{sector.name}, peak",
        equations=(
            (lost, (Monomial(known["noise"], nothing, label="noise"),)),
            (deficit, (Monomial(known["penalty"], nothing, label="penalty"),)),
        ),
        corrections=(),
        count_corrections=(),
    )


def _product(one: Monomial, other: Monomial) -> Monomial:
    powers = tuple(x + y for x, y in zip(one.powers, other.powers, strict=True))
    return Monomial(one.known * other.known, powers, one.shape_power + other.shape_power, one.label)


def _interval(sector: Sector) -> Interval:
    if sector.gamma is None:
        return Interval()
    low, high = (None if x is None else Fraction(str(sympy.nsimplify(x))) for x in sector.gamma)
    lowest = Interval().sample() if low is None else low
    return Interval(
        rational_root(lowest) if low is not None and low > Fraction(1, 2) else None,
        None if high is None else rational_root(high),
    )
