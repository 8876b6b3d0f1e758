import pytest
from hypothesis import given
from hypothesis import strategies as st

from keel.models.evm import MAX_UINT256, ZERO_ADDRESS, Clock
from keel.models.staking.errors import (
    AllowanceExceeded,
    AmountTooLarge,
    BalanceExceeded,
    InvalidRecipient,
)
from keel.models.staking.shares import MAX_AMOUNT, UNIT, StakedEther
from tests.machines.drawing import log_scale

ETHER = 10**18


class TokenAtRate(StakedEther):
    """`pooled_ether` behind `exact_shares`, most of them with `holder`."""

    def __init__(self, pooled_ether, exact_shares, held):
        super().__init__(Clock(0), "token")
        self.pooled_ether = pooled_ether
        self._mint("holder", held)
        self._mint("others", exact_shares - held)

    def get_total_pooled_ether(self):
        return self.pooled_ether


@st.composite
def tokens(draw):
    """Any size, and rates from a tenth to ten times of the first."""
    pooled_ether = draw(log_scale(ETHER, 10**26).strategy)
    tenths = draw(st.integers(1, 100))
    exact_shares = pooled_ether * UNIT * tenths // 10 + draw(st.integers(0, UNIT))
    held = draw(st.integers(1, exact_shares - 1))
    return TokenAtRate(pooled_ether, exact_shares, held)


@given(token=tokens(), data=st.data())
def test_transfer__recipient_gets_the_amount_or_a_wei_more(token, data):
    held = token.balance_of("holder")
    recipient = data.draw(st.sampled_from(["newcomer", "others"]))
    amount = data.draw(st.integers(0, held))
    before = token.balance_of(recipient)
    token.transfer("holder", recipient, amount)
    assert token.balance_of(recipient) - before in (amount, amount + 1)
    assert held - token.balance_of("holder") in (amount, amount + 1)


@given(token=tokens())
def test_transfer__whole_balance(token):
    balance = token.balance_of("holder")
    token.transfer("holder", "newcomer", balance)
    assert token.balance_of("newcomer") in (balance, balance + 1)
    assert token.balance_of("holder") == 0


@given(token=tokens(), data=st.data())
def test_transfer__beyond_the_balance__reverts(token, data):
    amount = token.balance_of("holder") + data.draw(st.integers(1, 10**6))
    held = token.exact_shares_of("holder")
    with pytest.raises(BalanceExceeded) as refusal:
        token.transfer("holder", "newcomer", amount)
    assert refusal.value.values == ("holder", token.to_shares_up(amount), held)
    assert token.exact_shares_of("holder") == held


@pytest.mark.parametrize("recipient", [ZERO_ADDRESS, "token"])
def test_transfer__to_nobody_or_the_token__reverts(recipient):
    with pytest.raises(InvalidRecipient):
        TokenAtRate(ETHER, ETHER * UNIT, UNIT).transfer("holder", recipient, 1)


@given(token=tokens(), data=st.data())
def test_transfer_shares_from__spends_what_transfer_from_needs(token, data):
    shares = data.draw(st.integers(1, token.shares_of("holder") or 1))
    token.approve("holder", "spender", MAX_AMOUNT)
    if shares > token.shares_of("holder"):
        with pytest.raises(BalanceExceeded):
            token.transfer_shares_from("spender", "holder", "newcomer", shares)
        return
    token.transfer_shares_from("spender", "holder", "newcomer", shares)
    spent = MAX_AMOUNT - token.allowance("holder", "spender")
    assert token.balance_of("newcomer") <= spent
    # An allowance of a wei less could not have moved as much.
    assert token.to_shares_up(spent - 1) < shares * UNIT


def test_transfer_shares_from__without_allowance__reverts():
    token = TokenAtRate(2 * ETHER, ETHER * UNIT, ETHER * UNIT // 2)
    token.approve("holder", "spender", 1)
    with pytest.raises(AllowanceExceeded) as refusal:
        token.transfer_shares_from("spender", "holder", "newcomer", 1)
    assert refusal.value.values == ("holder", "spender", 2, 1)
    token.approve("holder", "spender", 2)
    token.transfer_shares_from("spender", "holder", "newcomer", 1)
    assert token.exact_shares_of("newcomer") == UNIT


def test_transfer_shares_from__infinite_allowance__stays():
    token = TokenAtRate(ETHER, ETHER * UNIT, UNIT)
    token.approve("holder", "spender", MAX_UINT256)
    token.transfer_shares_from("spender", "holder", "newcomer", 1)
    assert token.allowance("holder", "spender") == MAX_UINT256


@given(token=tokens(), data=st.data())
def test_transfer_from_batch__moves_as_single_transfers_do(token, data):
    balance = token.balance_of("holder")
    amounts = data.draw(st.lists(st.integers(0, balance // 4), max_size=4))
    twin = TokenAtRate(
        token.pooled_ether, token.total_exact_shares, token.exact_shares_of("holder")
    )
    for each in (token, twin):
        each.approve("holder", "spender", balance)
    moved = token.transfer_from_batch("spender", "holder", "newcomer", amounts)
    for amount in amounts:
        twin.transfer_from("spender", "holder", "newcomer", amount)
    assert moved == [token.to_shares_up(amount) for amount in amounts]
    for account in ("holder", "newcomer"):
        assert token.exact_shares_of(account) == twin.exact_shares_of(account)
    assert token.allowances == twin.allowances


@given(token=tokens(), data=st.data())
def test_conversions__there_and_back_lose(token, data):
    ether_amount = data.draw(st.integers(0, token.pooled_ether))
    exact_shares = data.draw(st.integers(0, token.total_exact_shares))
    assert token.to_ether_down(token.to_shares_down(ether_amount)) <= ether_amount
    assert token.to_ether_up(token.to_shares_up(ether_amount)) >= ether_amount
    assert token.to_shares_down(token.to_ether_down(exact_shares)) <= exact_shares
    assert token.to_shares_up(token.to_ether_up(exact_shares)) >= exact_shares


def test_conversions__beyond_the_largest_amount__reverts():
    token = TokenAtRate(ETHER, ETHER * UNIT, UNIT)
    for convert in (
        token.to_shares_down,
        token.to_shares_up,
        token.to_ether_down,
        token.to_ether_up,
    ):
        assert convert(MAX_AMOUNT) > 0
        with pytest.raises(AmountTooLarge) as refusal:
            convert(MAX_AMOUNT + 1)
        assert refusal.value.values == (MAX_AMOUNT + 1, MAX_AMOUNT)
