import pytest

from tests.fixtures.option_vault import WAD
from tests.fixtures.staking import ZERO, reverts

DEPOSIT, MINT = "deposit(uint256,address,address)", "mint(uint256,address,address)"


@pytest.fixture
def served(puts):
    """The first round has earned; the second one's deposit of 7 was served above one."""
    puts.open_round(100 * puts.unit)
    puts.buy()
    puts.request_deposit(7 * puts.unit, puts.other)
    puts.price_served = puts.next_round()["pricePerShare"]
    assert puts.price_served > WAD
    return puts


def claim(desk, name, amount, receiver=None, controller=None, sender=None):
    controller = controller or desk.other
    arguments = (amount, receiver or controller, controller)
    return desk.transact(name, *arguments, sender=sender or controller)


def test_deposit__gives_shares_at_the_rounds_price(served):
    shares = 7 * served.unit * WAD // served.price_served
    assert served.call("maxDeposit", served.other) == 7 * served.unit
    assert served.call("maxMint", served.other) == shares
    assert served.call("claimableDepositRequest", 2, served.other) == 7 * served.unit
    assert served.call("claimableDepositRequest", 1, served.other) == 0
    receipt = claim(served, DEPOSIT, 7 * served.unit, receiver=served.outsider)
    assert served.shares_of(served.outsider) == shares
    event = served.event(receipt, "Deposit")
    assert (event["assets"], event["shares"]) == (7 * served.unit, shares)
    assert event["sender"].lower() == served.other.lower()
    assert served.call("maxDeposit", served.other) == 0


def test_deposit__in_parts_gives_at_most_the_same(served):
    whole = 7 * served.unit * WAD // served.price_served
    for assets in (1_000_001, 2_000_003, 7 * served.unit - 3_000_004):
        claim(served, DEPOSIT, assets)
    assert whole - 2 <= served.shares_of(served.other) <= whole


def test_mint__takes_assets_rounded_up(served):
    shares = served.call("maxMint", served.other)
    claim(served, MINT, 1_000_001)
    taken = -(-1_000_001 * served.price_served // WAD)
    assert served.call("maxDeposit", served.other) == 7 * served.unit - taken
    assert shares - 1_000_001 - served.call("maxMint", served.other) in (0, 1)
    claim(served, MINT, served.call("maxMint", served.other))


def test_claim__more_than_there_is__reverts(served):
    most = served.call("maxMint", served.other)
    with reverts("AmountTooLarge", 7 * served.unit + 1, 7 * served.unit):
        claim(served, DEPOSIT, 7 * served.unit + 1)
    with reverts("AmountTooLarge", most + 1, most):
        claim(served, MINT, most + 1)
    for name in (DEPOSIT, MINT):
        with reverts("ZeroAmount"):
            claim(served, name, 0)
        with reverts("AmountTooLarge", 1, 0):
            claim(served, name, 1, controller=served.buyer)


def test_claim__before_the_round_is_over__reverts(puts):
    puts.request_deposit(puts.unit)
    with reverts("AmountTooLarge", puts.unit, 0):
        claim(puts, DEPOSIT, puts.unit, controller=puts.depositor)


def test_claim__for_another_or_to_nobody__reverts(served):
    for name in (DEPOSIT, MINT):
        with reverts("NotOperator", served.other, served.outsider):
            claim(served, name, 100, receiver=served.outsider, sender=served.outsider)
        for receiver in (ZERO, served.vault.address):
            with reverts("InvalidRecipient", receiver):
                claim(served, name, 100, receiver=receiver)
    served.transact("setOperator", served.outsider, True, sender=served.other)
    claim(served, DEPOSIT, 100, receiver=served.outsider, sender=served.outsider)


def test_short_forms__claim_for_the_caller(served):
    served.transact("deposit(uint256,address)", 1_000, served.outsider, sender=served.other)
    served.transact("mint(uint256,address)", 500, served.outsider, sender=served.other)
    expected = 1_000 * WAD // served.price_served + 500
    assert served.shares_of(served.outsider) == expected
