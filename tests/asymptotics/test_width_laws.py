"""Laws of the best width, derived, against the search over widths of the state evolution."""

from __future__ import annotations

import pytest
import sympy as sp

import asymptotix as ax
from asymptotix.asymptotics.definition import definition
from asymptotix.asymptotics.symbols import GAMMA
from asymptotix.asymptotics.width_laws import best_width
from asymptotix.errors import NotSupplied


def test_the_best_width_without_weight_decay() -> None:
    """Of the symmetric network; derivation 17 has the quadratic one, and what is best without noise."""
    network = "symmetric"
    module = definition(network)
    law = best_width(*module.shares(), module.scales())
    assert law.cut.onset == sp.sqrt(3)
    assert law.penalty.expression == 0
    assert sp.simplify(law.over_bayes - (GAMMA + 1) / GAMMA / 3 ** (1 / (2 * GAMMA))) == 0
    assert sp.simplify(law.over_decay - law.over_bayes * (GAMMA + 1) / (3 * GAMMA)) == 0
    p = ax.Problem(network, gamma=0.75, d=10**60, n=1e72, lam=0, noise=1)
    found = ax.optimum(p, over="width")
    sizes = {"gamma": 0.75, "n_eff": 1e12, "d": 1e60, "noise": 1}
    assert abs(law.risk.value(**sizes) / found.error_star - 1) > 1e-6
    assert law.risk.corrected(**sizes) == pytest.approx(found.error_star, rel=1e-7)
    assert law.width.corrected(**sizes) == pytest.approx(found.width_star, rel=1e-3)


def test_the_weight_decay_at_the_best_width() -> None:
    """The law up to the next order, which is the error's over the noise's."""
    module = definition("symmetric")
    law = best_width(*module.shares(), module.scales(), with_decay=True)
    found = ax.optimum(ax.Problem("symmetric", gamma=0.75, d=10**60, n=1e72, lam=0, noise=1), over="both")
    sizes = {"gamma": 0.75, "n_eff": 1e12, "d": 1e60, "noise": 1}
    assert law.penalty.value(**sizes) == pytest.approx(found.lam_star, rel=2 * found.error_star)
    assert law.width.corrected(**sizes) == pytest.approx(found.width_star, rel=1e-3)


def test_networks_without_width_have_no_best_one() -> None:
    module = definition("diagonal")
    with pytest.raises(NotSupplied, match="width"):
        best_width(*module.shares(), module.scales())
