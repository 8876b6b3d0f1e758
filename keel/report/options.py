"""The part of a report that is about options: each vault's rounds."""

from keel.report.charts import ACCENT, MUTED, SECOND, bars, lines
from keel.report.section import Chart, Section, Table
from keel.sim.options.records import Round, VaultRounds
from keel.sim.records import RunRecord

_HEADER = ("Week", "Spot", "Strike", "Settled", "Vol", "Sold", "Premium", "Payoff", "Share")


def section(record: RunRecord) -> Section:
    """Rounds, what they brought, and what a share became; nothing for a run without options."""
    vaults = [vault for vault in record.options if vault.rounds]
    parts: list[Table | Chart] = []
    for vault in vaults:
        parts += [rounds_table(vault), *_charts(vault)]
    return Section(title=vaults[0].name if len(vaults) == 1 else "", parts=parts)


def rounds_table(vault: VaultRounds) -> Table:
    """A row a round, and what they come to."""
    note = (
        f"Sold in options, premium and payoff in {vault.token}, strikes in {vault.quote}. In all "
        f"{vault.premium:.4f} {vault.token} of premium and {vault.payoff:.4f} of payoff; "
        f"{sum(each.exercised for each in vault.rounds)} of {len(vault.rounds)} rounds were "
        "exercised."
    )
    if vault.idle_rounds:
        note += f" {vault.idle_rounds} rounds wrote nothing."
    return Table(
        title=vault.name,
        header=_HEADER,
        rows=[_row(each) for each in vault.rounds],
        numbers=len(_HEADER) - 1,
        note=note,
    )


def _row(each: Round) -> tuple[str, ...]:
    digits = 3 if each.spot < 10 else 0
    return (
        f"{each.opened:%d.%m.%y}",
        *(f"{price:.{digits}f}" for price in (each.spot, each.strike, each.settled)),
        f"{each.volatility:.0%}",
        f"{each.sold:.1f}",
        f"{each.premium:.4f}",
        f"{each.payoff:.4f}",
        f"{each.price_after:.4f}",
    )


def _charts(vault: VaultRounds) -> tuple[Chart, ...]:
    when = [each.expiry for each in vault.rounds]
    flows = bars(
        when,
        ("premium", ACCENT, [each.premium for each in vault.rounds]),
        ("payoff", SECOND, [-each.payoff for each in vault.rounds]),
    )
    price = lines(
        when,
        ("only held", MUTED, [1.0] * len(when)),
        ("a share of the vault", ACCENT, vault.prices),
    )
    return (
        Chart(
            title="What came in, what went out",
            figure=flows,
            caption=f"{vault.token}, for the round that ended on the day. Options that nobody "
            "bought are burned; buyers pay what the model asks, or more.",
        ),
        Chart(
            title="A share of the vault",
            figure=price,
            caption=f"{vault.token} per share, after fees.",
        ),
    )
