from hypothesis import given
from hypothesis import strategies as st

from keel.keepers.redemption import Advance, Buy, Offer, VaultState, decide

WEI = st.integers(0, 10**24)
OFFERS = st.lists(st.builds(Offer, weth_amount=WEI, nominal=WEI), max_size=4)
STATES = st.builds(VaultState, due=st.integers(0, 20), line=WEI, idle=WEI, offers=OFFERS)


def state(**changes):
    return VaultState(**({"due": 0, "line": 0, "idle": 10**18, "offers": ()} | changes))


@given(STATES, WEI)
def test_decide__upkeep_comes_before_purchases(vault, least_gain):
    action = decide(vault, least_gain=least_gain)
    if vault.due or (vault.line and vault.idle):
        assert action == Advance()
    else:
        assert action != Advance()


@given(STATES, WEI)
def test_decide__buys_nothing_while_somebody_waits(vault, least_gain):
    if vault.line:
        assert not isinstance(decide(vault, least_gain=least_gain), Buy)


@given(STATES, WEI)
def test_decide__no_offer_gains_more_than_the_one_it_takes(vault, least_gain):
    action = decide(vault, least_gain=least_gain)
    if isinstance(action, Buy):
        taken = [offer for offer in vault.offers if offer.weth_amount == action.weth_amount]
        best = max(offer.gain for offer in vault.offers)
        assert max(offer.gain for offer in taken) == best >= least_gain


def test_decide__nothing_due_nothing_offered__is_idle():
    assert decide(state(), least_gain=1) is None


def test_decide__line_without_weth__waits():
    assert decide(state(line=1, idle=0), least_gain=0) is None


def test_decide__gain_at_the_limit():
    offer = Offer(weth_amount=100, nominal=110)
    assert decide(state(offers=[offer]), least_gain=10) == Buy(weth_amount=100)
    assert decide(state(offers=[offer]), least_gain=11) is None
