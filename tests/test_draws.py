"""Derandomized tests draw the same whichever modules were imported before them."""

import sys
from importlib import util

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.internal.conjecture import providers

RARE = set(range(7_000_000_019, 7_000_000_219))


def drawn() -> list[int]:
    seen = []

    @settings(derandomize=True, max_examples=1_000, database=None)
    @given(st.integers(0, 2**40))
    def draw(number):
        seen.append(number)

    draw()
    return seen


@pytest.fixture
def rare_module(tmp_path):
    """Imports a module of numbers that nobody draws by chance."""

    def load():
        path = tmp_path / "rare.py"
        path.write_text(f"RARE = {RARE}\n")
        spec = util.spec_from_file_location("rare", path)
        sys.modules["rare"] = util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules["rare"])

    yield load
    del sys.modules["rare"]


@pytest.fixture
def constants_of_modules(monkeypatch):
    """Hypothesis as it comes, for one test."""
    constants = providers._get_local_constants
    monkeypatch.setattr(
        providers.HypothesisProvider, "_local_constants", property(lambda _self: constants())
    )
    providers.CONSTANTS_CACHE.cache.clear()
    yield
    providers.CONSTANTS_CACHE.cache.clear()


def test_draws__the_same_whatever_is_imported(rare_module):
    """But of the profile `deep`, which draws anew each time anyway."""
    before = drawn()
    assert len(before) == 1_000
    assert not RARE & set(before)
    rare_module()
    same = drawn() == before
    assert same == (settings.get_current_profile_name() != "deep")


def test_draws__differ_with_hypothesis_as_it_comes(rare_module, constants_of_modules):
    """Or there would be nothing to keep out."""
    rare_module()
    assert RARE & set(drawn())
