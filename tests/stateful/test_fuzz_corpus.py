"""What campaigns keep for the next one."""

from collections import Counter
from dataclasses import replace

import pytest
from distributed import LocalCluster

from keel.models.staking import ledger
from tests.machines import cluster, corpus, fuzz
from tests.machines.catalogue import MACHINES, blueprints, built
from tests.machines.corpus import Kept
from tests.machines.driver import random_of
from tests.machines.revm import RevmChain
from tests.machines.tally import Deeds, Tally

QUICK = fuzz.Campaign("staking", seed=1, calls=2_000, workers=1)


@pytest.fixture(scope="module")
def machine(artifacts):
    return MACHINES["staking"].open(RevmChain(), built(blueprints("staking", artifacts)))


def kept(example, *shows, seed=1):
    return Kept(seed, example, 100, shows)


def play(machine, campaign, examples):
    outcome = fuzz.Outcome()
    for _ in fuzz.examples_of(machine, campaign, outcome):
        if outcome.examples == examples:
            return outcome
    return outcome


def test_shown_by__acts_and_refusals_of_each_rule():
    tally = Tally(
        {
            "stake": Deeds(3, Counter({"pool.submit": 2}), Counter({"submit: ZeroAmount": 1})),
            "leave": Deeds(1, Counter({"pool.submit": 1}), Counter()),
            "idle": Deeds(),
        }
    )
    assert corpus.shown_by(tally) == {
        "stake: pool.submit", "stake: refused, submit: ZeroAmount", "leave: pool.submit",
    }  # fmt: skip


def test_merged__few_that_show_all():
    examples = [kept(1, "a"), kept(2, "a", "b"), kept(3, "b", "c"), kept(4, "c", "d", "a")]
    chosen = corpus.merged(examples, [kept(9, "b", seed=2)])
    assert chosen == (examples[3], examples[1])
    assert corpus.merged(chosen, chosen) == chosen
    assert corpus.merged((), ()) == ()


def test_load__what_was_saved(tmp_path):
    folder = tmp_path / "corpus"
    assert corpus.load(folder, "staking") == ()
    examples = (kept(1, "a", "b"), kept(7, "c", seed=3))
    corpus.save(folder, "staking", examples)
    assert corpus.load(folder, "staking") == examples
    assert corpus.load(folder, "swap") == ()


def test_campaign__keeps_what_was_new_and_begins_with_it(machine):
    first = play(machine, QUICK, 8)
    assert first.kept[0].example == 0
    assert first.shown == {what for each in first.kept for what in each.shows}
    known = corpus.merged((), first.kept)
    assert 0 < len(known) <= len(first.kept)
    again = play(machine, replace(QUICK, seed=2, corpus=known), len(known))
    assert again.shown == first.shown, "the same examples, whatever the new seed"
    assert {each.seed for each in again.kept} == {1}
    more = play(machine, replace(QUICK, seed=2, corpus=known), len(known) + 2)
    assert more.examples == len(known) + 2


def test_campaign__workers_share_the_corpus():
    known = tuple(kept(number) for number in range(5))
    campaign = replace(QUICK, workers=2, corpus=known)
    played = []
    for worker in range(2):
        examples = campaign.examples(worker)
        played += [next(examples)[1] for _ in known[worker::2]]
        of, example = next(examples)
        assert (of, example) == (campaign, worker)
        assert next(examples) == (campaign, worker + 2)
    assert sorted(played) == [0, 1, 2, 3, 4]


def test_finding__of_the_corpus__names_its_own_seed(machine, monkeypatch):
    monkeypatch.setattr(ledger, "BPS", 10_001)
    failing = play(machine, QUICK, 100).findings[0]
    known = (kept(failing.example),)
    finding = play(machine, replace(QUICK, seed=99, corpus=known), 1).findings[0]
    assert (finding.seed, finding.example) == (failing.seed, failing.example)
    assert (
        random_of(finding.seed, finding.example).random() == random_of(1, failing.example).random()
    )


def test_cluster__plays_on_all_its_workers(artifacts):
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as machines:
        campaign = fuzz.Campaign("staking", seed=1, calls=2_000)
        outcome = cluster.run(machines.scheduler_address, campaign, artifacts)
    assert not outcome.findings
    assert outcome.tally.calls >= campaign.calls
    assert outcome.kept
    assert outcome.cpu_seconds > 0
