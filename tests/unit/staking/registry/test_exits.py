"""Exits: whom they are asked of, when they are late, and how anyone may trigger them."""

import pytest

from keel.chain.deployer import Deployer
from keel.chain.sender import NodeSender
from keel.models.staking.keys import Event
from keel.models.staking.registry import DAY
from tests.fixtures.staking import ETHER, pubkeys, reverts

LATE_EXIT = ETHER // 10
REQUESTS = "0x00000961Ef480Eb55e80D19ad83579A64c007002"


@pytest.fixture
def two(staking, who):
    """Three funded validators of one operator, two of another."""
    staking.stake(who[0], 1_000 * ETHER)
    for manager, keys in zip(who[:2], (3, 2), strict=True):
        staking.add_operator(manager, keys=keys, spare=ETHER)
    staking.deposit_validators(5)
    staking.tell(*[(0, n, Event.CONFIRMED) for n in range(3)])
    staking.tell(*[(1, n, Event.CONFIRMED) for n in range(2)])
    staking.stack.pool.transact("fundValidators", 5, sender=who[2])
    return staking


def requested(staking, count):
    registry = staking.stack.registry
    receipt = registry.transact("requestExits", count, sender=staking.owner)
    events = registry.events(receipt, "ExitRequested")
    return [(event.values["operatorId"], event.values["index"]) for event in events]


def test_request_exits__most_active_first_oldest_key_first(two):
    assert requested(two, 9) == [(0, 0), (1, 0), (0, 1), (1, 1), (0, 2)]
    assert two.operator(0).active == two.operator(1).active == 0


def test_request_exits__poor_performers_before_all(two):
    for _ in range(3):
        two.tell((1, 0, Event.UNDERPERFORMED))
    assert requested(two, 3) == [(1, 0), (1, 1), (0, 0)]


def test_request_exits__who_left_unasked_is_passed_over(two):
    two.tell((0, 0, Event.EXITING))
    assert requested(two, 2) == [(1, 0), (0, 1)]


def test_request_exits__outsider__reverts(two, who):
    with reverts("Unauthorized", who[0], two.owner):
        two.stack.registry.call("requestExits", 1, sender=who[0])


def test_charge_late_exit__at_the_limit(two, who):
    """Late from the end of the period on, and only once news from then don't tell of the exit."""
    registry, fund = two.stack.registry, two.stack.insurance
    requested(two, 1)
    late_from = registry.call("getKey", 0, 0)[3] + 4 * DAY
    for stale in (late_from - 1, late_from):
        two.rpc.mine_at(stale)
        oracle = two.stack.oracle.address
        slot = registry.call("lastNews")[0] + 1
        two.rpc.impersonate(oracle)
        two.rpc.set_balance(oracle, ETHER)
        with reverts("NotLate", 0, 0, late_from):
            registry.call("chargeLateExit", 0, 0, sender=who[2])
        registry.transact("applyNews", slot, stale, [], sender=oracle)
    before = fund.call("available")
    registry.transact("chargeLateExit", 0, 0, sender=who[2])
    assert fund.call("available") - before == pytest.approx(LATE_EXIT, abs=1)
    with reverts("AlreadyCharged", 0, 0):
        registry.call("chargeLateExit", 0, 0, sender=who[2])


def test_charge_late_exit__unasked_or_under_way__reverts(two, who):
    registry = two.stack.registry
    with reverts("NotLate", 0, 1, 2**256 - 1):
        registry.call("chargeLateExit", 0, 1, sender=who[2])
    requested(two, 1)
    two.tell((0, 0, Event.EXITING))
    two.rpc.mine_at(two.rpc.timestamp + 9 * DAY)
    two.tell()
    with reverts("WrongKeyStatus", 0, 0, 4):
        registry.call("chargeLateExit", 0, 0, sender=who[2])


@pytest.fixture
def requests(two, artifacts):
    """The system contract of EIP-7002, which the test chain lacks."""
    deployer = Deployer(two.rpc, artifacts, NodeSender(two.rpc, two.owner))
    mock = deployer.create("requests", "WithdrawalRequestsMock")
    code = two.rpc.call("eth_getCode", mock.address, "latest")
    two.rpc.call("anvil_setCode", REQUESTS, code)


def test_trigger_exits__by_whom_and_when(two, who, requests):
    stack, registry = two.stack, two.stack.registry
    fee = stack.withdrawal_vault.call("exitFee")
    assert fee == 7
    with reverts("ExitNotAllowed", 0, 0):
        registry.call("triggerExits", 0, [0], sender=who[2], value=fee)
    registry.call("triggerExits", 0, [0], sender=who[0], value=fee)
    requested(two, 1)
    with reverts("ExitNotAllowed", 0, 0):
        registry.call("triggerExits", 0, [0], sender=who[2], value=fee)
    two.rpc.mine_at(two.rpc.timestamp + 4 * DAY)
    before = two.rpc.balance(REQUESTS)
    receipt = registry.transact("triggerExits", 0, [0], sender=who[2], value=ETHER)
    (event,) = registry.events(receipt, "ExitTriggered")
    assert event.values["pubkey"] == pubkeys(1, 0)
    assert two.rpc.balance(REQUESTS) - before == fee, "the rest came back"
    assert two.rpc.balance(registry.address) == 0
    (log,) = [log for log in receipt["logs"] if log["address"].lower() == REQUESTS.lower()]
    request = stack.withdrawal_vault.address[2:].lower() + pubkeys(1, 0).hex() + "00" * 8
    assert request in log["data"]


def test_trigger_exits__fee_too_low__reverts(two, who, requests):
    with reverts("FeeTooLow", 13, 14):
        two.stack.registry.call("triggerExits", 0, [0, 1], sender=who[0], value=13)


def test_trigger_exits__no_system_contract__reverts(two, who):
    with reverts("NoExitContract", REQUESTS):
        two.stack.registry.call("triggerExits", 0, [0], sender=who[0], value=7)


def test_trigger_exits__key_that_is_no_validator__reverts(two, who, requests):
    registry = two.stack.registry
    with reverts("KeyNotFound", 0, 3):
        registry.call("triggerExits", 0, [3], sender=who[0], value=7)
    two.tell((0, 0, Event.EXITING))
    with reverts("WrongKeyStatus", 0, 0, 4):
        registry.call("triggerExits", 0, [0], sender=who[0], value=7)


def test_request_exit__only_the_registry(two, who):
    vault = two.stack.withdrawal_vault
    with reverts("Unauthorized", who[0], two.stack.registry.address):
        vault.call("requestExit", pubkeys(1), sender=who[0])
