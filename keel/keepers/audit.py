"""What keepers did, checked against the chain: nothing twice, nothing lost."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from keel.chain.stack import Stack
from keel.keepers.file_journal import FileJournal
from keel.keepers.journal import Journal, State


@dataclass
class Audit:
    """Counts, and what doesn't add up."""

    transactions: dict[str, int] = field(default_factory=dict)
    outcomes: dict[str, int] = field(default_factory=dict)
    replaced: int = 0
    tickets: int = 0
    claimed: int = 0
    waiting: int = 0
    critical: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def audit(stack: Stack, folder: Path, accounts: dict[str, str]) -> Audit:
    """Compare every journal below a folder with the chain."""
    found = Audit()
    for name, address in accounts.items():
        (path,) = folder.glob(f"*/{name}.sqlite")
        _journal(stack, FileJournal(path), name, address, found)
    _votes_and_reports(stack, found)
    _tickets(stack, found, accounts)
    for log in folder.glob("*/watchdog*.log"):
        found.critical += [line for line in log.read_text().splitlines() if " critical " in line]
    found.problems += [f"an alarm: {line}" for line in found.critical]
    return found


def _journal(stack: Stack, journal: Journal, name: str, address: str, found: Audit) -> None:
    """Each nonce of the account belongs to one attempt, and no action was done twice."""
    attempts = journal.attempts()
    done = Counter(attempt.key for attempt in attempts if attempt.state is State.DONE)
    for key, times in done.items():
        if times > 1:
            found.problems.append(f"{name} did {key} {times} times")
    for attempt in attempts:
        found.outcomes[attempt.state] = found.outcomes.get(attempt.state, 0) + 1
        group = journal.sent(attempt.sender, attempt.nonce)
        found.replaced += len(group) - 1
        mined = [
            sent for sent in group
            if stack.rpc.call("eth_getTransactionReceipt", sent.hash) is not None
        ]  # fmt: skip
        if attempt.state is State.DONE and len(mined) != 1:
            found.problems.append(f"{name}: nonce {attempt.nonce} has {len(mined)} transactions")
        if attempt.state is State.SENT:
            found.problems.append(f"{name}: {attempt.key} was sent and never mined")
    count = int(stack.rpc.call("eth_getTransactionCount", address, "latest"), 16)
    first = min((attempt.nonce for attempt in attempts), default=count)
    if sorted(attempt.nonce for attempt in attempts) != list(range(first, count)):
        found.problems.append(f"{name}: its journal doesn't hold each of {count - first} nonces")
    found.transactions[name] = count - first


def _votes_and_reports(stack: Stack, found: Audit) -> None:
    logs = stack.rpc.call(
        "eth_getLogs",
        {"fromBlock": "0x0", "toBlock": "latest", "address": stack.oracle.address},
    )
    events = [event for log in logs if (event := stack.oracle.abi.decode_log(log)) is not None]
    votes = Counter(
        (event.values["refSlot"], event.values["member"])
        for event in events
        if event.name == "Voted"
    )
    reports = Counter(
        event.values["refSlot"] for event in events if event.name == "ReportSubmitted"
    )
    found.problems += [
        f"{who} voted {n} times on {slot}" for (slot, who), n in votes.items() if n > 1
    ]
    found.problems += [
        f"slot {slot} was reported {n} times" for slot, n in reports.items() if n > 1
    ]


def _tickets(stack: Stack, found: Audit, accounts: dict[str, str]) -> None:
    """Each ticket waits, or is paid; keepers and the vault have claimed theirs."""
    queue = stack.queue
    last, finalised = (
        int(queue.call(view)) for view in ("getLastRequestId", "getLastFinalizedRequestId")
    )
    keepers = {address.lower(): name for name, address in accounts.items()}
    keepers[stack.redemption.address.lower()] = "the redemption vault"
    found.tickets, found.waiting = last, last - finalised
    for start in range(1, last + 1, 100):
        ids = list(range(start, min(start + 100, last + 1)))
        statuses = queue.call("getWithdrawalStatus", ids)
        for ticket, (*_amounts, owner, _at, is_finalised, is_claimed) in zip(
            ids, statuses, strict=True
        ):
            found.claimed += is_claimed
            if is_finalised != (ticket <= finalised):
                found.problems.append(f"ticket {ticket} is neither waiting nor paid")
            if is_finalised and not is_claimed and owner.lower() in keepers:
                found.problems.append(f"{keepers[owner.lower()]} forgot ticket {ticket}")
