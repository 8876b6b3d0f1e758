"""What the report says of a backtest: the verdict, the sums, and lines of characters."""

import csv
from dataclasses import replace
from datetime import date, timedelta
from io import StringIO

import pytest
from rich.console import Console

from keel.report import backtest, page, terminal
from keel.report.sparks import bar, spark
from keel.sim.backtest.records import Backtest, Friday, Vaulted, Written

WAD = 10**18
FIRST = date(2021, 12, 24)


def found(*ends, weeks=4, payoff=0, idle=0):
    """A vault for each price that a share ended with, reached in equal steps."""
    fridays = [FIRST + timedelta(weeks=n) for n in range(weeks + 1)]
    vaults = [
        Vaulted(
            round(0.1 * (n + 1), 2),
            WAD,
            rounds=[written(day, payoff) for day in fridays[1:]],
            idle=idle,
            prices=[1 + (end - 1) * n / weeks for n in range(weeks + 1)],
        )
        for n, end in enumerate(ends)
    ]
    return Backtest(
        source="mine.csv",
        commit="0" * 40,
        apr=0.04,
        vaults=vaults,
        fridays=[Friday(day, 1_000.0 + n) for n, day in enumerate(fridays)],
        checks={"TWIN-1": 1_234, "TWIN-2": 5, "VAULT-1": 6},
    )


def written(day, payoff):
    expiry = 86_400 * (day - date(1970, 1, 1)).days + 8 * 3_600
    return Written(
        opened=expiry - 7 * 86_400 + 3_612, expiry=expiry, spot=1_000 * WAD, strike=1_200 * WAD,
        volatility=WAD, locked=WAD, amount=WAD, sold=WAD, premium=WAD // 100, payoff=payoff,
        fees=1, settled=1_500 * WAD, price=WAD,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        ((0.9,), "Writing calls lost against holding at 0.10 (-10.0%)."),
        (
            (0.9, 0.8, 0.7),
            "lost against holding at 0.10 (-10.0%), 0.20 (-20.0%) and 0.30 (-30.0%).",
        ),
        ((1.1, 1.2), "Writing calls gained against holding at 0.10 (+10.0%) and 0.20 (+20.0%)."),
        ((0.9, 1.2), "lost against holding at 0.10 (-10.0%), and gained at 0.20 (+20.0%)."),
    ],
)
def test_verdict__says_where_writing_lost(ends, words):
    assert words in backtest.verdict(found(*ends))
    assert words in backtest.summary(found(*ends)).note


def test_parts__add_up_in_each_row():
    (row,) = backtest.parts(found(1.04)).rows
    deposited, *flows, ended = (float(cell) for cell in row[1:])
    assert deposited + sum(flows) == pytest.approx(ended)


def test_summary__names_weeks_without_a_call():
    assert "written in 3 weeks at 0.10." in backtest.summary(found(1.0, idle=3)).note
    assert "No call could" not in backtest.summary(found(1.0)).note


def test_summary__names_rounds_that_the_pool_limited():
    made = found(1.0)
    made.vaults[0].rounds[0] = replace(made.vaults[0].rounds[0], amount=WAD - 1)
    assert "fewer be written in 1 rounds at 0.10." in backtest.summary(made).note


def test_checks__tell_how_the_pool_followed():
    made = found(1.0)
    made.gaps = [0.0001, 0.0002, 0.01]
    (checks,) = backtest.sections(made)[-1].tables
    assert "off by 2.0 bp in the median and 100.0 bp at most" in checks.note


def test_dollars__a_year__only_of_windows_that_have_one():
    assert "A year" not in backtest.dollars(found(0.9)).header
    whole = backtest.dollars(found(0.9, weeks=60))
    assert "A year" in whole.header
    assert len(whole.rows[0]) == len(whole.header)


def test_sections__short_window_without_losses__leaves_tables_out():
    titles = [section.title for section in backtest.sections(found(1.1, weeks=1))]
    assert titles == ["What writing calls came to, by delta target", "In dollars", "Checks"]


def test_sections__years_and_losses__have_their_tables():
    made = found(0.9, 0.8, weeks=60, payoff=WAD // 2)
    titles = [section.title for section in backtest.sections(made)]
    assert titles[2:4] == ["Year by year, against holding", "The rounds that cost most"]
    years, costliest = (section.tables[0] for section in backtest.sections(made)[2:4])
    assert [row[0] for row in years.rows] == ["2021", "2022", "2023"]
    assert len(costliest.rows) == 8
    assert costliest.rows[0][-2:] == ("1.00%", "50.00%")


@pytest.mark.parametrize(("weeks", "label"), [(4, "31 Dec"), (60, "Q4 21")])
def test_flows__by_week_or_by_quarter(weeks, label):
    charts = backtest.sections(found(0.9, weeks=weeks, payoff=WAD // 2))[0].parts
    figure = next(part.figure for part in charts if part.title == "What came in, what went out")
    premiums, payoffs = figure.data
    assert premiums.x[0] == label
    assert sum(premiums.y) == pytest.approx(0.01 * weeks)
    assert sum(payoffs.y) == pytest.approx(-0.5 * weeks)


def test_page__holds_all_tables_and_charts():
    text = page.render_backtest(found(0.9, 1.1))
    assert text.count("<figcaption>") == 4
    assert "24 December 2021 to 21 January 2022, 4 weeks" in text
    assert "Prices: mine.csv" in text
    assert "1,234" in text


def test_terminal__draws_charts_in_characters():
    console = Console(width=80, record=True, file=StringIO())
    terminal.show_backtest(found(0.9, 1.1), console)
    text = console.export_text()
    assert "▁" in text
    assert "█" in text
    assert "…" not in text, "a cell is cut"


def test_rounds_csv__has_a_line_a_round():
    rows = list(csv.DictReader(StringIO(backtest.rounds_csv(found(0.9, 1.1)))))
    assert len(rows) == 8
    assert rows[0]["premium_wketh"] == "0.010000000000000000"
    assert rows[0]["fees_wketh"] == "0.000000000000000001"
    assert {row["delta"] for row in rows} == {"0.10", "0.20"}


def test_spark__levels_between_the_bounds():
    assert spark([0.0, 0.5, 1.0], 0.0, 1.0) == "▁▅█"
    assert spark([1.0, 1.0], 1.0, 1.0) == "▁▁"
    assert spark([-1.0, 2.0], 0.0, 1.0) == "▁█"


def test_spark__more_values_than_room__ends_with_the_last():
    assert len(spark(range(100), 0, 99, 10)) == 10
    assert spark(range(100), 0, 99, 10)[-1] == "█"


@pytest.mark.parametrize(
    ("value", "drawn"), [(0.0, ""), (1.0, "████"), (2.0, "████"), (0.5, "██"), (0.53, "██▏")]
)
def test_bar__to_an_eighth(value, drawn):
    assert bar(value, 1.0, 4) == drawn
