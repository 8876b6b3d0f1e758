"""The model equals the recorded StableSwap-NG on every row that the real pool answered."""

import pytest

from keel.models.stableswap.curve import dynamic_fee, get_d, get_y
from keel.models.stableswap.errors import PoolError
from keel.models.stableswap.moving_average import exp_wad
from tests.fixtures.curve_ng import answered, refused, states
from tests.fixtures.stableswap_models import ng_pool

STATES = {key: ng_pool(row) for key, row in states().items()}


def count_equal(pairs):
    """Compare where something is expected: later columns of a row may be null alone."""
    passed = 0
    for got, expected in pairs:
        assert len(got) == len(expected)
        assert [g for g, e in zip(got, expected, strict=True) if e is not None] == [
            e for e in expected if e is not None
        ]
        passed += 1
    return passed


def prices(pool, block):
    oracle = pool.oracle
    return (
        oracle.last_price,
        oracle.ema_price,
        pool.get_virtual_price(block),
        pool.get_p(block),
    )


def test_get_d__equals_recorded(check_count):
    rows = answered("get_D")
    check_count("get_D", count_equal(((get_d((x, y), amp),), (d,)) for amp, x, y, d in rows))


def test_get_y__equals_recorded(check_count):
    pairs = (((get_y(x, d, amp),), (y,)) for amp, _, _, x, _, _, d, y in answered("get_y"))
    check_count("get_y", count_equal(pairs))


def test_get_y_d__equals_recorded(check_count):
    rows = answered("get_y_D")
    pairs = (((get_y((x0, x1)[1 - i], d, amp),), (y,)) for amp, i, x0, x1, d, y in rows)
    check_count("get_y_D", count_equal(pairs))


def test_exp_wad__equals_recorded(check_count):
    check_count("exp", count_equal(((exp_wad(x),), (y,)) for x, y in answered("exp")))


def test_views__equal_recorded(check_count):
    def views(row):
        pool, block = STATES[row[0]]
        market = pool.market(block)
        fees = {"fee": pool.fee, "offpeg_fee_multiplier": pool.offpeg_fee_multiplier}
        return (
            pool.get_virtual_price(block),
            pool.get_p(block),
            dynamic_fee(*market.xp, **fees),
            dynamic_fee(*reversed(market.xp), **fees),
            pool.price_oracle(block),
        )

    rows = answered("states")
    check_count("states", count_equal((views(row), row[15:]) for row in rows))


def test_exchange__equals_recorded(check_count):
    def outcome(row):
        key, i, dx, dy, _, admin_fee, *after, _ = row
        pool, block = STATES[key]
        pool, swap = pool.exchange(block, i, dx)
        return (swap.dy, swap.admin_fee, *prices(pool, block)), (dy, admin_fee, *after)

    check_count("exchange", count_equal(map(outcome, answered("exchange"))))


def test_add_liquidity__equals_recorded(check_count):
    def outcome(row):
        key, amount0, amount1, minted, _, *rest = row
        pool, block = STATES[key]
        pool, change = pool.add_liquidity(block, (amount0, amount1))
        got = (change.lp_amount, *change.fees, *change.admin_fees, change.d)
        return (*got, *prices(pool, block)), (minted, *rest)

    check_count("add_liquidity", count_equal(map(outcome, answered("add_liquidity"))))


def test_remove_liquidity_one_coin__equals_recorded(check_count):
    def outcome(row):
        key, lp_amount, i, dy, _, *rest = row
        pool, block = STATES[key]
        pool, exit_ = pool.remove_liquidity_one_coin(block, lp_amount, i)
        return (exit_.dy, exit_.admin_fee, *prices(pool, block)), (dy, *rest)

    kind = "remove_liquidity_one_coin"
    check_count(kind, count_equal(map(outcome, answered(kind))))


def test_remove_liquidity_imbalance__equals_recorded(check_count):
    def outcome(row):
        key, amount0, amount1, burned, _, *rest = row
        pool, block = STATES[key]
        pool, change = pool.remove_liquidity_imbalance(
            block, (amount0, amount1), max_burned=2**256 - 1
        )
        got = (change.lp_amount, *change.fees, *change.admin_fees, change.d)
        return (*got, *prices(pool, block)), (burned, *rest)

    kind = "remove_liquidity_imbalance"
    check_count(kind, count_equal(map(outcome, answered(kind))))


def test_remove_liquidity__equals_recorded(check_count):
    def outcome(row):
        key, lp_amount, *rest = row
        pool, block = STATES[key]
        pool, amounts = pool.remove_liquidity(block, lp_amount)
        return (*amounts, pool.get_virtual_price(block)), rest

    kind = "remove_liquidity"
    check_count(kind, count_equal(map(outcome, answered(kind))))


@pytest.mark.parametrize(
    ("kind", "operation"),
    [
        ("exchange", lambda pool, block, row: pool.exchange(block, *row[1:3])),
        (
            "remove_liquidity_one_coin",
            lambda pool, block, row: pool.remove_liquidity_one_coin(block, *row[1:3]),
        ),
        (
            "remove_liquidity_imbalance",
            lambda pool, block, row: pool.remove_liquidity_imbalance(
                block, row[1:3], max_burned=2**256 - 1
            ),
        ),
    ],
)
def test_operations__refuse_what_the_real_pool_refused(kind, operation):
    for row in refused(kind):
        with pytest.raises(PoolError):
            operation(*STATES[row[0]], row)
