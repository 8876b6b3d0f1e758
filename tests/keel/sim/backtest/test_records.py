"""Figures of a backtest, from a few Fridays."""

from datetime import date

import pytest

from keel.sim.backtest.records import Backtest, Friday, Vaulted, Written, falls

WAD = 10**18


def made(prices=(1.0, 1.1, 0.88), worths=(1_000.0, 1_500.0, 3_000.0)):
    days = (date(2021, 12, 24), date(2021, 12, 31), date(2022, 12, 30))
    return Backtest(
        source="mine.csv",
        commit="0" * 40,
        apr=0.04,
        vaults=[Vaulted(0.1, 2 * WAD, [written(), written(sold=0, premium=0, payoff=0)],
                        prices=list(prices))],
        fridays=[Friday(day, worth) for day, worth in zip(days, worths, strict=True)],
    )  # fmt: skip


def written(**changes):
    units = {
        "spot": 1_000, "strike": 1_200, "volatility": 1, "locked": 2, "amount": 2, "sold": 2,
        "premium": 1, "payoff": 1, "fees": 0, "settled": 1_300, "price": 1,
    } | changes  # fmt: skip
    amounts = {name: amount * WAD for name, amount in units.items()}
    return Written(opened=1_640_332_800, expiry=1_640_937_600, **amounts)


def test_vaulted__sums_are_per_wketh_deposited():
    (vault,) = made().vaults
    assert (vault.premium, vault.payoff, vault.fees) == (0.5, 0.5, 0.0)
    assert (vault.unsold, vault.exercised) == (1, 1)
    assert vault.rounds[0].day == date(2021, 12, 31)


def test_vaulted__against_holding_and_deepest_fall():
    (vault,) = made().vaults
    assert vault.against_holding == pytest.approx(-0.12)
    assert vault.deepest == pytest.approx(0.2)


def test_backtest__worth__is_the_share_times_wketh():
    found = made()
    assert found.held == [1.0, 1.5, 3.0]
    assert found.worth(found.vaults[0]) == pytest.approx([1.0, 1.65, 2.64])


def test_backtest__by_year__growths_multiply_to_the_whole():
    found = made()
    years = found.by_year(found.held)
    assert years == pytest.approx({2021: 0.5, 2022: 1.0})
    assert (1 + years[2021]) * (1 + years[2022]) == pytest.approx(found.held[-1])


def test_backtest__yearly():
    found = made()
    assert (1 + found.yearly(3.0)) ** found.years == pytest.approx(3.0)
    assert found.weeks == 2


def test_falls__are_below_the_peak_so_far():
    assert falls([1.0, 2.0, 1.0, 3.0]) == pytest.approx([0.0, 0.0, -0.5, 0.0])
