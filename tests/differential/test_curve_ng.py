"""Model and contract equal the recorded StableSwap-NG on every row that the real pool answered."""

import pytest

from tests.fixtures.curve_ng import answered, refused

OPERATIONS = {
    "exchange": (3, lambda row: (row[3], row[5], *row[6:10])),
    "add_liquidity": (3, lambda row: (row[3], *row[5:])),
    "remove_liquidity_one_coin": (3, lambda row: (row[3], *row[5:])),
    "remove_liquidity_imbalance": (3, lambda row: (row[3], *row[5:])),
    "remove_liquidity": (2, lambda row: row[2:]),
}
"""By kind: how many columns are arguments, and what the execution answered (not the quotes)."""


def count_equal(pairs):
    """Compare where something is expected: later columns of a row may be null alone."""
    passed = 0
    for got, expected in pairs:
        assert got is not None
        assert len(got) == len(expected)
        assert [g for g, e in zip(got, expected, strict=True) if e is not None] == [
            e for e in expected if e is not None
        ]
        passed += 1
    return passed


def test_get_d__equals_recorded(subject, check_count):
    rows = answered("get_D")
    results = subject.get_d([(x, y, amp) for amp, x, y, _ in rows])
    check_count("get_D", count_equal(((d,), row[3:]) for d, row in zip(results, rows, strict=True)))


def test_get_y__equals_recorded(subject, check_count):
    rows = answered("get_y")
    results = subject.get_y([(x, d, amp) for amp, _, _, x, _, _, d, _ in rows])
    check_count("get_y", count_equal(((y,), row[7:]) for y, row in zip(results, rows, strict=True)))


def test_get_y_d__equals_recorded(subject, check_count):
    rows = answered("get_y_D")
    results = subject.get_y([((x0, x1)[1 - i], d, amp) for amp, i, x0, x1, d, _ in rows])
    pairs = (((y,), row[5:]) for y, row in zip(results, rows, strict=True))
    check_count("get_y_D", count_equal(pairs))


def test_exp_wad__equals_recorded(subject, check_count):
    rows = answered("exp")
    results = subject.exp_wad([x for x, _ in rows])
    check_count("exp", count_equal(((y,), row[1:]) for y, row in zip(results, rows, strict=True)))


def test_views__equal_recorded(subject, check_count):
    rows = answered("states")
    check_count("states", count_equal((subject.views(row[0]), row[15:]) for row in rows))


@pytest.mark.parametrize("kind", OPERATIONS)
def test_operations__equal_recorded(subject, check_count, kind):
    arguments, executed = OPERATIONS[kind]
    act = getattr(subject, kind)
    pairs = ((act(*row[:arguments]), executed(row)) for row in answered(kind))
    check_count(kind, count_equal(pairs))


@pytest.mark.parametrize(
    "kind", ["exchange", "remove_liquidity_one_coin", "remove_liquidity_imbalance"]
)
def test_operations__refuse_what_the_real_pool_refused(subject, kind):
    arguments, _ = OPERATIONS[kind]
    rows = refused(kind)
    assert rows
    assert [getattr(subject, kind)(*row[:arguments]) for row in rows] == [None] * len(rows)
