"""How each kind of network is trained: its teacher, the convex problem, the factors, the message passing channel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from asymptotix.simulate.amp import Channel, matrix_channel, scalar_channel
from asymptotix.simulate.bilinear import BilinearNetwork, fit_bilinear, singular_channel
from asymptotix.simulate.data import DataSet
from asymptotix.simulate.deep import DeepDiagonalNetwork, fit_deep, jumping_channel
from asymptotix.simulate.factors import (
    DiagonalNetwork,
    Factors,
    NarrowNetwork,
    QuadraticNetwork,
    SquaredNetwork,
)
from asymptotix.simulate.fit import Fit
from asymptotix.simulate.lasso import fit_lasso
from asymptotix.simulate.sensing import fit_sensing
from asymptotix.simulate.shrinkage import elastic_channel, fit_elastic


@dataclass(frozen=True)
class Simulation:
    """What training asks of a kind of network.

    Attributes:
        loss_factor: of the sum of squared residuals in the objective.
        fit: ``(data, lam, **options)`` -> the certified minimiser of the convex problem, if it is one.
        factors: the network itself, for gradient methods, if it has layers.
        channel: what message passing needs, if there is one.
        pairs: whether a sample is two vectors, seen through a matrix without symmetry.
    """

    loss_factor: float
    fit: Callable[..., Fit] | None
    factors: Callable[..., Factors] | None
    channel: Callable[[DataSet], Channel] | None
    pairs: bool = False


SEQUENCE = Simulation(0.5, fit_lasso, DiagonalNetwork, scalar_channel)
NONNEGATIVE_SEQUENCE = Simulation(0.5, fit_lasso, SquaredNetwork, scalar_channel)
ELASTIC = Simulation(0.5, fit_elastic, None, elastic_channel)
DEEP_SEQUENCE = Simulation(0.5, fit_deep, DeepDiagonalNetwork, jumping_channel)
SYMMETRIC_MATRIX = Simulation(1.0, fit_sensing, QuadraticNetwork, matrix_channel)
NARROW_MATRIX = Simulation(1.0, None, NarrowNetwork, None)
MATRIX = Simulation(1.0, fit_bilinear, BilinearNetwork, singular_channel, pairs=True)
