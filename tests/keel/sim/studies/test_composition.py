import pytest

from keel.sim import market
from keel.sim.market import BadMarketData
from keel.sim.studies import composition

HEADER = "date,steth_eth,steth_share"


def test_load__shipped_readings_are_a_few_and_rounded():
    readings = composition.load()
    assert len(readings) == 21
    assert readings[0].day.isoformat() == "2021-09-04"
    assert readings[-1].day.isoformat() == "2022-06-22"
    assert all(reading.share == round(reading.share, 2) for reading in readings)
    assert all(reading.ratio == round(reading.ratio, 3) for reading in readings)


def test_load__market_table_has_the_form_too():
    known = [day for day in market.load() if day.real_share is not None]
    readings = composition.load(market.SHIPPED)
    assert [(r.day, r.ratio, r.share) for r in readings] == [
        (day.day, day.ratio, day.real_share) for day in known
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "has no header"),
        ("date,steth_eth\n2022-05-01,1\n", "has no header"),
        (f"{HEADER}\n2022-05-01,0.9,0.5\n", "fewer than two readings"),
        (f"{HEADER}\n2022-05-01,0.9,\n2022-05-02,0.9,0.5\n", "fewer than two readings"),
        (f"{HEADER}\n2022-05-01,0.9,1\n", "line 2: steth_share is 1"),
        (f"{HEADER}\n# no line of data\n2022-05-01,2,0.5\n", "line 3: steth_eth is 2"),
        (f"{HEADER}\n2022-05-01,0.9\n", "line 2: zip"),
        (f"{HEADER}\nMay,0.9,0.5\n", "line 2: Invalid isoformat"),
    ],
)
def test_load__bad_table__reverts(tmp_path, text, complaint):
    path = tmp_path / "pool.csv"
    path.write_text(text)
    with pytest.raises(BadMarketData, match=complaint):
        composition.load(path)


def test_load__no_file__reverts(tmp_path):
    with pytest.raises(BadMarketData, match="can't be read"):
        composition.load(tmp_path / "nowhere.csv")


@pytest.mark.parametrize(
    ("path", "share", "price"),
    [(composition.READINGS, 0.01, 0.0010), (market.SHIPPED, 0.01, 0.0010)],
)
def test_study__the_price_alone_decides_the_mix(path, share, price):
    found = composition.study(composition.load(path), source="here")
    assert found.mean_gap < share
    assert found.median_price_gap < price


def test_study__another_a__misses_the_real_mix():
    readings = composition.load()
    gap = composition.study(readings, source="here").mean_gap
    for a in (10, 200):
        assert composition.study(readings, source="here", a=a).mean_gap > 4 * gap
