"""Requests: bounds, nominals, every form, and what a refused one leaves."""

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from keel.chain.deployer import Deployer, DeploymentFailed
from keel.chain.sender import NodeSender
from tests.fixtures.staking import ETHER, ZERO, Queue, reverts
from tests.machines.slots import Layout, of_mapping

WITH_LIMITS = "requestWithdrawals(uint256[],address,uint256,uint256)"
WRAPPED = "requestWithdrawalsWstETH(uint256[],address)"
WRAPPED_WITH_LIMITS = "requestWithdrawalsWstETH(uint256[],address,uint256,uint256)"
LEAST, MOST = 100, 1_000 * ETHER
FOREVER = 2**256 - 1


def status(queue, request_id):
    return queue.call("getWithdrawalStatus", [request_id])[0]


def test_queue__without_a_wrapper__reverts(pinned, artifacts):
    stack = pinned.stack
    deployer = Deployer(pinned.rpc, artifacts, NodeSender(pinned.rpc, pinned.owner))
    with pytest.raises(DeploymentFailed, match="ZeroAddress"):
        deployer.create("Bare", "WithdrawalQueue", stack.pool.address, ZERO)
    queue = deployer.create("Queue", "WithdrawalQueue", stack.pool.address, stack.wketh.address)
    assert queue.call("getLastRequestId") == 0


def test_request__moves_shares_and_mints_a_ticket(queue, pinned, who):
    pool = pinned.stack.pool
    shares = pool.call("toSharesUp", ETHER)
    (ticket,) = queue.request(who[0], ETHER)
    assert ticket == queue.call("getLastRequestId") == 1
    assert queue.call("ownerOf", ticket).lower() == who[0].lower()
    assert pool.call("exactSharesOf", queue.contract.address) == shares
    nominal, shares18, owner, timestamp, finalized, claimed = status(queue, ticket)
    assert (nominal, shares18, owner.lower()) == (ETHER, shares // 10**9, who[0].lower())
    assert timestamp == pinned.rpc.timestamp
    assert not finalized
    assert not claimed
    assert queue.call("unfinalizedStETH") == ETHER
    assert queue.call("unfinalizedRequestNumber") == 1


def test_request__for_another_owner(queue, who):
    (ticket,) = queue.request(who[0], ETHER, owner=who[2])
    assert queue.call("ownerOf", ticket).lower() == who[2].lower()


def test_request__many_at_once_are_in_order(queue, who):
    tickets = queue.request(who[0], ETHER, 2 * ETHER, 3 * ETHER)
    assert tickets == [1, 2, 3]
    assert [status(queue, ticket)[0] for ticket in tickets] == [ETHER, 2 * ETHER, 3 * ETHER]


@pytest.mark.parametrize("amount", [LEAST, LEAST + 1])
def test_request__least(queue, who, amount):
    with reverts("AmountTooSmall", LEAST - 1, LEAST):
        queue.call(Queue.REQUEST, [ETHER, LEAST - 1], ZERO, sender=who[0])
    queue.request(who[0], amount)


def test_request__most(queue, pinned, who):
    pinned.stake(who[1], 2 * MOST)
    with reverts("AmountTooLarge", MOST + 1, MOST):
        queue.call(Queue.REQUEST, [MOST + 1], ZERO, sender=who[1])
    queue.request(who[1], MOST - 1)
    queue.request(who[1], MOST)


@pytest.mark.parametrize(("sum_of", "bits"), [("cumulativeEther", 96), ("cumulativeShares", 128)])
def test_request__sums_fill_their_fields__and_no_more(queue, pinned, who, sum_of, bits):
    """Beyond, a sum would run into the field next to it, and change what others may claim."""
    queue.request(who[0], ETHER)
    added = {
        "cumulativeEther": ETHER,
        "cumulativeShares": pinned.stack.pool.call("toSharesUp", ETHER),
    }
    layout, most = Layout("WithdrawalQueue"), 2**bits - 1
    slot = of_mapping(layout.slot("_entries"), 1)
    for sum_before in (most - added[sum_of] + 1, most - added[sum_of]):
        entry = layout.pack("Entry", {"requestedAt": pinned.rpc.timestamp, sum_of: sum_before})
        address = queue.contract.address
        pinned.rpc.call("anvil_setStorageAt", address, hex(slot), f"0x{entry:064x}")
        if sum_before + added[sum_of] > most:
            with reverts("AmountTooLarge", most + 1, most):
                queue.request(who[0], ETHER)
    assert queue.request(who[0], ETHER) == [2]
    assert status(queue, 2)[0] == ETHER


def test_request__nothing__reverts(queue, who):
    with reverts("EmptyBatch"):
        queue.call(Queue.REQUEST, [], ZERO, sender=who[0])
    with reverts("EmptyBatch"):
        queue.call(WRAPPED, [], ZERO, sender=who[0])


def test_request__more_than_held__reverts(queue, who):
    with reverts("BalanceExceeded"):
        queue.call(Queue.REQUEST, [500 * ETHER], ZERO, sender=who[0])


def test_request__without_allowance__reverts(queue, pinned, who):
    pinned.stake(who[2], 2 * ETHER)
    with reverts("AllowanceExceeded", who[2], queue.contract.address, ETHER, 0):
        queue.call(Queue.REQUEST, [ETHER], ZERO, sender=who[2])


def test_request__minimum_of_all_nominals(queue, who):
    amounts = [ETHER, 2 * ETHER]
    with reverts("NominalTooLow", 3 * ETHER, 3 * ETHER + 1):
        queue.call(WITH_LIMITS, amounts, ZERO, 3 * ETHER + 1, FOREVER, sender=who[0])
    queue.call(WITH_LIMITS, amounts, ZERO, 3 * ETHER, FOREVER, sender=who[0])


def test_request__minimum_is_of_this_call_alone(queue, who):
    """What waits already, of whomever, does not count towards it."""
    queue.request(who[1], 5 * ETHER)
    with reverts("NominalTooLow", ETHER, ETHER + 1):
        queue.call(WITH_LIMITS, [ETHER], ZERO, ETHER + 1, FOREVER, sender=who[0])
    queue.call(WITH_LIMITS, [ETHER], ZERO, ETHER, FOREVER, sender=who[0])


@pytest.mark.parametrize("form", [WITH_LIMITS, WRAPPED_WITH_LIMITS])
def test_request__deadline(queue, pinned, who, form):
    pinned.stack.wketh.transact("wrapShares", ETHER, sender=_approved(pinned, who[0]))
    now = pinned.rpc.timestamp + 100
    for deadline in (now, now + 1):
        pinned.rpc.call("evm_setNextBlockTimestamp", now)
        snapshot = pinned.rpc.snapshot()
        queue.transact(form, [ETHER // 2], ZERO, 0, deadline, sender=who[0])
        pinned.rpc.revert(snapshot)
    pinned.rpc.mine_at(now)
    with reverts("DeadlinePassed", now - 1, now):
        queue.call(form, [ETHER // 2], ZERO, 0, now - 1, sender=who[0])


def _approved(staking, account):
    wketh = staking.stack.wketh
    staking.stack.pool.transact("approve", wketh.address, FOREVER, sender=account)
    return account


def test_request_wrapped__unwraps_and_queues_the_same_shares(queue, pinned, who):
    stack = pinned.stack
    stack.wketh.transact("wrapShares", 3 * ETHER, sender=_approved(pinned, who[0]))
    nominal = stack.wketh.call("convertToAssets", ETHER)
    receipt = queue.transact(WRAPPED, [ETHER, 2 * ETHER], ZERO, sender=who[0])
    events = queue.contract.events(receipt, "WithdrawalRequested")
    assert [event.values["amountOfShares"] for event in events] == [ETHER, 2 * ETHER]
    assert events[0].values["amountOfStETH"] == nominal
    assert stack.wketh.call("balanceOf", who[0]) == 0
    assert stack.pool.call("exactSharesOf", queue.contract.address) == 3 * 10**27


def test_request_wrapped__bounds_are_of_the_nominal(queue, pinned, who):
    pinned.stake(who[1], 2 * MOST)
    wketh = pinned.stack.wketh
    wketh.transact("wrapShares", 1_500 * ETHER, sender=_approved(pinned, who[1]))
    small = wketh.call("convertToShares", LEAST)
    assert wketh.call("convertToAssets", small) == LEAST - 1
    with reverts("AmountTooSmall", LEAST - 1, LEAST):
        queue.call(WRAPPED, [small], ZERO, sender=who[1])
    queue.call(WRAPPED, [small + 1], ZERO, sender=who[1])
    large = wketh.call("previewWithdraw", MOST + 1)
    with reverts("AmountTooLarge"):
        queue.call(WRAPPED, [large + 1], ZERO, sender=who[1])
    queue.call(WRAPPED, [wketh.call("convertToShares", MOST)], ZERO, sender=who[1])
    most = (2**128 - 1) // 10**9
    with reverts("AmountTooLarge", most + 1, most):
        queue.call(WRAPPED, [most + 1], ZERO, sender=who[1])


def test_request_wrapped__more_than_held__reverts(queue, pinned, who):
    pinned.stack.wketh.transact("wrapShares", ETHER, sender=_approved(pinned, who[0]))
    with reverts("InsufficientBalance"):
        queue.call(WRAPPED, [ETHER + 1], ZERO, sender=who[0])


@pytest.mark.parametrize(
    ("role", "form"),
    [
        ("pool", "requestWithdrawalsWithPermit"),
        ("wketh", "requestWithdrawalsWstETHWithPermit"),
    ],
)
@pytest.mark.parametrize("spent_first", [False, True])
def test_request__with_permit_even_if_it_was_front_run(pinned, who, role, form, spent_first):
    """A stranger may submit the signature first: the allowance is there all the same."""
    staking, signer = pinned, Account.create()
    stack, queue = staking.stack, pinned.stack.queue
    token = getattr(stack, role)
    holder = signer.address
    staking.rpc.impersonate(holder)
    staking.rpc.set_balance(holder, 10 * ETHER)
    staking.stake(holder, 3 * ETHER)
    if role == "wketh":
        stack.wketh.transact("wrapShares", ETHER, sender=_approved(staking, holder))
    deadline = staking.rpc.timestamp + 1_000
    signed = signer.sign_message(permit_message(token, holder, queue.address, ETHER, deadline))
    signature = (signed.v, signed.r.to_bytes(32, "big"), signed.s.to_bytes(32, "big"))
    if spent_first:
        bare = "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"
        arguments = (holder, queue.address, ETHER, deadline, *signature)
        token.transact(bare, *arguments, sender=who[2])
    queue.transact(form, [ETHER // 2], ZERO, (ETHER, deadline, *signature), sender=holder)
    assert queue.call("balanceOf", holder) == 1


def test_request__with_a_bad_permit_and_no_allowance__reverts(queue, pinned, who):
    pinned.stake(who[2], 2 * ETHER)
    permit = (ETHER, FOREVER, 27, b"\1" * 32, b"\1" * 32)
    with reverts("AllowanceExceeded"):
        queue.call("requestWithdrawalsWithPermit", [ETHER], ZERO, permit, sender=who[2])


def permit_message(token, owner, spender, value, deadline):
    domain = {
        "name": token.call("name"),
        "version": "1",
        "chainId": token.rpc.chain_id,
        "verifyingContract": token.address,
    }
    kinds = ("address", "address", "uint256", "uint256", "uint256")
    names = ("owner", "spender", "value", "nonce", "deadline")
    fields = [{"name": n, "type": k} for n, k in zip(names, kinds, strict=True)]
    values = (owner, spender, value, token.call("nonces", owner), deadline)
    return encode_typed_data(domain, {"Permit": fields}, dict(zip(names, values, strict=True)))
