"""The forecaster, in any state: when it speaks, what it says, and when it says nothing."""

from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keel.keepers.forecaster import WAD, Forecaster, Seat
from keel.keepers.quotes import NoQuote, Quoted, latest
from keel.keepers.settings import (
    ForecasterTerms,
    ForecastTerms,
    KeeperSettings,
    keys_table,
    load_keeper_settings,
)
from keel.keepers.supervisor import DEVNET_SETTINGS
from keel.models.options.volatility import Values, VolatilityOracle, VolatilityTerms

NOW, HOUR, DAY = 1_800_000_000, 3_600, 86_400
ME = "0x" + "f0" * 20
FILE = ForecastTerms(source="quotes.csv", premium=0)
seats = st.builds(
    Seat, prefix=st.just("CoveredCalls"), place=st.integers(0, 2), members=st.just(3),
    spoke_at=st.integers(NOW - 2 * DAY, NOW), last=st.tuples(*4 * [st.integers(0, WAD)]),
    stale_from=st.integers(NOW - DAY, NOW + DAY), least=st.just(WAD // 5), most=st.just(4 * WAD),
    most_move=st.just(WAD // 4), realised=st.integers(0, 6 * WAD),
    quoted=st.none() | st.builds(Quoted, st.floats(0.01, 80), st.just(NOW - HOUR)),
    refusal=st.just("no such file"),
)  # fmt: skip
terms = st.builds(
    ForecastTerms, source=st.sampled_from(("realised", "quotes.csv")),
    premium=st.integers(-WAD // 2, WAD), intensity=st.integers(0, 10 * WAD),
    loss=st.integers(0, WAD // 2), rate=st.integers(0, WAD // 10),
)  # fmt: skip
periods = st.integers(HOUR, 20 * HOUR)
SEAT = Seat(
    prefix="CoveredCalls", place=0, members=3, spoke_at=0, last=(WAD // 2, WAD // 4, WAD // 20, 0),
    stale_from=NOW + DAY, least=WAD // 5, most=4 * WAD, most_move=WAD // 4, realised=WAD * 6 // 10,
)  # fmt: skip


def forecaster(each, period=8 * HOUR):
    return Forecaster(account=ME, terms={"CoveredCalls": each}, period=period)


# What it says


@given(seats, terms, periods)
def test_forecaster__says_what_the_oracle_takes_or_nothing(seat, each, period):
    decision = forecaster(each, period).decide((seat,), NOW)
    for action in decision.actions:
        assert (action.contract, action.function) == ("vaults.CoveredCalls.volatility", "submit")
        ((volatility, intensity, loss, rate),) = action.arguments
        assert seat.least <= volatility <= seat.most
        assert (intensity, loss, rate) == (each.intensity, each.loss, each.rate)
        assert action.profit is None
        assert action.least_gas >= 500_000
        assert action.value == 0
    assert decision.actions or decision.idle


@given(seats, terms)
def test_forecaster__realised_with_its_premium__between_the_bounds(seat, each):
    each = replace(each, source="realised")
    wanted = seat.realised * (WAD + each.premium) // WAD
    assert forecaster(each).forecast(seat) == sorted((seat.least, wanted, seat.most))[1]


@given(seats)
def test_forecaster__quote_out_of_bounds__is_a_mistake_and_not_cut(seat):
    said = forecaster(FILE).forecast(seat)
    fits = seat.quoted is not None and (
        seat.least <= round(seat.quoted.volatility * WAD) <= seat.most
    )
    assert said == (round(seat.quoted.volatility * WAD) if fits else 0)


def test_forecaster__percent_for_a_part__is_an_alarm_and_no_submission():
    seat = replace(SEAT, quoted=Quoted(65.0, NOW))
    decision = forecaster(FILE).decide((seat,), NOW)
    assert decision.actions == ()
    assert [alert.key for alert in decision.alerts] == ["source CoveredCalls"]
    assert "6500.0%" in decision.alerts[0].what
    assert decision.idle == "its source has nothing to say"


def test_forecaster__no_source__says_why():
    decision = forecaster(FILE).decide((replace(SEAT, refusal="it can't be read"),), NOW)
    assert decision.actions == ()
    assert "it can't be read" in decision.alerts[0].what


def test_forecaster__whatever_others_pushed_the_oracle_to__says_its_own_by_default():
    """Two members on default settings take depegs and interest back after a third's lies."""
    terms = VolatilityTerms(
        quorum=2, realised_factor=WAD, weight=WAD // 16, max_move=WAD // 4,
        min_volatility=WAD // 100, max_volatility=WAD, intensity_step=WAD // 2,
        loss_step=WAD // 20, rate_step=WAD // 100,
    )  # fmt: skip
    start = Values(WAD // 20, WAD // 4, WAD // 20, 0)
    oracle = VolatilityOracle(terms=terms, owner="o", members=["a", "b", "liar"], values=start)
    lie, now = Values(WAD // 20, 10 * WAD, WAD // 2, WAD), NOW

    def turn(member):
        nonlocal now
        now += DAY // 3
        said = lie
        if member != "liar":
            held = oracle.values
            last = (held.volatility, held.intensity, held.loss, held.rate)
            seat = replace(SEAT, last=last, spoke_at=0, realised=WAD // 20, least=WAD // 100)
            (action,) = forecaster(ForecastTerms()).decide((seat,), now).actions
            said = Values(*action.arguments[0])
        oracle.submit(now, member, said, WAD)

    for member in ["a", "liar"] * 10:  # the other is away for ten days
        turn(member)
    assert oracle.values.rate > 0, "of two the higher counts for a part"
    for member in ["a", "b", "liar"] * 40:
        turn(member)
    assert (oracle.values.intensity, oracle.values.loss, oracle.values.rate) == (
        start.intensity, start.loss, start.rate,
    )  # fmt: skip


def test_forecaster__says_what_it_says_and_why():
    (action,) = forecaster(ForecastTerms(premium=WAD // 10)).decide((SEAT,), NOW).actions
    assert action.arguments == ((WAD * 66 // 100, WAD // 4, WAD // 20, 0),)
    assert "volatility 66.0%" in action.what
    assert action.why == (
        "its prices realised 60.0%, and it adds 10% of that; the oracle has 50.0%, and goes up by "
        "at most 25% of it in a day"
    )


def test_forecaster__no_seat_and_stale_values__are_told():
    assert forecaster(FILE).decide((), NOW).idle == "it has a seat in no quorum"
    stale = replace(SEAT, spoke_at=NOW, stale_from=NOW - 1)
    assert [a.key for a in forecaster(FILE).decide((stale,), NOW).alerts] == ["stale CoveredCalls"]
    at_first = replace(SEAT, stale_from=DAY)
    assert forecaster(ForecastTerms()).decide((at_first,), NOW).alerts == ()


# When


@given(seats, periods, st.integers(NOW - 3 * DAY, NOW + 3 * DAY))
def test_forecaster__one_key_a_turn(seat, period, now):
    me = forecaster(ForecastTerms(), period)
    turn = me.turn(seat, now)
    assert now - period < turn <= now
    assert me.turn(seat, turn) == turn
    assert me.turn(seat, turn - 1) == turn - period
    (first,) = me.decide((replace(seat, spoke_at=turn - 1),), now).actions
    assert first.key == f"submit:CoveredCalls:{turn}"
    assert me.decide((replace(seat, spoke_at=turn),), now).actions == ()


@given(st.integers(1, 15), periods)
def test_forecaster__members_speak_evenly_around_the_clock(members, period):
    me, spoken = forecaster(ForecastTerms(), period), set[int]()
    for place in range(members):
        spoken.add(me.turn(replace(SEAT, place=place, members=members), NOW))
    ordered = sorted(spoken)
    assert len(ordered) == members
    gaps = [late - early for early, late in pairwise(ordered)]
    gaps.append(ordered[0] + period - ordered[-1])
    assert max(gaps) - min(gaps) <= 1
    assert sum(gaps) == period


@given(periods, st.integers(0, 2))
def test_forecaster__looking_each_minute__is_never_silent_for_longer_than_a_period(period, place):
    me, seat = forecaster(ForecastTerms(), period), replace(SEAT, place=place, spoke_at=NOW - 60)
    now = NOW
    silent = 0
    for _look in range(2 * period // 600):
        now += 600
        if me.decide((seat,), now).actions:
            silent = max(silent, now - seat.spoke_at)
            seat = replace(seat, spoke_at=now)
    assert silent <= period + 600 + 60
    assert now - seat.spoke_at <= period + 600


# Files of quotes

HEADER = "# of an index\ntime,volatility\n"


def test_latest__last_row_that_is_known(tmp_path):
    path = tmp_path / "quotes.csv"
    path.write_text(
        HEADER + f"{NOW - 2 * DAY},0.7\n2027-01-15T06:00:00+00:00,0.65\n\n{NOW + 1},0.1\n"
    )
    assert latest(str(path), NOW, DAY) == Quoted(0.65, 1_799_992_800)
    assert latest(str(path), NOW + 1, DAY) == Quoted(0.1, NOW + 1)
    path.write_text(HEADER + "2027-01-15,0.5\n")
    assert latest(str(path), NOW, DAY) == Quoted(0.5, 1_799_971_200)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f"time,vol\n{NOW},0.5\n", "has no header"),
        ("", "has no header"),
        (HEADER, "has no row before"),
        (HEADER + f"{NOW + 1},0.5\n", "has no row before"),
        (HEADER + f"{NOW - DAY - 1},0.5\n", "ends at"),
        (HEADER + f"{NOW},0.5,1\n", "line 3: 3 cells instead of 2"),
        (HEADER + f"{NOW},nan\n", "line 3: nan is not a volatility"),
        (HEADER + f"{NOW},-1\n", "line 3: -1 is not a volatility"),
        (HEADER + "2027-01-15T06:00:00,0.5\n", "has no zone"),
        (HEADER + "yesterday,0.5\n", "line 3"),
        (HEADER + f"{NOW},0.5\n{NOW},0.6\n", "line 4: its time is not after the last"),
    ],
)
def test_latest__says_nothing_where_it_can_t_be_trusted(tmp_path, text, problem):
    path = tmp_path / "quotes.csv"
    path.write_text(text)
    with pytest.raises(NoQuote, match=problem):
        latest(str(path), NOW, DAY)


def test_latest__missing__is_no_quote(tmp_path):
    with pytest.raises(NoQuote, match="can't be read"):
        latest(str(tmp_path / "none.csv"), NOW, DAY)
    with pytest.raises(NoQuote, match="can't be read"):
        latest("http://127.0.0.1:9/quotes.csv", NOW, DAY)


@pytest.fixture
def served(tmp_path):
    """The address of a server of the folder."""
    handler = partial(SimpleHTTPRequestHandler, directory=tmp_path)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_latest__address__is_fetched(tmp_path, served):
    (tmp_path / "quotes.csv").write_text(HEADER + f"{NOW},0.55\n")
    assert latest(f"{served}/quotes.csv", NOW, DAY) == Quoted(0.55, NOW)
    with pytest.raises(NoQuote, match="can't be read"):
        latest(f"{served}/none.csv", NOW, DAY)


# Settings


def test_settings__devnet_s__are_read_and_the_table_is_the_readme_s():
    settings = load_keeper_settings(DEVNET_SETTINGS)
    assert settings.forecaster.vaults["Cover"].intensity == 2 * WAD
    assert settings.forecaster.vaults["CoveredCalls"].premium == WAD // 10
    assert settings.bidder.vaults["CoveredCalls"].volatility is None
    assert load_keeper_settings(None) == KeeperSettings()
    assert ForecasterTerms().period < 20 * HOUR
    assert keys_table() in (DEVNET_SETTINGS.parent / "README.md").read_text()
