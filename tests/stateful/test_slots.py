"""Layouts are read as the snapshots have them; no change of a model or a contract stays unseen."""

from collections import deque

import pytest

from tests.machines import slots
from tests.machines.slots import Comparison, Layout, Remembered, Section, table


@pytest.fixture
def layout(tmp_path, monkeypatch):
    (tmp_path / "Shop.json").write_text(
        '["0+0 address _owner", "3+0 mapping(uint256 => struct Shop.Item) _items",'
        ' "struct Shop.Item: 0+0 uint96 price; 0+12 uint128 weight; 0+28 uint32 soldAt"]'
    )
    monkeypatch.setattr(slots, "LAYOUTS", tmp_path)
    return Layout("Shop")


def test_slot__by_name(layout):
    assert (layout.slot("_owner"), layout.slot("_items")) == (0, 3)


def test_slot__unknown__says_what_to_do(layout):
    with pytest.raises(LookupError, match=r"no variable _prices of Shop .* `make snapshots`"):
        layout.slot("_prices")


def test_pack__fields_at_their_places(layout):
    packed = layout.pack("Item", {"price": 5, "soldAt": 7, "weight": 6})
    assert packed == 5 | 6 << 96 | 7 << 224


@pytest.mark.parametrize(
    ("value", "change"),
    [
        ({"a": 1}, lambda v: v.update(a=2)),
        ({"a": 1}, lambda v: v.update(b=1)),
        ([1], lambda v: v.append(2)),
        ([1, 2], lambda v: v.reverse()),
        ({1}, lambda v: v.add(2)),
        (deque([1]), lambda v: v.clear()),
    ],
)
def test_remembered__changed_in_place__is_worked_out_again(value, change):
    times = []
    remembered = Remembered(lambda told, _other: [Section(str(times.append(told)), [], [], [])])
    first = remembered.sections(value, 7)
    assert remembered.sections(value, 7) is first
    assert remembered.sections(value, 8) is not first
    before = len(times)
    change(value)
    remembered.sections(value, 8)
    assert len(times) == before + 1


class Storage:
    """A chain that only has slots; those of no word are zero."""

    def __init__(self):
        self.words = {}

    def storage(self, slots):
        return [self.words.get(slot, 0) for slot in slots]


@pytest.fixture
def shop():
    """A comparison of two prices, and of a number whose upper half a model doesn't know."""
    storage, prices = Storage(), {0: 5, 1: 6}
    storage.words = {("shop", 0): 5, ("shop", 1): 6, ("shop", 9): 1 << 128 | 7}
    rows, comparison = table("price", lambda item: ("shop", item)), Comparison(storage)

    def lower(words):
        return [words[0] % 2**128]

    sold = Section("sold", ["items"], [("shop", 9)], [7], lower)
    return storage, prices, lambda: comparison.require([sold, *rows.sections(prices)])


def test_require__same(shop):
    storage, prices, require = shop
    require()
    prices[2] = storage.words["shop", 2] = 8
    require()
    storage.words["shop", 9] += 1 << 200
    require()


def test_require__contract_alone_has_changed(shop):
    storage, _prices, require = shop
    require()
    for slot, word, told in ((1, 9, "price 1"), (9, 8, "sold items")):
        before, storage.words["shop", slot] = storage.words["shop", slot], word
        with pytest.raises(AssertionError, match=told):
            require()
        storage.words["shop", slot] = before
        require()


def test_require__model_alone_has_changed(shop):
    _storage, prices, require = shop
    require()
    prices[1] = 9
    with pytest.raises(AssertionError, match=r"price 1.*'contract': 6, 'model': 9"):
        require()
