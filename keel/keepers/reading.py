"""What the reporter reads of the chain at a reference block."""

from typing import Any

from keel.chain.contract import read_all
from keel.chain.stack import Stack
from keel.chain.views import read
from keel.keepers.report import ChainState, KeyRecord
from keel.keepers.rules import Waiting
from keel.models.staking.keys import Status

_PER_BATCH = 400
_TICKETS_PER_CALL = 100


def chain_state(stack: Stack, ref_slot: int, ref_timestamp: int, block: int) -> ChainState:
    """All views that a report is made of."""
    rpc = stack.rpc
    seen = read(
        {
            "credentials": (stack.pool, "withdrawalCredentials"),
            "stat": (stack.pool, "getBeaconStat"),
            "balances": (stack.pool, "getBalances"),
            "operators": (stack.registry, "operatorCount"),
            "limits": (stack.checker, "getLimits"),
            "finalised": (stack.queue, "getLastFinalizedRequestId"),
            "requested": (stack.queue, "getLastRequestId"),
        },
        block,
    )
    vaults = rpc.batch(
        [
            ("eth_getBalance", [vault.address, hex(block)])
            for vault in (stack.withdrawal_vault, stack.rewards_vault)
        ]
    )
    buffered = int(seen["balances"][0])
    collected = sum(int(balance, 16) for balance in vaults)
    return ChainState(
        ref_slot=ref_slot,
        ref_timestamp=ref_timestamp,
        credentials=seen["credentials"],
        keys=_keys(stack, seen["operators"], block),
        validators=seen["stat"][1],
        buffered=buffered,
        withdrawal_vault=int(vaults[0], 16),
        rewards_vault=int(vaults[1], 16),
        margin=seen["limits"][4],
        waiting=waiting(
            stack, seen["finalised"] + 1, seen["requested"], block, buffered + collected
        ),
    )


def _keys(stack: Stack, operators: int, block: int) -> tuple[KeyRecord, ...]:
    """Every key that had a deposit; the others are nobody's business yet."""
    registry = stack.registry
    counts = read_all(
        [registry.view("getOperator", number) for number in range(operators)], hex(block)
    )
    places = [
        (operator, index)
        for operator, counted in enumerate(counts)
        for index in range(counted[5])  # predeposited
    ]
    found: list[Any] = []
    for start in range(0, len(places), _PER_BATCH):
        views = [registry.view("getKey", *place) for place in places[start : start + _PER_BATCH]]
        found += read_all(views, hex(block))
    return tuple(
        KeyRecord(
            operator=operator, index=index, pubkey=key[0], status=Status(key[2]), slashed=key[4]
        )
        for (operator, index), key in zip(places, found, strict=True)
    )


def waiting(stack: Stack, first: int, last: int, block: int, budget: int) -> tuple[Waiting, ...]:
    """Tickets in order, as far as a budget may reach."""
    found: list[Waiting] = []
    for start in range(first, last + 1, _TICKETS_PER_CALL):
        ids = list(range(start, min(start + _TICKETS_PER_CALL, last + 1)))
        queue, at = stack.queue, hex(block)
        (statuses,) = read_all([queue.view("getWithdrawalStatus", ids)], at)
        advances = read_all([queue.view("getAdvance", each) for each in ids], at)
        found += [
            Waiting(ticket_id=ticket, nominal=status[0], advanced=advanced, requested_at=status[3])
            for ticket, status, advanced in zip(ids, statuses, advances, strict=True)
        ]
        budget -= sum(each.nominal - each.advanced for each in found[-len(ids) :])
        if budget < 0:
            break
    return tuple(found)
