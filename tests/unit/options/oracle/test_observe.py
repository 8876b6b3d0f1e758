import pytest

from keel.models.options.settlement import DAY, Source
from tests.fixtures.options import OBSERVATION_AGE, PRICE, RATE_MODES, WAD, WINDOW
from tests.fixtures.staking import reverts

RATIO = Source.MARKET_RATIO


def test_observe__notes_each_component(options):
    options.set_rate(11 * WAD // 10)
    options.set_ratio(98 * WAD // 100)
    receipt = options.observe("market")
    values = [event.values["value"] for event in options.oracle.events(receipt, "Observed")]
    assert values == [0, 11 * WAD // 10, 98 * WAD // 100]  # the aggregator's phase is 0


def test_observe__the_lower_of_ratio_and_one(options):
    for ratio, noted in ((99 * WAD // 100, 99 * WAD // 100), (WAD + 1, WAD)):
        options.set_ratio(ratio)
        receipt = options.observe("lower", at=options.now + 60)
        assert options.oracle.events(receipt, "Observed")[-1].values["value"] == noted


def test_observe__feeds_of_one_window_share_a_record(options):
    receipt = options.observe("ratio", at=options.now + 100)
    (event,) = options.oracle.events(receipt, "Observed")
    again = options.observe("market", at=options.now + 100)
    assert event.values["series"] in [
        other.values["series"] for other in options.oracle.events(again, "Observed")
    ]


def test_observe__twice_a_second__the_first_counts(options):
    expiry, now = options.expiry, options.now + 10
    options.rpc.call("evm_setAutomine", False)
    calls = [("ratio", None), (None, 9 * WAD // 10), ("ratio", None)]
    for feed, ratio in calls:
        contract, name, argument = (
            (options.oracle, "observe", options.feeds[feed])
            if feed
            else (options.market, "setRatio", ratio)
        )
        options.rpc.call(
            "eth_sendTransaction", contract.prepare(name, argument).as_transaction(options.other)
        )
    options.at(now)
    options.rpc.call("evm_mine")
    options.rpc.call("evm_setAutomine", True)
    record = options.record(RATIO, expiry - DAY)
    assert (record["value"], record["time"]) == (WAD, now)


def test_observe__outside_the_window__no_mean_yet(options):
    expiry = options.expiry
    options.observe("ratio", at=expiry - WINDOW - 1)
    assert options.record(RATIO, expiry)["since"] == 0
    options.observe("ratio", at=expiry - WINDOW)
    assert options.record(RATIO, expiry)["since"] == expiry - WINDOW


def test_observe__the_standing_value_counts_from_the_start(options):
    expiry = options.expiry
    options.set_ratio(8 * WAD // 10)
    options.observe("ratio", at=expiry - WINDOW - OBSERVATION_AGE)
    options.set_ratio(WAD)
    options.observe("ratio", at=expiry - WINDOW + 600)
    record = options.record(RATIO, expiry)
    assert record["since"] == expiry - WINDOW
    assert record["sum"] == 600 * 8 * WAD // 10


def test_observe__a_standing_value_too_old__does_not_count(options):
    expiry = options.expiry
    options.set_ratio(8 * WAD // 10)
    options.observe("ratio", at=expiry - WINDOW - OBSERVATION_AGE - 1)
    options.set_ratio(WAD)
    options.observe("ratio", at=expiry - WINDOW + 600)
    record = options.record(RATIO, expiry)
    assert (record["since"], record["sum"]) == (expiry - WINDOW + 600, 0)


def test_observe__the_second_of_the_expiry_belongs_to_it(options):
    expiry = options.expiry
    options.observe("ratio", at=expiry)
    assert options.record(RATIO, expiry)["time"] == expiry
    options.observe("ratio", at=expiry + 1)
    assert options.record(RATIO, expiry)["time"] == expiry
    assert options.record(RATIO, expiry + DAY)["time"] == expiry + 1


def test_observe__links_days(options):
    expiry = options.expiry
    options.observe("ratio", at=expiry)
    options.observe("ratio", at=expiry + 3 * DAY)
    assert options.record(RATIO, expiry)["next"] == expiry // DAY + 3
    assert options.record(RATIO, expiry + 3 * DAY)["next"] == 0


@pytest.mark.parametrize("mode", RATE_MODES[1:])
def test_observe__a_source_that_fails__stops_no_other(options, mode):
    options.wketh.transact("setMode", RATE_MODES.index(mode), sender=options.other)
    receipt = options.observe("market")
    assert len(options.oracle.events(receipt, "Observed")) == 2


@pytest.mark.parametrize(
    ("ratio", "noted"),
    [(0, 0), (WAD // 100 - 1, 0), (WAD // 100, 1), (10 * WAD, 1), (10 * WAD + 1, 0), (2**255, 0)],
)
def test_observe__absurd_ratios__are_not_noted(options, ratio, noted):
    options.set_ratio(ratio)
    assert len(options.observe("ratio")["logs"]) == noted


@pytest.mark.parametrize(
    ("rate", "noted"),
    [(WAD // 10 - 1, 0), (WAD // 10, 1), (10 * WAD, 1), (10 * WAD + 1, 0), (2**255, 0)],
)
def test_observe__absurd_rates__are_not_noted(options, rate, noted):
    options.set_rate(rate)
    assert len(options.observe("rate")["logs"]) == noted


@pytest.mark.parametrize("answer", [0, -1, -PRICE])
def test_observe__a_round_without_an_answer__is_not_noted(options, answer):
    options.push(answer, round_id=7 << 64 | 1)
    receipt = options.observe("spot")
    assert len(options.oracle.events(receipt, "Observed")) == 1


def test_observe__an_aggregators_phase(options):
    options.push(PRICE, round_id=7 << 64 | 1)
    receipt = options.observe("spot")
    assert options.oracle.events(receipt, "Observed")[0].values["value"] == 7


def test_observe__unknown_feed__reverts(options):
    with reverts("UnknownFeed"):
        options.oracle.call("observe", b"\1" * 32, sender=options.other)
