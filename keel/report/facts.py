"""The figures that table and page share, so that they never disagree."""

from statistics import mean, median

from keel.report.section import Table
from keel.sim.records import RunRecord


def headline(record: RunRecord) -> list[tuple[str, str]]:
    """Pairs of a question and its answer."""
    days = record.days
    deepest = min(days, key=lambda day: day.market_ratio)
    fullest = max(days, key=lambda day: day.pool_share)
    known = [day for day in days if day.real_share is not None]
    errors = [abs(day.pool_price - day.market_ratio) * 1e4 for day in days]
    facts = [
        ("Window", f"{days[0].day} to {days[-1].day}, {len(days)} days"),
        ("Deepest discount", f"{1 - deepest.market_ratio:.2%} on {deepest.day}"),
        (
            "Pool price against the market's",
            f"off by {median(errors):.0f} bp in the median, {max(errors):.0f} bp at most",
        ),
        ("Most staked ether in our pool", f"{fullest.pool_share:.1%} on {fullest.day}"),
    ]
    if known:
        real = max(known, key=lambda day: day.real_share or 0.0)
        gaps = [abs(day.pool_share - (day.real_share or 0.0)) for day in known]
        facts.append(
            (
                "Most in the real pool",
                f"{real.real_share:.1%} on {real.day}; mean difference to ours {mean(gaps):.1%}",
            )
        )
    facts += [
        ("Exchange rate", f"{days[0].rate:.6f} to {days[-1].rate:.6f} ether per share"),
        ("Waits in the queue", _waits(record)),
        ("Longest queue", f"{max(day.queued for day in days):,.0f} ether"),
        ("Oracle reports", _reports(record)),
    ]
    if not record.is_history:
        before = max(day.pooled for day in days)
        facts.append(
            (
                "Lost by reports",
                f"{record.lost:,.2f} ether of {before:,.0f} ({record.lost / before:.2%})",
            )
        )
        if record.lost:
            facts.append(("Borne by", _bearers(record)))
        facts.append(
            ("Second quorum", f"needed for {record.confirmations} of {record.reports} reports")
        )
        facts.append(
            (
                "Validators",
                f"{days[0].validators} on the first day, {days[-1].validators} on the last",
            )
        )
    return facts


def _reports(record: RunRecord) -> str:
    missing = len(record.days) - record.reports
    return f"{record.reports}, " + (f"none on {missing} days" if missing else "one a day")


def _waits(record: RunRecord) -> str:
    waits = record.waits()
    if not waits:
        return "no ticket was paid in the window"
    return (
        f"{len(waits)} of {len(record.tickets)} tickets paid: "
        f"{median(waits):.1f} days in the median, {max(waits):.1f} at most"
    )


def outcome_rows(record: RunRecord) -> list[tuple[str, str, str, str, str]]:
    """Who, what, began with, ended with, against holding the ether; one person's rows together."""
    first: dict[str, int] = {}
    for outcome in record.outcomes:
        first.setdefault(outcome.who, len(first))
    return [
        (
            outcome.who,
            outcome.what,
            f"{outcome.began:.4f}",
            f"{outcome.ended:.4f}",
            f"{outcome.gain:+.2%}",
        )
        for outcome in sorted(record.outcomes, key=lambda outcome: first[outcome.who])
    ]


_BEARERS = {
    "fromBonds": "the bonds",
    "fromInsurance": "the insurance fund",
    "fromNewGain": "new gains",
    "fromUnreleasedGain": "unreleased gains",
    "fromRate": "all holders",
}


def _bearers(record: RunRecord) -> str:
    """Who bore the losses, in the order in which they are asked."""
    parts = ((who, record.borne.get(name, 0.0)) for name, who in _BEARERS.items())
    return ", ".join(f"{who} {ether:,.2f}" for who, ether in parts if ether >= 0.005)


CHECK_MEANINGS = {
    "STAKE-1": "shares of all holders sum to the total",
    "STAKE-2": "balances sum to the pooled ether, a wei per holder at most left over",
    "STAKE-3": "the rate falls only in a report with loss",
    "STAKE-4": "wkETH is backed by shares the wrapper holds",
    "STAKE-5": "ether locked covers every claim, less than a wei per ticket left over",
    "STAKE-7": "the pool's ether equals an independent ledger, to the wei",
    "STAKE-9": "every finalised ticket that is claimed is paid what was announced",
    "STAKE-10": "bonds, insurance, gains and holders bear what was reported as lost",
    "SWAP-3": "the quote is what the swap pays, to the wei",
    "SWAP-4": "the swap pool holds what its books say",
    "SWAP-7": "the virtual price doesn't fall without a loss",
    "GAUGE-1": "the gauge's rewards are paid, owed or still to be streamed, to the wei",
    "GAUGE-3": "stakes sum to the gauge's total, and its LP tokens cover them",
    "REDEEM-1": "a share of the redemption vault falls only by a reported loss",
    "REDEEM-2": "what is set aside for exits in line covers them",
}
"""What every run asserts."""

OPTION_CHECK_MEANINGS = {
    "OPT-1": "longs and shorts of a running series are as many, and their collateral is there",
    "VAULT-1": "an option vault holds what its books say",
    "VAULT-3": "a share of an option vault falls by its part of payoffs and fees, and no more",
}
"""What a run with an option vault asserts too."""


def _number(check: tuple[str, int]) -> tuple[str, int]:
    family, _, number = check[0].partition("-")
    return family, int(number)


def check_rows(record: RunRecord) -> list[tuple[str, str, str]]:
    """Invariant, meaning, how often it held."""
    meanings = CHECK_MEANINGS | OPTION_CHECK_MEANINGS
    return [
        (invariant, meanings[invariant], f"{count:,}")
        for invariant, count in sorted(record.checks.items(), key=_number)
    ]


def tables(record: RunRecord) -> tuple[Table, Table]:
    """What every report begins with."""
    return (
        Table(
            title="Who ended with what, in ether",
            header=("Who", "What they did", "Began", "Ended", "Against holding"),
            rows=outcome_rows(record),
            numbers=3,
        ),
        Table(title="The window", rows=headline(record)),
    )


def check_table(record: RunRecord) -> Table:
    """What was asserted, and how often."""
    return Table(
        title="Invariants, asserted every day",
        header=("Id", "What", "Checks"),
        rows=check_rows(record),
        numbers=1,
    )
