"""From nothing to a finished run: Anvil, deployment, scenario."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

from keel.chain.anvil import Anvil
from keel.chain.artifacts import Artifact
from keel.chain.config import StackConfig
from keel.chain.deploy import deploy_stack
from keel.chain.deployer import Deployer
from keel.chain.rpc import Rpc
from keel.chain.sender import NodeSender
from keel.chain.stack import Stack
from keel.sim.incidents import CALM, Incident
from keel.sim.market import MarketDay
from keel.sim.parameters import ScenarioParameters
from keel.sim.product import Product
from keel.sim.records import RunRecord
from keel.sim.scenario import DAY, Progress, Scenario
from keel.sim.world import ACCOUNTS, BLOCK_SECONDS, Cast

_TREASURY = "0x" + "f2" * 20


@contextmanager
def fresh_stack(
    artifacts: Mapping[str, Artifact],
    first: MarketDay,
    *,
    port: int = 0,
    path: Path | None = None,
    options: Sequence[str] = (),
) -> Iterator[Stack]:
    """Deploy to an Anvil of its own, two days before `first`; frames end at 08:00 UTC.

    A manifest is written if `path` is given; `options` are Anvil's.
    """
    start = first.timestamp - 2 * DAY
    with Anvil(port, *node_options(start), *options) as anvil:
        yield deploy_devnet(Rpc(anvil.url), artifacts, start, path=path)


def node_options(start: int) -> list[str]:
    """Anvil's, for a devnet that begins at this time."""
    usual = f"--timestamp {start} --accounts {ACCOUNTS} --balance 100000 --gas-limit 100000000"
    return usual.split()


def deploy_devnet(
    rpc: Rpc, artifacts: Mapping[str, Artifact], start: int, *, path: Path | None = None
) -> Stack:
    """Deploy to a node whose chain began at `start`, with the cast in their roles."""
    rpc.call("anvil_setBlockTimestampInterval", BLOCK_SECONDS)
    cast = Cast.of(rpc.accounts)
    config = StackConfig.single(
        cast.owner,
        depositor=cast.depositor,
        exit_manager=cast.depositor,
        members=cast.members,
        quorum=2,
        confirmers=(cast.confirmer,),
        treasury=_TREASURY,
        genesis_time=start - DAY,
    )
    deployer = Deployer(rpc, artifacts, NodeSender(rpc, cast.owner), path=path)
    return deploy_stack(deployer, config)


def replay(
    artifacts: Mapping[str, Artifact],
    days: Sequence[MarketDay],
    parameters: ScenarioParameters,
    *,
    title: str,
    commit: str,
    incident: Incident = CALM,
    story: str = "",
    is_history: bool = True,
    options: Sequence[type[Product]] = (),
    progress: Progress | None = None,
) -> RunRecord:
    """Play a window on a fresh stack; raises `InvariantBroken` where a check fails."""
    began = perf_counter()
    with fresh_stack(artifacts, days[0]) as stack:
        record = RunRecord(
            title=title,
            story=story,
            is_history=is_history,
            seed=parameters.seed,
            commit=commit,
            apr=parameters.apr,
            amplification=int(stack.swap.call("A")),
        )
        Scenario(stack, days, parameters, record, incident, options).run(progress)
    record.seconds = perf_counter() - began
    return record
