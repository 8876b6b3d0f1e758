import pytest

from keel.models.staking.keys import Event, Status
from tests.fixtures.staking import ETHER, ZERO, pubkeys, reverts

ORACLE = b"oracle".ljust(32, b"\0")
DELAY = 7 * 86_400


def test_wire__twice__reverts(staking, who):
    with reverts("AlreadyWired"):
        staking.stack.pool.call("wire", (who[0],) * 5, sender=staking.owner)


def test_replace__after_the_delay(staking, who):
    pool = staking.stack.pool
    pool.transact("proposeReplacement", ORACLE, who[0], sender=staking.owner)
    ready = staking.rpc.timestamp + DELAY
    staking.rpc.mine_at(ready - 1)
    with reverts("NotReady", ready, ready - 1):
        pool.call("acceptReplacement", ORACLE, sender=staking.owner)
    staking.rpc.mine_at(ready)
    pool.call("acceptReplacement", ORACLE, sender=staking.owner)
    pool.transact("acceptReplacement", ORACLE, sender=staking.owner)
    assert pool.call("part", ORACLE).lower() == who[0].lower()
    with reverts("NothingProposed", ORACLE):
        pool.call("acceptReplacement", ORACLE, sender=staking.owner)


def test_replace__revoked__reverts(staking, who):
    pool = staking.stack.pool
    with reverts("NothingProposed", ORACLE):
        pool.call("revokeReplacement", ORACLE, sender=staking.owner)
    pool.transact("proposeReplacement", ORACLE, who[0], sender=staking.owner)
    pool.transact("revokeReplacement", ORACLE, sender=staking.owner)
    staking.rpc.mine_at(staking.rpc.timestamp + DELAY)
    with reverts("NothingProposed", ORACLE):
        pool.call("acceptReplacement", ORACLE, sender=staking.owner)


def test_replace__unknown_role_or_zero__reverts(staking, who):
    pool, nothing = staking.stack.pool, b"queue".ljust(32, b"\0")
    with reverts("UnknownRole", nothing):
        pool.call("proposeReplacement", nothing, who[0], sender=staking.owner)
    with reverts("ZeroAddress"):
        pool.call("proposeReplacement", ORACLE, ZERO, sender=staking.owner)


@pytest.mark.parametrize("bps", [1_999, 2_000, 2_001])
def test_set_fees__bound(staking, who, bps):
    fees = [(who[0], bps - 2), (who[1], 1), (who[2], 1)]
    pool = staking.stack.pool
    if bps > 2_000:
        with reverts("OutOfBounds", bps, 0, 2_000):
            pool.call("setFees", fees, sender=staking.owner)
        return
    pool.transact("setFees", fees, sender=staking.owner)
    assert pool.call("getFee") == bps


def test_set_fees__recipient_missing__reverts(staking, who):
    with reverts("ZeroAddress"):
        staking.stack.pool.call(
            "setFees", [(ZERO, 1), (who[0], 0), (ZERO, 0)], sender=staking.owner
        )


@pytest.mark.parametrize(
    ("limit", "period", "refused"),
    [
        (10**6 * ETHER, 60, None),
        (10**6 * ETHER + 1, 60, (10**6 * ETHER + 1, 0, 10**6 * ETHER)),
        (0, 59, (59, 60, 30 * 86_400)),
        (0, 30 * 86_400, None),
        (0, 30 * 86_400 + 1, (30 * 86_400 + 1, 60, 30 * 86_400)),
    ],
)
def test_set_stake_limit__bounds(staking, limit, period, refused):
    pool = staking.stack.pool
    if refused is None:
        pool.call("setStakeLimit", limit, period, sender=staking.owner)
        return
    with reverts("OutOfBounds", *refused):
        pool.call("setStakeLimit", limit, period, sender=staking.owner)


@pytest.mark.parametrize(
    ("setter", "arguments"),
    [
        ("setGuardian", lambda a: (a,)),
        ("setDepositor", lambda a: (a,)),
        ("setFees", lambda a: ([(a, 0)] * 3,)),
        ("setStakeLimit", lambda a: (0, 60)),
        ("proposeReplacement", lambda a: (ORACLE, a)),
        ("wire", lambda a: ((a,) * 5,)),
    ],
)
def test_setters__outsider__reverts(staking, who, setter, arguments):
    with reverts("OwnableUnauthorizedAccount", who[0]):
        staking.stack.pool.call(setter, *arguments(who[0]), sender=who[0])


def test_deposit_validators__makes_first_deposits(staking, who):
    stack = staking.stack
    staking.add_operator(keys=5)
    buffered = stack.pool.call("getBalances")[0]
    staking.stake(who[0], 128 * ETHER - 1 - buffered)
    receipt = staking.deposit_validators(5)
    events = stack.deposit_contract.events(receipt, "DepositEvent")
    assert [event.values["pubkey"] for event in events] == [pubkeys(1, n) for n in range(3)]
    credentials = stack.pool.call("withdrawalCredentials")
    assert all(event.values["withdrawal_credentials"] == credentials for event in events)
    assert credentials.hex() == "01" + "00" * 11 + stack.withdrawal_vault.address[2:].lower()
    assert staking.rpc.balance(stack.deposit_contract.address) == 3 * ETHER
    buffered, _layer, in_flight, *_rest = stack.pool.call("getBalances")
    assert (buffered, in_flight) == (125 * ETHER - 1, 3 * ETHER)
    assert stack.pool.call("getBeaconStat")[0] == 3
    assert stack.pool.call("totalSupply") == 128 * ETHER - 1
    # 93 ether are kept for the three: not quite 32 are left.
    with reverts("NothingToDeposit", 125 * ETHER - 1, 0):
        staking.deposit_validators(1)


def test_fund_validators__the_rest_for_confirmed_keys_in_order(staking, who):
    stack = staking.stack
    staking.add_operator(keys=5)
    staking.stake(who[0], 128 * ETHER)
    staking.deposit_validators(4)
    with reverts("NothingToDeposit"):
        stack.pool.call("fundValidators", 9, sender=who[0])
    staking.tell((0, 2, Event.CONFIRMED), (0, 0, Event.CONFIRMED), (0, 1, Event.CONFIRMED))
    receipt = stack.pool.transact("fundValidators", 2, sender=who[0])
    events = stack.deposit_contract.events(receipt, "DepositEvent")
    assert [event.values["pubkey"] for event in events] == [pubkeys(1, 2), pubkeys(1, 0)]
    assert {event.values["amount"] for event in events} == {(31 * 10**9).to_bytes(8, "little")}
    stack.pool.transact("fundValidators", 9, sender=who[0])
    assert [staking.status(0, index) for index in range(5)] == [
        Status.FUNDED, Status.FUNDED, Status.FUNDED, Status.PREDEPOSITED, Status.UNUSED,
    ]  # fmt: skip
    assert stack.pool.call("getBalances")[2] == (4 + 3 * 31) * ETHER


def test_fund_validators__paused__reverts(staking, who):
    staking.stack.pool.transact("pause", sender=staking.owner)
    with reverts("StakingIsPaused"):
        staking.stack.pool.call("fundValidators", 1, sender=who[0])


def test_deposit_validators__queue_comes_first(staking, who):
    stack = staking.stack
    staking.add_operator(keys=5)
    staking.stake(who[0], 100 * ETHER)
    stack.pool.transact("approve", stack.queue.address, 2**256 - 1, sender=who[0])
    request = "requestWithdrawals(uint256[],address)"
    depositable = stack.pool.call("getDepositableEther")
    stack.queue.transact(request, [depositable - 32 * ETHER + 1], who[0], sender=who[0])
    assert stack.pool.call("getDepositableEther") == 32 * ETHER - 1
    with reverts("NothingToDeposit", 32 * ETHER - 1, 0):
        staking.deposit_validators(5)


def test_deposit_validators__front_run_deposit__reverts(staking, who):
    """Somebody registers a key first, with credentials of its own: the root has moved."""
    stack = staking.stack
    staking.stake(who[0], 100 * ETHER)
    staking.add_operator(keys=1)
    root, nonce = stack.deposit_contract.call("get_deposit_root"), stack.registry.call("nonce")
    with reverts("DepositRootChanged", b"\1" * 32, root):
        stack.pool.call("depositValidators", 1, b"\1" * 32, nonce, sender=staking.owner)
    with reverts("NonceChanged", nonce + 1, nonce):
        stack.pool.call("depositValidators", 1, root, nonce + 1, sender=staking.owner)
    with reverts("Unauthorized", who[0], staking.owner):
        stack.pool.call("depositValidators", 1, root, nonce, sender=who[0])
    assert stack.pool.call("depositValidators", 1, root, 2**256 - 1, sender=staking.owner) == 1
