"""State evolution in doubles: one problem, curves, and many at once; cold by Newton's method, warm by following."""

from asymptotix.state_evolution.solver import CERTIFIED, certified, solve, solve_curve, solve_system

__all__ = ["CERTIFIED", "certified", "solve", "solve_curve", "solve_system"]
