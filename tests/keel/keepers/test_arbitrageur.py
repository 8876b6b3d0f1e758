"""What the arbitrageur decides on any pool, with any purse: never a loss, all within its means."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from keel.keepers import peg
from keel.keepers.arbitrageur import Arbitrageur, PegState, VaultState
from tests.keel.keepers.test_peg import ETHER, WAD, markets, waits

NOW = 1_800_000_000
ME = "0x" + "0a" * 20
purses = st.integers(0, 500 * ETHER)


@st.composite
def states(draw):
    market = draw(markets())
    wketh = draw(st.one_of(st.just(0), purses))
    nominal = wketh * market.rates[1] // WAD
    return PegState(
        block=draw(st.integers(1, 10**6)),
        account=ME,
        market=market,
        live_rate=market.rates[1] + draw(st.integers(0, WAD // 1_000)),
        queue=draw(waits()),
        vault=VaultState(
            open=draw(st.booleans()),
            idle=draw(purses),
            room=draw(purses),
            nominal=nominal,
            price=nominal * draw(st.integers(9_500, 9_999)) // 10_000,
            fee=draw(st.integers(WAD // 10_000, WAD // 100)),
        ),
        ether=draw(purses),
        weth=draw(purses),
        wketh=wketh,
        approved=(True,) * 4,
        spenders=("0x" + "0b" * 20,) * 4,
        claimable=draw(st.sampled_from([(), ((3, 1, ETHER), (5, 2, 2 * ETHER))])),
        in_queue=0,
        gas_price=draw(st.integers(0, 200 * 10**9)),
    )


KEEPER = Arbitrageur(account=ME)


def _trade(action, state):
    """Coin sold, amount, and what the model says it brings."""
    _deadline, i, _j, amount, least, receiver = action.arguments
    assert receiver == ME
    return i, amount, least, peg.bought(state.market, i, amount)


def _only(decision, prefix):
    return [action for action in decision.actions if action.key.startswith(prefix)]


@given(states())
def test_decide__is_a_function_of_its_arguments(state):
    assert KEEPER.decide(state, NOW) == KEEPER.decide(state, NOW)


@given(states())
def test_decide__keys_differ(state):
    keys = [action.key for action in KEEPER.decide(state, NOW).actions]
    assert len(keys) == len(set(keys))


@given(states())
def test_decide__buys_within_its_purse_and_pays_by_the_queue_alone(state):
    for action in _only(KEEPER.decide(state, NOW), "buy:"):
        coin, spent, least, got = _trade(action, state)
        assert coin == peg.WETH
        assert 0 < spent <= min(state.weth, KEEPER.most)
        assert got * (10_000 - KEEPER.slippage_bps) // 10_000 == least
        nominal = got * state.live_rate // WAD
        cost = peg.interest(nominal, KEEPER.yearly, state.queue.seconds(nominal))
        assert action.profit == nominal - cost - spent > KEEPER.trade_gas * state.gas_price


@given(states())
def test_decide__what_it_leaves_pays_nobody_like_it(state):
    """Where neither purse nor limit stopped it, a tenth more would not have paid."""
    for action in _only(KEEPER.decide(state, NOW), "buy:"):
        _coin, spent, _least, _got = _trade(action, state)
        if spent * 11 // 10 > min(state.weth, KEEPER.most):
            continue

        def profit(size):
            nominal = peg.bought(state.market, peg.WETH, size) * state.live_rate // WAD
            wait = state.queue.seconds(nominal)
            return nominal - peg.interest(nominal, KEEPER.yearly, wait) - size

        assert profit(spent * 11 // 10) <= profit(spent)


@given(states())
def test_decide__wraps_no_ether_that_gas_needs(state):
    for action in _only(KEEPER.decide(state, NOW), "wrap:"):
        assert 0 < action.value <= state.ether - KEEPER.reserve


@given(states())
def test_decide__the_whole_inventory_goes_one_way(state):
    decision = KEEPER.decide(state, NOW)
    ways = [*_only(decision, "queue:"), *_only(decision, "redeem:"), *_only(decision, "sell:")]
    assert len(ways) == (state.wketh * state.live_rate // WAD >= ETHER // 100)
    for action in ways:
        if action.key.startswith("queue:"):
            amounts, owner = action.arguments
            assert owner == ME
            assert sum(amounts) == state.wketh
            assert max(amounts) * state.live_rate // WAD <= 1_000 * ETHER


@given(states())
def test_decide__the_vault_buys_within_its_own_terms(state):
    for action in _only(KEEPER.decide(state, NOW), "vault:"):
        (spent,) = action.arguments
        assert state.vault.open
        assert spent <= min(state.vault.idle, state.vault.room)


@given(states(), st.integers(0, 3))
def test_decide__without_an_allowance_only_asks_for_it(state, missing):
    approved = tuple(number != missing for number in range(4))
    decision = KEEPER.decide(replace(state, approved=approved), NOW)
    assert [action.function for action in decision.actions] == ["approve"]


@given(states())
def test_decide__claims_what_is_paid(state):
    (*claims,) = _only(KEEPER.decide(state, NOW), "claim:")
    assert len(claims) == bool(state.claimable)
    for claim in claims:
        assert claim.arguments == ([3, 5], [1, 2])
