"""Stopping the exits of all by one operator's keys, and the ways around who doesn't obey."""

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from keel.chain.deployer import Deployer
from keel.chain.reports import hash_report, report_data
from keel.chain.sender import NodeSender
from keel.models.staking.keys import Event, Status
from keel.models.staking.registry import DAY, SEARCH
from tests.fixtures.staking import ETHER, report_of, reverts

REQUESTS = "0x00000961Ef480Eb55e80D19ad83579A64c007002"
# Answers an empty call with a fee, takes any other.
PRICED = "0x36602b577f{fee:064x}5f5260205ff35b00"


@pytest.fixture
def jammed(staking, who):
    """The first key of `who[1]` waits; with it those asked to exit are `SEARCH`, and one is behind.

    It was slashed, so exits are asked of it before `who[2]`, who has two validators.
    """
    keys = SEARCH + 1
    staking.stake(who[0], 40 * (keys + 2) * ETHER)
    staking.add_operator(who[1], keys=keys, spare=9 * ETHER)
    staking.add_operator(who[2], keys=2, spare=ETHER)
    staking.deposit_validators(keys + 2)
    assert staking.operator(0).validators == keys
    staking.tell(*[(0, index, Event.CONFIRMED) for index in range(1, keys)])
    staking.tell((1, 0, Event.CONFIRMED), (1, 1, Event.CONFIRMED))
    staking.stack.pool.transact("fundValidators", keys + 1, sender=who[0])
    staking.tell((0, 1, Event.SLASHED))
    assert requested(staking, SEARCH - 1) == [(0, index) for index in range(1, SEARCH)]
    return staking


def requested(staking, count):
    registry = staking.stack.registry
    receipt = registry.transact("requestExits", count, sender=staking.owner)
    events = registry.events(receipt, "ExitRequested")
    return [(event.values["operatorId"], event.values["index"]) for event in events]


def test_keys_that_never_leave__are_no_reason_to_ask_nobody(jammed):
    """The search in one operator's keys ends somewhere: then the next operator is asked."""
    assert jammed.operator(0).poor
    assert jammed.operator(0).active == 1
    assert requested(jammed, 3) == [(1, 0), (1, 1)]
    assert requested(jammed, 1) == []


def test_key_out_of_reach__is_asked_once_one_before_it_has_left(jammed, who):
    """Rejected or settled, the first key gives the search its way back; in between, EIP-7002."""
    jammed.tell((0, 0, Event.REJECTED))
    assert requested(jammed, 1) == [(0, SEARCH)]


@pytest.fixture
def asked(staking, who):
    """An operator that was asked for one of two exits and doesn't obey; an empty fee contract."""
    staking.stake(who[0], 100 * ETHER)
    staking.add_operator(who[1], keys=2, spare=ETHER)
    staking.fund_validators(2)
    assert requested(staking, 1) == [(0, 0)]
    return staking


def set_fee(staking, wei):
    staking.rpc.call("anvil_setCode", REQUESTS, PRICED.format(fee=wei))


def test_exit_fee_that_rose__refuses_and_takes_nothing(asked, who):
    """The fee of EIP-7002 is that of the block: who sends a little more is never short."""
    registry, vault = asked.stack.registry, asked.stack.withdrawal_vault
    set_fee(asked, 1)
    quoted = vault.call("exitFee")
    set_fee(asked, 17)
    with reverts("FeeTooLow", quoted, 17):
        registry.call("triggerExits", 0, [0], sender=who[1], value=quoted)
    before, held = asked.rpc.balance(vault.address), asked.rpc.balance(REQUESTS)
    registry.transact("triggerExits", 0, [0], sender=who[1], value=ETHER)
    assert asked.rpc.balance(REQUESTS) - held == 17
    assert asked.rpc.balance(vault.address) == before, "the pool pays nothing"
    assert asked.rpc.balance(registry.address) == 0


def test_caller_that_takes_no_change__pays_exactly(asked, artifacts, callback, who):
    deployer = Deployer(asked.rpc, artifacts, NodeSender(asked.rpc, asked.owner))
    mock = deployer.create("requests", "WithdrawalRequestsMock")
    code = asked.rpc.call("eth_getCode", mock.address, "latest")
    asked.rpc.call("anvil_setCode", REQUESTS, code)
    asked.rpc.mine_at(asked.rpc.timestamp + 4 * DAY)
    registry = asked.stack.registry
    callback.contract.transact("setRefuses", True, sender=who[0])
    with reverts("ETHTransferFailed"):
        callback.act(registry, "triggerExits", 0, [0], value=8)
    callback.act(registry, "triggerExits", 0, [0], value=7)


def test_change_re_enters__and_pays_for_each_exit(asked, artifacts, callback, who):
    """The change goes out last: a second request within it costs the caller a second fee."""
    set_fee(asked, 7)
    asked.rpc.mine_at(asked.rpc.timestamp + 4 * DAY)
    registry = asked.stack.registry
    callback.arm(registry.prepare("triggerExits", 0, [0]), registry.prepare("refresh", 0))
    callback.act(registry, "triggerExits", 0, [0], value=ETHER)
    assert callback.outcomes == [(False, "FeeTooLow"), (True, "")]
    assert asked.rpc.balance(registry.address) == 0
    assert asked.rpc.balance(callback.address) == ETHER - 7


def test_operator_that_never_exits__pays_and_is_exited_by_a_stranger(asked, who):
    """Late: once the penalty, then anybody's request from the withdrawal address."""
    set_fee(asked, 1)
    registry = asked.stack.registry
    asked.rpc.mine_at(asked.rpc.timestamp + 5 * DAY)
    asked.tell()
    before = asked.stack.insurance.call("available")
    registry.transact("chargeLateExit", 0, 0, sender=who[2])
    assert asked.stack.insurance.call("available") - before == pytest.approx(ETHER // 10, abs=1)
    with reverts("AlreadyCharged", 0, 0):
        registry.call("chargeLateExit", 0, 0, sender=who[2])
    with reverts("ExitNotAllowed", 0, 1):
        registry.call("triggerExits", 0, [0, 1], sender=who[2], value=2)
    registry.transact("triggerExits", 0, [0], sender=who[2], value=1)
    asked.tell((0, 0, Event.EXITING), (0, 0, Event.SETTLED))
    assert asked.status(0, 0) is Status.SETTLED
    assert asked.stack.insurance.call("available") - before == pytest.approx(ETHER // 10, abs=1)


def test_report_without_news__names_an_empty_list_to_date_what_is_late(asked, who):
    """Nothing happened: that too can be told, and only then is an exit late by the news."""
    oracle, registry = asked.stack.oracle, asked.stack.registry
    asked.rpc.mine_at(asked.rpc.timestamp + 5 * DAY)
    asked.report(validators=2, balance=64 * ETHER, seen=64 * ETHER)
    late_from = registry.call("getKey", 0, 0)[3] + 4 * DAY
    with reverts("NotLate", 0, 0, late_from):
        registry.call("chargeLateExit", 0, 0, sender=who[2])
    slot, _reference = asked.next_frame()
    report = report_of(
        slot,
        validators=2,
        cl_balance=64 * ETHER,
        deposits_seen=64 * ETHER,
        registry_hash=keccak(encode(["(uint32,uint32,uint8)[]"], [[]])),
    )
    asked.vote(slot, hash_report(report))
    asked.submit(report)
    oracle.transact("submitNews", report_data(report)[0], [], sender=who[2])
    registry.transact("chargeLateExit", 0, 0, sender=who[2])
