"""Where deep networks end: small starts at zero, large ones where the penalised problem's own minimiser does."""

from asymptotix.checks.deep_starts import starts
from asymptotix.experiments.starts import PROBLEMS, SCALES, ends
from asymptotix.store import Store


def test_a_start_is_recalled_and_a_larger_one_ends_lower(tmp_path):
    store = Store(tmp_path / "starts.jsonl")
    problem = PROBLEMS[0].replace(d=60, n=80)
    small, large = (ends(problem, scale, store, seeds=3) for scale in (SCALES[0], SCALES[-1]))
    assert small.kept == (0, 0, 0)
    assert small.errors == (1.0, 1.0, 1.0)
    assert all(a < b for a, b in zip(large.objectives, small.objectives, strict=True))
    assert ends(problem, SCALES[-1], store, seeds=3) == large
    assert len((tmp_path / "starts.jsonl").read_text().splitlines()) == 2


def test_the_claims_name_what_they_hold():
    verdicts = list(starts(full=False))
    assert [v.id.split("/")[1] for v in verdicts] == ["small", "large", "objective"]
    assert all(v.passed for v in verdicts)
    assert verdicts[1].tolerance < 0.5 * verdicts[1].predicted
