"""Who comes or goes around a settlement, or in front of a roll, gains nothing and harms nobody."""

import pytest

from tests.fixtures.option_vault import WAD


def written(desk):
    desk.open_round(10_000 * desk.unit)
    desk.claim_deposit()
    desk.buy()
    return desk


@pytest.mark.parametrize("falls", [False, True])
def test_deposit_and_withdraw__around_a_settlement_earn_nothing(puts, falls):
    """A deposit asked for once the result is known neither shares it nor pays for it."""
    written(puts)
    puts.settle_price(1_000 * WAD if falls else 2_000 * WAD)
    puts.request_deposit(50_000 * puts.unit, puts.other)
    puts.refresh()
    price = puts.roll()["pricePerShare"]
    assert (price < WAD) == falls
    shares = puts.claim_deposit(puts.other)
    assert 50_000 * puts.unit - shares * price // WAD in (0, 1)
    puts.request_redeem(shares, puts.other)
    puts.next_round()
    assert puts.call("maxWithdraw", puts.other) <= 50_000 * puts.unit


def test_withdraw__asked_for_at_the_last_moment_bears_the_loss(puts):
    """Shares are worth the settlement to those who leave and to those who stay alike."""
    written(puts)
    puts.settle_price(1_000 * WAD)
    puts.request_redeem(5_000 * puts.unit)
    puts.refresh()
    price = puts.roll()["pricePerShare"]
    paid = puts.call("maxWithdraw", puts.depositor)
    kept = 5_000 * puts.unit * price // WAD
    assert paid == kept
    assert puts.position["locked"] - kept in (0, 1)


def price_after(desk, *, crowd):
    """The queued depositor's price; a crowd asks for everything in the blocks before the roll."""
    written(desk)
    desk.request_deposit(1_000 * desk.unit, desk.other)
    desk.settle_price()
    if crowd:
        desk.request_deposit(500_000 * desk.unit, desk.buyer)
        desk.request_redeem(9_000 * desk.unit)
        arguments = (4_000 * desk.unit, desk.depositor, desk.depositor)
        desk.transact("cancelRedeemRequest", *arguments, sender=desk.depositor)
        arguments = (100_000 * desk.unit, desk.buyer, desk.buyer)
        desk.transact("cancelDepositRequest", *arguments, sender=desk.buyer)
    desk.refresh()
    return desk.roll(desk.buyer if crowd else None)["pricePerShare"]


def test_roll__in_front_of_it_nobody_moves_anothers_price(puts):
    """VAULT-2."""
    state = puts.chain.snapshot()
    plain = price_after(puts, crowd=False)
    shares = puts.call("maxMint", puts.other)
    puts.chain.revert(state)
    puts.round, puts.price = puts.aggregator.call("latest"), 2_000 * WAD
    assert price_after(puts, crowd=True) == plain
    assert puts.call("maxMint", puts.other) == shares


def test_fee__is_not_taken_of_pending_deposits(puts):
    """A hundred times as much waits as is at work."""
    fees = []
    state = puts.chain.snapshot()
    for waiting in (0, 900_000):
        written(puts)
        if waiting:
            puts.request_deposit(waiting * puts.unit, puts.other)
        end = puts.next_round()
        fees.append((end["managementFee"], end["performanceFee"], end["pricePerShare"]))
        puts.chain.revert(state)
        state = puts.chain.snapshot()
        puts.round, puts.price = puts.aggregator.call("latest"), 2_000 * WAD
    assert fees[0] == fees[1]


def test_roll__starved_of_gas_delays_the_options_and_nothing_else(calls):
    """Whoever leaves too little gas for the second half gets requests served; anybody goes on."""
    calls.request_deposit(30 * WAD)
    calls.to(calls.due + 12)
    calls.refresh()
    transaction = calls.vault.prepare("roll").as_transaction(calls.outsider)
    starved = None
    for gas in range(120_000, 460_000, 20_000):
        try:
            calls.rpc.call("eth_call", {**transaction, "gas": hex(gas)}, "latest")
        except Exception:
            continue
        starved = gas
        break
    assert starved is not None
    assert starved < 400_000
    call = calls.vault.prepare("roll")
    calls.chain.enter(calls.chain.block_number + 1, calls.now + 12)
    calls.chain.evm.message_call(calls.outsider, call.to, calldata=call.data, gas=starved)
    assert calls.position["seriesId"] == 0
    assert calls.call("maxDeposit", calls.depositor) == 30 * WAD
    calls.transact("startRound", sender=calls.other)
    assert calls.position["seriesId"] != 0
