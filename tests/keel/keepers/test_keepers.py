"""All keepers on a devnet, in this process: reports, losses, deposits, exits, tickets, the peg."""

import pytest

from keel.keepers.catalogue import make_runner
from keel.keepers.supervisor import DEVNET_KEYS, devnet_key
from keel.keepers.trial import discount_and_band
from tests.keel.keepers.living import living_devnet

ETHER = 10**18
REPORTERS = ("reporter-1", "reporter-2", "reporter-3")


@pytest.fixture
def living(tmp_path):
    with living_devnet(tmp_path) as living:
        yield living


def _is_reported(living):
    oracle = living.stack.oracle
    return oracle.call("lastSubmittedRefSlot") == oracle.call("getCurrentFrame")[0]


def test_all__three_days__report_deposit_exit_claim_and_hold_the_peg(living):
    living.hire(*DEVNET_KEYS, "watchdog")
    live, stack = living.live, living.stack
    keys = stack.pool.call("getBeaconStat")[0]
    for _day in range(3):
        living.to_report()
        assert _is_reported(living)
        live.push(40 * ETHER)
        live.mine(6)
        below, band = discount_and_band(stack, 40 * ETHER)
        assert below <= band
        live.leave(30 * ETHER)
    assert stack.pool.call("getBeaconStat")[0] > keys
    assert stack.queue.call("getLastFinalizedRequestId") > 0
    assert any("done      claims" in line for line in living.log("arbitrageur"))
    assert not any(" critical " in line for line in living.log("watchdog-dry"))


def test_reporters__large_loss__waits_for_the_second_quorum_and_gets_it(living):
    living.hire(*REPORTERS)
    living.to_report()
    live, stack = living.live, living.stack
    lowest = (50, 1_000, ETHER // 100, 600, 3_600)  # a hundredth of an ether a validator
    live.act(live.world.cast.owner, stack.checker, "setLimits", lowest)
    layer = live.world.layer
    layer.slash(layer.active_keys())
    layer.slash_network(500_000)
    for _day in range(4):
        living.to_report()
        if not _is_reported(living):
            break
    assert not _is_reported(living)
    assert stack.oracle.call("lossOnHoldSince") > stack.pool.call("lastReport")[1]
    pooled = stack.pool.call("totalSupply")
    living.hire("confirmer")
    live.mine(8)
    assert _is_reported(living)
    assert stack.pool.call("totalSupply") < pooled


def test_reporters__one_is_silent__the_other_two_report(living):
    living.hire("reporter-1", "reporter-3")
    for _day in range(3):  # whoever's turn it is to submit
        living.to_report(blocks=20)
        assert _is_reported(living)


def test_watchdog__no_reports__raises_the_alarm(living):
    living.hire("watchdog")
    living.to_report()
    living.to_report()
    runner = living.runners["watchdog"]
    assert "report" in runner.alarm.lasting
    assert runner.alarm.worst == 2


def test_finaliser__asks_once_a_frame(living):
    living.hire("finaliser")
    live, registry = living.live, living.stack.registry
    free = int(living.stack.pool.call("getDepositableEther"))
    live.leave(min(free + 70 * ETHER, 1_000 * ETHER))
    live.leave(200 * ETHER)
    live.mine(6)
    logs = living.stack.rpc.call(
        "eth_getLogs",
        {"fromBlock": "0x0", "address": registry.address,
         "topics": [registry.abi.topic("ExitRequested")]},
    )  # fmt: skip
    requests = {log["transactionHash"] for log in logs}
    assert len(requests) <= 1


def test_arbitrageur__dry__sends_nothing(living):
    account = devnet_key("arbitrageur")[0]
    setup = living.setup("arbitrageur", account=account)
    living.runners["arbitrageur"] = make_runner(setup, None, living.artifacts)
    living.live.push(60 * ETHER)
    living.live.mine(3)
    nonce = living.stack.rpc.call("eth_getTransactionCount", account, "latest")
    assert int(nonce, 16) == 0
    assert any(" would " in line for line in living.log("arbitrageur-dry"))
