"""asymptotix: the asymptotics of learning, derived, solved to high precision, and simulated."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from asymptotix.errors import AsymptotixError, InvalidInput, NotConverged
from asymptotix.problem import Problem
from asymptotix.tables import Table
from asymptotix.teacher import FiniteRank, Geometric, PowerLaw, Spectrum, Values

if TYPE_CHECKING:
    from asymptotix.asymptotics.diagram import PhaseDiagram, phase_diagram
    from asymptotix.asymptotics.phases import Phase
    from asymptotix.inference import Fit, Forecast, Plan, fit, forecast, plan, roll_out
    from asymptotix.plots import plot_grid
    from asymptotix.regression import Measurement, Regression, regress
    from asymptotix.risk import Decomposition, Optimum, decompose, optimum
    from asymptotix.simulate import Runs, simulate
    from asymptotix.solution import Solution
    from asymptotix.solving import solve
    from asymptotix.spectrum import Diagnosis, SpectrumLaw, diagnose, fit_tail, spectrum
    from asymptotix.state_evolution import solve_curve
    from asymptotix.state_evolution.many import solve_grid, solve_many
    from asymptotix.sweep import Grid, sweep
    from asymptotix.units import Convention

__version__ = "0.1.0"

# Names that need SciPy, SymPy or scikit-learn are imported when first used.
_LAZY = {
    name: module
    for module, names in {
        "asymptotix.asymptotics.diagram": "PhaseDiagram phase_diagram",
        "asymptotix.asymptotics.phases": "Phase",
        "asymptotix.inference": "Fit Forecast Plan fit forecast plan roll_out",
        "asymptotix.plots": "plot_grid",
        "asymptotix.regression": "Measurement Regression regress",
        "asymptotix.risk": "Decomposition Optimum decompose optimum",
        "asymptotix.simulate.run": "simulate",
        "asymptotix.simulate.runs": "Runs",
        "asymptotix.solution": "Solution",
        "asymptotix.solving": "solve",
        "asymptotix.spectrum": "Diagnosis SpectrumLaw diagnose fit_tail spectrum",
        "asymptotix.state_evolution": "solve_curve",
        "asymptotix.state_evolution.many": "solve_grid solve_many",
        "asymptotix.sweep": "Grid sweep",
        "asymptotix.units": "Convention",
    }.items()
    for name in names.split()
}

__all__ = [
    "AsymptotixError",
    "Convention",
    "Decomposition",
    "Diagnosis",
    "FiniteRank",
    "Fit",
    "Forecast",
    "Geometric",
    "Grid",
    "InvalidInput",
    "Measurement",
    "NotConverged",
    "Optimum",
    "Phase",
    "PhaseDiagram",
    "Plan",
    "PowerLaw",
    "Problem",
    "Regression",
    "Runs",
    "Solution",
    "Spectrum",
    "SpectrumLaw",
    "Table",
    "Values",
    "__version__",
    "decompose",
    "diagnose",
    "fit",
    "fit_tail",
    "forecast",
    "optimum",
    "phase_diagram",
    "plan",
    "plot_grid",
    "regress",
    "roll_out",
    "simulate",
    "solve",
    "solve_curve",
    "solve_grid",
    "solve_many",
    "spectrum",
    "sweep",
]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'asymptotix' has no attribute {name!r}")
    value = getattr(import_module(_LAZY[name]), name)
    globals()[name] = value
    return value
