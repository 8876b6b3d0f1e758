"""The run as one HTML file with everything inside: it works offline."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from plotly.offline import get_plotlyjs

from keel.errors import KeelError
from keel.report import backtest, facts, studies
from keel.report.charts import div
from keel.report.section import Chart, Section, Table
from keel.report.sections import sections
from keel.report.studies import Studies
from keel.sim.backtest.records import Backtest
from keel.sim.records import RunRecord

_STYLE = """
:root { color-scheme: light; }
body { font: 17px/1.55 Georgia, 'Times New Roman', serif; color: #1b2733; background: #fdfcf9;
       max-width: 60rem; margin: 3rem auto; padding: 0 1.5rem; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .4rem; }
h2 { font-size: 1.3rem; margin: 3rem 0 .5rem; }
h3 { font-size: 1.08rem; margin: 2rem 0 .4rem; }
p.lead { color: #52606d; margin-top: 0; }
figure { margin: 1rem 0 0; }
figure + table { margin-top: 1.6rem; }
figcaption { color: #52606d; font-size: .92rem; }
table { border-collapse: collapse; width: 100%; font-size: .95rem;
        font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .38rem .7rem .38rem 0; border-bottom: 1px solid #e4e0d6;
         vertical-align: top; }
th { font-weight: 600; color: #52606d; }
td.number, th.number { text-align: right; padding: .38rem 0 .38rem .7rem; }
td.number { white-space: nowrap; }
table.answers td:first-child { width: 17rem; color: #52606d; }
p.note { color: #52606d; font-size: .92rem; margin-top: .6rem; }
code { font: .9em/1 ui-monospace, 'DejaVu Sans Mono', monospace; }
footer { margin-top: 3rem; color: #52606d; font-size: .9rem; }
@media (max-width: 40rem) {
  body { margin: 1.5rem auto; padding: 0 1rem; }
  table { display: block; overflow-x: auto; font-size: .85rem; }
  td.number, th.number { padding-left: .5rem; }
}
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


def write(text: str, path: Path) -> None:
    """Write a page; raises `ReportNotWritten`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as failure:
        raise ReportNotWritten(
            f"{path} can't be written ({failure.strerror})", "choose another with --report"
        ) from failure


def render(record: RunRecord) -> str:
    """The whole document."""
    body = (
        *(_table(table) for table in facts.tables(record)),
        *(_section(section) for section in sections(record)),
        _table(facts.check_table(record)),
    )
    footer = (
        f"{record.transactions:,} transactions, seed {record.seed}, staking APR {record.apr:.1%}, "
        f"A = {record.amplification}, commit {record.commit[:12]}."
        + ("" if not record.is_history else " Sources of the prices: keel/sim/data/README.md.")
    )
    story = (record.story,) if record.story else ()
    leads = (*story, _REPLAY if record.is_history else _MADE_UP)
    return document(record.title, leads, body, footer)


def render_studies(found: Studies, commit: str) -> str:
    """The page of the liquidity studies: each question with its table and its chart."""
    body = [_section(section) for section in studies.sections(found)]
    footer = f"Commit {commit[:12]}. Sources of prices and readings: keel/sim/data/README.md."
    return document(studies.TITLE, (studies.LEAD,), body, footer)


def render_backtest(found: Backtest) -> str:
    """The page of a backtest."""
    body = [_section(section) for section in backtest.sections(found)]
    footer = f"Prices: {found.source}. Commit {found.commit[:12]}."
    return document(backtest.heading(found), (backtest.LEAD,), body, footer)


def document(title: str, leads: Sequence[str], body: Sequence[str], footer: str) -> str:
    """A page with plotly inside; all but `body` is text."""
    paragraphs = "".join(f'<p class="lead">{escape(lead)}</p>' for lead in leads)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Keel: {escape(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>{_STYLE}</style><script>{get_plotlyjs()}</script></head><body>
<h1>{escape(title)}</h1>
{paragraphs}
{"".join(body)}
<footer>{escape(footer)}</footer>
</body></html>
"""


def _section(section: Section) -> str:
    rank = 3 if section.title else 2
    parts = (
        _table(part, rank if part.title != section.title else 0)
        if isinstance(part, Table)
        else _chart(part, rank)
        for part in section.parts
    )
    return (_heading(section.title, 2) if section.title else "") + "".join(parts)


def _heading(title: str, rank: int) -> str:
    """None of rank zero."""
    return f"<h{rank}>{escape(title)}</h{rank}>" if rank else ""


def _chart(chart: Chart, rank: int) -> str:
    return (
        f"{_heading(chart.title, rank)}<figure>{div(chart.figure)}"
        f"<figcaption>{escape(chart.caption)}</figcaption></figure>"
    )


def _table(table: Table, rank: int = 2) -> str:
    def line(cells: Sequence[str], tag: str) -> str:
        first = len(cells) - table.numbers
        return "".join(
            f"<{tag}{' class=number' if n >= first else ''}>{_text(cell)}</{tag}>"
            for n, cell in enumerate(cells)
        )

    kind = "" if table.header else ' class="answers"'
    head = f"<thead><tr>{line(table.header, 'th')}</tr></thead>" if table.header else ""
    body = "".join(f"<tr>{line(row, 'td')}</tr>" for row in table.rows)
    note = f'<p class="note">{escape(table.note)}</p>' if table.note else ""
    return f"{_heading(table.title, rank)}<table{kind}>{head}<tbody>{body}</tbody></table>{note}"


def _text(cell: str) -> str:
    """Escaped; what is between backticks is code."""
    return "".join(
        f"<code>{escape(part)}</code>" if n % 2 else escape(part)
        for n, part in enumerate(cell.split("`"))
    )
