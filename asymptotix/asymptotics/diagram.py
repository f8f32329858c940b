"""PhaseDiagram: all phases of a network, points looked up exactly, boundaries with their jumps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sympy

from asymptotix.asymptotics import cache, lookup
from asymptotix.asymptotics.boundaries import Boundary, boundaries
from asymptotix.asymptotics.definition import definition
from asymptotix.asymptotics.derive import derive
from asymptotix.asymptotics.labels import ALL
from asymptotix.asymptotics.peak_and_best_penalty import BestPenalty, Peak, best_penalty, peaks
from asymptotix.asymptotics.phases import Phase
from asymptotix.asymptotics.points import NO_WIDTH, Point, Sizes, exact
from asymptotix.asymptotics.sector import Scales, Sector
from asymptotix.asymptotics.symbols import RATIO, substituted
from asymptotix.asymptotics.table import html, render
from asymptotix.errors import InvalidInput
from asymptotix.inputs import inputs_of
from asymptotix.networks import get, names
from asymptotix.networks.base import ANY, ANY_ASPECT, Network
from asymptotix.tables import Table

if TYPE_CHECKING:
    import pandas


_SIZES = ("n_eff", "lam", "d", "noise", "gamma")
_NO_TERM_LEADS = (
    "here noise, threshold and features meet in the same terms, none of which leads, so that the law's constant "
    "has no closed form: `solve` has the number"
)


_SPREAD = (
    "b < 1 with rows farther from the noise than it spreads, a > (3 b - 1)/2 or more weight decay, off the lines where "
    "phases meet: no other phase of few rows is derived"
)


class BoundaryPoint(InvalidInput):
    """No single law holds at the point: ``phases`` meet there, or there are none, for no term leads."""

    def __init__(self, point: Point, phases: Sequence[Phase]) -> None:
        self.phases = tuple(phases)
        names = ", ".join(dict.fromkeys(p.phase for p in phases))
        place = f"(gamma={point.gamma}, a={point.a}, l={point.l}, zeta={point.zeta}, b={point.b})"
        here = f"this one is on the boundary of: {names}" if names else _NO_TERM_LEADS
        super().__init__("point", place, f"a point inside a phase; {here}")


@dataclass(frozen=True)
class PhaseDiagram:
    """All phases of one network, for all ``gamma > 1/2``; ``noisy`` is false at ``Delta = 0``."""

    network: str
    phases: tuple[Phase, ...]
    noisy: bool = True
    peaks: tuple[Peak, ...] = ()  # the error at interpolation, lam -> 0, as laws on lines n_eff = ratio d

    @classmethod
    def from_sectors(
        cls, network: str, sectors: Sequence[Sector], scales: Scales, noisy: bool = True
    ) -> PhaseDiagram:
        """Derive the diagram of any list of sectors."""
        phases = derive(sectors, scales, noisy, network)
        phases.sort(
            key=lambda p: (ALL.index(p.phase), len(p.rows), str([[x.num for x in r.coords] for r in p.rows]))
        )
        return cls(network, tuple(phases), noisy, tuple(peaks(sectors, scales)) if noisy else ())

    def at(self, gamma: Any, a: Any, l: Any, zeta: Any = 0, b: Any = None) -> Phase:  # noqa: E741
        """The phase at an exact point (``n_eff = d**a``, ``lam = d**l``, ``Delta = d**-zeta``, width ``d**b``).

        Where exponents tie, powers of ``log d`` decide; on a boundary where the error is continuous the phase
        is called "IV/V", has ``neighbours``, and its constant adds the terms that tie (it is ``nan`` where a
        crossover function takes the place of a constant). Raises :class:`~asymptotix.errors.InvalidInput` for
        input that is not an exact rational or ``gamma <= 1/2``, and :class:`BoundaryPoint` where the error
        jumps.
        """
        point = Point(
            exact("gamma", gamma), exact("a", a), exact("l", l), exact("zeta", zeta), self._width(b)
        )
        meeting = lookup.holding(self.phases, point)
        joined = lookup.joined(meeting, point)
        if joined is None and not meeting and self.sized == "rows":
            raise InvalidInput("b", b, _SPREAD)
        if joined is None:
            raise BoundaryPoint(point, meeting)
        return joined

    def locate(self, problem: Any = None, **sizes: Any) -> Phase:
        """The phase nearest to finite sizes (of any magnitude): where the leading terms lead most clearly.

        Near a boundary this is the side that the terms themselves, constants and logarithms included, favour.
        The sizes are those of a ``problem`` (`asymptotix.Problem`), or given one by one as ``n_eff``, ``lam``, ``d``,
        ``noise``, ``gamma`` and, where it is one, ``width`` or ``ridge``.
        """
        if problem is not None:
            sizes = {name: getattr(problem, name) for name in (*_SIZES, "width")}
            if self.sized == "rows":
                sizes["width"] = problem.rows
            elif self.sized and problem.width is None:
                sizes["ridge"] = problem.net.ridge_share
        for name in _SIZES:
            if sizes.get(name) is None:
                raise InvalidInput(name, None, "a number, or a problem that has it")
        return lookup.nearest(self.phases, Sizes.of(**sizes))

    def boundaries(self) -> list[Boundary]:
        """Every pair of neighbours that share a face: the jump of the error, and how far each law reaches."""
        return boundaries(self.phases)

    def best_penalty(self, gamma: Any, a: Any, zeta: Any = 0, b: Any = None) -> BestPenalty:
        """The exponent of the penalty that makes the error's exponent smallest, at exact ``gamma, a, zeta``."""
        values = (exact("gamma", gamma), exact("a", a), exact("zeta", zeta), self._width(b))
        return best_penalty(self.phases, *values)

    @property
    def sized(self) -> str:
        """What the fourth size is, ``"width"``, ``"ridge"`` or ``"rows"``; empty if there is none."""
        return next((p.fourth for p in self.phases if p.has_fourth), "")

    def _width(self, b: Any) -> Fraction:
        """The exponent of the fourth size, which is asked for where there is one and nowhere else."""
        if bool(self.sized) == (b is None):
            name = "p" if self.sized == "width" else self.sized
            allowed = f"an exact rational, {name} = d^b" if name else "None: width is no size here"
            raise InvalidInput("b", b, allowed)
        return NO_WIDTH if b is None else exact("b", b)

    def table(self, format: str = "markdown") -> str:
        """The phase table as ``markdown``, ``latex``, ``json`` or ``csv``."""
        return render(self.phases, format)

    def to_pandas(self) -> pandas.DataFrame:
        """One row a phase, exact values as strings; the region is its inequalities, one after the other."""
        frame = Table(self.phases).to_pandas()
        frame.insert(2, "region", [", ".join(p.region) for p in self.phases])
        return frame

    def __str__(self) -> str:
        return self.table()

    _repr_markdown_ = __str__

    def _repr_html_(self) -> str:
        return html(self.phases, f"Phases of the {self.network} network{'' if self.noisy else ', no noise'}")

    def _repr_latex_(self) -> str:
        return self.table(format="latex")


def networks() -> list[str]:
    """The names of the networks whose symbols there are."""
    return [name for name in names() if get(name).shares is not None]


def phase_diagram(network: str, noisy: bool = True, **shape: Any) -> PhaseDiagram:
    """The phase diagram of a network, derived from its sectors (or taken from the cache of this very code).

    >>> q = phase_diagram("quadratic").at(gamma="5/4", a="3/5", l=-1, zeta=0)
    >>> q.phase, q.risk_exponent
    ('V', -4/25)

    Its ``shape`` is that of `variant`: more layers (``depth=3``), other inputs (``beta="1/2"``), or one of these.
    With ``width`` the number of hidden units is a fourth size, ``p = d**b``:

    >>> phase_diagram("quadratic", width=True).at(gamma="5/4", a="3/2", l=-1, b="1/10").phase
    'W'

    With ``ridge`` it is that of an elastic net, ``d**b``:

    >>> phase_diagram("elastic-net", ridge=True).at(gamma="5/4", a=2, l="3/4", b=0).phase
    'R'

    With ``rows`` a bilinear network has few of them, ``d**b`` with ``b < 1``:

    >>> phase_diagram("bilinear", rows=True).at(gamma="5/4", a="1/2", l=-1, b="1/4").constant
    1

    With ``aspect`` a bilinear network has ``m = aspect d`` rows; ``"rho"`` stands for any such share:

    >>> phase_diagram("bilinear", aspect="rho").at(gamma="5/4", a="3/2", l=-1).constant
    rho
    """
    net = variant(network, **shape)
    net.supply("shares")
    return _diagram(net.name, noisy)


def variant(
    network: str,
    depth: int = 2,
    beta: Any = 0,
    width: bool = False,
    aspect: Any = None,
    ridge: bool = False,
    rows: bool = False,
) -> Network:
    """The record of a network with more layers, on other inputs, of another shape; whether it has symbols or not."""
    net = get(network).of_depth(depth).on_inputs(inputs_of(beta, None)).of_aspect(aspect)
    if ridge:
        return net.of_ridge(ANY)
    if rows:
        return net.of_rows(ANY)
    return net.of_width(ANY if width else None)


@lru_cache(maxsize=32)
def _diagram(network: str, noisy: bool) -> PhaseDiagram:
    kind, aspect = network.split(" of ")[0], get(network).aspect
    if aspect not in (None, ANY_ASPECT):  # derived once for all shapes
        every = _diagram(get(kind).of_aspect(ANY_ASPECT).name, noisy)
        return _at_aspect(every, network, sympy.Rational(aspect))

    def fresh() -> PhaseDiagram:
        module = definition(network)
        return PhaseDiagram.from_sectors(network, module.sectors(), module.scales(), noisy)

    return cache.remembered(
        f"{network.replace(' ', '-').replace('/', '_')}-{'noisy' if noisy else 'noiseless'}", fresh
    )


def _at_aspect(every: PhaseDiagram, network: str, aspect: Any) -> PhaseDiagram:
    """The diagram of one shape."""
    phases = tuple(replace(p, network=network) for p in every.phases)
    phases, peaks = substituted((phases, every.peaks), RATIO, aspect, {})
    return PhaseDiagram(network, phases, every.noisy, peaks)
