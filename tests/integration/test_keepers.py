"""Keepers' strategies that read and call the real contracts."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from keel.chain.contract import Contract
from keel.keepers.action import Action
from keel.keepers.arbitrageur import Arbitrageur
from keel.keepers.poker import Poker
from keel.sim.hand import Hand
from tests.fixtures.redemption import DAY
from tests.fixtures.staking import ETHER


@pytest.fixture
def world(redemption):
    """Of the fixture's vault, which isn't the stack's."""
    pricer = Contract(redemption.rpc, redemption.vault.call("pricer"), redemption.pricer_abi)
    stack = replace(redemption.stack, redemption=redemption.vault, pricer=pricer)

    def send(sender, call):
        sent = redemption.rpc.call("eth_sendTransaction", call.as_transaction(sender))
        receipt = redemption.rpc.receipt(sent)
        assert receipt["status"] == "0x1"
        return receipt

    cast = SimpleNamespace(keeper=redemption.other)
    return SimpleNamespace(stack=stack, rpc=redemption.rpc, cast=cast, send=send)


@pytest.fixture
def poker(world):
    return Hand(world, Poker())


@pytest.fixture
def buyer(world):
    arbitrageur = Arbitrageur(account=world.cast.keeper, least_for_vault=ETHER // 100)
    return Hand(world, arbitrageur, arbitrageur.buy_for_vault)


def done(hand):
    return [action.function for action, _receipt in hand.work()]


def test_poker__nothing_to_do__sends_nothing(poker):
    assert done(poker) == []


def test_poker__due_holdback_and_payment__are_settled(redemption, poker):
    redemption.sell(10 * ETHER)
    assert done(poker) == []
    redemption.report()
    assert poker.state().holdbacks_due == 1
    assert done(poker) == ["advance"]
    redemption.report(pay=20 * ETHER, last=redemption.last_ticket)
    assert poker.state().tickets_due == 1
    assert done(poker) == ["advance"]
    assert redemption.call("ticketCounts") == (1, 1, 1)
    assert done(poker) == []


def test_poker__more_than_a_call_settles__calls_again(redemption, poker):
    most = redemption.call("MAX_STEPS")
    for _ in range(most + 1):
        redemption.sell(ETHER)
    redemption.report()
    assert done(poker) == ["advance", "advance"]
    assert redemption.call("ticketCounts") == (most + 1, most + 1, 0)


def test_hand__key_that_was_carried_out__is_not_again(world):
    """As the runner has it: a key that doesn't tell two effects apart loses the second."""
    twice = Action(key="wrap", contract="weth", function="deposit", what="wraps", why="a test")
    hand = Hand(world, Poker(), lambda _state: (twice,))
    assert done(hand) == ["deposit"]
    assert done(hand) == []


def test_poker__line__is_paid_from_what_comes_in(redemption, poker, buyer):
    redemption.sell(100 * ETHER)
    redemption.request_exit(redemption.shares_of())
    redemption.swap(1, 150 * ETHER)
    redemption.wait(DAY)
    assert poker.state().line
    assert done(buyer) == [], "while people wait in line, nothing is bought"
    assert done(poker) == []
    redemption.deposit(20 * ETHER, redemption.other)
    before = poker.state()
    assert done(poker) == (["advance"] if before.idle else [])
    assert not poker.state().idle


def test_poker__advances_that_were_netted__are_left_alone(redemption, poker):
    redemption.sell(10 * ETHER)
    redemption.report(pay=20 * ETHER, last=redemption.last_ticket)
    list(poker.work())
    assert poker.state().clearable == ()


def test_buyer__discount__is_bought_for_the_vault(redemption, buyer):
    redemption.swap(1, 150 * ETHER)
    redemption.wait(3_600)
    room, price = redemption.call("frameRoom"), redemption.price
    assert set(done(buyer)) == {"buyFromPool"}
    assert redemption.call("frameRoom") < room - 40 * ETHER
    assert redemption.price >= price


def test_buyer__more_than_the_frame_has_room_for__buys_what_fits(redemption, buyer):
    redemption.sell(230 * ETHER)
    redemption.swap(1, 150 * ETHER)
    redemption.wait(3_600)
    room = redemption.call("frameRoom")
    assert ETHER < room <= 20 * ETHER < redemption.call("position")[0]
    assert done(buyer)
    assert redemption.call("frameRoom") < room // 20


def test_buyer__discount_too_small__buys_nothing(redemption, buyer):
    redemption.swap(1, ETHER)
    redemption.wait(3_600)
    assert done(buyer) == []


def test_buyer__stale_report__buys_nothing(redemption, buyer):
    redemption.swap(1, 150 * ETHER)
    redemption.wait(4 * DAY)
    assert done(buyer) == []
