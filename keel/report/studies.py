"""The liquidity studies as tables and charts."""

from dataclasses import dataclass
from pathlib import Path

import plotly.graph_objects as go

from keel.report.charts import ACCENT, FOURTH, INK, MUTED, SECOND, THIRD, lines, percent
from keel.report.section import Chart, Section, Table
from keel.sim.market import MarketDay
from keel.sim.studies import composition, depth, false_rate, providing
from keel.sim.studies.house import share_at_price

TITLE = "Liquidity studies"
LEAD = (
    "Four questions about the swap pool and the redemption vault, answered on the pool's integer "
    "model, which the contract equals to the wei, and not on a chain. Nothing is drawn at random: "
    "the same tables come out each time."
)
_COLOURS = (SECOND, ACCENT, THIRD, FOURTH)
_MOST_ROWS = 22


@dataclass(frozen=True, kw_only=True)
class Studies:
    """What was found."""

    composition: composition.Composition
    provided: tuple[providing.Provided, ...]
    drawn: dict[int, tuple[providing.Provided, ...]]
    by_step: tuple[false_rate.Cost, ...]
    by_duration: tuple[false_rate.Cost, ...]
    days: tuple[MarketDay, ...]
    summers: tuple[depth.Summer, ...]


def run(days: list[MarketDay], readings: Path) -> Studies:
    """All of them: on these days of the market, and these readings of the real pool."""
    return Studies(
        composition=composition.study(composition.load(readings), source=readings.name),
        provided=providing.study(),
        drawn=providing.drawn(),
        by_step=false_rate.by_step(),
        by_duration=false_rate.by_duration(),
        days=tuple(days),
        summers=depth.study(days),
    )


def sections(studies: Studies) -> list[Section]:
    """One for each question."""
    return [
        _composition(studies.composition),
        _providing(studies.provided, studies.drawn),
        _false_rate(studies.by_step, studies.by_duration),
        _depth(studies.days, studies.summers),
    ]


def _composition(found: composition.Composition) -> Section:
    step = -(-len(found.days) // _MOST_ROWS)
    shown = found.days[::step]
    table = Table(
        title="1. What the real pool held, and what the curve says it must hold",
        header=(
            "Day",
            "Discount",
            "Staked, real",
            "Staked, curve",
            "Curve's price off by",
        ),
        rows=[
            (
                str(day.reading.day),
                f"{1 - day.reading.ratio:.2%}",
                f"{day.reading.share:.1%}",
                f"{day.curve_share:.1%}",
                f"{(day.curve_price - day.reading.ratio) * 1e4:+.0f} bp",
            )
            for day in shown
        ],
        numbers=4,
        note=f"{len(found.days)} readings from {found.source}"
        + (f", one in {step} shown" if step > 1 else "")
        + f"; A = {found.a}. The shares differ by {found.mean_gap:.1%} in the mean; the curve's "
        f"price at the real mix is off the market's by {found.median_price_gap * 1e4:.0f} bp in "
        "the median. Discount: 1 less ether per staked ether. Staked: part of the balances. Off "
        "by: the curve's price at the real mix, less the market's.",
    )
    return Section(title=table.title, parts=(_mix_chart(found), table))


def _mix_chart(found: composition.Composition) -> Chart:
    deepest = max(1 - day.reading.ratio for day in found.days)
    discounts = [deepest * 1.15 * n / 60 for n in range(-2, 61)]
    figure = go.Figure()
    for a, colour in zip((10, found.a, 200), (SECOND, ACCENT, THIRD), strict=True):
        shares = [100 * share_at_price(1 - discount, a) for discount in discounts]
        figure.add_scatter(
            x=[100 * discount for discount in discounts],
            y=shares,
            name=f"A = {a}",
            mode="lines",
            line={"color": colour, "width": 2},
        )
    figure.add_scatter(
        x=[100 * (1 - day.reading.ratio) for day in found.days],
        y=[100 * day.reading.share for day in found.days],
        text=[str(day.reading.day) for day in found.days],
        name="the real pool",
        mode="markers",
        marker={"color": INK, "size": 7, "opacity": 0.6},
    )
    figure.update_xaxes(ticksuffix=" %", title="discount")
    figure.update_yaxes(ticksuffix=" %", title="staked ether in the pool")
    return Chart(
        title="What the real pool held",
        figure=figure,
        caption="Each point is a day of Curve's stETH/ETH pool; the lines are the mix that each A "
        "asks for at a price. The real pool had an A of 50: its points lie on that line, so that "
        "the price alone decides the mix.",
    )


def _providing(
    found: tuple[providing.Provided, ...], drawn: dict[int, tuple[providing.Provided, ...]]
) -> Section:
    table = Table(
        title="2. Providing liquidity against holding both coins",
        header=(
            "Discount", "Staked", "At the market's price", "At redemption value",
            "Made up in",
        ),
        rows=[
            (
                f"{row.discount:.2%}",
                f"{row.share:.1%}",
                f"{row.at_market:+.3%}",
                f"{row.at_redemption:+.3%}",
                f"{row.weeks(0.02):.1f} weeks",
            )
            for row in found
        ],
        numbers=5,
        note=f"A = {found[0].a}, fees as deployed. From par one seller takes the pool to the "
        "discount; the provider's coins are compared with those it came with. Made up: by a gauge "
        "that streams 2 % of the pool's value a year.",
    )  # fmt: skip
    figure = lines(
        [100 * discount for discount in providing.DRAWN],
        *(
            (f"A = {a:,}", colour, percent(row.at_market for row in rows))
            for (a, rows), colour in zip(drawn.items(), _COLOURS, strict=True)
        ),
        suffix=" %",
    )
    figure.update_xaxes(ticksuffix=" %", title="discount")
    chart = Chart(
        title="Providing against holding, at the market's price",
        figure=figure,
        caption="The higher A, the more staked ether the pool has taken by the time the discount "
        "is there. Who waits for redemption gains instead: the pool bought below it.",
    )
    return Section(title=table.title, parts=(chart, table))


def _false_rate(
    by_step: tuple[false_rate.Cost, ...], by_duration: tuple[false_rate.Cost, ...]
) -> Section:
    size = 2 * false_rate.DEPTH
    table = Table(
        title="3. What a false rate of one block costs",
        header=("Rate off by", "Without the bound", "With it", "Part left", "After a trade"),
        rows=[
            (
                f"{cost.step:+.1%}",
                f"{cost.unbounded:.2f} ether",
                f"{cost.bounded:.2f} ether",
                f"{cost.bounded / cost.unbounded:.2%}",
                f"{cost.busy:.2f} ether",
            )
            for cost in by_step
        ],
        numbers=4,
        note=f"A pool of {size:,} ether, A = {false_rate.A}; the best of 18 sizes of trade, kept "
        "or traded back in the next block. After quiet blocks the bound allows five steps of "
        "0.04 %, with a trade in the block before one.",
    )
    minutes = [cost.blocks * 12 / 60 for cost in by_duration]
    figure = lines(
        minutes,
        ("without the bound", MUTED, [cost.unbounded for cost in by_duration]),
        ("with it", ACCENT, [cost.bounded for cost in by_duration]),
    )
    figure.update_xaxes(title="minutes for which the source lies", rangemode="tozero")
    figure.update_yaxes(title="ether lost", rangemode="tozero")
    chart = Chart(
        title=f"What a rate {false_rate.SHOWN_STEP:.0%} too high costs while it lasts",
        figure=figure,
        caption="The bound lets the pool follow by 0.04 % a block: it doesn't forbid a rate, it "
        "gives liquidity providers the time to leave. After 25 minutes the pool believes all of "
        "it. The pool without a bound loses more even then: it believes the truth at once too, and "
        "sells back cheap.",
    )
    return Section(title=table.title, parts=(chart, table))


def _depth(days: tuple[MarketDay, ...], found: tuple[depth.Summer, ...]) -> Section:
    table = Table(
        title="4. The summer with a redemption vault, and without",
        header=("Vault, ether", "Deepest discount", "Mean discount", "Bought, ether", "Gain"),
        rows=[
            (
                f"{summer.capital:,.0f}",
                f"{max(summer.discounts):.2%}",
                f"{sum(summer.discounts) / len(summer.discounts):.2%}",
                f"{summer.bought:,.0f}",
                f"{summer.gain:+.1%}" if summer.capital else "",
            )
            for summer in found
        ],
        numbers=5,
        note=f"A pool of {2 * depth.LIQUIDITY:,} ether, A = {depth.A}; {days[0].day} to "
        f"{days[-1].day}. Sellers sell what history's price took, whatever they get; buyers come "
        "below history's price only. The vault, in floating point, keeps its contract's rule for "
        f"purchases; the queue pays after {depth.WAIT_DAYS} days, in full. Where nobody else buys, "
        "a small vault earns the discount over and over; a large one closes it, and earns little.",
    )
    colours = (MUTED, SECOND, ACCENT, THIRD, FOURTH)
    shown = found[: len(colours)]
    chart = Chart(
        title="Discount with a vault, had sellers sold the same",
        figure=lines(
            [day.day for day in days],
            *(
                (
                    f"{summer.capital:,.0f} ether" if summer.capital else "no vault: history",
                    colour,
                    percent(-discount for discount in summer.discounts),
                )
                for summer, colour in zip(shown, colours, strict=True)
            ),
            suffix=" %",
        ),
        caption="The pool's price less one, at the end of each day, by what the vault began with.",
    )
    return Section(title=table.title, parts=(chart, table))
