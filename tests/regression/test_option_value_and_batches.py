"""Opyn, August 2020: one `msg.value` counted for several calls of a batch.

Nothing here takes ether but a dispute, which is one call with its own bond; no call carries
others, and no signature is taken that could be used again.
"""

import pytest

from tests.fixtures.options import WAD
from tests.fixtures.staking import reverts

CONTRACTS = ("OptionClearing", "SettlementOracle")
PAYABLE = {"OptionClearing": set(), "SettlementOracle": {"dispute"}}
FUNCTIONS_OF_BATCHES = ("multicall", "operate", "batch", "execute", "permit", "delegate")


@pytest.mark.parametrize("contract", CONTRACTS)
def test_no_function__takes_ether_but_a_dispute(artifacts, contract):
    entries = artifacts[contract].abi.entries
    functions = [entry for entry in entries if entry["type"] == "function"]
    assert len(functions) > 15
    payable = [entry for entry in entries if entry.get("stateMutability") == "payable"]
    assert {entry["name"] for entry in payable} == PAYABLE[contract]
    assert not {"receive", "fallback"} & {entry["type"] for entry in entries}


@pytest.mark.parametrize("contract", CONTRACTS)
def test_no_function__carries_calls_or_signatures(artifacts, contract):
    for entry in artifacts[contract].abi.entries:
        if entry["type"] != "function":
            continue
        assert not any(name in entry["name"].lower() for name in FUNCTIONS_OF_BATCHES), entry
        assert not any(item["type"] in ("bytes", "bytes[]") for item in entry["inputs"]), entry


def test_ether__sent_along__is_refused(options):
    series_id = options.put_series()
    who = options.holder
    calls = (
        ("mint", series_id, WAD, who, who), ("burn", series_id, WAD, who), ("settle", series_id),
        ("redeem", series_id, WAD, who), ("transfer", who, series_id, 0),
        ("approve", who, series_id, 0), ("setOperator", who, True),
        ("listSeries", options.series(2, WAD)),
    )  # fmt: skip
    for call in calls:
        with reverts(""):
            options.call(*call, sender=options.writer, value=1)
    with reverts(""):
        options.oracle.call("observe", options.feeds["ratio"], sender=options.writer, value=1)
