"""Somebody with a better tip, before each purchase of the bidder."""

import pytest

from keel.keepers.action import GWEI, Limits
from keel.keepers.journal import State
from keel.keepers.settings import BidderTerms, KeeperSettings, ViewTerms
from tests.keel.keepers.living import living_devnet

ETHER = WAD = 10**18
NEVER = 2**40


@pytest.fixture
def living(tmp_path):
    with living_devnet(tmp_path) as living:
        yield living


class Auction:
    """Calls on sale that the bidder finds cheap, and somebody with money who comes first."""

    def __init__(self, living, **limits):
        self.living, self.live, self.stack = living, living.live, living.stack
        self.handle = self.stack.vaults["CoveredCalls"]
        self.vault, self.other = self.handle.vault, self.live.world.cast.makers
        act, wketh = self.live.act, self.stack.wketh
        act(self.other, self.stack.pool, "submit", "0x" + "00" * 20, value=5 * ETHER)
        act(self.other, self.stack.pool, "approve", wketh.address, 2**256 - 1)
        act(self.other, wketh, "wrap", 4 * ETHER)
        act(self.other, wketh, "approve", self.vault.address, 2**256 - 1)
        living.hire("forecaster-1", "forecaster-3", "roller")
        self.live.mine(4)
        cheap = BidderTerms(covered_calls=ViewTerms(volatility=4 * WAD))
        settings = KeeperSettings(bidder=cheap)
        living.hire("bidder", settings=settings, limits=Limits(profit_floor=0, **limits))
        self.bidder = living.runners["bidder"]

    @property
    def unsold(self):
        return self.vault.struct("lot")["unsold"]

    def purchases(self, *states):
        found = self.bidder.journal.attempts(*states)
        return [each for each in found if "CoveredCalls" in each.what and each.function == "buy"]

    def overtake(self, amount):
        call = self.vault.prepare("buy", amount, 1, 2**255, self.other, NEVER)
        price = {"maxFeePerGas": hex(90 * GWEI), "maxPriorityFeePerGas": hex(50 * GWEI)}
        transaction = call.as_transaction(self.other, gas=400_000) | price
        self.stack.rpc.call("eth_sendTransaction", transaction)

    def play(self, blocks, amount):
        for _ in range(blocks):
            if self.purchases(State.SENT):
                self.overtake(amount())
            self.live.mine()


def test_bidder__a_wei_bought_before_it__spoils_nothing(living):
    auction = Auction(living)
    lot = auction.unsold
    auction.play(12, amount=lambda: 1)
    assert [each.state for each in auction.purchases()] == [State.DONE]
    assert auction.unsold < lot // 100


def test_bidder__most_bought_before_it_again_and_again__tries_on_and_stays_awake(living):
    auction = Auction(living)
    while len(auction.purchases(State.OVERTAKEN)) <= auction.bidder.limits.max_attempts:
        auction.play(1, amount=lambda: auction.unsold * 11 // 20)
    overtaken = auction.purchases(State.OVERTAKEN)
    assert {each.detail for each in overtaken} == {"somebody was faster: TooFewLeft"}
    assert auction.bidder.breaker.failures == 0
    auction.play(6, amount=lambda: 1)
    assert len(auction.purchases(State.DONE)) == 1, "the rest, in the end"


def test_bidder__overtaken_for_more_gas_than_it_may_lose__stops_for_a_day(living):
    auction = Auction(living, max_lost=3 * 10**14)
    auction.play(20, amount=lambda: auction.unsold * 2 // 3)
    lost = auction.bidder.outbox.lost_today(
        "vaults.CoveredCalls.vault", "buy", auction.bidder.block
    )
    assert 3 * 10**14 <= lost < 6 * 10**14
    assert 0 < len(auction.purchases()) < 5
    assert any("others were faster, which has cost" in line for line in living.log("bidder"))
