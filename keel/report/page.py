"""The run as one HTML file with everything inside: it works offline."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from keel.errors import KeelError
from keel.report import facts
from keel.sim.records import DayRecord, RunRecord

_INK, _ACCENT, _SECOND, _MUTED = "#1b2733", "#0b6e8f", "#d1603d", "#c9d1d9"

_STYLE = """
:root { color-scheme: light; }
body { font: 17px/1.55 Georgia, 'Times New Roman', serif; color: #1b2733; background: #fdfcf9;
       max-width: 60rem; margin: 3rem auto; padding: 0 1.5rem; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .4rem; }
h2 { font-size: 1.25rem; margin: 2.6rem 0 .5rem; }
p.lead { color: #52606d; margin-top: 0; }
figure { margin: 1rem 0 0; }
figcaption { color: #52606d; font-size: .92rem; }
table { border-collapse: collapse; width: 100%; font-size: .95rem;
        font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .38rem .7rem .38rem 0; border-bottom: 1px solid #e4e0d6;
         vertical-align: top; }
th { font-weight: 600; color: #52606d; }
td.number, th.number { text-align: right; padding: .38rem 0 .38rem .7rem; white-space: nowrap; }
footer { margin-top: 3rem; color: #52606d; font-size: .9rem; }
"""


_REPLAY = (
    "Real contracts on a local chain, real daily prices, people made up. Sizes are a thousandth of "
    "the real ones. In 2022 staked ether could not be redeemed; here a withdrawal queue is open "
    "throughout, and the price follows history all the same: a seller pushes it there."
)
_MADE_UP = (
    "Real contracts on a local chain, the consensus layer's own arithmetic; people and prices are "
    "made up, and dates are there for the calendar only."
)


class ReportNotWritten(KeelError):
    """The path can't be written."""


def write(record: RunRecord, path: Path) -> None:
    """Write the page; raises `ReportNotWritten`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render(record), encoding="utf-8")
    except OSError as failure:
        raise ReportNotWritten(
            f"{path} can't be written ({failure.strerror})", "choose another with --report"
        ) from failure


def render(record: RunRecord) -> str:
    """The whole document."""
    figures = "".join(
        f"<h2>{escape(title)}</h2><figure>{_div(figure)}"
        f"<figcaption>{escape(caption)}</figcaption></figure>"
        for title, figure, caption in _figures(record.days, replay=not record.story)
    )
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Keel: {escape(record.title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>{_STYLE}</style><script>{get_plotlyjs()}</script></head><body>
<h1>{escape(record.title)}</h1>
<p class="lead">{escape(record.story or _REPLAY)}</p>
<p class="lead">{_MADE_UP if record.story else ""}</p>
<h2>Who ended with what, in ether</h2>
{
        _table(
            ("Who", "What they did", "Began", "Ended", "Against holding"),
            facts.outcome_rows(record),
            numbers=3,
        )
    }
<h2>The window</h2>
{_table((), facts.headline(record), numbers=0)}
{figures}
<h2>Invariants, asserted every day</h2>
{_table(("Id", "What", "Checks"), facts.check_rows(record), numbers=1)}
<footer>{record.transactions:,} transactions, seed {record.seed}, staking APR {record.apr:.1%},
A = {record.amplification}, commit {escape(record.commit[:12])}. {
        "" if record.story else "Sources of the prices: keel/sim/data/README.md."
    }</footer>
</body></html>
"""


def _table(header: Sequence[str], rows: Sequence[Sequence[str]], numbers: int) -> str:
    """`numbers` counts the columns at the right that hold figures."""

    def line(cells: Sequence[str], tag: str) -> str:
        first = len(cells) - numbers
        return "".join(
            f"<{tag}{' class=number' if n >= first else ''}>{escape(cell)}</{tag}>"
            for n, cell in enumerate(cells)
        )

    head = f"<thead><tr>{line(header, 'th')}</tr></thead>" if header else ""
    body = "".join(f"<tr>{line(row, 'td')}</tr>" for row in rows)
    return f"<table>{head}<tbody>{body}</tbody></table>"


def _div(figure: go.Figure) -> str:
    figure.update_layout(
        template="simple_white",
        height=340,
        margin={"l": 60, "r": 20, "t": 10, "b": 40},
        font={"family": "Georgia, serif", "size": 14, "color": _INK},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        legend={"orientation": "h", "y": 1.08, "x": 0},
        hovermode="x unified",
    )
    div: str = figure.to_html(
        full_html=False,
        include_plotlyjs=False,
        config={"displayModeBar": False, "responsive": True},
    )
    return div


def _figures(days: Sequence[DayRecord], *, replay: bool) -> list[tuple[str, go.Figure, str]]:
    when = [day.day for day in days]

    def lines(*series: tuple[str, str, list[float | None]], suffix: str = "") -> go.Figure:
        figure = go.Figure()
        for name, color, values in series:
            width = 6 if color == _MUTED else 2  # what is drawn over must stay visible
            figure.add_scatter(x=when, y=values, name=name, line={"color": color, "width": width})
        figure.update_yaxes(ticksuffix=suffix, zeroline=False)
        return figure

    def percent(value: float | None) -> float | None:
        return None if value is None else 100 * value

    price = lines(
        (
            "the market in 2022" if replay else "the market",
            _MUTED,
            [percent(day.market_ratio - 1) for day in days],
        ),
        ("our pool", _ACCENT, [percent(day.pool_price - 1) for day in days]),
        ("our pool's price oracle", _SECOND, [percent(day.pool_ema - 1) for day in days]),
        suffix=" %",
    )
    shares = [("our pool", _ACCENT, [percent(day.pool_share) for day in days])]
    if replay:
        shares.insert(0, ("the real pool", _MUTED, [percent(day.real_share) for day in days]))
    share = lines(*shares, suffix=" %")
    rate = lines(("ether per share", _ACCENT, [day.rate for day in days]))
    queue = lines(
        ("waiting in the queue", _SECOND, [day.queued for day in days]),
        ("in the buffer", _ACCENT, [day.buffered for day in days]),
    )
    supply = lines(("pooled ether", _ACCENT, [day.pooled for day in days]))
    return [
        (
            "Discount of staked ether",
            price,
            "Ether per staked ether, less one. The seller trades once a day towards the day's "
            "median; the oracle is the pool's moving average, read at the end of the same day.",
        ),
        (
            "What the pool holds",
            share,
            "Staked ether's part of the balances, at redemption value."
            + (
                " The real pool's readings end on 22 June 2022. With the same A, the price alone "
                "decides the mix."
                if replay
                else ""
            ),
        ),
        (
            "Exchange rate",
            rate,
            "Each report's gain is released over the day after it: a slope, no steps. A "
            "loss counts at once.",
        ),
        (
            "The withdrawal queue",
            queue,
            "Ether. More people leave the deeper the discount; the buffer pays first, exits of "
            "validators after.",
        ),
        ("Pooled ether", supply, "Everything that belongs to holders of kETH and wkETH."),
        (
            "Validators of the pool",
            lines(
                ("with a balance, or a deposit on its way", _ACCENT, [d.validators for d in days])
            ),
            "Entry, exit and sweep take the time that the protocol's churn gives them.",
        ),
    ]
