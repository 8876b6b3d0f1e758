"""What stands between a decision and the chain: simulation, limits, dry run, breaker."""

from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from keel.chain.rpc import Rpc
from keel.chain.signer import KeySigner
from keel.errors import KeelError
from keel.keepers import __main__ as keepers
from keel.keepers.action import GWEI, Action, Decision, Limits
from keel.keepers.file_journal import FileJournal
from keel.keepers.journal import State
from keel.keepers.metrics import Metrics
from keel.keepers.outbox import Outbox
from keel.keepers.runner import Runner
from keel.keepers.story import Story
from keel.keepers.supervisor import devnet_key
from tests.keel.keepers.living import living_devnet

ETHER = 10**18


@pytest.fixture(scope="module")
def living(tmp_path_factory):
    with living_devnet(tmp_path_factory.mktemp("living")) as living:
        yield living


@dataclass
class Wraps:
    """Wraps a wei under a key, as often as it is asked."""

    changes: dict
    name: str = "test"

    def watches(self, stack):
        return []

    def read(self, stack, journal, block):
        return block

    def decide(self, state, now):
        terms = {"key": "wrap", "contract": "weth", "function": "deposit", "value": 1,
                 "what": "wraps", "why": "a test"}  # fmt: skip
        return Decision(actions=(Action(**terms | self.changes),))


@pytest.fixture
def make_keeper(living, tmp_path):
    def make(*, dry=False, limits=Limits(), **changes):  # noqa: B008
        rpc, journal = living.stack.rpc, FileJournal(tmp_path / "journal.sqlite")
        signer = KeySigner(devnet_key("poker")[1])
        outbox = Outbox(rpc=rpc, signer=signer, journal=journal, limits=limits)
        return Runner(
            strategy=Wraps(changes),
            stack=living.stack,
            journal=journal,
            story=Story("test", tmp_path / "log"),
            metrics=Metrics("test"),
            limits=limits,
            outbox=None if dry else outbox,
            account=signer.address,
        )

    return make


@pytest.fixture
def told(tmp_path):
    return lambda: (tmp_path / "log").read_text()


def _run(living, runner, blocks=4):
    for _ in range(blocks):
        runner.tick()
        living.live.mine()
    runner.tick()


def _wrapped(living):
    return living.stack.weth.call("balanceOf", devnet_key("poker")[0])


def test_tick__does_an_action_once_however_often_it_is_wanted(living, make_keeper, told):
    before = _wrapped(living)
    _run(living, make_keeper())
    assert _wrapped(living) == before + 1
    assert told().count(" sends ") == 1
    assert "wraps, because a test" in told()


def test_tick__same_journal_in_a_new_process__does_not_do_it_again(living, make_keeper):
    before = _wrapped(living)
    for _ in range(3):
        _run(living, make_keeper(), blocks=2)
    assert _wrapped(living) == before + 1


def test_tick__dry__says_what_and_why_and_sends_nothing(living, make_keeper, told):
    before = _wrapped(living)
    runner = make_keeper(dry=True)
    _run(living, runner)
    assert _wrapped(living) == before
    assert told().count(" would ") == 1
    assert runner.journal.attempts() == []


@pytest.mark.parametrize(
    ("limits", "changes", "reason"),
    [
        ({"max_gas": 30_000}, {}, "is more than the limit of 30,000"),
        ({"max_value": 1}, {"value": 2}, "is more than the limit of 0.0000 ether"),
        ({"max_fee_per_gas": GWEI}, {}, "the ceiling is 1000000000"),
        ({}, {"profit": ETHER // 1_000}, "below the floor of 0.001000 ether"),
    ],
)
def test_tick__beyond_a_limit__skips(living, make_keeper, told, limits, changes, reason):
    before = _wrapped(living)
    _run(living, make_keeper(limits=Limits(**limits), **changes), blocks=2)
    assert _wrapped(living) == before
    assert reason in told()


def test_tick__profit_above_the_floor__sends(living, make_keeper):
    before = _wrapped(living)
    _run(living, make_keeper(profit=ETHER // 100))
    assert _wrapped(living) == before + 1


def test_tick__simulation_fails__sends_nothing_and_opens_the_breaker(living, make_keeper, told):
    runner = make_keeper(contract="oracle", function="vote", arguments=(1, b"\1" * 32), value=0)
    _run(living, runner, blocks=5)
    assert runner.journal.attempts() == []
    assert "the simulation failed (reverted: NotMember" in told()
    assert not runner.breaker.allows(int(living.stack.rpc.block()["number"], 16))
    assert make_keeper().breaker == runner.breaker  # a restart doesn't forget it


def test_tick__that_can_not_look__is_blind(living, make_keeper, monkeypatch):
    """Silence for want of a look must not pass for all being well."""
    runner = make_keeper(dry=True)
    assert runner.tick()
    assert not runner.is_blind
    for failing in ("read", "decide"):
        living.live.mine()
        with monkeypatch.context() as patch:
            patch.setattr(Wraps, failing, _fails)
            runner.tick()
            assert runner.is_blind
            assert not runner.tick()
            assert runner.is_blind, "the same block again makes it no better"
        living.live.mine()
        runner.tick()
        assert not runner.is_blind
    with monkeypatch.context() as patch:
        patch.setattr(Rpc, "block", _fails)
        runner.tick()
        assert runner.is_blind


def test_tick__while_the_breaker_is_open__is_blind(living, make_keeper, monkeypatch):
    runner = make_keeper(dry=True)
    with monkeypatch.context() as patch:
        patch.setattr(Wraps, "read", _fails)
        for _ in range(3):
            runner.tick()
            living.live.mine()
    again = make_keeper(dry=True)  # as `--once` does
    again.tick()
    assert again.is_blind


def _fails(*_arguments):
    raise KeelError("nothing to see")


def test_once__exit_code_of_who_could_not_look(monkeypatch):
    worst = {(blind, code): None for blind in (False, True) for code in (0, 2)}
    for blind, code in worst:
        runner = SimpleNamespace(
            tick=lambda: True, is_blind=blind, alarm=SimpleNamespace(worst=code)
        )
        monkeypatch.setattr(keepers, "make_runner", lambda *_, runner=runner: runner)
        worst[blind, code] = keepers.main(["run", "watchdog", "--once"])
    assert worst == {(False, 0): 0, (False, 2): 2, (True, 0): 3, (True, 2): 3}


def test_tick__refusal_that_is_benign__leaves_the_breaker_alone(living, make_keeper, told):
    runner = make_keeper(
        contract="oracle", function="vote", arguments=(1, b"\1" * 32), value=0,
        benign=("NotMember",),
    )  # fmt: skip
    _run(living, runner, blocks=5)
    assert "somebody was faster (NotMember)" in told()
    assert runner.breaker.failures == 0


def test_tick__reverted_on_the_chain__waits_and_tries_again_under_another_nonce(
    living, make_keeper
):
    """Simulated well, and refused when mined: the allowance was gone by then."""
    stack, keeper, other = living.stack, devnet_key("poker")[0], living.live.world.cast.makers
    runner = make_keeper(
        contract="weth", function="transferFrom", arguments=(other, keeper, 5), value=0
    )
    living.live.act(other, stack.weth, "deposit", value=10)
    living.live.act(other, stack.weth, "approve", keeper, 5)
    runner.tick()
    price = {"maxFeePerGas": hex(90 * GWEI), "maxPriorityFeePerGas": hex(50 * GWEI)}
    call = stack.weth.prepare("approve", keeper, 0).as_transaction(other)
    stack.rpc.call("eth_sendTransaction", call | price)  # goes before it
    living.live.mine()
    runner.tick()
    assert runner.journal.latest("wrap").state is State.REVERTED
    living.live.act(other, stack.weth, "approve", keeper, 5)
    _run(living, runner, blocks=14)
    latest = runner.journal.latest("wrap")
    assert (latest.attempt, latest.state) == (2, State.DONE)


def test_tick__duty_overtaken_on_the_chain__waits_and_is_no_failure(living, make_keeper):
    stack, keeper, other = living.stack, devnet_key("poker")[0], living.live.world.cast.makers
    runner = make_keeper(
        contract="wketh", function="transferFrom", arguments=(other, keeper, 5), value=0,
        benign=("InsufficientAllowance",),
    )  # fmt: skip
    living.live.act(other, stack.pool, "submit", "0x" + "00" * 20, value=ETHER)
    living.live.act(other, stack.pool, "approve", stack.wketh.address, 2**256 - 1)
    living.live.act(other, stack.wketh, "wrap", ETHER // 2)
    price = {"maxFeePerGas": hex(90 * GWEI), "maxPriorityFeePerGas": hex(50 * GWEI)}
    call = stack.wketh.prepare("approve", keeper, 0).as_transaction(other)
    for _ in range(2):
        living.live.act(other, stack.wketh, "approve", keeper, 5)
        while runner.tick() and not runner.outbox.is_waiting:
            living.live.mine()
        stack.rpc.call("eth_sendTransaction", call | price)  # goes before it
        living.live.mine()
        runner.tick()
        assert runner.journal.latest("wrap").state is State.OVERTAKEN
        assert runner.breaker.failures == 0
    first, second = runner.journal.attempts(State.OVERTAKEN)
    assert first.retry_at <= second.began
    assert second.retry_at - second.began > first.retry_at - first.began


def test_metrics__count_what_happened(living, make_keeper):
    runner = make_keeper()
    _run(living, runner)
    value = runner.metrics.registry.get_sample_value
    assert value("keel_decisions_total", {"keeper": "test", "outcome": "sent"}) == 1
    assert value("keel_decisions_total", {"keeper": "test", "outcome": "done"}) == 1
    assert value("keel_gas_wei_total", {"keeper": "test"}) > 0
    assert value("keel_block", {"keeper": "test"}) == int(living.stack.rpc.block()["number"], 16)
