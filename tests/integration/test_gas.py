"""Gas of the calls that users pay for, held to a snapshot: it may fall, not rise."""

import json
import os
from pathlib import Path

import pytest

from keel.chain.gas import ANCHORS, measure

ROOT = Path(__file__).parents[2]
SNAPSHOT = ROOT / "tests" / "snapshots" / "gas.json"


@pytest.fixture(scope="module")
def measured(artifacts):
    return measure(artifacts)


def test_gas__no_call_costs_more_than_before(measured):
    if os.environ.get("KEEL_UPDATE_SNAPSHOTS"):
        SNAPSHOT.write_text(json.dumps(measured, indent=2, sort_keys=True) + "\n")
    known = json.loads(SNAPSHOT.read_text())
    assert known.keys() == measured.keys(), "refresh with KEEL_UPDATE_SNAPSHOTS=1"
    rises = {key: measured[key] - known[key] for key in known if measured[key] > known[key]}
    assert not rises, f"gas rose: {rises}"


@pytest.mark.parametrize("key", sorted(ANCHORS))
def test_gas__is_within_the_budget(measured, key):
    anchor, most = ANCHORS[key]
    assert measured[key] <= most
    if anchor is not None:
        assert measured[key] < anchor


def test_readme__names_each_figure():
    readme = (ROOT / "README.md").read_text()
    stale = {
        key: gas
        for key, gas in json.loads(SNAPSHOT.read_text()).items()
        if f"{gas:,}" not in readme
    }
    assert not stale, f"the README's gas table is out of date: {stale}"
