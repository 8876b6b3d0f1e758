"""The redemption vault's part of a report."""

from statistics import mean

from keel.report.charts import ACCENT, MUTED, SECOND, areas, lines, percent
from keel.report.section import Chart, Section, Table
from keel.sim.records import RunRecord
from keel.sim.records_liquidity import Purchases, VaultDay, VaultRecord

_AT_ONCE = 0.01
"""Days: on the same day."""


def section(record: RunRecord) -> Section:
    """What it bought, what it holds, what a share is worth, what it did to the discount."""
    vault = record.vault
    title = "The redemption vault: exits at once"
    return Section(title=title, parts=(Table(title=title, rows=_rows(vault)), *_charts(vault)))


def _rows(vault: VaultRecord) -> list[tuple[str, str]]:
    first, last = vault.days[0], vault.days[-1]
    rows = [
        (
            "Value of a share",
            f"{first.share_price:.6f} to {last.share_price:.6f} WETH "
            f"({last.share_price / first.share_price - 1:+.2%})",
        ),
        ("Bought from sellers", _bought(vault.from_sellers)),
        ("Sold into the swap pool instead", f"{vault.sold_elsewhere} sales"),
        ("Bought from the swap pool", _bought(vault.from_pool)),
        (
            "Holdbacks",
            f"{vault.settled} settled: {vault.held_back:.4f} WETH held, "
            f"{vault.refunded:.4f} sent after the report, "
            f"{vault.held_back - vault.refunded:.4f} kept for losses",
        ),
        ("Tickets paid by the queue", f"{vault.tickets_paid}; {vault.advances} calls of `advance`"),
    ]
    if vault.asked_out:
        rows.append(("Exit in line", _exit(vault)))
    rows.append(("Discount on purchase days", _discounts(vault)))
    return rows


def _bought(purchases: Purchases) -> str:
    if not purchases.count:
        return "nothing"
    return (
        f"{_counted(purchases.count, 'ticket')}, {purchases.nominal:,.2f} ether "
        f"at {purchases.discount:.2%} below redemption"
    )


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" + ("" if count == 1 else "s")


def _exit(vault: VaultRecord) -> str:
    if vault.waited is None:
        waited = "the rest waits"
    else:
        waited = f"after {vault.waited:.1f} days" if vault.waited > _AT_ONCE else "at once"
    return f"{vault.asked_out:.4f} WETH when asked, {vault.paid_out:.4f} paid, {waited}"


def _moved(vault: VaultRecord) -> list[VaultDay]:
    """Days on which the keeper's purchases moved the price."""
    return [day for day in vault.days if day.after > day.before]


def _discounts(vault: VaultRecord) -> str:
    days = _moved(vault)
    if not days:
        return "no purchase moved the price"
    before = mean(1 - day.before for day in days)
    after = mean(1 - day.after for day in days)
    return (
        f"{before:.2%} without the day's purchase, {after:.2%} with it, "
        f"mean of {_counted(len(days), 'day')}"
    )


def _charts(vault: VaultRecord) -> tuple[Chart, ...]:
    days = vault.days
    when = [day.day for day in days]
    discount = lines(
        when,
        ("before the day's purchase", MUTED, percent(day.before - 1 for day in days)),
        ("after it", ACCENT, percent(day.after - 1 for day in days)),
        suffix=" %",
    )
    if vault.forced:
        discount.add_scatter(
            x=when,
            y=percent(-each for each in vault.forced),
            name="had sellers sold the same, whatever they got",
            mode="lines",
            line={"color": SECOND, "width": 2, "dash": "dot"},
        )
    return (
        Chart(
            title="Discount with its purchases, and without",
            figure=discount,
            caption="The swap pool's price less one, before and after the vault buys, on the "
            "contracts; the next day the seller brings the market's price back."
            + (
                " Dotted, on the models: a pool in which nobody does. More in make demo "
                "SCENARIO=liquidity-studies."
                if vault.forced
                else ""
            ),
        ),
        Chart(
            title="Value of a share",
            figure=lines(when, ("WETH per share", ACCENT, [day.share_price for day in days])),
            caption="Tickets are carried at cost until a report has come, and grow to their "
            "nominal over the queue's time. Nothing but a reported loss lowers it."
            + (
                " Here the price stays below what the queue pays whoever buys, and the vault earns "
                "the discount again every few days; where purchases close it, it earns little."
                if vault.forced
                else ""
            ),
        ),
        Chart(
            title="What the vault holds",
            figure=areas(
                when,
                ("tickets in the queue", ACCENT, [day.tickets for day in days]),
                ("held back for sellers", SECOND, [day.held_back for day in days]),
                ("idle WETH", MUTED, [day.idle for day in days]),
            ),
            caption="Ether. A quarter of it may be bought between two reports. On the worst day "
            "some backers line up: what the queue pays goes to them first.",
        ),
    )
