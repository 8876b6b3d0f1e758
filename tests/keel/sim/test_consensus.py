"""The consensus layer alone: ether is conserved, and time does what it should."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from keel.sim.consensus import (
    ETHER,
    MAX_EFFECTIVE,
    MINIMUM_EXIT_WAIT,
    WITHDRAWABILITY_DELAY,
    YEAR,
    ConsensusLayer,
    ConsensusParameters,
)

DAY = 86_400


def layer(apr=0.04, offline=0.0, seed=1):
    parameters = ConsensusParameters(apr=apr, offline=offline)
    return ConsensusLayer(parameters, Random(seed), now=0)


def test_step__a_year_earns_the_apr():
    chain = layer()
    chain.deposit(b"a", MAX_EFFECTIVE, active_at=0)
    credited = 0
    for day in range(1, 366):
        credits = chain.step(day * DAY)
        credited += credits.withdrawals + credits.tips
    earned = credited + chain.observe().balance - MAX_EFFECTIVE
    assert abs(earned - int(MAX_EFFECTIVE * 0.04 * 365 * DAY / YEAR)) < 1_000


def test_step__pending_validator_earns_nothing():
    chain = layer()
    chain.deposit(b"a", MAX_EFFECTIVE)
    credits = chain.step(chain.parameters.activation_wait - 1)
    assert (credits.tips, chain.observe().balance) == (0, MAX_EFFECTIVE)


def test_step__offline_validator_loses():
    chain = layer(offline=1.0)
    chain.deposit(b"a", MAX_EFFECTIVE, active_at=0)
    credits = chain.step(DAY)
    assert credits.tips == 0
    assert chain.observe().balance < MAX_EFFECTIVE


def test_request_exit__pays_out_after_the_delay_and_once():
    chain = layer(apr=0.0)
    chain.deposit(b"a", MAX_EFFECTIVE, active_at=0)
    chain.request_exit(b"a")
    chain.request_exit(b"a")
    least = MINIMUM_EXIT_WAIT + chain.parameters.exit_wait + WITHDRAWABILITY_DELAY
    assert chain.leaving() == MAX_EFFECTIVE
    assert chain.step(least - 1).withdrawals == 0
    paid = [chain.step(least + hour * 3_600).withdrawals for hour in range(200)]
    assert sum(paid) == MAX_EFFECTIVE
    assert chain.leaving() == chain.observe().balance == 0
    assert chain.observe().exited == 1


@given(st.integers(0, 2**32), st.lists(st.integers(0, 3), min_size=1, max_size=30))
def test_step__ether_is_conserved(seed, moves):
    """Without rewards, what was deposited is in balances or was credited."""
    chain = layer(apr=0.0, seed=seed)
    credited = 0
    for number, move in enumerate(moves, start=1):
        if move == 0:
            chain.deposit(bytes([number]), 32 * ETHER)
        elif move == 1 and chain.validators:
            chain.request_exit(chain.validators[number % len(chain.validators)].pubkey)
        credited += chain.step(number * DAY).withdrawals
        assert credited + chain.observe().balance == chain.observe().deposits_seen
