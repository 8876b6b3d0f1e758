"""What a deployment would do and cost, found by doing it on a throw-away chain."""

from dataclasses import dataclass, replace

from keel.chain.anvil import Anvil
from keel.chain.artifacts import Artifacts
from keel.chain.config import StackConfig
from keel.chain.deploy import deploy_stack
from keel.chain.deployer import Deployer
from keel.chain.rpc import Rpc
from keel.chain.sender import NodeSender


@dataclass(frozen=True)
class Step:
    """One transaction of a deployment."""

    name: str
    gas: int


def plan(artifacts: Artifacts, config: StackConfig) -> list[Step]:
    """List the steps with their gas, in order, on an empty chain.

    What a live network has already (deposit contract, WETH) is put in place there first and is not
    listed.
    """
    steps: list[Step] = []
    with Anvil() as anvil:
        rpc = Rpc(anvil.url)
        sender = NodeSender(rpc, rpc.accounts[0])
        present = {
            name: Deployer(rpc, artifacts, sender).create(name, contract).address
            for name, contract in (
                ("deposit_contract", "DepositContractMock"),
                ("weth", "WETHMock"),
            )
            if getattr(config, name) is not None
        }

        def note(name: str, receipt: dict[str, object] | None) -> None:
            assert receipt is not None  # the chain is empty
            steps.append(Step(name, int(str(receipt["gasUsed"]), 16)))

        deployer = Deployer(rpc, artifacts, sender, progress=note)
        deploy_stack(deployer, replace(config, **present))  # type: ignore[arg-type]
    return steps
