"""A devnet alone with its keepers: two days, keepers killed at random, the node restarted once.

Of fixed dates: with a Friday among them, options may expire.
One of each kind is down for sixty blocks over a report; once two of three members are, and the
report waits for one of them.

`make trial ARGS='--days 30'` is the long form.
"""

from datetime import date
from itertools import permutations
from random import Random
from threading import Lock

import pytest

from keel.chain.artifacts import BuildFile
from keel.keepers.catalogue import KINDS, ROOT
from keel.keepers.outages import ALL, Outages
from keel.keepers.trial import Trial, merged_log


def test_trial__kills_and_a_restart__nothing_late_twice_or_lost(tmp_path):
    artifacts = BuildFile(ROOT / ".build" / "__local__.json")
    settings = {"days": 2, "kills_per_block": 0.1, "first": date(2026, 1, 1)}
    outcome = Trial(artifacts=artifacts, folder=tmp_path, **settings).run()
    assert outcome.problems == []
    assert all(frame.applied for frame in outcome.frames)
    assert len(outcome.frames) >= 2
    assert [push.blocks is not None for push in outcome.pushes] == [True] * 4
    assert sum(outcome.kills.values()) >= 10
    assert outcome.node_restarts == 1
    down = {each.keeper.partition("-")[0] for each in outcome.outages if each.blocks >= 60}
    expired = {"settler", "roller"} if outcome.rolls else set()
    assert down - {"settler", "roller"} == set(KINDS) - {"settler", "roller"}
    assert expired <= down
    members = [each for each in outcome.outages if each.keeper.startswith("reporter")]
    pairs = permutations(members, 2)
    assert any(one.began <= other.began < one.began + one.blocks for one, other in pairs)
    assert outcome.audit.claimed > 0
    log = merged_log(tmp_path)
    assert "votes for the report" in log
    assert "because" in log


class Held:
    """Stands in for the supervisor: who is held."""

    def __init__(self):
        self.names = set()

    def hold(self, name):
        self.names.add(name)

    def release(self, name):
        self.names.remove(name)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("days", [2, 8, 30])
def test_outages__of_each_kind_one_very_long__and_never_all_members(days, seed):
    held = Held()
    outages = Outages(held, Random(seed), days, Lock())
    block = 0
    for day in range(days):
        outages.over_report(day, block, expires=day % 7 == 1)
        outages.over_votes(day, block + 5)
        for _ in range(70):
            block += 1
            outages.end_due(block)
            assert held.names == outages.away
            assert not held.names & {"forecaster-2", "forecaster-3"}
            assert sum(name.startswith("reporter") for name in held.names) <= 2
    blocks = 30 * min(days, 10)
    down = {each.keeper.partition("-")[0] for each in outages.all if each.blocks == blocks}
    assert down == set(KINDS)
    outages.end(ALL)
    assert held.names == set()
