"""Layouts are read as the snapshots have them."""

import pytest

from tests.machines import slots
from tests.machines.slots import Layout


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
