r"""The law of the learned weights at a solved point.

Diagonal network: ``soft(theta_i + delta z; eps)``. Spectral networks: the eigenvalues of ``S + delta Z``, thresholded
at ``eps``, with ``Z`` a GOE matrix of spectral radius 2 ([P] Result 2). Both are a mass at zero, a bulk of learned
noise, and one outlier for each visible feature, at

    a + 1/a - c  with squared overlap  1 - 1/a^2       (spectral, lone feature, units of delta) [BBP]
    a - c        with probability of being learned s   (diagonal)

A network of ``p`` hidden units has the ``p`` largest of these eigenvalues and zeros: a bulk that begins away from zero.

In finite dimensions the other features move an outlier; the positions here take them into account one by one,
``a_i + t sum_{j != i} 1/(a_i - a_j)``. Positions and densities are in the units of the weights.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from asymptotix.arrays import Array
from asymptotix.equations import System
from asymptotix.problem import Problem
from asymptotix.risk.decomposition import of_finite_error, response_at
from asymptotix.solution import Solution
from asymptotix.spectrum.spectrum_types import LISTED, Law, kind_of, martin_mahoney
from asymptotix.status import Status
from asymptotix.tables import Tabular
from asymptotix.validate import count

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes


# From so many outliers on their sizes tell an exponent.
TAIL_FROM = 5


@dataclass(frozen=True)
class Spike:
    """One outlier: where it is, which feature it belongs to, and how much of the feature it has.

    ``overlap`` is the squared overlap of eigenvector and feature (spectral networks) or the probability that the
    coefficient is learned at all (diagonal network).
    """

    position: float
    teacher_index: int
    overlap: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values under the names of the command line's JSON."""
        return dict(vars(self))


@dataclass(frozen=True)
class SpectrumLaw(Tabular):
    """The predicted law of the learned weights (eigenvalues or coefficients).

    Attributes:
        zero_mass: fraction of weights that are exactly zero.
        bulk_edges: ends of the learned bulk; empty if no noise is learned. Where width cuts it, it begins away from
            zero, and if it has either sign it is in two pieces: four ends.
        points, density: the density of non-zero weights, a fraction of all ``d``.
        spikes: the largest outliers; ``spike_count`` says how many there are in all.
        tail_exponent: of the outliers' density ``x^-e``, ``e = 1 + 1/gamma`` for a power-law teacher with at least
            `TAIL_FROM` outliers; else None.
        kind: which of zero mass, bulk and spikes there are (the types of [P]).
        martin_mahoney: the same in the phases of Martin and Mahoney (arXiv 1810.01075); see `kinds`.
        status: that of the solution.
    """

    problem: Problem
    zero_mass: float
    bulk_edges: tuple[float, ...]
    points: Array = field(repr=False)
    density: Array = field(repr=False)
    spikes: tuple[Spike, ...] = field(repr=False)
    spike_count: float
    tail_exponent: float | None
    kind: str
    martin_mahoney: str
    status: str
    _above: Callable[[float], float] = field(repr=False, compare=False)

    def count_above(self, x: float) -> float:
        """Expected number of weights above ``x >= 0`` (diagonal: in absolute value)."""
        return self._above(x)

    def to_dict(self) -> dict[str, Any]:
        """Plain values under the names of the command line's JSON."""
        plain = {name: x for name, x in vars(self).items() if name not in ("problem", "_above")}
        arrays = {"points": self.points.tolist(), "density": self.density.tolist()}
        lists = {"bulk_edges": list(self.bulk_edges), "spikes": [s.to_dict() for s in self.spikes]}
        return {**plain, **arrays, **lists}

    def to_xarray(self) -> xarray.Dataset:
        """The density over the weights and the outliers by their rank."""
        import xarray

        spikes = {
            name: ("spike", [getattr(s, name) for s in self.spikes]) for name in ("position", "overlap")
        }
        return xarray.Dataset(
            {"density": ("weight", self.density), **spikes},
            coords={"weight": self.points, "spike": [s.teacher_index for s in self.spikes]},
            attrs={"zero_mass": self.zero_mass, "spike_count": self.spike_count, "kind": self.kind},
        )

    def plot(self, axes: Axes | None = None, measured: ArrayLike | None = None) -> Axes:
        """Draw bulk and outliers on your axes, or on new ones, over a histogram of trained weights if given."""
        from asymptotix.plots import spectrum as draw

        return draw(self, axes, measured)


def spectrum(problem: Problem, *, points: int = 200, solution: Solution | None = None) -> SpectrumLaw:
    """Predict the law of the learned weights.

    Args:
        problem: any network, teacher and dimension.
        points: number of points of the density.
        solution: the problem's solution, if known.

    Raises:
        InvalidInput: no estimator exists there (infinite risk), or fewer than 2 points are asked for.

    >>> p = Problem("quadratic", gamma=1.25, d=400, n=20_000, lam=1, noise=0.1)
    >>> law = spectrum(p, points=50)
    >>> law.kind, law.spike_count, round(law.zero_mass, 2)
    ('zero mass + spikes', 6.0, 0.99)
    >>> [round(s.overlap, 2) for s in law.spikes[:3]]
    [1.0, 0.99, 0.97]
    >>> narrow = spectrum(p.replace(width=3))
    >>> narrow.zero_mass * 400, [round(s.position, 2) for s in narrow.spikes]
    (397.0, [15.21, 5.26, 2.43])
    """
    count("points", points, least=2)
    solved = of_finite_error(problem, solution)
    with np.errstate(over="ignore"):  # features too far away for the square of it do nothing
        law, delta = _law(problem, solved)
    grid = _grid(law, points)
    spikes = tuple(
        Spike(delta * position, k + 1, overlap) for k, (position, overlap) in enumerate(law.spikes)
    )
    heavy = law.spike_count >= TAIL_FROM and problem.gamma is not None
    return SpectrumLaw(
        problem,
        zero_mass=law.zero_mass,
        bulk_edges=tuple(delta * x for x in law.edges),
        points=delta * grid,
        density=law.density(grid) / delta,
        spikes=spikes,
        spike_count=law.spike_count,
        tail_exponent=1.0 + 1.0 / float(problem.gamma) if heavy and problem.gamma is not None else None,
        kind=kind_of(law.zero_mass * problem.features, law.learned_noise, law.spike_count, problem.features),
        martin_mahoney=martin_mahoney(law),
        status=solved.status,
        _above=lambda x: law.above(x / delta),
    )


def _grid(law: Law, points: int) -> Array:
    """From the lower to the upper end of each piece of the bulk, without the mass at zero."""
    pieces = list(zip(law.edges[::2], law.edges[1::2], strict=True))
    whole = sum(high - low for low, high in pieces)
    grid = [np.empty(0)]
    for low, high in pieces:
        share = max(round(points * (high - low) / whole), 1)
        grid.append(low + (high - low) * (np.arange(share) + 0.5) / share)
    return np.concatenate(grid)


def _law(problem: Problem, solved: Solution) -> tuple[Law, float]:
    """The law of the weights, and the size of which they are multiples; without noise they are the teacher's."""
    if solved.status is not Status.PERFECT_RECOVERY:
        system = System.of(problem)
        return problem.net.supply("weights")(system.potential, *response_at(solved, system)), solved.delta
    teacher = problem.spectrum
    values = np.exp(teacher.log_value(np.arange(1.0, min(teacher.rank, LISTED) + 1.0)))

    def above(x: float) -> float:
        return teacher.count_above(math.log(x)) if x > 0 else teacher.rank

    recovered = Law(
        zero_mass=teacher.zeros / problem.features,
        edges=(),
        detached=True,
        learned_noise=0.0,
        spikes=tuple((float(v), 1.0) for v in values),
        spike_count=teacher.rank,
        density=lambda x: np.empty(0),
        above=above,
    )
    return recovered, math.sqrt(problem.d)
