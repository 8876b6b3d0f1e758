import pytest

from keel.sim import market

HEADER = "date,eth_usd,steth_eth,steth_share,eth_vol"


def test_load__shipped_table_is_whole():
    days = market.load()
    assert len(days) == 92
    assert days[0].timestamp % 86_400 == 8 * 3_600
    assert min(day.ratio for day in days) == 0.9368
    assert max(day.real_share for day in days if day.real_share) == 0.819
    assert max(day.volatility for day in days if day.volatility) == 1.38


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("2022-05-03,1,0.9,,", "line 3: 2022-05-03 doesn't follow 2022-05-01"),
        ("2022-05-02,0,0.9,,", "line 3: eth_usd is 0"),
        ("2022-05-02,1,2,,", "line 3: steth_eth is 2"),
        ("2022-05-02,1,0.9,1,", "line 3: steth_share is 1"),
        ("2022-05-02,1,0.9,,11", "line 3: eth_vol is 11"),
        ("2022-05-02,1,0.9", "line 3: 3 cells instead of 5"),
        ("yesterday,1,0.9,,", "line 3: Invalid isoformat"),
    ],
)
def test_load__bad_row__reverts(tmp_path, row, complaint):
    path = tmp_path / "mine.csv"
    path.write_text(f"{HEADER}\n2022-05-01,1,0.9,,\n{row}\n")
    with pytest.raises(market.BadMarketData, match=complaint):
        market.load(path)


def test_window__outside__reverts():
    days = market.load()
    with pytest.raises(market.BadMarketData, match="no window"):
        market.window(days, days[0].day, days[0].day)
    assert market.window(days, None, None) == days
