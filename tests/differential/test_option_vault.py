"""The design's worked example, to the digit, by the contract and by the model."""

from keel.models.erc20 import ERC20
from keel.models.options.vault import Vault
from keel.models.options.vault_errors import VolatilityStale
from keel.models.options.vault_world import VaultTerms, World
from keel.models.options.written_series import WrittenSeries
from tests.fixtures.option_vault import FIRST_FRIDAY, PRICERS, TERMS, WAD, WEEK
from tests.machines.option_vault_machine import pricer_of

LOCKED, PREMIUM, PENDING = 150 * WAD, 3 * WAD, 30 * WAD
MANAGEMENT = 153 * WAD * 2 * 7 // (100 * 365)
PRICE = (153 * WAD - 6 * WAD // 10 - MANAGEMENT) * WAD // LOCKED
TEN_DIGITS = 1_0156087671


def test_worked_example__contract(calls):
    """150 locked for 7 days, a premium of 3, 30 that wait; 20 % of 3, 2 % a year of 153."""
    calls.use(calls.new_vault(pricer=calls.new_pricer(minReserve=WAD // 50)))
    calls.open_round(LOCKED)
    assert calls.due - calls.position["writtenAt"] == WEEK
    amount = PREMIUM * WAD // calls.call("askPrice")
    calls.at(calls.now)
    assert calls.event(calls.buy(amount), "Bought")["premium"] == PREMIUM
    calls.request_deposit(PENDING, calls.other)
    end = calls.next_round()
    assert (end["gross"], end["deposited"]) == (153 * WAD, PENDING)
    assert end["performanceFee"] == 6 * WAD // 10
    assert end["managementFee"] == MANAGEMENT
    assert end["pricePerShare"] == PRICE
    assert PRICE // 10**8 == TEN_DIGITS


def test_worked_example__model():
    def stale():
        raise VolatilityStale(0, 0)

    account, due = "0x" + "11" * 20, FIRST_FRIDAY + WEEK
    asset = ERC20("0x" + "22" * 20)
    vault = Vault(
        address="0x" + "33" * 20, clearing="0x" + "44" * 20,
        terms=VaultTerms(18, 200, 2_000, TERMS["auctionDuration"], TERMS["startMultiple"], 1),
        pricer=pricer_of(PRICERS["call"], "call"), asset=asset, owner=account,
        fee_receiver=account, cap=10**24, due=due,
    )  # fmt: skip
    asset.balances[account] = LOCKED + PREMIUM + PENDING
    world = World(
        now=due,
        spot=stale,
        risk=stale,
        peg=lambda: (WAD, WAD),
        settlement=lambda expiry: 0,
        series=lambda *terms: None,
        room=lambda series: 0,
    )
    vault.request_deposit(account, LOCKED, account, account)
    vault.roll(world)
    vault.due, vault.idle = due, vault.idle + PREMIUM
    vault.series = WrittenSeries(2, True, 2_000 * WAD, 0, due, 18)
    vault.auction.started_at = due - WEEK
    vault.request_deposit(account, PENDING, account, account)
    assert vault.roll(world) == PRICE
    assert vault.fees == 6 * WAD // 10 + MANAGEMENT
    assert vault.claimable_deposit(account) == (PENDING, PRICE)


def test_unsold_round__costs_the_management_fee_alone(puts):
    puts.open_round(30_000 * puts.unit)
    end = puts.next_round()
    assert end["gross"] == 30_000 * puts.unit
    assert end["performanceFee"] == 0
    assert end["managementFee"] == 30_000 * puts.unit * 2 * 7 // (100 * 365)
