import pytest

from tests.fixtures.staking import ETHER, ZERO, pubkeys, reverts

ORACLE = b"oracle".ljust(32, b"\0")
DELAY = 7 * 86_400


def test_wire__twice__reverts(staking, who):
    with reverts("AlreadyWired"):
        staking.stack.pool.call("wire", (who[0],) * 4, sender=staking.owner)


def test_replace__after_the_delay(staking, who):
    pool = staking.stack.pool
    pool.transact("proposeReplacement", ORACLE, who[0], sender=staking.owner)
    ready = staking.rpc.timestamp + DELAY
    staking.rpc.mine_at(ready - 1)
    with reverts("NotReady", ready, ready - 1):
        pool.call("acceptReplacement", ORACLE, sender=staking.owner)
    staking.rpc.mine_at(ready)
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
        ("wire", lambda a: ((a,) * 4,)),
    ],
)
def test_setters__outsider__reverts(staking, who, setter, arguments):
    with reverts("OwnableUnauthorizedAccount", who[0]):
        staking.stack.pool.call(setter, *arguments(who[0]), sender=who[0])


def test_deposit_validators__pays_the_deposit_contract(staking, who):
    stack = staking.stack
    staking.stake(who[0], 100 * ETHER)
    staking.add_keys(5)
    receipt = staking.deposit_validators(5)
    events = stack.deposit_contract.events(receipt, "DepositEvent")
    assert [event.values["pubkey"] for event in events] == [pubkeys(1, n) for n in range(3)]
    credentials = stack.pool.call("withdrawalCredentials")
    assert all(event.values["withdrawal_credentials"] == credentials for event in events)
    assert credentials.hex() == "01" + "00" * 11 + stack.withdrawal_vault.address[2:].lower()
    assert staking.rpc.balance(stack.deposit_contract.address) == 96 * ETHER
    buffered, _layer, in_flight, *_rest = stack.pool.call("getBalances")
    assert (buffered, in_flight) == (5 * ETHER, 96 * ETHER)
    assert stack.pool.call("totalSupply") == 101 * ETHER


def test_deposit_validators__queue_comes_first(staking, who):
    stack = staking.stack
    staking.stake(who[0], 100 * ETHER)
    stack.pool.transact("approve", stack.queue.address, 2**256 - 1, sender=who[0])
    request = "requestWithdrawals(uint256[],address)"
    stack.queue.transact(request, [70 * ETHER], who[0], sender=who[0])
    assert stack.pool.call("getDepositableEther") == 31 * ETHER
    staking.add_keys(5)
    with reverts("NothingToDeposit", 31 * ETHER, 0):
        staking.deposit_validators(5)


def test_deposit_validators__front_run_deposit__reverts(staking, who):
    """Somebody registers a key first, with credentials of its own: the root has moved."""
    stack = staking.stack
    staking.stake(who[0], 100 * ETHER)
    staking.add_keys(1)
    root, nonce = stack.deposit_contract.call("get_deposit_root"), stack.registry.call("nonce")
    with reverts("DepositRootChanged", b"\1" * 32, root):
        stack.pool.call("depositValidators", 1, b"\1" * 32, nonce, sender=staking.owner)
    with reverts("NonceChanged", nonce + 1, nonce):
        stack.pool.call("depositValidators", 1, root, nonce + 1, sender=staking.owner)
    with reverts("Unauthorized", who[0], staking.owner):
        stack.pool.call("depositValidators", 1, root, nonce, sender=who[0])
