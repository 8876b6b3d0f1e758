"""Gas of the calls that users pay for, held to a snapshot: it may fall, not rise."""

import json
import os
from pathlib import Path

import pytest

from keel.chain.gas import ANCHORS, MISSED, GasMeter

SNAPSHOT = Path(__file__).parents[1] / "snapshots" / "gas.json"


@pytest.fixture(scope="module")
def measured(chain, stack, owner, staker, other_staker, stack_config):
    with chain.isolate():
        names = (str(account.address) for account in (owner, staker, other_staker))
        return GasMeter(stack, *names, stack_config.members).measure()


def test_gas__no_call_costs_more_than_before(measured):
    if os.environ.get("KEEL_UPDATE_SNAPSHOTS"):
        SNAPSHOT.write_text(json.dumps(measured, indent=2, sort_keys=True) + "\n")
    known = json.loads(SNAPSHOT.read_text())
    assert known.keys() == measured.keys(), "refresh with KEEL_UPDATE_SNAPSHOTS=1"
    # Addresses are calldata, and their zero bytes are cheaper: a deployment differs by a few dozen.
    rises = {key: measured[key] - known[key] for key in known if measured[key] > known[key] + 60}
    assert not rises, f"gas rose: {rises}"


@pytest.mark.parametrize("key", sorted(ANCHORS))
def test_gas__is_within_the_budget(measured, key):
    anchor, most = ANCHORS[key]
    assert (measured[key] <= most) == (key not in MISSED), measured[key]
    assert measured[key] < anchor
