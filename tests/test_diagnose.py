"""From weights back to noise, features and phase; and what is said about weights that are none."""

import json

import numpy as np
import pytest

import asymptotix as ax
from asymptotix.cli import main
from asymptotix.errors import InvalidInput
from asymptotix.examination import answers, questions
from asymptotix.examination.answers import draw_weights
from asymptotix.spectrum.noise_and_features import look
from asymptotix.spectrum.phase_contrasts import Contrasts, contrasts, tree
from asymptotix.spectrum.training_run import Known

# Far inside their phases at these sizes: (network, gamma, d, n_eff, lam, noise, phase).
POINTS = [
    ("quadratic", 1.25, 100, 450.0, 0.05, 3.0, "VIa"),
    ("quadratic", 0.8, 100, 75.0, 3.0, 0.1, "II"),
    ("quadratic", 0.6, 100, 3000.0, 0.1, 0.1, "VIb"),
    ("quadratic", 1.25, 200, 20.0, 20.0, 0.1, "Ib"),
    ("quadratic", 1.8, 200, 6.0, 0.01, 0.02, "IV"),
    ("quadratic", 1.5, 200, 12.0, 0.01, 15.0, "V"),
    ("symmetric", 1.25, 150, 0.3, 0.01, 1.0, "Ia"),
    ("symmetric", 1.25, 100, 450.0, 0.01, 1.0, "VIa"),
    ("diagonal", 1.25, 1000, 5000.0, 0.01, 1.0, "VIa"),
    ("diagonal", 1.25, 1000, 100.0, 1.0, 0.1, "II"),
]


def learned(p, seed=0):
    """Weights drawn from the state evolution's own law; eigenvalues for the spectral networks."""
    return draw_weights(p, np.random.default_rng(seed))


def matrix(values, seed=0):
    """A symmetric matrix with these eigenvalues."""
    vectors = np.linalg.qr(np.random.default_rng(seed).normal(size=(values.size, values.size)))[0]
    low = (vectors * values) @ vectors.T
    return (low + low.T) / 2.0


def test_phases_are_named_or_undecided_but_never_wrong():
    named = 0
    for network, gamma, d, n_eff, lam, noise, phase in POINTS:
        n = n_eff if network == "diagonal" else n_eff * d
        found = ax.diagnose(
            learned(ax.Problem(network, gamma=gamma, d=d, n=n, lam=lam, noise=noise)), network, samples=n
        )
        assert found.phase in (phase, "undecided")
        assert sum(found.probabilities.values()) == pytest.approx(1.0)
        named += found.phase == phase
    assert named >= len(POINTS) - 1


def test_noise_threshold_and_overfitting():
    p = ax.Problem("quadratic", gamma=1.25, d=400, n=60_000, lam=0.01, noise=1.0)
    s, parts, found = ax.solve(p), ax.decompose(p), ax.diagnose(matrix(learned(p)))
    assert found.effective_noise == pytest.approx(s.delta, rel=0.1)
    assert found.threshold == pytest.approx(s.eps, abs=0.15 * s.delta)
    assert found.features == pytest.approx(parts.features, abs=2)
    assert found.overfitting == pytest.approx(parts.overfitting, rel=0.15)
    assert found.pruning_threshold == pytest.approx(2 * s.delta - s.eps, rel=0.15)


def test_contrasts_name_the_phase_and_its_neighbours():
    for network, gamma, d, n_eff, lam, noise, phase in POINTS:
        n = n_eff if network == "diagonal" else n_eff * d
        here = contrasts(ax.Problem(network, gamma=gamma, d=d, n=n, lam=lam, noise=noise))
        assert here.phase == phase
        assert phase in here.accepted
        assert (here.accepted == (phase,)) >= here.clear
    with pytest.raises(InvalidInput, match="finite error"):
        contrasts(ax.Problem("diagonal", gamma=1, d=10, n=20, lam=0, noise=0))


def test_probabilities_of_a_tree_sum_to_one():
    rng = np.random.default_rng(0)
    for _ in range(20):
        chances = dict(zip(Contrasts.__dataclass_fields__, rng.random(7), strict=True))
        assert sum(tree(chances).values()) == pytest.approx(1.0)


def test_a_small_exam():
    results = list(answers.drawn(questions.questions(1, 6, seed=3), seed=3))
    assert {r.question.problem.network for r in results} == set(questions.RANGES.sizes)
    assert sum(answers.marks(results).values()) == pytest.approx(1.0)
    assert answers.marks(results)["wrong"] <= 0.1


def test_a_network_that_decayed_to_nothing_is_over_regularised():
    found = ax.diagnose(1e-8 * np.random.default_rng(0).normal(size=100), samples=1000)
    assert (found.phase, found.zero_mass) == ("Ib", 1.0)


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (np.zeros((3, 3, 3)), "axes"),
        (np.array(1.0), "axes"),
        (np.full((30, 30), np.nan), "nan"),
        (np.eye(30) * 1j, "complex"),
        (np.ones((30, 40)), "square"),
        (np.triu(np.ones((30, 30))), "symmetric"),
        (np.eye(19), "at least 20"),
        (np.array(["a"] * 30), "numbers"),
        ([[1.0], [1.0, 2.0]], "ragged"),
    ],
)
def test_bad_weights(bad, why):
    with pytest.raises(InvalidInput, match=why):
        ax.diagnose(bad)


@pytest.mark.parametrize(
    ("known", "why"),
    [
        ({"lam": 1.0}, "samples"),
        ({"train_loss": 1.0}, "samples"),
        ({"samples": 0.0}, "positive"),
        ({"samples": 9.0, "lam": -1.0}, "positive"),
        ({"samples": 9.0, "train_loss": np.nan}, "residual"),
        ({"gamma": 0.5}, "1/2"),
        ({"norm": np.inf}, "positive"),
    ],
)
def test_bad_facts(known, why):
    with pytest.raises(InvalidInput, match=why):
        ax.diagnose(np.eye(30), **known)


def test_a_few_learned_directions_are_features_and_not_noise():
    few = np.r_[9.0, 8.0, 1.0, 0.5, 0.2, np.zeros(75)]
    many = np.r_[9.0, 7.0, 5.0, np.linspace(1.0, 0.2, 40), np.zeros(40)]
    seen = look("diagonal", few)
    assert (seen.c, seen.delta, seen.bulk.size) == (None, None, 0)
    assert seen.spikes.tolist() == few[:5].tolist()
    seen = look("diagonal", many)
    assert seen.bulk.size > 30
    assert seen.spikes.tolist() == many[: seen.spikes.size].tolist()
    assert seen.spikes.size + seen.bulk.size == 43


def test_what_a_training_run_says_by_itself():
    run = Known("diagonal", d=100, nu=50.0, penalty=20.0, loss=8.0, gamma=1.5, norm=3.0)
    assert run.shape == pytest.approx(20.0 / np.sqrt(50.0 * 100 * 8.0))
    assert run.spare(0.5, 4.0) == pytest.approx(20.0 / 0.5 / 4.0)
    assert run.spare(0.5, 0.0) is None
    assert Known("diagonal", d=100).spare(0.5, 4.0) is None
    assert Known("diagonal", d=100).shape is None
    assert run.largest(1.5) == pytest.approx(3.0 * 10.0 / np.sqrt(np.sum(np.arange(1, 101) ** -3.0)))


def test_the_training_loss_tells_noise_that_zero_weights_do_not():
    nothing, run = np.zeros(100), {"samples": 50.0, "lam": 300.0, "norm": 1.0}
    loud, still = (ax.diagnose(nothing, train_loss=x, **run) for x in (1e3, 1.02))
    assert (loud.phase, still.phase) == ("Ia", "Ib")
    assert ax.diagnose(nothing, **run).phase in ("undecided", "Ib")


def test_zero_weights_are_undecided():
    found = ax.diagnose(np.zeros((30, 30)))
    assert (found.phase, found.features, found.overfitting) == ("undecided", 0, 0.0)


def test_command_line(tmp_path, capsys):
    np.save(tmp_path / "w.npy", np.diag(np.r_[np.arange(5.0, 0, -1), np.zeros(30)]))
    with pytest.raises(SystemExit) as left:
        main(["diagnose", str(tmp_path / "w.npy"), "--json"])
    assert left.value.code == 0
    promised = "effective_noise threshold features overfitting pruning_threshold phase probabilities"
    assert set(promised.split()) <= set(json.loads(capsys.readouterr().out))
    (tmp_path / "bad.npy").write_text("no array")
    for name in ("bad.npy", "absent.npy"):
        with pytest.raises(SystemExit) as left:
            main(["diagnose", str(tmp_path / name)])
        assert left.value.code == 2
        assert "weights" in capsys.readouterr().err
