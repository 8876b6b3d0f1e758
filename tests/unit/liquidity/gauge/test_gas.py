"""A user's action costs the same at any time and in any company; tokens are at most eight."""

import pytest

from tests.fixtures.gauge import DAY, ETHER, WEEK

YEAR = 365 * DAY
SLACK = 500
"""Zero bytes of the calldata, and products of other sizes."""


def gas(receipt):
    return int(receipt["gasUsed"], 16)


def use(gauge):
    """Gas of each user's action, some time after the last."""
    spent = {}
    for name, call in (
        ("stake", ("stake", ETHER, gauge.staker)),
        ("unstake", ("unstake", ETHER, gauge.staker)),
        ("claim", ("claim", gauge.tokens[0].address, gauge.staker)),
        ("claimAll", ("claimAll", gauge.staker)),
    ):
        gauge.wait(12)
        spent[name] = gas(gauge.transact(*call, sender=gauge.staker))
    return spent


@pytest.fixture
def running(gauge):
    gauge.stake(10 * ETHER)
    for token in range(2):
        gauge.fund(10**4 * ETHER, 4 * YEAR, token=token)
    gauge.wait(DAY)
    gauge.transact("claimAll", gauge.staker, sender=gauge.staker)
    return gauge


def test_gas__does_not_grow_with_time(running):
    snapshot = running.rpc.snapshot()
    soon = use(running)
    running.rpc.revert(snapshot)
    running.wait(2 * YEAR)
    late = use(running)
    assert all(late[name] <= soon[name] + SLACK for name in soon), (soon, late)


def test_gas__does_not_grow_with_stakers(running):
    snapshot = running.rpc.snapshot()
    alone = use(running)
    running.rpc.revert(snapshot)
    for number in range(1, 41):
        running.transact("stake", ETHER, f"0x{number:040x}", sender=running.other)
    crowded = use(running)
    assert all(crowded[name] <= alone[name] + SLACK for name in alone), (alone, crowded)


def test_gas__with_every_token_streaming(gauge, record_property):
    """The worst there is: eight tokens, each streaming, the account settled once before."""
    figures = {}
    for count in (0, 1, 8):
        gauge.use(gauge.new_gauge())
        tokens = [gauge.new_token() for _ in range(count)]
        gauge.tokens = tokens
        for number, token in enumerate(tokens):
            gauge.add_reward(token)
            gauge.fund(ETHER, WEEK, token=number)
        gauge.stake(10 * ETHER)
        gauge.wait(DAY)
        gauge.stake()
        gauge.wait(DAY)
        figures[count] = gas(gauge.stake())
    record_property(
        "measured",
        "gauge: stake with 0, 1, 8 streams costs "
        + ", ".join(f"{figure:,}" for figure in figures.values()),
    )
    assert figures[1] - figures[0] < 20_000
    assert figures[8] - figures[0] < 8 * 20_000
