"""Spending one `msg.value` more than once, through batches or entry points meant for contracts."""

import json
from pathlib import Path

import pytest

from tests.fixtures.staking import ETHER, reverts

ABIS = Path(__file__).parents[1] / "snapshots" / "abi"
POOL = {"constructor", "fallback", "receive", "receiveVaultEther", "recoverAdvance", "submit"}
PAYABLE = {
    "StakingPool": POOL,
    "WrappedStakedEther": {"receive"},
    "WithdrawalQueue": {"approve", "receiveFinalizedEther", "safeTransferFrom", "transferFrom"},
    "ValidatorVault": {"deposit", "receive", "requestExit"},
    "OperatorBonds": {"stakeBond"},
    "OperatorRegistry": {"triggerExits"},
    "RedemptionVault": {"receive"},
    "SettlementOracle": {"dispute"},
}


@pytest.mark.parametrize("name", sorted(path.stem for path in ABIS.glob("*.json")))
def test_payable_entries__are_few_and_none_takes_calls(name):
    """Solady's ERC-721 is payable for gas's sake: what is sent with it is a gift to the queue."""
    rows = [row for row in json.loads((ABIS / f"{name}.json").read_text()) if " payable" in row]
    names = {row.removeprefix("function ").partition("(")[0].partition(" ")[0] for row in rows}
    assert names == PAYABLE.get(name, set())
    assert not any("bytes[]" in row for row in rows)


@pytest.mark.parametrize("way", ["submit", "plain", "wrapped"])
def test_value__is_counted_once(pinned, who, way):
    stack, payer, value = pinned.stack, who[2], 3 * ETHER + 7
    pool, target = stack.pool, stack.wketh if way == "wrapped" else stack.pool
    shares, buffered = pool.call("exchangeRate")[1], pool.call("getBalances")[0]
    held, minted = pinned.rpc.balance(pool.address), pool.call("toSharesDown", value)
    if way == "submit":
        pinned.stake(payer, value)
    else:
        sent = {"from": payer, "to": target.address, "value": hex(value), "gas": hex(300_000)}
        pinned.rpc.receipt(pinned.rpc.call("eth_sendTransaction", sent))
    assert pool.call("exchangeRate")[1] - shares == minted
    assert pool.call("getBalances")[0] - buffered == value
    assert pinned.rpc.balance(pool.address) - held == value
    assert pinned.rpc.balance(target.address) == (held + value if target is pool else 0)


@pytest.mark.parametrize(
    ("contract", "entry"), [("pool", "receiveVaultEther"), ("queue", "receiveFinalizedEther")]
)
def test_entries_for_contracts__take_no_strangers_ether(pinned, who, contract, entry):
    with reverts("Unauthorized"):
        getattr(pinned.stack, contract).call(entry, sender=who[2], value=ETHER)


def test_ether_sent_along_with_a_ticket__buys_nothing(queue, who):
    pool = queue.staking.stack.pool
    (ticket,) = queue.request(who[0], ETHER)
    rate, locked = pool.call("exchangeRate"), queue.call("getLockedEtherAmount")
    queue.transact("approve", who[1], ticket, sender=who[0], value=ETHER)
    assert pool.call("exchangeRate") == rate
    assert queue.call("getLockedEtherAmount") == locked
