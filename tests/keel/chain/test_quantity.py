"""Amounts with units, exact or refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keel.chain.quantity import (
    BPS,
    COUNT,
    ETHER,
    FEE,
    SECONDS,
    TIMES,
    WAD,
    Key,
    QuantityInvalid,
)

UNITS = (BPS, COUNT, ETHER, FEE, SECONDS, TIMES, WAD)


@pytest.mark.parametrize(
    ("unit", "text", "amount"),
    [
        (ETHER, "1 ether", 10**18),
        (ETHER, "0.000000000000000001 ether", 1),
        (ETHER, "2 gwei", 2 * 10**9),
        (SECONDS, "1 hour", 3_600),
        (SECONDS, "1.5 days", 129_600),
        (SECONDS, "62_324 seconds", 62_324),
        (BPS, "5 %", 500),
        (BPS, "5%", 500),
        (BPS, "1 bps", 1),
        (WAD, "0.01 %", 10**14),
        (FEE, "0.04 %", 4_000_000),
        (TIMES, "2 x", 2 * 10**10),
        (COUNT, "7_200", 7_200),
    ],
)
def test_parse__exact(unit, text, amount):
    assert unit.parse(text) == amount


@pytest.mark.parametrize(
    ("unit", "text", "problem"),
    [
        (ETHER, "1", "'1' is without a unit"),
        (ETHER, "1 eth", "'1 eth' is in 'eth'"),
        (ETHER, "0.5 wei", "finer than the contracts count"),
        (ETHER, "nan ether", "finer than the contracts count"),
        (ETHER, "inf ether", "finer than the contracts count"),
        (ETHER, "much ether", "is not a number"),
        (BPS, "0.001 %", "finer than the contracts count"),
        (COUNT, "7 %", "'7 %' is in '%'"),
        (SECONDS, "", "is not a number"),
    ],
)
def test_parse__reverts(unit, text, problem):
    with pytest.raises(QuantityInvalid, match=r".+") as refusal:
        unit.parse(text)
    assert problem in refusal.value.problem
    assert refusal.value.next_step.startswith("write ")


@given(st.sampled_from(UNITS), st.integers(0, 2**96))
def test_show__is_read_back(unit, amount):
    if unit in (FEE, WAD, TIMES) or amount < 10**9:
        assert unit.parse(unit.show(amount).replace(",", "")) == amount


@pytest.mark.parametrize(("amount", "passes"), [(9, False), (10, True), (20, True), (21, False)])
def test_key__around_the_bounds(amount, passes):
    key = Key("something", COUNT, 10, 20)
    if passes:
        assert key.parse(str(amount)) == amount
        return
    with pytest.raises(QuantityInvalid) as refusal:
        key.parse(str(amount))
    assert refusal.value.next_step == "write 10 to 20"


def test_key__bounds_in_words():
    assert Key("fee", FEE, 10**4, 10**8).bounds == "0.0001 % to 1 %"
    assert Key("stake", ETHER, 10**16).bounds == "at least 0.01 ether"
    assert Key("address").bounds == ""
