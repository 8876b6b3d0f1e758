"""SWAP-6 on the contract: getD answers on the whole domain, as the integer definition says."""

from collections import Counter
from fractions import Fraction
from random import Random

from keel.models.stableswap.curve import A_PRECISION, get_d
from tests.fixtures.curve_ng import refused
from tests.keel.stableswap.test_get_d import assert_within_bound

ROWS = 20_000
BATCH = 200
DECADES = 8
MAX_AMP = 10**6 * A_PRECISION


def answers(harness, rows):
    found = []
    for start in range(0, len(rows), BATCH):
        found += harness.math.call("getD", rows[start : start + BATCH])
    return found


def steps(x, y, amp):
    """Iterates of StableSwap-NG's loop, without end."""
    d, ann = x + y, 2 * amp
    while True:
        yield d
        d_p = d * d // x * d // y // 4
        flat = (ann - A_PRECISION) * d // A_PRECISION
        d = (ann * (x + y) // A_PRECISION + 2 * d_p) * d // (flat + 3 * d_p)


def definition(x, y, amp):
    """D and whether the real pool, which gives up after 255 rounds, answers.

    Where it doesn't, the smallest of the iterates that come again and again.
    """
    iterates = steps(x, y, amp)
    last = next(iterates)
    for _ in range(255):
        previous, last = last, next(iterates)
        if abs(last - previous) <= 1:
            return last, True
    cycle = {last}
    while (d := next(iterates)) not in cycle:
        cycle.add(d)
    return min(cycle), False


def random_row(random, turn):
    """Reserves to 2^100, A from 1 to 1e6, each decade of skew up to 1e8 in turn."""
    big = int(10 ** random.uniform(9, 30))
    small = max(1, int(big / 10 ** (turn % DECADES + random.random())))
    pair = [big, small]
    random.shuffle(pair)
    return *pair, min(MAX_AMP, int(A_PRECISION * 10 ** random.uniform(0, 6.001)))


def test_get_d__is_the_definition_and_near_the_exact_root(fast_harness, record_property):
    random = Random(1)
    rows = [random_row(random, turn) for turn in range(ROWS)]
    endless, worst = Counter(), Fraction(0)
    for turn, (row, d) in enumerate(zip(rows, answers(fast_harness, rows), strict=True)):
        x, y, amp = row
        expected, answered = definition(*row)
        assert d == get_d((x, y), amp) == expected, row
        assert_within_bound(d, (x, y), amp)
        endless[turn % DECADES] += not answered
        if not answered:
            worst = max(worst, Fraction(x + y, d))
    assert max(max(x, y) / min(x, y) for x, y, _ in rows) > 0.9 * 10**DECADES
    assert max(amp for *_, amp in rows) == MAX_AMP
    assert min(amp for *_, amp in rows) < 1.01 * A_PRECISION
    assert endless.total() > 100, "too few states on which the real pool reverts"
    shares = ", ".join(
        f"1e{decade}: {endless[decade] * 100 * DECADES / ROWS:.1f} %" for decade in range(DECADES)
    )
    record_property(
        "measured",
        f"get_D: {ROWS:,} states, {endless.total():,} on which the real pool reverts, by skew "
        f"{shares}; above the exact root by less than {float(2 + worst):.1f} wei there",
    )


def test_get_d__answers_where_the_real_pool_reverts(fast_harness, record_property):
    """On each recorded row that reverted: the definition's value, within the bound.

    Some have no end; at the others a product of the real pool does not fit 256 bits.
    """
    rows = [(x, y, amp) for amp, x, y, _ in refused("get_D")]
    endless = 0
    for row, d in zip(rows, answers(fast_harness, rows), strict=True):
        x, y, amp = row
        expected, ends = definition(*row)
        assert d == get_d((x, y), amp) == expected
        assert_within_bound(d, (x, y), amp)
        endless += not ends
    assert 0 < endless < len(rows)
    record_property(
        "measured",
        f"get_D: {len(rows)} recorded rows on which the real pool reverted, {endless} of them "
        "without end",
    )
