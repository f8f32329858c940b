"""The bilinear network: two different wide layers, the nuclear norm of a matrix without symmetry.

Its numbers are in `asymptotix.networks.square_values`, with fewer rows than columns in
`asymptotix.networks.oblong_values`.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache, partial
from typing import Any

from asymptotix.networks.base import ANY, ASPECT, ROWS, Geometry, Network, Units
from asymptotix.networks.oblong_values import OblongValues
from asymptotix.networks.square_values import SquareValues

#: ``S = U'V`` with weight decay on ``U`` and ``V``, both wide; each feature ``x'_i x_j / sqrt d`` has variance 1/d.
BILINEAR = Network(
    name="bilinear",
    prediction="x'^T S x / sqrt(d)",
    objective="sum (y - yhat)^2 + lam d ||S||_*",
    units=Units(Fraction(1), Fraction(1), Fraction(1, 2)),
    geometry=Geometry.MATRIX,
    sides=2,
    excess_factor=1,
    noise_edge=lambda d: 2.0,
    potential=SquareValues,
    shares="asymptotix.asymptotics.expansions:spectral_shares",
    digits="asymptotix.precise.spectral_start:PAIRED",
    weights="asymptotix.spectrum.singular_value_law:singular_law",
    error_parts="asymptotix.risk.singular_parts:singular_parts",
    least_error="asymptotix.risk.singular_bayes:least_error",
    simulation="asymptotix.simulate.kinds:MATRIX",
    unequal_inputs="asymptotix.networks.shaped:without_potential",
    diagnosis="asymptotix.spectrum.noise_and_features:singular_noise",
    fewer_rows="asymptotix.networks.bilinear:of_rows",
    any_aspect="asymptotix.networks.bilinear:of_aspect",
)
_OBLONG_SHARES = "asymptotix.asymptotics.expansions.rectangular_threshold:rectangular_shares"


@cache
def of_aspect(net: Network, aspect: Fraction | str) -> Network:
    """The same network with ``m = aspect d`` rows, in symbols.

    >>> of_aspect(BILINEAR, Fraction(1, 3)).name
    'bilinear of aspect 1/3'
    """
    return net.kin(name=f"{net.name}{ASPECT}{aspect}", shares=_OBLONG_SHARES, aspect=aspect)


def _oblong_noise(ratio: float, sides: int, d: int) -> Any:
    from asymptotix.spectrum.noise_and_features import oblong_noise

    return oblong_noise(ratio, d)


@cache
def of_rows(net: Network, rows: int | str, columns: int) -> Network:
    """The same network whose ``S`` has fewer rows than columns, or ``m = d**b`` with ``b < 1``, in symbols.

    >>> of_rows(BILINEAR, 20, 60).name, of_rows(BILINEAR, ANY, 0).name
    ('bilinear of rows 20 x 60', 'bilinear of rows d^b')
    """
    if isinstance(rows, str):
        shares = "asymptotix.asymptotics.expansions.few_rows:few_rows_shares"
        return net.kin(name=f"{net.name}{ROWS}{ANY}", shares=shares, sized="rows")
    return net.kin(
        ("digits", "weights", "error_parts", "least_error", "simulation"),
        name=f"{net.name}{ROWS}{rows} x {columns}",
        noise_edge=lambda d: 1.0 + math.sqrt(rows / columns),
        potential=partial(OblongValues, columns=float(columns)),
        shares=_OBLONG_SHARES,
        aspect=Fraction(rows, columns),
        diagnosis=partial(_oblong_noise, rows / columns),
    )
