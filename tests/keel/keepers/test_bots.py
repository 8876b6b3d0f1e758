"""Silverback's entry points: one for each keeper, and a bot that ticks its runner."""

import importlib
import sys

import pytest

from bots import _silverback
from keel.keepers.catalogue import KINDS, ROOT


def test_bots__one_for_each_keeper():
    named = {path.stem for path in (ROOT / "bots").glob("[!_]*.py")}
    assert named == set(KINDS)


@pytest.mark.parametrize("name", sorted(KINDS))
def test_bot__is_that_of_its_name(monkeypatch, name):
    made = []
    monkeypatch.setattr(_silverback, "make_bot", lambda kind: made.append(kind) or "a bot")
    monkeypatch.delitem(sys.modules, f"bots.{name}", raising=False)
    assert importlib.import_module(f"bots.{name}").bot == "a bot"
    assert made == [name]
    monkeypatch.delitem(sys.modules, f"bots.{name}")
