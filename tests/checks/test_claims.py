"""Every claim family's quick sample holds, and every row says what it must."""

import math
import subprocess
import sys

import pytest

from asymptotix.checks import chosen, run
from asymptotix.checks.claim import Family, Verdict
from asymptotix.errors import InvalidInput, NotConverged


@pytest.mark.parametrize("family", chosen(), ids=lambda f: f.id)
def test_quick_claims_hold(family: Family):
    verdicts = list(family.run(full=False))
    assert len({v.id for v in verdicts}) == len(verdicts) > 0
    for verdict in verdicts:
        assert verdict.passed, verdict
        assert verdict.claim
        assert verdict.witness
        assert verdict.tolerance_from


def test_families_are_chosen_by_their_beginning():
    assert {v.id.split("/")[0] for v in run(prefixes=["pure", "least"])} == {"pure-noise", "least-squares"}


@pytest.mark.parametrize("measured", [1.0 + 3e-9, math.nan, math.inf])
def test_a_claim_can_fail(measured):
    assert not Verdict("x", "x", "x", 1.0, measured, 1e-9, "x").passed


@pytest.mark.parametrize(
    "error", [NotConverged("no root"), ZeroDivisionError("by zero"), KeyError("no root")]
)
def test_a_claim_that_raises_fails_and_the_others_go_on(error, monkeypatch):
    def check(full):
        yield Verdict("x/1", "x", "x", 1.0, 1.0, 0.0, "x")
        raise error

    def other(full):
        yield Verdict("y/1", "y", "y", 1.0, 1.0, 0.0, "y")

    monkeypatch.setattr("asymptotix.checks.FAMILIES", (Family("x", check), Family("y", other)))
    found = {v.id: v for v in run()}
    assert {name: v.passed for name, v in found.items()} == {"x/1": True, "x/stopped": False, "y/1": True}
    assert found["x/stopped"].claim == f"could not go on: {type(error).__name__}: {error}"


def test_an_interruption_is_no_verdict():
    def check(full):
        raise KeyboardInterrupt
        yield

    with pytest.raises(KeyboardInterrupt):
        list(Family("x", check).run(full=False))


def test_unknown_claim_is_named():
    with pytest.raises(InvalidInput, match="no-such-claim"):
        list(run(prefixes=["no-such-claim"]))


def test_the_function_spectrum_and_the_claims_can_be_imported_in_either_order():
    code = "from asymptotix import spectrum, simulate, sweep; import asymptotix.checks"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
