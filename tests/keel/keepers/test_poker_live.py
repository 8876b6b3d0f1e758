"""The poker as a process has it: its runner, outbox and journal, on the real contracts."""

from dataclasses import replace

import pytest

from keel.chain.signer import KeySigner
from keel.keepers.action import Limits
from keel.keepers.file_journal import FileJournal
from keel.keepers.metrics import Metrics
from keel.keepers.outbox import Outbox
from keel.keepers.poker import Poker
from keel.keepers.runner import Runner
from keel.keepers.scanner import Scanner
from keel.keepers.story import Story
from keel.keepers.supervisor import devnet_key
from tests.fixtures.staking import ETHER
from tests.regression.test_redemption_left_alone import OTHERS, OWN, queue_others


@pytest.fixture
def hire(tmp_path):
    def make(stack):
        address, secret = devnet_key("poker")
        stack.rpc.set_balance(address, 100 * ETHER)
        journal, limits = FileJournal(tmp_path / "journal.sqlite"), Limits()
        outbox = Outbox(rpc=stack.rpc, signer=KeySigner(secret), journal=journal, limits=limits)
        return Runner(
            strategy=Poker(), stack=stack, journal=journal, limits=limits, outbox=outbox,
            story=Story("poker", tmp_path / "log"), metrics=Metrics("poker"),
        )  # fmt: skip

    return make


def work(runner, looks):
    for _ in range(looks):
        runner.tick()
        runner.stack.rpc.call("evm_mine")


def test_advance__more_checkpoints_than_two_calls_follow__goes_on_until_all_is_paid(
    redemption, hire
):
    """A call that moves the vault's cursor alone leaves everything else as it was."""
    desk = redemption
    for _ in range(OWN):
        desk.sell(ETHER)
    last = desk.last_ticket
    for _ in range(2):
        queue_others(desk, desk.stack.queue)
    for _ in range(3):
        desk.report()
    for ticket in (last, *range(last + 1, last + 1 + 2 * OTHERS)):
        desk.report(last=ticket)
    assert desk.stack.queue.call("getLastCheckpointIndex") > 3 * desk.call("MAX_CHECKPOINTS")
    runner = hire(replace(desk.stack, redemption=desk.vault))
    work(runner, 24)
    assert desk.call("ticketCounts") == (OWN,) * 3
    desk.deposit(ETHER)
    desk.request_exit(10**24)
    sent = len(runner.journal.attempts())
    work(runner, 10)
    assert len(runner.journal.attempts()) == sent, "and then it is quiet"


def test_clear__open_advance_behind_many_that_were_netted__is_cleared(queue, who, hire):
    """A report takes off the advances of the first thirty; a loss leaves the last one's open."""
    staking, (small, large) = queue.staking, who[:2]
    layer = {"validators": 20, "seen": 640 * ETHER}
    staking.stake(large, 700 * ETHER)
    staking.fund_validators(20)
    staking.report(**layer, balance=640 * ETHER)
    staking.stake(large, 100 * ETHER)
    netted = queue.request(small, *[ETHER // 10] * 30)
    queue.stay_silent()
    queue.advance(small, *netted)
    queue.finalize(netted[-1], **layer, balance=640 * ETHER)
    assert queue.call("etherLent") == 0, "all were taken off"
    (fallen,) = queue.request(small, ETHER)
    queue.stay_silent()
    (lent,) = queue.advance(small, fallen)
    staking.next_frame()
    slot, _reference = staking.next_frame()
    loss = layer | {"balance": 500 * ETHER, "withdrawals": 20 * ETHER, "last": fallen}
    report = staking.agree(slot, **loss)
    staking.confirm(report)
    staking.submit(report)
    assert queue.call("etherLent") == lent
    runner = hire(staking.stack)
    # Of an older version, which didn't watch what reports took off.
    Scanner(
        staking.rpc, runner.journal, [(queue.contract, ("AdvanceClaimed", "AdvanceCleared"))]
    ).catch_up(int(staking.rpc.block()["number"], 16))
    work(runner, 4)
    assert queue.call("etherLent") == 0
    assert [attempt.key for attempt in runner.journal.attempts()] == [f"clear:{fallen}"]
