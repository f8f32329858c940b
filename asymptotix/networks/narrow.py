r"""Narrow networks: a matrix of rank at most ``p``, its spectrum cut at the ``p`` largest eigenvalues ([W]).

Let ``q`` be the quantile with ``p`` eigenvalues of ``S + delta Z`` beyond it. A threshold ``c >= q`` leaves fewer than
``p`` and width does not matter. Below, the estimator is the soft threshold at ``q`` with ``g = q - c`` added to all it
keeps, and ``N(q) = p``, ``D = -ds/dc`` at ``q`` say how much that changes:

    rho(c) = rho(q) + p g^2 + 2 g (D - p q)              s(c) = s(q) + g D       (D - p q: `ArcSums.excess`)

because ``sum (x - a)`` over what is kept, learned less truth, is ``D`` (in units of ``tau``; on both sides for two).
With little noise and weight decay the two equations may have several solutions below the effective samples. In the one
of least noise the units hold features that stand apart, and there training ends, from random starts, too
(`asymptotix.checks.width`); the others claim to interpolate with fewer parameters than samples: they are not told.
[W]: arXiv 2606.28242.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from typing import Any

from asymptotix.errors import NotConverged
from asymptotix.free_convolution.atoms import Atoms
from asymptotix.networks.base import WIDTH, Network, Response, Slopes, over_noise
from asymptotix.networks.spectral import OneSided
from asymptotix.networks.threshold_line import Line, SpectralResponse
from asymptotix.rootfinding import bracket, increasing_root
from asymptotix.teacher import Spectrum

#: What numbers at a width that matters rest on.
ASSUMES = (
    "width makes the problem non-convex: this is the global minimum as replica symmetry has it, of several solutions "
    "the one of least error, where training ended; where the cut lies inside the bulk that symmetry is not proved: "
    "near the peak in width training reached its objective, by minima of a somewhat smaller error (reports/width.md)"
)
# Positions of thresholds are looked for within this of the place where they turn from angles to values.
_WIDEST_PATH = 700.0
# Below the cut the path is the logarithm of how far c and q are apart over c, from where that is 0 to rounding even
# times ``D``: exp(-40)/(1 + D).
_NO_GAP = 40.0
# The cut of few units at the edge of the noise of d dimensions is at an angle of (p/d)^(1/3).
_FINEST = 0.35
# A count that is further off the width than this, relatively, belongs to another place.
_NEAR = 1e-6
# Where the feature of rank p is so far above the noise, what width misses is a risk beyond all doubles.
_FAR = math.log(1e100)
# Widths above this share of the dimension may be more than there are positive eigenvalues.
_HALF = 0.25
# Among more features than these none stands apart.
_MANY = 1e6
# Where a gap is wide a place this far above its lower end is looked at.
_LOW = 4.0
# Steps from cut to cut and place to place are this long at most, secants so many; a place that they leave this close is
# as good as rounding allows, and where the number hardly changes a secant says nothing.
_ALONG, _SECANTS, _ROUNDED, _FLAT = 2.0, 16, 1e-11, 1e-6
# A number of eigenvalues this close (relative) to the width is it: between two of them all places serve.
_SAME = 1e-13


@dataclass(frozen=True)
class Narrow:
    """The potential of a network of ``width`` units; below the cut ``path`` is ``log(c/(q - c))`` and a constant."""

    wide: OneSided
    width: float

    @property
    def spectrum(self) -> Spectrum:
        return self.wide.spectrum

    @cached_property
    def out_of_reach(self) -> float:
        """The squares of the coefficients beyond its rank."""
        return math.exp(self.spectrum.log_power_sum(self.width, self.spectrum.rank, 2.0))

    @cached_property
    def atoms(self) -> Atoms:
        return self.wide.atoms

    @cached_property
    def _cuts(self) -> dict[float, SpectralResponse | None]:
        return {}

    def line(self, log_tau: float) -> Line:
        """All thresholds of the wide network at one effective noise."""
        return self.wide.line(log_tau)

    def path_of(self, c: float, log_tau: float) -> float:
        cut = self.cut(log_tau)
        if cut is None or c >= cut.c:
            return self.wide.path_of(c, log_tau)
        return _path(cut, cut.c - c, c)

    def cut(self, log_tau: float) -> SpectralResponse | None:
        """The wide network's response at the quantile ``q``; None where fewer than ``p`` eigenvalues are positive.

        >>> from asymptotix.teacher import PowerLaw
        >>> narrow = Narrow(OneSided(PowerLaw(1.25).spectrum(400)), 9.0)
        >>> round(narrow.cut(-3.0).count, 9)
        9.0
        """
        if log_tau not in self._cuts:
            if len(self._cuts) > 64:
                self._cuts.clear()
            self._cuts[log_tau] = self._find_cut(log_tau)
        return self._cuts[log_tau]

    @cached_property
    def _trail(self) -> list[tuple[float, float, float, bool]]:
        """Of the last two cuts: ``log tau``, path, slope of the number beyond (both in logarithms), and any noise."""
        return []

    def _find_cut(self, log_tau: float) -> SpectralResponse | None:
        line = self.line(log_tau)
        if self.atoms.log_at(self.width + 1.0) - log_tau > _FAR:
            return SpectralResponse(0.0, math.exp(_FAR), math.inf, 2.0 * self.width, count=self.width)
        if self.width > _HALF * self.atoms.d and line.at(-math.inf).count <= self.width * (1.0 + _SAME):
            return None
        for find in (self._between, self._followed, self._searched):
            if (cut := find(line)) is not None:
                return cut
        return None

    def _between(self, line: Line) -> SpectralResponse | None:
        """A place in the gap between two features that stand apart, if there is one: secants would crawl to its end."""
        if self.width > min(self.atoms.spectrum.rank, _MANY) or self.width != round(self.width):
            return None
        a, b = (math.exp(min(self.atoms.log_at(self.width + x) - line.log_tau, _FAR)) for x in (0.0, 1.0))
        u = complex(min(0.5 * (a + b), _LOW * max(b, 1.0)))  # near its lower end, where less cancels
        if a <= 1.0 or not line.plane.physical(u.real):
            return None
        here = line.at_c(u.real + line.plane.shift(u)[0].real)
        return here if abs(here.count / self.width - 1.0) < _SAME else None

    def _ahead(self, line: Line) -> tuple[float, float]:
        """A guess of the cut's path, and of the slope: from the last two cuts, or from features or bare noise."""
        log_tau, d = line.log_tau, self.atoms.d * self.wide.sides
        # not all of them are features beyond the noise if positive
        leaked = self.width - self.atoms.spectrum.count_above(log_tau)
        near = [cut for cut in self._trail if abs(cut[0] - log_tau) < _ALONG and cut[3] == (leaked > 0)]
        if near:
            (at, path, slope, _), (before, behind, *_) = near[-1], near[0]
            rate = (path - behind) / (at - before) if at != before else 0.0
            return path + max(min(rate, _ALONG), -_ALONG) * (log_tau - at), slope
        if leaked <= 0:
            a = math.exp(self.atoms.log_at(min(self.width + 0.5, self.atoms.spectrum.rank)) - log_tau)
            return self.wide.path_of(a + 1.0 / a, log_tau), -1.0
        # the share of bare noise above is (2/3 pi) angle^3, and (8/15 pi) angle^5 its degrees of freedom
        angle = (1.5 * math.pi * leaked / d) ** (1.0 / 3.0)
        path = self.wide.guess(log_tau, 8.0 / (15.0 * math.pi) * angle**5 * d, 0.0)
        return path, -3.0 * leaked / self.width

    def _followed(self, line: Line) -> SpectralResponse | None:
        """The cut by secants within a bracket, from a guess; None where they do not settle."""
        path, slope = self._ahead(line)
        low, high = -math.inf, math.inf
        best, least, last = None, math.inf, (math.nan, math.nan)
        for _ in range(_SECANTS):
            here = line.at(path)
            off = math.log(here.count / self.width) if here.count > 0 else -math.inf
            low, high = (path, high) if off > 0 else (low, path)
            if path != last[0] and math.isfinite(off - last[1]):
                new = (off - last[1]) / (path - last[0])
                slope = new if new < -_FLAT else slope
            if abs(off) < _SAME or (abs(off) >= least and least < _ROUNDED):
                best = here if abs(off) < least else best
                break
            best, least, last = (here if abs(off) < least else best), min(least, abs(off)), (path, off)
            there = path + max(min(-off / slope, _ALONG), -_ALONG)
            if not low < there < high:
                there = 0.5 * (low + high)
            if there == path or not math.isfinite(there):
                break
            path = there
        if best is None or abs(best.count / self.width - 1.0) > _ROUNDED:
            return None
        leaked = self.width > self.atoms.spectrum.count_above(line.log_tau)
        self._trail[:] = [*self._trail[-1:], (line.log_tau, best.path, slope, leaked)]
        return best

    def _searched(self, line: Line) -> SpectralResponse | None:
        """The cut among all places."""
        log_tau = line.log_tau
        found: dict[float, SpectralResponse] = {}

        def excess(path: float) -> float:
            found[path] = line.at(path)
            off = found[path].count / self.width - 1.0
            return 0.0 if abs(off) < _SAME else -off

        (low, _), (high, _) = line.joints
        if line.at(-math.inf).count <= self.width * (1.0 + _SAME):
            return None
        ends = bracket(excess, 0.5 * (low + high), 0.5, low - _WIDEST_PATH, high + _WIDEST_PATH)
        if ends is None:
            raise NotConverged(f"no place with {self.width:g} eigenvalues above at log tau = {log_tau}")
        cut = found[increasing_root(excess, ends, tolerance=1e-16)]
        if abs(cut.count / self.width - 1.0) > _NEAR:
            raise NotConverged(
                f"{cut.count:g} eigenvalues where {self.width:g} were to be, at log tau = {log_tau}"
            )
        return cut

    def cuts(self, nu: float, penalty: float) -> Cuts:
        """The same network with the place of its cut in place of the threshold."""
        return Cuts(self, nu, penalty)

    def response(self, path: float, log_tau: float) -> SpectralResponse:
        """Respond at a position: the wide network's beyond the cut."""
        cut = self.cut(log_tau)
        if cut is not None and cut.rho == math.inf:
            return cut
        if cut is None or path >= cut.path:
            return replace(self.line(log_tau).at(path), constraint="threshold")
        if path == -math.inf:
            return self._below(cut, cut.c, 0.0)
        apart = math.exp(min(cut.path - path - _no_gap(cut), 700.0))  # (q - c) / c
        return self._below(cut, cut.c * (apart / (1.0 + apart)), cut.c / (1.0 + apart))

    def threshold(self, log_tau: float, nu: float, penalty: float, near: Response | None) -> SpectralResponse:
        """Solve ``s / nu + L / (nu kappa) = 1``: below the cut ``s`` is linear in the threshold."""
        cut = self.cut(log_tau)
        force = over_noise(penalty, log_tau)
        if cut is not None and cut.rho == math.inf:
            return cut
        if cut is None or cut.dof + force / cut.c >= nu:
            known = near if isinstance(near, SpectralResponse) and near.constraint == "threshold" else None
            return replace(self.wide.threshold(log_tau, nu, penalty, known), constraint="threshold")
        return _balanced(replace(cut, count=self.width), nu, force)

    def best(self, log_tau: float) -> SpectralResponse:
        """The threshold of least risk among those up to the quantile ``q``."""
        cut = self.cut(log_tau)
        if cut is None or cut.rho == math.inf:
            return self._below(cut, 0.0, cut.c) if cut is not None else self.line(log_tau).at(-math.inf)
        return best_below(replace(cut, count=self.width))

    def _below(self, cut: SpectralResponse, gap: float, c: float) -> SpectralResponse:
        return _below(replace(cut, count=self.width), gap, c)


@dataclass(frozen=True)
class CutResponse(Response):
    """A response to the place of a cut: ``dof`` is the number beyond, as a share of the width, of the samples."""

    held: SpectralResponse | None = None


@dataclass(frozen=True)
class Cuts:
    """The potential whose unknown is the place of the cut: the threshold below it follows from the second equation.

    What is to balance there is the number beyond: ``nu count / width = nu``, with no penalty.
    """

    narrow: Narrow
    nu: float
    penalty: float

    @property
    def out_of_reach(self) -> float:
        """The squares of the coefficients beyond its rank."""
        return self.narrow.out_of_reach

    def guess(self, log_tau: float, nu: float, penalty: float) -> float:
        """The place, from the features or the bare noise."""
        line = self.narrow.line(log_tau)
        between = self.narrow._between(line)
        return self.narrow._ahead(line)[0] if between is None else between.path

    def response(self, path: float, log_tau: float) -> CutResponse:
        """Respond at a place of the cut.

        Raises:
            NotConverged: the threshold would lie beyond it.
        """
        return self._held(self.narrow.line(log_tau).at(path), log_tau)

    def nearby(self, path: float, log_tau: float, near: CutResponse) -> CutResponse:
        """`response` from that at a similar place."""
        assert near.held is not None
        return self._held(self.narrow.line(log_tau).at(path, near.held.point), log_tau)

    def _held(self, cut: SpectralResponse, log_tau: float) -> CutResponse:
        force, width = over_noise(self.penalty, log_tau), self.narrow.width
        here = held(cut, self.nu, force)
        if here is None:
            raise NotConverged(f"width does not matter at log tau = {log_tau}")
        assert here.slopes is not None
        slopes, gap, pull = here.slopes, cut.c - here.c, force / here.c if here.c > 0 else 0.0

        def moves(count: float, tau: float) -> float:
            dof = gap * (cut.c - cut.truth) * count + (slopes.dof_by_tau - pull) * tau
            log_c = dof / (here.slope * here.c + pull) if here.c > 0 else 0.0
            risk = gap * (gap - 2.0 * cut.truth) * count
            return risk + slopes.rho_by_path * log_c + slopes.rho_by_tau * tau

        along, up = cut.count_slopes
        rho_by_path, rho_by_tau = moves(along, 0.0), moves(up, 1.0)
        if abs(cut.count / width - 1.0) < _SAME and -along < _FLAT * width:  # all places of a gap serve
            along = up = -width
            rho_by_path = 0.0
        share = self.nu / width
        by = Slopes(rho_by_path, share * along, rho_by_tau, share * up)
        return CutResponse(cut.path, 1.0, here.rho, share * cut.count, slopes=by, held=here)


def held(cut: SpectralResponse, nu: float, force: float) -> SpectralResponse | None:
    """The response of a network whose width is the number of eigenvalues beyond a given place ``q``.

    ``force`` is ``L/tau``. None where its threshold would lie beyond ``q``, so that width does not matter.
    """
    return None if cut.c <= 0 or cut.dof + force / cut.c >= nu else _balanced(cut, nu, force)


def best_below(cut: SpectralResponse) -> SpectralResponse:
    """Of that network the response at the threshold of least risk, ``D/p`` or ``q`` if that is less.

    The derivative of ``rho(q) + p g^2 + 2 g (D - p q)`` by ``g = q - c`` vanishes at ``c = D/p``.
    """
    gap = max(-cut.excess / cut.count, 0.0) if cut.count > 0 else 0.0
    return _below(cut, gap, cut.slope / cut.count if gap > 0 else cut.c)


def _balanced(cut: SpectralResponse, nu: float, force: float) -> SpectralResponse:
    """Solve ``(spare - g D)(q - g) = L/tau`` with ``g = q - c``: both g and c in forms that do not cancel."""
    spare, reach = cut.spare_dof(nu), cut.c * cut.slope
    root = math.hypot(spare - reach, 2.0 * math.sqrt(max(cut.slope, 0.0) * force))
    gap = 2.0 * (spare * cut.c - force) / (spare + reach + root)
    if spare > reach:
        return _below(cut, gap, 2.0 * force / (spare - reach + root))
    return _below(cut, gap, (root + reach - spare) / (2.0 * cut.slope))


def _below(cut: SpectralResponse, gap: float, c: float) -> SpectralResponse:
    """The response at threshold ``c``, ``gap`` below the place of the cut, whose ``count`` is the width.

    Its slopes are by ``log c``, and by ``log tau`` at the same ``c``.
    """
    return replace(
        cut,
        path=_path(cut, gap, c),
        c=c,
        rho=cut.rho + cut.count * gap * gap + 2.0 * gap * cut.excess,
        dof=cut.dof + gap * cut.slope,
        excess=cut.excess + gap * cut.count,
        drift=cut.drift + gap * cut.steepens,
        turn=None,
        constraint="both" if c > 0 else "width",
        rho_below=None,
        dof_below=None,
    ).moving(1.0, 0.0)


def _path(cut: SpectralResponse, gap: float, c: float) -> float:
    """The position ``gap`` below the cut, where the threshold is ``c``."""
    if c <= 0:
        return -math.inf
    return cut.path - max(_no_gap(cut) + math.log(gap / c), 0.0) if gap > 0 else cut.path


def _no_gap(cut: SpectralResponse) -> float:
    return _NO_GAP + math.log1p(max(cut.slope, 0.0))


def _bind(spectrum: Spectrum, net: Network, width: float) -> Narrow:
    return Narrow(replace(net.bind(spectrum), finest=_FINEST), width)


# Parts that are the same at any width.
_ANY_WIDTH = ("least_error", "unequal_inputs")


@cache
def of_width(net: Network, width: int | str) -> Network:
    """The same network with that many hidden units, of the better sign each, or with ``p = d**b``, in symbols.

    >>> from asymptotix.networks import get
    >>> from asymptotix.networks.base import ANY
    >>> of_width(get("quadratic"), 9).name, of_width(get("symmetric"), ANY).name
    ('quadratic of width 9', 'symmetric of width d^b')
    """
    named: dict[str, Any] = {"name": f"{net.name}{WIDTH}{width}", "assumes": ASSUMES}
    if isinstance(width, str):
        return net.kin(_ANY_WIDTH, **named, shares=net.shares, sized="width")
    return net.kin(
        _ANY_WIDTH,
        **named,
        potential=partial(_bind, net=net, width=float(width)),
        digits="asymptotix.precise.narrow:NARROW",
        weights="asymptotix.spectrum.eigenvalue_law:narrow_law",
        error_parts="asymptotix.risk.narrow_parts:narrow_parts",
        simulation="asymptotix.simulate.kinds:NARROW_MATRIX",
    )
