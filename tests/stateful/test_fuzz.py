"""Campaigns on pyrevm, the staking machine's first: enough calls, each rule, and what is found."""

import pickle
import secrets
from dataclasses import replace

import pytest
from hypothesis import settings

from keel.models.staking import ledger
from tests.machines import fuzz
from tests.machines.catalogue import MACHINES, blueprints, built
from tests.machines.driver import Step
from tests.machines.regression import as_test, literal
from tests.machines.revm import RevmChain

QUICK = fuzz.Campaign("staking", seed=1, calls=6_000)
CALLS = {"staking": 20_000}
"""Of a machine, where it is not as many as `QUICK` makes."""
DEEP = 200_000


@pytest.fixture(scope="module")
def plans(artifacts):
    return built(blueprints("staking", artifacts))


@pytest.mark.parametrize("name", MACHINES)
def test_run__over_processes(name, artifacts, record_property):
    """The profile `deep` draws anew."""
    campaign = replace(QUICK, machine=name, calls=CALLS.get(name, QUICK.calls))
    if settings.get_current_profile_name() == "deep":
        campaign = replace(campaign, calls=DEEP, seed=secrets.randbelow(10**9))
    told = []
    outcome = fuzz.run(campaign, artifacts, told.append)
    assert not outcome.findings, outcome.findings[0].test
    assert not outcome.tally.faults(MACHINES[name].situations), campaign
    assert outcome.tally.calls >= campaign.calls
    assert told == sorted(told)
    per_second = outcome.tally.calls / outcome.cpu_seconds
    record_property(
        "measured",
        f"{name} campaign in process: {outcome.tally.calls} calls, all state compared after each, "
        f"{per_second:,.0f} per second of processor time",
    )


def test_run__ends_when_the_time_is_up(artifacts):
    """With the example at hand, of each worker."""
    outcome = fuzz.run(replace(QUICK, calls=None, seconds=0.0), artifacts)
    assert outcome.examples == QUICK.workers
    assert outcome.tally.calls > 0


def test_run__goes_on_while_there_is_time(artifacts):
    outcome = fuzz.run(replace(QUICK, calls=500, seconds=10**6), artifacts)
    assert outcome.examples > QUICK.workers
    assert outcome.tally.calls >= 500


def test_play_one__the_example_of_the_campaign(plans):
    machine = MACHINES["staking"].open(RevmChain(), plans)
    first, again, other = (fuzz.play_one(machine, QUICK, n).tally for n in (3, 3, 4))
    assert first == again != other


@pytest.fixture
def wrong_model(monkeypatch):
    """The models take fees in parts of 10,001."""
    monkeypatch.setattr(ledger, "BPS", 10_001)
    return monkeypatch


def test_finding__small_and_a_test_that_fails_until_it_is_mended(
    wrong_model, plans, fast_rpc, artifacts
):
    machine = MACHINES["staking"].open(RevmChain(), plans)
    outcome = fuzz.Outcome()
    for _ in fuzz.examples_of(machine, replace(QUICK, workers=1), outcome):
        pass
    (finding,) = outcome.findings
    assert finding.place.startswith("AssertionError at tests/machines/staking_chain.py:")
    assert [step.rule for step in finding.steps] == ["start_validators", "report_gain"]
    assert len(finding.found) > len(finding.steps)
    assert pickle.loads(pickle.dumps(outcome)) == outcome  # as it comes from a worker
    assert fuzz.on_anvil(finding, artifacts) == finding.place

    printed: dict = {}
    exec(compile(finding.test, "printed.py", "exec"), printed)
    (test,) = (value for name, value in printed.items() if name.startswith("test_"))
    with pytest.raises(AssertionError):
        test(fast_rpc, artifacts)
    wrong_model.undo()
    test(fast_rpc, artifacts)
    assert fuzz.on_anvil(finding, artifacts) is None


def test_as_test__reads_well():
    steps = [
        Step("start_validators", {}),
        Step("submit", {"name": "staker", "value": 2**128 - 1}),
        Step("request", {"parts": [1] * 30, "terms": (0, 2**256 - 1)}),
    ]
    calls = [["pool.approve()"] * 9, ["pool.submit(nobody) by staker with 1 wei"]]
    text = as_test("staking", 7, 123, steps, calls)
    assert "seed 7, in example 123" in text
    assert "    # opens with 9 calls\n" in text
    assert "    # pool.submit(nobody) by staker with 1 wei\n    Step(" in text
    assert '{"name": "staker", "value": 2**128 - 1}' in text
    assert max(map(len, text.splitlines())) <= 120
    assert "import Part" not in text


@pytest.mark.parametrize(
    "value", [True, None, 0, 99_999, 2**64, 2**255 - 1, -3, "word", [1], (1,), (), 0.5]
)
def test_literal__is_its_value(value):
    assert eval(literal(value)) == value
