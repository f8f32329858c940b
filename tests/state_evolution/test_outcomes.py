"""What a solve says of its outcome, and how a line of problems is followed."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

import asymptotix as ax
from asymptotix.equations import Root, System
from asymptotix.errors import NotConverged
from asymptotix.networks.balances import Balance
from asymptotix.risk.decomposition import response_at
from asymptotix.state_evolution import CERTIFIED, batch, many, solver
from asymptotix.state_evolution.solver import Follower, _good_digits, _outcome, certified, solve_system
from asymptotix.status import Status

P = ax.Problem("diagonal", gamma=1.25, d=400, n=150, lam=0.5, noise=0.3)


def solved(problem: ax.Problem = P) -> tuple[System, Root]:
    system = System.of(problem)
    response, log_tau = response_at(ax.solve(problem), system)
    return system, Root(log_tau, response)


def test_an_outcome_is_named_by_its_residual_then_by_what_is_learned() -> None:
    assert CERTIFIED == 1e-10  # promised in the documentation
    for residual, dof, expected in (
        (0.9e-10, 1.0, Status.CONVERGED),
        (1.1e-10, 1.0, Status.NOT_CONVERGED),
        (math.nan, 1.0, Status.NOT_CONVERGED),
        (0.0, 0.9e-12, Status.ZERO_ESTIMATOR),
        (0.0, 1.1e-12, Status.CONVERGED),
    ):
        assert _outcome(P, residual, dof) is expected
    assert _outcome(P.replace(n=0.99), 0.0, 1.0) is Status.BELOW_ONE_SAMPLE
    assert _outcome(P.replace(n=1), 0.0, 1.0) is Status.CONVERGED
    assert _outcome(P.replace(lam=0), 0.0, 1.0) is Status.RIDGELESS


def test_infinite_risk_and_perfect_recovery_have_their_numbers() -> None:
    peak = ax.solve(P.replace(n=400, lam=0))
    assert (peak.status, peak.error, peak.log_delta, peak.dof_ratio) == (
        "infinite risk",
        math.inf,
        math.inf,
        1.0,
    )
    assert peak.degrees_of_freedom == 400
    assert math.isnan(peak.log_eps)
    exact = ax.solve(P.replace(n=500, lam=0, noise=0))
    assert (exact.status, exact.error, exact.log_delta, exact.log_eps) == (
        "perfect recovery",
        0.0,
        -math.inf,
        -math.inf,
    )
    assert math.isnan(exact.degrees_of_freedom)
    assert math.isnan(exact.dof_ratio)
    for one in (peak, exact):
        assert (one.train_loss, one.residual, one.digits) == (0.0, 0.0, 15)


def test_with_a_penalty_there_is_a_noise_scale_or_an_error() -> None:
    with pytest.raises(NotConverged, match="no noise scale balances the first equation in doubles: d = 400"):
        solver._degenerate(P, System.of(P), Status.PERFECT_RECOVERY)


def test_a_certificate_recomputes_what_was_found_elsewhere() -> None:
    """A root that is `direct` is taken at its word, another asked for again; both are then measured."""
    system, root = solved()
    other = system.potential.response(root.response.path, root.log_tau + 0.5)
    good, asked_again, wrong = (
        certified(P, system, r)
        for r in (root, replace(root, response=other), replace(root, response=other, direct=True))
    )
    assert good.converged
    assert asked_again.error == pytest.approx(good.error, rel=1e-12)
    assert wrong.status == "not converged"
    assert wrong.residual > 1e-3
    both = system.balances(system.potential.response(root.response.path, root.log_tau), root.log_tau)
    assert good.residual == max(b.residual for b in both)


def test_numbers_are_in_the_users_units() -> None:
    for problem in (P, ax.Problem("quadratic", gamma=1.25, d=400, n=160_000, lam=0.1, noise=0.1)):
        system, root = solved(problem)
        found = ax.solve(problem)
        tau = math.exp(root.log_tau)
        assert found.error == pytest.approx(root.response.rho * tau**2, rel=1e-9)
        assert found.delta == pytest.approx(tau * math.sqrt(problem.d), rel=1e-9)
        assert found.eps == pytest.approx(root.response.c * tau * math.sqrt(problem.d), rel=1e-9)
        assert found.dof_ratio == pytest.approx(root.response.dof / system.nu, rel=1e-9)
    free = ax.solve(P.replace(n=1000, lam=0))
    assert (free.log_eps, free.eps) == (-math.inf, 0.0)


def test_digits_fall_with_what_the_equations_leave() -> None:
    """A residual carried by an inverse Jacobian of order one takes its digits; no threshold, no second equation."""
    system, root = solved()
    clean = _good_digits(system, root.response, root.log_tau, system.balances(root.response, root.log_tau))
    assert 12 <= clean <= 14
    one, two = system.balances(root.response, root.log_tau)
    for k in (6, 9):
        for balances in ((replace(one, value=10.0**-k), two), (one, replace(two, value=-(10.0**-k)))):
            assert k - 2 <= _good_digits(system, root.response, root.log_tau, balances) <= k + 1
    assert _good_digits(system, root.response, root.log_tau, (replace(one, value=1e3), two)) == 0
    assert _good_digits(system, root.response, root.log_tau, (replace(one, value=math.inf), two)) == 0
    assert _good_digits(system, replace(root.response, rho=0.0), root.log_tau, (one, two)) == 0
    free, at = solved(P.replace(n=1000, lam=0))
    open_ = replace(at.response, path=-math.inf)
    assert (
        _good_digits(free, open_, at.log_tau, (free.balances(open_, at.log_tau)[0], Balance(5.0, 5.0))) >= 13
    )


def test_a_least_squares_solve_claims_the_digits_it_has() -> None:
    for n in (401.0, 1000.0, 1e6):
        found = ax.solve(ax.Problem("diagonal", gamma=1, d=400, n=n, lam=0, noise=3))
        assert found.digits >= 12
        assert found.error == pytest.approx(1200 / (n - 400), rel=10.0 ** (1 - found.digits))


# Along a line ---------------------------------------------------------------------------------------------


def found_at(follower: Follower, problem: ax.Problem) -> np.ndarray:
    _, root = solved(problem)
    follower.found(problem, root)
    return np.array([root.response.path, root.log_tau])


def test_a_prediction_is_on_the_secant() -> None:
    follower = Follower()
    assert follower._predict(P) is None
    one = found_at(follower, P)
    assert follower._predict(P.replace(lam=0.6)) == pytest.approx(one)
    two = found_at(follower, P.replace(lam=1.0))
    step = math.log(2)
    for lam in (1.5, 2.0, 3.9):
        expected = two + (two - one) * math.log(lam) / step
        assert follower._predict(P.replace(lam=lam)) == pytest.approx(expected, rel=1e-12)
    for lam in (0.9, 9.0, 1.0):  # back, or too far ahead
        assert follower._predict(P.replace(lam=lam)) == pytest.approx(two)
    three = found_at(follower, P.replace(lam=4.0))  # of the last two only
    assert follower._predict(P.replace(lam=8.0)) == pytest.approx(three + (three - two) / 2)
    follower.forget()
    assert follower._predict(P) is None


def test_all_sizes_place_a_problem() -> None:
    places = [solver._place(p) for p in (P, P.replace(n=300), P.replace(lam=1.0), P.replace(noise=0.6))]
    for k, other in enumerate(places[1:]):
        change = other - places[0]
        assert change[k] == pytest.approx(math.log(2))
        assert np.count_nonzero(change) == 1
    assert np.isfinite(solver._place(P.replace(noise=0))).all()
    assert solver._place(P.replace(lam=0))[1] == -math.inf
    follower = Follower()
    found_at(follower, P)
    assert follower._predict(P.replace(lam=0)) is None
    assert follower.root(P.replace(lam=0), System.of(P)) is None


def test_a_potential_is_kept_while_its_teacher_is() -> None:
    follower = Follower()
    first = follower.system(P)
    found_at(follower, P)
    assert follower.system(P.replace(n=99, lam=0.1, noise=1)).potential is first.potential
    assert follower._predict(P) is not None
    for other in (P.replace(gamma=1.5), P.replace(d=500), P.replace(network="nonnegative")):
        follower.system(P)
        found_at(follower, P)
        assert follower.system(other).potential is not first.potential
        assert follower._predict(P) is None


def test_what_is_not_finite_leads_nowhere() -> None:
    follower = Follower()
    _, root = solved()
    follower.found(P, replace(root, response=replace(root.response, path=-math.inf)))
    assert follower._predict(P.replace(lam=0.6)) is None
    follower.found(P, root)
    follower.found(P.replace(lam=0), root)
    assert follower._predict(P.replace(lam=0.6)) is None


def test_where_the_search_fails_a_line_starts_afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """A neighbour's start that does not lead to a root is followed by a solve without it."""
    starts: list[bool] = []

    def solve_from(problem, system, near=None):
        starts.append(near is not None)
        solution, root = solve_system(problem, system, None)
        return (replace(solution, status=Status.NOT_CONVERGED) if near is not None else solution), root

    monkeypatch.setattr(solver, "solve_system", solve_from)
    monkeypatch.setattr(Follower, "root", lambda *_: None)
    line = list(solver.solve_curve([P, P.replace(lam=0.6), P.replace(lam=0.7)]))
    assert [s.status for s in line] == ["converged"] * 3
    assert starts == [False, True, False, True, False]


# Together -------------------------------------------------------------------------------------------------


def test_how_many_points_are_solved_together() -> None:
    assert [batch.pieces(k) for k in (1, 3200, 6400, 10**6)] == [200, 200, 400, batch.TOGETHER]


def line(count: int, **change: float) -> list[ax.Problem]:
    base = ax.Problem("diagonal", gamma=1.25, d=1e8, n=1e4, lam=1, noise=1).replace(**change)
    return [base.replace(lam=float(x)) for x in np.geomspace(1e-4, 1e-1, count)]


@pytest.mark.parametrize("count", [3, 4, 5, 6, 11])
def test_few_are_left_and_more_are_solved_together(count: int) -> None:
    found = batch.solve_together(line(count))
    assert sum(s is not None for s in found) == (0 if count < 4 else count)


def test_only_those_whose_root_is_surely_finite_are_solved_together() -> None:
    problems = [*line(5), *(p.replace(lam=0, n=2 * p.d) for p in line(2))]
    assert [s is not None for s in batch.solve_together(problems)] == [True] * 5 + [False] * 2
    mixed = [q for p in line(5) for q in (p, p.replace(gamma=2))]  # two families, one after the other
    assert all(
        s is not None and s.problem == p for s, p in zip(batch.solve_together(mixed), mixed, strict=True)
    )


def test_many_pieces_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = batch.solve_together(line(20))
    monkeypatch.setattr(batch, "TOGETHER", 7)
    for one, other in zip(whole, batch.solve_together(line(20)), strict=True):
        assert one is not None
        assert other is not None
        assert one.problem == other.problem
        assert one.error == pytest.approx(other.error, rel=1e-12)


def test_those_between_start_from_both_neighbours() -> None:
    problems = line(7)
    systems = [System.of(p) for p in problems]
    roots = np.full(7, None, dtype=object)
    for k in (0, 4, 6):
        roots[k] = solved(problems[k])[1]
    start = batch._between(systems, roots, np.array([1, 2, 5]))
    for column, (low, high, share) in zip(start.T, ((0, 4, 0.25), (0, 4, 0.5), (4, 6, 0.5)), strict=True):
        path, log_tau = (
            (1 - share) * low_x + share * high_x
            for low_x, high_x in (
                (roots[low].response.path, roots[high].response.path),
                (roots[low].log_tau, roots[high].log_tau),
            )
        )
        assert column == pytest.approx([path, log_tau])
    # a problem that is not between the two has no start; nor has any if fewer than two are known
    astray = [*systems[:2], System.of(problems[2].replace(n=5e4)), *systems[3:]]
    assert np.isnan(batch._between(astray, roots, np.array([2]))).all()
    alone = np.full(7, None, dtype=object)
    alone[0] = roots[0]
    assert np.isnan(batch._between(systems, alone, np.array([1, 2]))).all()
    assert batch._between(systems, alone, np.array([1, 2])).shape == (2, 2)


def test_solving_together_takes_few_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds: list[int] = []
    potential = type(System.of(line(1)[0]).potential)
    responses = potential.responses

    def counted(self, path, log_tau):
        rounds.append(path.size)
        return responses(self, path, log_tau)

    monkeypatch.setattr(potential, "responses", counted)
    assert all(s is not None for s in batch.solve_together(line(101)))
    assert max(rounds) <= 80
    assert sum(rounds) < 6 * 101
    assert len(rounds) < 20


# Grids ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jobs", [0, -2, 1.0, True, "2"])
def test_a_number_of_processes_is_a_number(jobs: object) -> None:
    with pytest.raises(ax.InvalidInput, match="an integer >= 1, or -1 for all processors"):
        many.solve_many([P], n_jobs=jobs)


def test_a_grid_keeps_its_axes_in_the_order_given() -> None:
    grid = ax.solve_grid(P, lam=[1.0, 0.1, 0.5], n=[300, 100])
    assert dict(grid.sizes) == {"lam": 3, "n": 2}
    assert grid.error.dims == ("lam", "n")
    assert grid.lam.values.tolist() == [1.0, 0.1, 0.5]
    assert grid.n.values.tolist() == [300, 100]
    for lam in (1.0, 0.1, 0.5):
        for n in (300, 100):
            alone = ax.solve(P.replace(lam=lam, n=n)).error
            assert float(grid.error.sel(lam=lam, n=n)) == pytest.approx(alone, rel=1e-11)
    assert "lam" not in grid.attrs
    assert grid.attrs["noise"] == "0.3"
    only = ax.solve_grid(P, gamma=[2.0, 1.0])
    assert float(only.error.sel(gamma=2.0)) == pytest.approx(ax.solve(P.replace(gamma=2.0)).error, rel=1e-11)


def test_the_longest_axis_of_one_potential_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[ax.Problem] = []

    def watched(problems):
        seen.extend(problems)
        return [ax.solve(p) for p in problems]

    monkeypatch.setattr(many, "_solve_line", watched)
    ax.solve_grid(P, d=[100, 200, 300, 400], lam=[1.0, 0.1, 0.5], n=[50, 60])
    assert [float(p.lam) for p in seen[:3]] == [0.1, 0.5, 1.0]
    assert len({(p.d, p.n) for p in seen[:3]}) == 1
