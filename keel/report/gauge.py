"""The gauge's part of a report."""

from keel.report.charts import ACCENT, MUTED, SECOND, areas, lines, percent
from keel.report.section import Chart, Section, Table
from keel.sim.records import RunRecord


def section(record: RunRecord) -> Section:
    """What came in, what went out, and who stayed."""
    gauge = record.gauge
    days, last = gauge.days, gauge.days[-1]
    when = [day.day for day in days]
    least = min(days, key=lambda day: day.staked_share)
    rows = [
        ("Received from the treasury", f"{last.received:.4f} WETH in {gauge.fundings} fundings"),
        ("Paid to stakers", f"{last.paid:.4f} WETH"),
        ("Owed to stakers", f"{last.owed:.4f} WETH"),
        ("Still to be streamed", f"{last.to_stream:.4f} WETH"),
        ("Left behind by rounding", f"{gauge.left_behind} wei"),
        ("Earned by the provider's 2 ether", f"{gauge.provider:.4f} WETH"),
        ("Least staked", f"{least.staked_share:.0%} of all LP tokens, on {least.day}"),
    ]
    stream = areas(
        when,
        ("paid", ACCENT, [day.paid for day in days]),
        ("owed", SECOND, [day.owed for day in days]),
        ("still to be streamed", MUTED, [day.to_stream for day in days]),
    )
    staked = lines(when, ("staked", ACCENT, percent(day.staked_share for day in days)), suffix=" %")
    staked.update_yaxes(rangemode="tozero")
    title = "The gauge: rewards of liquidity providers"
    return Section(
        title=title,
        parts=(
            Table(title=title, rows=rows),
            Chart(
                title="Where the rewards are",
                figure=stream,
                caption="WETH. The treasury funds a week at a time, makers and provider claim once "
                "a week. What was received is paid, owed, or still to be streamed: to the wei, but "
                "for less than a wei at each checkpoint.",
            ),
            Chart(
                title="Liquidity that is staked",
                figure=staked,
                caption="Part of all LP tokens. A third of the makers' stake leaves while the "
                "discount is above 3 %; those who stay earn its part.",
            ),
        ),
    )
