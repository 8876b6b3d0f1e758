"""The report of a frame, out of what both layers say at its reference slot: pure.

Members who read the same two states get the same report, to the bit. It is made of chain views of
the reference block and of the consensus state after the reference slot; nothing in it depends on
when a member looks.
"""

from dataclasses import dataclass

from keel.chain.reports import hash_news
from keel.keepers.beacon import FAR_FUTURE, LayerState, Validator
from keel.keepers.rules import LEAST_LOSS, Waiting, key_events, last_payable
from keel.models.staking.keys import Event, KeyNews, Status
from keel.models.staking.ledger import FIRST_DEPOSIT, FURTHER_DEPOSIT, OperatorLoss, Report

GWEI = 10**9
_FULL = 32 * GWEI
_FUNDED = (Status.FUNDED, Status.EXITING, Status.SETTLED)


@dataclass(frozen=True, kw_only=True)
class KeyRecord:
    """What the registry knows of a key that had its first deposit."""

    operator: int
    index: int
    pubkey: bytes
    status: Status
    slashed: bool


@dataclass(frozen=True, kw_only=True)
class ChainState:
    """Views of the reference block; wei, seconds.

    Attributes
    ----------
    validators : int
        As the report before said.
    margin : int
        How much older than the reference time a ticket must be.
    """

    ref_slot: int
    ref_timestamp: int
    credentials: bytes
    keys: tuple[KeyRecord, ...]
    validators: int
    buffered: int
    withdrawal_vault: int
    rewards_vault: int
    margin: int
    waiting: tuple[Waiting, ...]


@dataclass(frozen=True, kw_only=True)
class Built:
    """A report, and the news that follow it."""

    report: Report
    news: tuple[KeyNews, ...]


def build(chain: ChainState, layer: LayerState, before: LayerState | None) -> Built:
    """The frame's report.

    Parameters
    ----------
    before : LayerState, optional
        The state after the last reported slot; without one nobody is blamed for a loss.
    """
    ours = {
        key.pubkey: found
        for key in chain.keys
        if (found := layer.validators.get(key.pubkey)) is not None
        and _same_owner(found.credentials, chain.credentials)
    }
    pending = {
        key.pubkey: entry.amount
        for key in chain.keys
        if (entry := layer.pending.get(key.pubkey)) is not None
        and (
            key.pubkey in ours
            or (key.pubkey not in layer.validators
                and _same_owner(entry.credentials, chain.credentials))
        )
    }  # fmt: skip
    news = tuple(
        KeyNews(key.operator, key.index, what)
        for key in chain.keys
        for what in _events(key, chain, layer)
    )
    balance = sum(found.balance for found in ours.values()) + sum(pending.values())
    collected = chain.withdrawal_vault + chain.rewards_vault
    exited = sum(found.exit_epoch <= layer.epoch for found in ours.values())
    report = Report(
        ref_slot=chain.ref_slot,
        validators=max(chain.validators, len(ours.keys() | pending.keys())),
        exited_validators=exited,
        cl_balance=balance * GWEI,
        deposits_seen=sum(_deposited(key.status) for key in chain.keys),
        withdrawal_vault_balance=chain.withdrawal_vault,
        rewards_vault_balance=chain.rewards_vault,
        last_request_id=last_payable(
            chain.waiting, chain.buffered + collected, chain.ref_timestamp - chain.margin
        ),
        registry_hash=hash_news(news),
        operator_losses=_losses(chain, ours, before),
    )
    return Built(report=report, news=news)


def _events(key: KeyRecord, chain: ChainState, layer: LayerState) -> list[Event]:
    found = layer.validators.get(key.pubkey)
    if found is None:
        return []
    valid = _same_owner(found.credentials, chain.credentials)
    return key_events(
        key.status,
        told_slashed=key.slashed,
        valid=valid,
        foreign=not valid,
        leaving=found.exit_epoch != FAR_FUTURE,
        slashed=found.slashed,
        settled=(
            found.withdrawable_epoch <= layer.epoch
            and found.balance == 0
            and key.pubkey not in layer.pending
        ),
    )


def _same_owner(left: bytes, right: bytes) -> bool:
    """Whether withdrawals go to the same address, whatever the prefix."""
    return left[:1] in (b"\x01", b"\x02") and left[12:] == right[12:]


def _deposited(status: Status) -> int:
    """Wei that the pool has sent to a key. A reference block holds the deposits of its slot."""
    return FIRST_DEPOSIT + (FURTHER_DEPOSIT if status in _FUNDED else 0)


def _losses(
    chain: ChainState, ours: dict[bytes, Validator], before: LayerState | None
) -> tuple[OperatorLoss, ...]:
    """By operator: how far balances fell below what a sweep leaves, of those not swept out."""
    if before is None:
        return ()
    sums: dict[int, int] = {}
    for key in chain.keys:
        now, then = ours.get(key.pubkey), before.validators.get(key.pubkey)
        if now is None or then is None or now.balance == 0:
            continue
        fell = min(then.balance, _FULL) - now.balance
        if fell > 0:
            sums[key.operator] = sums.get(key.operator, 0) + fell * GWEI
    return tuple(
        OperatorLoss(operator_id=operator, ether_amount=wei)
        for operator, wei in sorted(sums.items())
        if wei >= LEAST_LOSS
    )
