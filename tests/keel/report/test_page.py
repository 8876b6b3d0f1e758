import plotly.graph_objects as go
import pytest

from keel.report import charts, page
from keel.report.section import Chart, Section, Table


def test_section__titles_rank_below_its_own():
    table = Table(title="Whole", rows=[("a", "b")])
    chart = Chart(title="Part", figure=go.Figure(), caption="What < that")
    text = page._section(Section(title="Whole", parts=(table, chart)))
    assert text.count("<h2>Whole</h2>") == 1
    assert text.count("Whole") == 1
    assert "<h3>Part</h3>" in text
    assert "What &lt; that" in text


def test_section__without_a_title__parts_rank_first():
    text = page._section(Section(parts=(Table(title="A table", rows=[("a",)]),)))
    assert "<h2>A table</h2>" in text


def test_section__empty__says_nothing():
    assert page._section(Section()) == ""


def test_table__figures_code_and_note():
    table = Table(
        title="T", header=("Who", "How much"), rows=[("<x>", "`call` 1")], numbers=1, note="a & b"
    )
    text = page._table(table)
    assert "<td>&lt;x&gt;</td>" in text
    assert "<td class=number><code>call</code> 1</td>" in text
    assert "a &amp; b" in text


def test_lines__what_is_muted_is_wide():
    figure = charts.lines([1, 2], ("a", charts.MUTED, [0, 1]), ("b", charts.ACCENT, [1, 0]))
    assert [trace.line.width for trace in figure.data] == [6, 2]


def test_areas__are_stacked():
    figure = charts.areas([1, 2], ("a", charts.MUTED, [0, 1]), ("b", charts.ACCENT, [1, 0]))
    assert {trace.stackgroup for trace in figure.data} == {"all"}
    assert figure.data[1].fillcolor == "rgba(11,110,143,0.55)"


def test_percent__keeps_gaps():
    assert charts.percent([0.5, None]) == [pytest.approx(50), None]
