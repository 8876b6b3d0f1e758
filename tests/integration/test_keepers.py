"""Keepers that read and call the real contracts."""

from dataclasses import replace

from keel.keepers import escape
from keel.keepers.redemption import Desk, decide
from tests.fixtures.redemption import DAY
from tests.fixtures.staking import ETHER


def keeper_of(desk):
    """Of the fixture's vault, which isn't the stack's."""
    return Desk(replace(desk.stack, redemption=desk.vault))


def sent(desk, call):
    receipt = desk.rpc.receipt(
        desk.rpc.call("eth_sendTransaction", call.as_transaction(desk.other))
    )
    assert receipt["status"] == "0x1"
    return receipt


def run(desk, keeper, most=20):
    """Let the keeper act until it has nothing to do; what it did."""
    done = []
    while (action := decide(keeper.state(), least_gain=ETHER // 1_000)) is not None:
        sent(desk, keeper.call(action))
        done.append(action)
        assert len(done) < most
    return done


def test_vault_keeper__nothing_to_do__sends_nothing(redemption):
    assert run(redemption, keeper_of(redemption)) == []


def test_vault_keeper__due_holdback_and_payment__are_settled(redemption):
    keeper = keeper_of(redemption)
    redemption.sell(10 * ETHER)
    assert keeper.state().due == 0
    redemption.report()
    assert keeper.state().due == 1
    assert [type(action).__name__ for action in run(redemption, keeper)] == ["Advance"]
    redemption.report(pay=20 * ETHER, last=redemption.last_ticket)
    assert keeper.state().due == 1
    run(redemption, keeper)
    assert redemption.call("ticketCounts") == (1, 1, 1)
    assert keeper.state().due == 0


def test_vault_keeper__more_than_a_call_settles__calls_again(redemption):
    keeper = keeper_of(redemption)
    most = redemption.call("MAX_STEPS")
    for _ in range(most + 1):
        redemption.sell(ETHER)
    redemption.report()
    assert keeper.state().due == 1  # of holdbacks only whether there is any
    assert len(run(redemption, keeper)) == 2
    assert redemption.call("ticketCounts") == (most + 1, most + 1, 0)


def test_vault_keeper__line__is_served_before_purchases(redemption):
    keeper = keeper_of(redemption)
    redemption.sell(100 * ETHER)
    redemption.request_exit(redemption.shares_of())
    redemption.swap(1, 150 * ETHER)
    redemption.wait(DAY)
    state = keeper.state()
    assert state.line
    assert state.offers == ()
    assert run(redemption, keeper) == []


def test_vault_keeper__discount__is_bought(redemption):
    keeper = keeper_of(redemption)
    redemption.swap(1, 150 * ETHER)
    redemption.wait(3_600)
    (offer,) = keeper.state().offers
    before = redemption.price
    done = run(redemption, keeper)
    assert done[0].weth_amount == offer.weth_amount
    assert redemption.call("frameRoom") < 250 * ETHER - offer.nominal + ETHER
    assert redemption.price >= before
    assert offer.gain > ETHER // 100


def test_vault_keeper__discount_too_small__offers_nothing(redemption):
    redemption.swap(1, ETHER)
    redemption.wait(3_600)
    assert keeper_of(redemption).state().offers == []


def test_vault_keeper__stale_report__offers_nothing(redemption):
    redemption.swap(1, 150 * ETHER)
    redemption.wait(4 * DAY)
    assert keeper_of(redemption).state().offers == []


def test_escape_keeper__forgets_what_was_netted(redemption):
    keeper = escape.Desk(redemption.stack)
    redemption.sell(10 * ETHER)
    redemption.report(pay=20 * ETHER, last=redemption.last_ticket)
    keeper.note([redemption.last_ticket])
    state = keeper.state()
    assert (state.lent, state.waiting, list(state.finalised)) == (0, 0, [redemption.last_ticket])
    assert escape.decide(state) == []
    assert list(keeper.state().finalised) == []
