"""What a deployment would do and cost, found by doing it on a fork of the network."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from keel.chain.anvil import Anvil
from keel.chain.artifacts import Artifacts
from keel.chain.config import StackConfig
from keel.chain.deploy import deploy_stack
from keel.chain.deployer import Deployer
from keel.chain.rpc import Rpc
from keel.chain.sender import NodeSender

_FUNDS = 10**24


@dataclass(frozen=True)
class Step:
    """One transaction of a deployment."""

    name: str
    gas: int


def cost(steps: list[Step], gas_price: int, config: StackConfig) -> int:
    """Wei that the steps take: gas at this price, and the bootstrap stake if it is still to pay."""
    staked = config.bootstrap if any(step.name == "StakingPool" for step in steps) else 0
    return sum(step.gas for step in steps) * gas_price + staked


def plan(
    artifacts: Artifacts, config: StackConfig, *, url: str, payer: str, manifest: Path
) -> list[Step]:
    """List the transactions still to be sent with their gas, in order.

    Parameters
    ----------
    url : str
        Node of the live network; read only.
    payer : str
        Account that would send; on the fork it has funds whatever it holds in truth.
    manifest : Path
        Of a run that stopped, if there is one; read only.
    """
    steps: list[Step] = []

    def note(name: str, receipt: dict[str, Any] | None) -> None:
        if receipt is not None and "gasUsed" in receipt:
            steps.append(Step(name, int(receipt["gasUsed"], 16)))

    with TemporaryDirectory() as folder, Anvil(0, "--fork-url", url) as anvil:
        rpc = Rpc(anvil.url)
        rpc.impersonate(payer)
        rpc.set_balance(payer, _FUNDS)
        path = Path(folder) / manifest.name
        if manifest.exists():
            shutil.copy(manifest, path)
        deployer = Deployer(rpc, artifacts, NodeSender(rpc, payer), path=path, progress=note)
        deploy_stack(deployer, config)
    return steps
