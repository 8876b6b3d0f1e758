"""Whatever refuses a report or a frame: the error at its limit, and the way on after it."""

import pytest

from keel.chain.abi import Reverted
from keel.chain.deployer import Deployer, DeploymentFailed
from keel.chain.reports import hash_report, report_data
from keel.chain.sender import NodeSender
from keel.models.staking.keys import Event
from tests.fixtures.staking import ETHER, Queue, report_of, reverts
from tests.machines.chain import BLOCK_TIME
from tests.machines.revm import RevmChain

DAY = 86_400
OWNER = "0x" + "a0" * 20
TRUTH = {"validators": 4, "exited": 1, "seen": 128 * ETHER, "balance": 128 * ETHER}
BOUND = 3 * 1_101 * 10**15
"""Of three validators that are left."""


@pytest.fixture
def four(staking, who):
    """Four validators, one of them exited; 40 ether in the buffer."""
    staking.stake(who[0], 167 * ETHER)
    staking.add_operator(who[1], keys=4)
    staking.fund_validators(4)
    staking.report(**TRUTH)
    return staking


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"validators": 3}, "ValidatorCountInvalid"),
        ({"validators": 5}, "ValidatorCountInvalid"),
        ({"exited": 0}, "ExitedCountInvalid"),
        ({"exited": 5}, "ExitedCountInvalid"),
        ({"seen": 128 * ETHER - 1}, "DepositsSeenInvalid"),
        ({"seen": 128 * ETHER + 1}, "DepositsSeenInvalid"),
        ({"balance": 128 * ETHER - BOUND - 1}, "LossNeedsConfirmation"),
        ({"last": 1}, "FinalizationRangeInvalid"),
        ({"losses": [(1, 1)]}, "OperatorNotFound"),
        ({"losses": [(0, 1), (0, 1)]}, "LossesUnsorted"),
    ],
)
def test_refused_report__leaves_all_as_it_was_and_the_next_frames_covers_both(four, wrong, error):
    pool, oracle = four.stack.pool, four.stack.oracle
    before = (pool.call("getBalances"), pool.call("exchangeRate"), pool.call("lastReport"))
    slot = oracle.call("lastSubmittedRefSlot")
    with reverts(error):
        four.report(**TRUTH | wrong)
    assert (pool.call("getBalances"), pool.call("exchangeRate"), pool.call("lastReport")) == before
    assert oracle.call("lastSubmittedRefSlot") == slot
    receipt = four.report(**TRUTH, rewards=ETHER // 100)
    (gain,) = pool.events(receipt, "GainReported")
    assert gain.values["gain"] == gain.values["recognised"] == ETHER // 100


def test_loss_window__at_its_limits(four):
    """Eighteen days between reference times: till then a wei beyond the bound waits."""
    checker, lost = four.stack.checker, 128 * ETHER - BOUND
    four.report(**TRUTH | {"balance": lost})
    assert checker.call("lossInWindow", four.rpc.timestamp) == BOUND
    for days in range(1, 18):
        slot, reference = four.next_frame()
        if days < 17:
            continue
        assert checker.call("lossInWindow", reference) == BOUND, "seventeen days later"
        report = four.agree(slot, **TRUTH | {"balance": lost - 1})
        with reverts("LossNeedsConfirmation", BOUND + 1, BOUND):
            four.submit(report)
    four.report(**TRUTH | {"balance": lost - BOUND})
    assert checker.call("lossInWindow", four.rpc.timestamp) == BOUND, "eighteen: the first is out"


def test_loss_beyond_the_window__goes_through_by_a_quorum_of_others_on_the_same_hash(four, who):
    """Not another hash of theirs, not theirs of another frame, not the first quorum again."""
    oracle, confirmer = four.stack.oracle, four.stack.loss_confirmer
    wrong = TRUTH | {"balance": 121 * ETHER}
    report = four.agree(four.next_frame()[0], **wrong)
    confirmer.transact("vote", report.ref_slot, b"\1" * 32, sender=four.owner)
    with reverts("LossNeedsConfirmation", 7 * ETHER, BOUND):
        four.submit(report)
    with reverts("NotMember", four.members[0]):
        confirmer.call("vote", report.ref_slot, b"\1" * 32, sender=four.members[0])
    report = four.agree(four.next_frame()[0], **wrong)
    with reverts("LossNeedsConfirmation", 7 * ETHER, BOUND):
        four.submit(report)
    four.confirm(report)
    four.submit(report)
    assert oracle.call("lastSubmittedRefSlot") == report.ref_slot


def test_confirmer_that_is_dead__is_replaced_and_the_same_report_goes_through(four, artifacts):
    checker, oracle = four.stack.checker, four.stack.oracle
    report = four.agree(four.next_frame()[0], **TRUTH | {"balance": 121 * ETHER})
    four.rpc.call("anvil_setCode", four.stack.loss_confirmer.address, "0xfe")
    with pytest.raises(Reverted):
        four.submit(report)
    sender = NodeSender(four.rpc, four.owner)
    genesis, frame = oracle.call("GENESIS_TIME"), oracle.call("SLOTS_PER_FRAME")
    fresh = Deployer(four.rpc, artifacts, sender).create(
        "Fresh", "HashConsensus", four.owner, genesis, frame
    )
    fresh.transact("addMember", four.owner, 1, sender=four.owner)
    checker.transact("setLossConfirmer", fresh.address, sender=four.owner)
    fresh.transact("vote", report.ref_slot, hash_report(report), sender=four.owner)
    four.submit(report)


def test_exits_beyond_the_bound__are_spread_or_the_bound_is_raised(four):
    checker = four.stack.checker
    limits = list(checker.call("getLimits"))
    limits[3] = 1
    checker.transact("setLimits", limits, sender=four.owner)
    with reverts("ExitedCountInvalid", 3, 1, 2):
        four.report(**TRUTH | {"exited": 3})
    four.report(**TRUTH | {"exited": 2})
    limits[3] = 600
    checker.transact("setLimits", limits, sender=four.owner)
    four.report(**TRUTH | {"exited": 4})


def test_reference_time_that_does_not_rise__the_next_one_does(four):
    """As of a new oracle whose frames lag behind the old one's."""
    pool, oracle = four.stack.pool, four.stack.oracle.address
    previous, _applied_at = pool.call("lastReport")
    four.rpc.impersonate(oracle)
    four.rpc.set_balance(oracle, ETHER)
    report = report_of(
        9,
        validators=4,
        exited_validators=1,
        cl_balance=128 * ETHER,
        deposits_seen=128 * ETHER,
    )
    call = ("handleReport", *report_data(report), b"\0" * 32)
    for late in (previous - 1, previous):
        with reverts("ReportNotNewer", late, previous):
            pool.call(*call, late, [], sender=oracle)
    pool.call(*call, previous + 1, [], sender=oracle)


def test_ticket_too_young__is_finalised_a_frame_later(four, who):
    queue = Queue(four)
    queue.approve(who[0])
    _slot, _reference, deadline = four.stack.oracle.call("getCurrentFrame")
    four.rpc.mine_at(deadline - 3_000)
    (ticket,) = queue.request(who[0], ETHER)
    with reverts("RequestTooYoung"):
        four.report(**TRUTH, last=ticket)
    four.report(**TRUTH, last=ticket)
    assert queue.call("getLastFinalizedRequestId") == ticket


def test_buffer_too_short__fewer_tickets_or_more_ether(four, who):
    queue, pool = Queue(four), four.stack.pool
    queue.approve(who[0])
    first, second = queue.request(who[0], 30 * ETHER, 20 * ETHER)
    four.next_frame()
    with reverts("BufferShort"):
        four.report(**TRUTH, last=second)
    four.report(**TRUTH, last=first)
    left = pool.call("getBalances")[0]
    four.stake(who[2], 20 * ETHER - left)
    four.report(**TRUTH, last=second)
    assert queue.call("getLastFinalizedRequestId") == second


def test_gain_beyond_the_bound__is_recognised_to_the_last_wei_in_time(four):
    """Carried, report by report, until all of it was recognised: none is lost, none comes twice."""
    pool, gain = four.stack.pool, 3 * ETHER // 10
    receipts = [four.report(**TRUTH, rewards=gain)]
    while pool.call("getBalances")[3]:
        receipts.append(four.report(**TRUTH))
        assert len(receipts) < 20
    events = [pool.events(receipt, "GainReported")[0].values for receipt in receipts]
    assert len(events) > 2
    assert [event["gain"] for event in events] == [gain] + [0] * (len(events) - 1)
    assert sum(event["recognised"] for event in events) == gain


@pytest.mark.parametrize(("genesis", "slots"), [(1, 7_200), (0, 0)])
def test_consensus__bad_frame__reverts(four, artifacts, genesis, slots):
    """Genesis to come, or frames of nothing."""
    now = four.rpc.timestamp
    deployer = Deployer(four.rpc, artifacts, NodeSender(four.rpc, four.owner))
    with pytest.raises(DeploymentFailed, match="BadFrame"):
        deployer.create("Bad", "HashConsensus", four.owner, (now + 10_000) * genesis, slots)


def test_consensus__from_its_own_block_on(artifacts):
    """Genesis may be the block's time, and no second later. A node would estimate in its last."""
    chain = RevmChain()
    deployer = Deployer(chain.rpc, artifacts, NodeSender(chain.rpc, OWNER))
    genesis = chain.timestamp + BLOCK_TIME
    with pytest.raises(DeploymentFailed, match="BadFrame"):
        deployer.create("Later", "HashConsensus", OWNER, genesis + 1, 7_200)
    deployer.create("Now", "HashConsensus", OWNER, genesis, 7_200)
    assert chain.timestamp == genesis


def test_consensus__younger_than_a_frame__votes_from_the_first_frame_on(four, artifacts):
    deployer = Deployer(four.rpc, artifacts, NodeSender(four.rpc, four.owner))
    genesis = four.rpc.timestamp
    young = deployer.create("Young", "HashConsensus", four.owner, genesis, 100)
    young.transact("addMember", four.owner, 1, sender=four.owner)
    four.rpc.mine_at(genesis + 1_199)
    with reverts("NoFrameYet", genesis + 1_200, genesis + 1_199):
        young.call("vote", 99, b"\1" * 32, sender=four.owner)
    four.rpc.mine_at(genesis + 1_200)
    young.transact("vote", 99, b"\1" * 32, sender=four.owner)
    assert young.call("consensusHash", 99) == b"\1" * 32


def test_registry_that_gives_more_keys_than_asked__is_refused(four, who):
    """The vault deposits for what it was asked, whatever a new registry says."""
    registry = four.stack.registry.address
    answer = (32).to_bytes(32) + (96).to_bytes(32) + b"\xaa" * 96
    size = f"{len(answer):02x}"
    four.rpc.call("anvil_setCode", registry, f"0x60{size}600a5f3960{size}5ff3{answer.hex()}")
    with reverts("TooManyKeys", 2, 1):
        four.stack.pool.call("fundValidators", 1, sender=who[2])


def test_news_that_cannot_be_told__keep_no_report_back(four, who):
    """Wrong news are refused as a whole; the report they came with stands, and so does the next."""
    four.stake(who[0], 40 * ETHER)
    four.add_operator(who[1], keys=1)
    four.deposit_validators(1)
    wrong = [(1, 0, Event.SETTLED), (1, 0, Event.CONFIRMED)]
    grown = TRUTH | {"seen": 129 * ETHER, "balance": 129 * ETHER, "validators": 5}
    with reverts("WrongKeyStatus"):
        four.report(**grown, news=wrong)
    assert (
        four.stack.oracle.call("lastSubmittedRefSlot")
        == (four.stack.oracle.call("getCurrentFrame")[0])
    )
    four.report(**grown, news=wrong[1:])
    four.stack.pool.call("fundValidators", 1, sender=who[2])
