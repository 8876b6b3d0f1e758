from datetime import date

import pytest

from keel.report import escape, gauge, vault
from keel.sim.records import RunRecord
from keel.sim.records_liquidity import (
    EscapeRecord,
    GaugeDay,
    GaugeRecord,
    Purchases,
    VaultDay,
    VaultRecord,
)

DAY = date(2022, 6, 18)


def record(**parts):
    made = RunRecord(title="", seed=1, commit="", apr=0.04, amplification=50)
    for name, part in parts.items():
        setattr(made, name, part)
    return made


def vault_day(*, before=0.95, after=0.95, price=1.0):
    return VaultDay(
        day=DAY, share_price=price, before=before, after=after, idle=1.0, held_back=0.0, tickets=0.0
    )


def answers(section):
    (table,) = section.tables
    return dict(table.rows)


def test_escape__nothing_cleared__says_nothing():
    assert escape.section(record()).parts == ()


def test_escape__cleared__names_what_came_back():
    cleared = EscapeRecord(cleared=2, returned=0.6, shortfall=0.3)
    rows = answers(escape.section(record(escape=cleared)))
    assert rows["Advances left open by a loss"] == "2, cleared by a keeper"
    assert rows["Back in the pool"] == "0.6000 ether"


def test_vault__nothing_happened():
    rows = answers(vault.section(record(vault=VaultRecord(days=[vault_day()]))))
    assert rows["Bought from sellers"] == rows["Bought from the swap pool"] == "nothing"
    assert rows["Discount on purchase days"] == "no purchase moved the price"
    assert "Exit in line" not in rows


@pytest.mark.parametrize(
    ("waited", "words"),
    [(None, "the rest waits"), (0.001, "at once"), (2.0, "after 2.0 days")],
)
def test_vault__exit_in_line(waited, words):
    made = VaultRecord(days=[vault_day()], asked_out=9.0, paid_out=8.0, waited=waited)
    line = answers(vault.section(record(vault=made)))["Exit in line"]
    assert line == f"9.0000 WETH when asked, 8.0000 paid, {words}"


def test_vault__one_purchase():
    made = VaultRecord(days=[vault_day(before=0.95, after=0.96), vault_day(price=1.1)])
    made.from_pool.add(10.0, 9.5)
    rows = answers(vault.section(record(vault=made)))
    assert rows["Bought from the swap pool"] == "1 ticket, 10.00 ether at 5.00% below redemption"
    assert rows["Discount on purchase days"].endswith("4.00% with it, mean of 1 day")
    assert rows["Value of a share"].endswith("(+10.00%)")


def test_vault__study_of_forced_sellers__is_a_line_of_its_own():
    for forced, lines in (((), 2), ((0.02,), 3)):
        section = vault.section(record(vault=VaultRecord(days=[vault_day()], forced=forced)))
        chart = section.parts[1]
        assert len(chart.figure.data) == lines
        assert ("Dotted" in chart.caption) == bool(forced)


def test_purchases__discount_of_the_nominals():
    purchases = Purchases()
    assert purchases.discount == 0
    purchases.add(10.0, 9.9)
    purchases.add(10.0, 9.7)
    assert (purchases.count, purchases.discount) == (2, pytest.approx(0.02))


def test_gauge__parts_of_what_was_received():
    day = GaugeDay(day=DAY, received=1.0, paid=0.5, owed=0.25, to_stream=0.25, staked_share=0.5)
    rows = answers(gauge.section(record(gauge=GaugeRecord(days=[day], fundings=2, left_behind=3))))
    assert rows["Received from the treasury"] == "1.0000 WETH in 2 fundings"
    assert rows["Left behind by rounding"] == "3 wei"
    assert rows["Least staked"] == "50% of all LP tokens, on 2022-06-18"
