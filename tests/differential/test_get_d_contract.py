"""SWAP-6 on the contract: getD answers on the whole domain, as the integer model does."""

from random import Random

from keel.models.stableswap.curve import A_PRECISION, get_d
from tests.fixtures.curve_ng import refused
from tests.keel.stableswap.test_get_d import assert_within_bound

ROWS = 3_000
BATCH = 100


def answers(swap_harness, rows):
    found = []
    for start in range(0, len(rows), BATCH):
        found += swap_harness.math.call("getD", rows[start : start + BATCH])
    return found


def test_get_d__equals_the_model_and_the_exact_root(swap_harness):
    """Reserves to 2^100, skew to 1e8, A from 1 to 1e6."""
    random, rows = Random(1), []
    for _ in range(ROWS):
        big = int(10 ** random.uniform(3, 30))
        small = max(1, int(big / 10 ** random.uniform(0, 8)))
        pair = [big, small]
        random.shuffle(pair)
        rows.append((*pair, int(A_PRECISION * 10 ** random.uniform(0, 6))))
    for (x, y, amp), d in zip(rows, answers(swap_harness, rows), strict=True):
        assert d == get_d((x, y), amp)
        assert_within_bound(d, (x, y), amp)


def test_get_d__answers_where_the_real_pool_reverts(swap_harness):
    rows = [(x, y, amp) for amp, x, y, _ in refused("get_D")]
    assert rows
    for (x, y, amp), d in zip(rows, answers(swap_harness, rows), strict=True):
        assert d == get_d((x, y), amp)
        assert_within_bound(d, (x, y), amp)
