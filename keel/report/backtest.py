"""A backtest as tables and charts: what writing calls came to, by delta target."""

import csv
from collections.abc import Sequence
from io import StringIO
from itertools import pairwise
from statistics import median, stdev

import plotly.graph_objects as go

from keel.report.charts import ACCENT, FOURTH, MUTED, SECOND, THIRD, lines, percent
from keel.report.facts import OPTION_CHECK_MEANINGS
from keel.report.section import Chart, Section, Table
from keel.report.sparks import bar, spark
from keel.sim.backtest.records import WAD, Backtest, Vaulted, Written, falls
from keel.sim.options.records import drawdown

LEAD = (
    "A vault of wkETH for each delta target sells calls of a week against all it has. Every Friday "
    "at 08:00 UTC the week's calls expire; an hour later the next are struck, at the delta and the "
    "volatility that are known then, and a trader buys them once the auction has come down to what "
    "the model says at the implied volatility. Real contracts on a local chain, your prices; the "
    "same weeks on integer models first, without a chain, and each event and balance compared."
)
CHECK_MEANINGS = {
    "TWIN-1": "what the contracts' events say is what the models foretold, to the wei",
    "TWIN-2": "the books of vaults, clearing house and market are the models', to the wei",
    "VAULT-1": OPTION_CHECK_MEANINGS["VAULT-1"],
}
_COLOURS = (ACCENT, SECOND, THIRD, FOURTH)
_WEEKS_A_YEAR = 365.25 / 7
_MOST_WEEKS = 26
"""That bars show one by one; more are shown by quarter."""
_COSTLIEST = 8
_DOUBLINGS = tuple(2.0**n for n in range(-6, 11))
_BAR = 22


def sections(found: Backtest) -> list[Section]:
    """What it came to; in dollars; year by year."""
    result = [
        Section(
            title=_TITLE,
            parts=(summary(found), _share(found), parts(found), _flows(found), _falls(found)),
        ),
        Section(title="In dollars", parts=(dollars(found), _worth(found))),
    ]
    years = by_year(found)
    if len(years.rows) > 1:
        result.append(Section(title=years.title, parts=(years,)))
    costliest = _costliest(found)
    if costliest.rows:
        result.append(Section(title=costliest.title, parts=(costliest,)))
    return [*result, Section(title="Checks", parts=(_checks(found),))]


_TITLE = "What writing calls came to, by delta target"


def heading(found: Backtest) -> str:
    """The window in a line."""
    first, last = found.fridays[0].day, found.fridays[-1].day
    return f"Covered calls, {first:%-d %B %Y} to {last:%-d %B %Y}, {found.weeks} weeks"


def verdict(found: Backtest) -> str:
    """Where writing lost against holding, and where it did not."""
    lost = [each for each in found.vaults if each.against_holding < 0]
    gained = [each for each in found.vaults if each.against_holding >= 0]

    if not gained:
        return f"Writing calls lost against holding at {_named(lost)}."
    if not lost:
        return f"Writing calls gained against holding at {_named(gained)}."
    return f"Writing calls lost against holding at {_named(lost)}, and gained at {_named(gained)}."


def _named(vaults: list[Vaulted]) -> str:
    *others, last = [f"{each.target:.2f} ({each.against_holding:+.1%})" for each in vaults]
    return f"{', '.join(others)} and {last}" if others else last


# Tables


def summary(found: Backtest) -> Table:
    """A row for each target."""
    return Table(
        title=_TITLE,
        header=(
            "Delta", "Rounds", "Unsold", "Exercised", "Ended", "Against holding", "Deepest fall"
        ),
        rows=[
            (
                f"{each.target:.2f}",
                f"{len(each.rounds)}",
                f"{each.unsold}",
                f"{each.exercised}",
                f"{each.prices[-1]:.4f}",
                f"{each.against_holding:+.2%}",
                f"{-each.deepest:.1%}",
            )
            for each in found.vaults
        ],
        numbers=6,
        note=f"{verdict(found)} Ended: wkETH for one that was deposited, after fees; one that is "
        "held stays one. Deepest fall: from a peak, in wkETH. Unsold: nobody paid the reserve, as "
        "the volatility that had been realised was above what options implied. What is sold pays "
        "what the model says at the implied volatility, without smile, spread or gas: try yours a "
        "few points lower."
        + _exceptions(found),
    )  # fmt: skip


def _exceptions(found: Backtest) -> str:
    """Of rounds that were not what they should be."""
    idle = [f"{each.idle} weeks at {each.target:.2f}" for each in found.vaults if each.idle]
    limited = [f"{v.limited} rounds at {v.target:.2f}" for v in found.vaults if v.limited]
    text = f" No call could be written in {', '.join(idle)}." if idle else ""
    if limited:
        text += f" The swap pool's depth let fewer be written in {', '.join(limited)}."
    return text


def parts(found: Backtest) -> Table:
    """What a deposited wkETH gained and lost."""
    return Table(
        title="For each wkETH deposited",
        header=("Delta", "Deposited", "Premium", "Payoff", "Fees", "Ended"),
        rows=[
            (
                f"{each.target:.2f}",
                "1.0000",
                f"{each.premium:+.4f}",
                f"{-each.payoff:+.4f}",
                f"{-each.fees:+.4f}",
                f"{each.prices[-1]:.4f}",
            )
            for each in found.vaults
        ],
        numbers=5,
        note="Premiums are written against again the week after, so that all of them grow with "
        "the share.",
    )


def dollars(found: Backtest) -> Table:
    """What a dollar became: held, or in each vault."""
    whole = found.years >= 1
    rows = [("only held", found.held)]
    rows += [(f"{each.target:.2f}", found.worth(each)) for each in found.vaults]
    return Table(
        title="In dollars",
        header=(
            "Delta",
            "One dollar became",
            *(("A year",) if whole else ()),
            "Deepest fall",
            "Volatility",
        ),
        rows=[
            (
                name,
                f"{worth[-1]:.4f}",
                *((f"{found.yearly(worth[-1]):+.1%}",) if whole else ()),
                f"{-drawdown(worth):.1%}",
                f"{_volatility(worth):.0%}",
            )
            for name, worth in rows
        ],
        numbers=4 if whole else 3,
        note="From Friday to Friday, at the calls' settlement price: ether's price, times the "
        "rate, times the market's ratio where that is below one. Volatility: of weekly returns, "
        f"a year's. Staking earns {found.apr:.1%} a year, less the pool's fee.",
    )


def _volatility(values: Sequence[float]) -> float:
    moves = [after / before - 1 for before, after in pairwise(values)]
    return stdev(moves) * _WEEKS_A_YEAR**0.5 if len(moves) > 1 else 0.0


def by_year(found: Backtest) -> Table:
    """Each calendar year's gain against holding, beside what wkETH itself did."""
    held = found.by_year(found.held)
    gains = [found.by_year(each.prices) for each in found.vaults]
    return Table(
        title="Year by year, against holding",
        header=("Year", "wkETH in USD", *(f"{each.target:.2f}" for each in found.vaults)),
        rows=[
            (f"{year}", f"{move:+.1%}", *(f"{gain[year]:+.2%}" for gain in gains))
            for year, move in held.items()
        ],
        numbers=1 + len(gains),
        note="The first and the last year are as long as the window has them.",
    )


def _costliest(found: Backtest) -> Table:
    rounds = [(each.target, written) for each in found.vaults for written in each.rounds]
    rounds = [(target, each) for target, each in rounds if each.payoff > each.premium]
    rounds.sort(key=lambda pair: (pair[1].premium - pair[1].payoff) / pair[1].locked)
    return Table(
        title="The rounds that cost most",
        header=("Expiry", "Delta", "Spot", "Strike", "Settled", "Vol", "Premium", "Payoff"),
        rows=[
            (
                f"{each.day}",
                f"{target:.2f}",
                *(f"{price / WAD:,.0f}" for price in (each.spot, each.strike, each.settled)),
                f"{each.volatility / WAD:.0%}",
                f"{each.premium / each.locked:.2%}",
                f"{each.payoff / each.locked:.2%}",
            )
            for target, each in rounds[:_COSTLIEST]
        ],
        numbers=7,
        note="Premium and payoff of what backed the round; prices in USD per wkETH.",
    )


def _checks(found: Backtest) -> Table:
    return Table(
        title="Checks",
        header=("Id", "What", "Checks"),
        rows=[(name, CHECK_MEANINGS[name], f"{count:,}") for name, count in found.checks.items()],
        numbers=1,
        note=f"{found.transactions:,} transactions. The models took {found.twin_seconds:.0f} s, "
        f"the contracts {found.chain_seconds:.0f} s. {_tracking(found)}",
    )


def _tracking(found: Backtest) -> str:
    if not found.gaps:
        return ""
    off = [f"{1e4 * gap:.1f} bp" for gap in (median(found.gaps), max(found.gaps))]
    return (
        f"The swap pool was traded to your market ratio each day, off by {off[0]} in the median "
        f"and {off[1]} at most."
    )


# Charts


def _share(found: Backtest) -> Chart:
    when = [friday.day for friday in found.fridays]
    drawn = [
        (f"delta {each.target:.2f}", colour, each.prices)
        for each, colour in zip(found.vaults, _COLOURS, strict=False)
    ]
    figure = lines(when, ("only held", MUTED, [1.0] * len(when)), *drawn)
    low = min(min(each.prices) for each in found.vaults)
    high = max(max(each.prices) for each in found.vaults)
    return Chart(
        title="A share of the vault against holding",
        figure=figure,
        caption="wkETH per share, after fees. Slow climbs are premiums; steps down are weeks in "
        "which ether rose beyond the strike.",
        table=Table(
            title=f"A share, by week: {low:.2f} to {high:.2f} wkETH",
            header=("Delta", "", "Lowest", "Highest", "Ended"),
            rows=[
                (
                    f"{each.target:.2f}",
                    spark(each.prices, low, high),
                    *(f"{f(each.prices):.4f}" for f in (min, max)),
                    f"{each.prices[-1]:.4f}",
                )
                for each in found.vaults
            ],
            numbers=3,
        ),
    )


Flows = dict[str, tuple[float, float]]
"""Premium and payoff by period."""


def _by_period(vault: Vaulted, *, weekly: bool) -> Flows:
    flows: Flows = {}
    for each in vault.rounds:
        name = _period(each, weekly=weekly)
        premium, payoff = flows.get(name, (0.0, 0.0))
        flows[name] = premium + vault.part(each.premium), payoff + vault.part(each.payoff)
    return flows


def _period(each: Written, *, weekly: bool) -> str:
    return f"{each.day:%-d %b}" if weekly else f"Q{(each.day.month + 2) // 3} {each.day:%y}"


def _flows(found: Backtest) -> Chart:
    weekly = found.weeks <= _MOST_WEEKS
    figure = go.Figure()
    rows = []
    most = max(max(each.premium, each.payoff) for each in found.vaults) or 1.0
    for each, colour in zip(found.vaults, _COLOURS, strict=False):
        flows = _by_period(each, weekly=weekly)
        for part, sign, opacity in ((0, 1, 1.0), (1, -1, 0.55)):
            figure.add_bar(
                x=list(flows),
                y=[sign * flow[part] for flow in flows.values()],
                name=f"delta {each.target:.2f}",
                marker={"color": colour, "opacity": opacity},
                offsetgroup=f"{each.target}",
                legendgroup=f"{each.target}",
                showlegend=part == 0,
            )
        for name, value in (("premium", each.premium), ("payoff", each.payoff)):
            first = f"{each.target:.2f}" if name == "premium" else ""
            rows.append((first, name, bar(value, most, _BAR), f"{value:.4f}"))
    figure.update_layout(barmode="group")
    return Chart(
        title="What came in, what went out",
        figure=figure,
        caption="wkETH for each wkETH deposited, by "
        f"{'week' if weekly else 'quarter'}: premiums above, payoffs below.",
        table=Table(
            title="Premium and payoff, for each wkETH deposited",
            header=("Delta", "", "", "wkETH"),
            rows=rows,
            numbers=1,
        ),
    )


def _falls(found: Backtest) -> Chart:
    when = [friday.day for friday in found.fridays]
    below = [falls(each.prices) for each in found.vaults]
    figure = lines(
        when,
        *(
            (f"delta {each.target:.2f}", colour, percent(values))
            for each, colour, values in zip(found.vaults, _COLOURS, below, strict=False)
        ),
        suffix=" %",
    )
    low = min(min(values) for values in below)
    return Chart(
        title="How far below its peak",
        figure=figure,
        caption="A share in wkETH, below the most it had been: what had been given back.",
        table=Table(
            title=f"Below its peak, by week: 0 to {low:.0%}",
            header=("Delta", "", "Deepest", "Ended"),
            rows=[
                (
                    f"{each.target:.2f}",
                    spark(values, low, 0.0),
                    f"{min(values):.1%}",
                    f"{values[-1]:.1%}",
                )
                for each, values in zip(found.vaults, below, strict=True)
            ],
            numbers=2,
        ),
    )


def _worth(found: Backtest) -> Chart:
    when = [friday.day for friday in found.fridays]
    figure = lines(
        when,
        ("only held", MUTED, found.held),
        *(
            (f"delta {each.target:.2f}", colour, found.worth(each))
            for each, colour in zip(found.vaults, _COLOURS, strict=False)
        ),
    )
    figure.update_yaxes(type="log", tickvals=_DOUBLINGS, ticktext=[f"{v:g}" for v in _DOUBLINGS])
    return Chart(
        title="What a dollar became",
        figure=figure,
        caption="In wkETH, only held, or in the vault; a scale of equal steps for equal parts.",
    )


# Every round

_COLUMNS = (
    "delta", "opened", "expiry", "spot_usd", "strike_usd", "volatility", "locked_wketh", "calls",
    "sold", "premium_wketh", "payoff_wketh", "fees_wketh", "settled_usd", "share_wketh",
)  # fmt: skip


def rounds_csv(found: Backtest) -> str:
    """All rounds of all vaults, a line each."""
    text = StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(_COLUMNS)
    for vault in found.vaults:
        for each in vault.rounds:
            amounts = (
                each.spot, each.strike, each.volatility, each.locked, each.amount, each.sold,
                each.premium, each.payoff, each.fees, each.settled, each.price,
            )  # fmt: skip
            table.writerow(
                (
                    f"{vault.target:.2f}", each.opened, each.expiry,
                    *(f"{amount // WAD}.{amount % WAD:018d}" for amount in amounts),
                )
            )  # fmt: skip
    return text.getvalue()
