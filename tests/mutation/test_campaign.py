"""A mutant that matters is killed, one that does nothing lives, and what is known is not redone."""

import json
import multiprocessing
import os
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import Phase, settings

from tests.mutation.aim import aimed
from tests.mutation.build import Build
from tests.mutation.campaign import with_workers
from tests.mutation.equivalent import Equivalent, equivalents
from tests.mutation.operators import Mutant, sites
from tests.mutation.record import OtherCampaign, Record, Result, Status
from tests.mutation.report import Findings, Score, alive, as_json
from tests.mutation.sample import drawn, places_in
from tests.mutation.solc import Solc
from tests.mutation.sources import Sources
from tests.mutation.surroundings import Surroundings
from tests.mutation.worker import Bench, Limits, tried

GAUGE = "contracts/liquidity/LiquidityGauge.sol"
STAKED = "_stakes[receiver] += amount;"
SAMPLE = {"seed": 1, "sources": "abc"}


@pytest.fixture(scope="module")
def solc():
    with Solc() as solc:
        yield solc


@pytest.fixture(scope="module")
def sources():
    return Sources()


def mutant_at(sources, found, replacement, operator="assignment", file=GAUGE):
    text = sources[file].decode()
    start = len(text[: text.index(found)].encode())
    line = text[: text.index(found)].count("\n") + 1
    return Mutant(operator, file, start, found, replacement, line, "", found, replacement)


@pytest.fixture(scope="module")
def some(sources):
    """Mutants of the gauge, none of which is compiled."""
    return [mutant_at(sources, STAKED, f"{STAKED} {n};") for n in range(6)]


# Trying


@pytest.fixture(scope="module")
def artifacts_of_gauge(solc, sources):
    mocks = [(f"contracts/mocks/{name}.sol", name) for name in ("RateTokenMock", "RewardTokenMock")]
    return Build(solc, sources).all([*mocks, (GAUGE, "LiquidityGauge")])


@pytest.fixture
def bench(artifacts_of_gauge, sources):
    surroundings = Surroundings()
    surroundings.artifacts = dict(artifacts_of_gauge)
    return Bench(sources, surroundings, ({}, {}, set()), [], {}, Limits(fast=12.0))


def trial_of(mutant, bench, sources, solc):
    return tried(bench, Build(solc, sources), solc, mutant, {})


def test_tried__what_a_machine_sees__is_killed(bench, sources, solc):
    """Whoever stakes is given nothing for it."""
    text = sources[GAUGE]
    tree = solc.trees(sources.closure([GAUGE]), [GAUGE])[GAUGE]
    mutant = next(
        mutant
        for place in sites(GAUGE, text, tree)
        for mutant in place
        if mutant.operator == "compound" and mutant.function == "stake"
    )
    result = trial_of(mutant, bench, sources, solc)
    assert (result.status, result.killer) == (Status.KILLED, "machine gauge"), result


def test_tried__what_changes_nothing__lives(bench, sources, solc):
    """Code that the compiler does not see through: it is played for all the time there is."""
    mutant = mutant_at(sources, STAKED, f"amount += 0; {STAKED}")
    result = trial_of(mutant, replace(bench, limits=Limits(fast=4.0)), sources, solc)
    assert (result.status, result.killer) == (Status.ALIVE, ""), result
    assert result.seconds >= 4


def test_tried__what_does_not_compile__does_not_count(bench, sources, solc):
    mutant = mutant_at(sources, STAKED, "nonsense;")
    result = trial_of(mutant, bench, sources, solc)
    assert result.status == Status.INVALID
    assert "Undeclared identifier" in result.said


def test_tried__the_same_code__is_told(bench, sources, solc):
    mutant = mutant_at(sources, STAKED, f"{{}} {STAKED}")
    assert trial_of(mutant, bench, sources, solc).status == Status.SAME_CODE


def test_workers__end_when_their_campaign_is_killed(bench):
    reading, writing = os.pipe()

    def act(_pipes):
        pids = [process.pid for process in multiprocessing.active_children()]
        os.write(writing, json.dumps(pids).encode())
        time.sleep(60)

    campaign = multiprocessing.get_context("fork").Process(
        target=with_workers, args=(bench, 2, act)
    )
    campaign.start()
    pids = json.loads(os.read(reading, 4_096))
    campaign.kill()
    campaign.join()
    deadline = time.monotonic() + 120
    while any(map(is_alive, pids)):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert len(pids) == 2


def is_alive(pid):
    status = Path(f"/proc/{pid}/status")
    return status.exists() and "State:\tZ" not in status.read_text()


# Aiming


def aimed_at(mutant, seconds, kills):
    items = [SimpleNamespace(nodeid=name) for name in seconds]
    return [item.nodeid for item in aimed(items, seconds, mutant, kills)]


def test_aimed__killers_then_words_in_common_then_the_fastest(some):
    roll, claim, guard = (
        "tests/unit/options/vault/test_roll.py::test_roll",
        "tests/unit/options/vault/test_claim_redeem.py::test_redeem",
        "tests/regression/test_vault_reentrancy.py::test_doors",
    )
    seconds = {roll: 0.1, claim: 0.2, guard: 0.3, "tests/unit/staking/test_oracle.py::test": 0.0}
    file = "contracts/options/OptionVault.sol"
    mutant = replace(some[0], file=file, function="maxWithdraw", operator="modifier")
    guarded = replace(mutant, original="nonReentrant", before="nonReentrant", after="")
    assert aimed_at(guarded, seconds, {}) == [guard, roll, claim]
    plain = replace(mutant, operator="literal", function="redeem")
    assert aimed_at(plain, seconds, {}) == [claim, roll, guard]
    assert aimed_at(plain, seconds, {roll: 1}) == [roll, claim, guard]


def test_aimed__by_the_folder_before_the_name(some):
    pools, options = (
        "tests/unit/staking/test_vault.py::test",
        "tests/unit/options/test_pool.py::test",
    )
    mutant = replace(some[0], file="contracts/staking/ValidatorVault.sol")
    assert aimed_at(mutant, {pools: 0.1, options: 0.1}, {}) == [pools]


def test_profile__fails_at_the_first_example_and_always_at_the_same():
    profile = settings.get_profile("mutants")
    assert profile.derandomize
    assert not {Phase.shrink, Phase.explain} & {*profile.phases}


# Drawing


def test_drawn__the_same_for_a_seed__one_of_each_place(some):
    places = [some[:3], some[3:4], some[4:]]
    first = [*drawn(places, 7)]
    assert first == [*drawn(places, 7)]
    assert len(first) == 3
    assert all(len(set(place) & set(first)) == 1 for place in places)
    assert any([*drawn(places, seed)] != first for seed in range(8, 20))


def test_drawn__a_place_more__leaves_the_others_in_their_order(some):
    places = [[mutant] for mutant in some]
    fewer = [*drawn(places[:4], 7)]
    assert [mutant for mutant in drawn(places, 7) if mutant in fewer] == fewer


# Remembering


def results_of(some):
    states = (Status.KILLED, Status.ALIVE, Status.INVALID, Status.SAME_CODE, Status.KILLED)
    return [
        Result(mutant, status, "machine gauge" if status == Status.KILLED else "", seconds=2.5)
        for mutant, status in zip(some, states, strict=False)
    ]


def test_record__goes_on_after_half_a_line(tmp_path, some):
    path = tmp_path / "results.jsonl"
    record = Record(path, SAMPLE)
    results = results_of(some)
    for result in results:
        record.add(result)
    path.write_text(path.read_text()[:-20])
    again = Record(path, SAMPLE)
    assert [*again.values()] == results[:-1]
    again.add(results[-1])
    assert [*Record(path, SAMPLE).values()] == results


def test_record__the_later_result_counts(tmp_path, some):
    record = Record(tmp_path / "results.jsonl", SAMPLE)
    alive = Result(some[0], Status.ALIVE)
    record.add(alive)
    record.add(replace(alive, status=Status.KILLED, killer="a test", fast=False))
    assert [result.killer for result in Record(record.path, SAMPLE).values()] == ["a test"]


def test_record__of_another_sample__is_refused(tmp_path):
    Record(tmp_path / "results.jsonl", SAMPLE)
    with pytest.raises(OtherCampaign, match="of another sample"):
        Record(tmp_path / "results.jsonl", SAMPLE | {"seed": 2})


def test_record__forgets_what_is_of_other_code(tmp_path, some):
    record = Record(tmp_path / "results.jsonl", SAMPLE)
    for code, mutant in zip("abaab", some, strict=False):
        record.add(Result(mutant, Status.KILLED, code=code))
    assert [result.mutant for result in record.tried("b")] == [some[1], some[4]]
    record.forget_others("b")
    assert [*Record(record.path, SAMPLE)] == [*record] == [some[1].key, some[4].key]


# Telling


def test_score__of_those_that_differ_and_compile(tmp_path, some):
    record = Record(tmp_path / "results.jsonl", SAMPLE)
    for result in results_of(some):
        record.add(result)
    record.add(Result(some[5], Status.KILLED, "a test", fast=False))
    findings = Findings(record, {})
    assert findings.score == Score(tried=4, killed=3, fast=2)
    told = as_json(findings, SAMPLE)
    figures = [told[name] for name in ("score", "score of the fast layers", "same code", "invalid")]
    assert figures == [0.75, 0.5, 1, 1]
    assert [result.mutant for result in alive(findings.results)] == [some[1]]


def proof_of(mutant):
    return Equivalent(
        mutant.file, mutant.function, mutant.operator, mutant.before, mutant.after, "Nobody stakes."
    )


def test_findings__what_is_proved_equivalent_does_not_count(tmp_path, some):
    record = Record(tmp_path / "results.jsonl", SAMPLE)
    for result in results_of(some):
        record.add(result)
    findings = Findings(record, {some[1].key: proof_of(some[1])})
    assert findings.score == Score(tried=2, killed=2, fast=2)
    assert [result.mutant for result in findings.equivalent] == [some[1]]
    assert findings.good


def test_findings__a_proof_of_what_is_killed__fails(tmp_path, some):
    record = Record(tmp_path / "results.jsonl", SAMPLE)
    for result in results_of(some):
        record.add(result)
    findings = Findings(record, {mutant.key: proof_of(mutant) for mutant in some[:2]})
    assert [result.mutant for result in findings.refuted] == [some[0]]
    assert findings.score == Score(tried=2, killed=2, fast=2)
    assert not findings.good


def test_equivalents__each_is_a_mutant(solc, sources):
    """An entry for lines that have changed proves nothing."""
    listed = equivalents()
    places = places_in(solc, sources, sources.mutated)
    idle = listed.keys() - {mutant.key for place in places for mutant in place}
    assert not [listed[key] for key in idle]
    assert all(len(entry.proof) > 40 for entry in listed.values())
