"""What measured runs tell: fit the equations to them, forecast the next run, plan the best one."""

from __future__ import annotations

from asymptotix.inference.fitting import Fit, fit
from asymptotix.inference.forecasting import Forecast, forecast
from asymptotix.inference.planning import Plan, plan
from asymptotix.inference.rolling import Rolled, roll_out

__all__ = ["Fit", "Forecast", "Plan", "Rolled", "fit", "forecast", "plan", "roll_out"]
