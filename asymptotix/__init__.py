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
    "Convention": "asymptotix.units",
    "Decomposition": "asymptotix.risk",
    "Diagnosis": "asymptotix.spectrum",
    "Fit": "asymptotix.inference",
    "Forecast": "asymptotix.inference",
    "Grid": "asymptotix.sweep",
    "Measurement": "asymptotix.regression",
    "Optimum": "asymptotix.risk",
    "Phase": "asymptotix.asymptotics.phases",
    "PhaseDiagram": "asymptotix.asymptotics.diagram",
    "Plan": "asymptotix.inference",
    "Regression": "asymptotix.regression",
    "Runs": "asymptotix.simulate.runs",
    "Solution": "asymptotix.solution",
    "SpectrumLaw": "asymptotix.spectrum",
    "decompose": "asymptotix.risk",
    "diagnose": "asymptotix.spectrum",
    "fit": "asymptotix.inference",
    "fit_tail": "asymptotix.spectrum",
    "forecast": "asymptotix.inference",
    "optimum": "asymptotix.risk",
    "phase_diagram": "asymptotix.asymptotics.diagram",
    "plan": "asymptotix.inference",
    "plot_grid": "asymptotix.plots",
    "regress": "asymptotix.regression",
    "roll_out": "asymptotix.inference",
    "simulate": "asymptotix.simulate.run",
    "solve": "asymptotix.solving",
    "solve_curve": "asymptotix.state_evolution",
    "solve_grid": "asymptotix.state_evolution.many",
    "solve_many": "asymptotix.state_evolution.many",
    "spectrum": "asymptotix.spectrum",
    "sweep": "asymptotix.sweep",
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
