"""A devnet alone with its keepers: two days, keepers killed at random, the node restarted once.

Of fixed dates: with a Friday among them, options may expire.
One of each kind is down for sixty blocks over a report; once two of three members are, and the
report waits for one of them.

`make trial ARGS='--days 30'` is the long form.
"""

from datetime import date
from itertools import permutations

from keel.chain.artifacts import BuildFile
from keel.keepers.catalogue import KINDS, ROOT
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
