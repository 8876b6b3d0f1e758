from hypothesis import given
from hypothesis import strategies as st

from keel.keepers.breaker import Breaker


@given(st.lists(st.integers(0, 50), max_size=30))
def test_failed__pauses_double_up_to_a_limit(gaps):
    breaker, block, pauses = Breaker(), 0, []
    for gap in gaps:
        block += gap
        breaker = breaker.failed(block)
        pauses.append(max(0, breaker.closed_until - block))
        assert breaker.allows(block) == (pauses[-1] == 0)
    assert pauses == [0, 0, 5, 10, 20, 40, 80, 160, 300, *[300] * 30][: len(pauses)]


@given(st.integers(0, 20), st.integers(0, 10**6))
def test_succeeded__forgets_all_failures(failures, block):
    breaker = Breaker()
    for _ in range(failures):
        breaker = breaker.failed(block)
    assert breaker.succeeded() == Breaker()
    assert breaker.succeeded().allows(0)
