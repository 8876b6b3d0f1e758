"""The machines that can be played on a chain, by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from keel.chain.abi import Abi
from keel.chain.artifacts import Artifact
from tests.machines import (
    gauge_machine,
    option_vault_machine,
    options_machine,
    redemption_machine,
    stack_machine,
    staking_machine,
    swap_machine,
)
from tests.machines.chain import Chain
from tests.machines.gauge import SITUATIONS as GAUGE_SITUATIONS
from tests.machines.redemption import SITUATIONS as REDEMPTION_SITUATIONS
from tests.machines.staking import SITUATIONS

Blueprints = Mapping[str, tuple[list[Any], bytes]]
"""ABI and creation code by contract: what goes to another process."""


@dataclass(frozen=True)
class Machine:
    """A machine, the contracts it deploys, and what its campaigns must have seen."""

    title: str
    open: Callable[[Chain, Mapping[str, Artifact]], Any]
    contracts: tuple[str, ...]
    situations: tuple[str, ...]
    steps: int
    """Steps of an example: as many as show something new."""


MACHINES = {
    "staking": Machine(
        "stakers, exits, deposits and reports",
        staking_machine.staking_machine,
        staking_machine.CONTRACTS,
        SITUATIONS,
        steps=100,
    ),
    "swap": Machine(
        "traders and providers at a rate that moves, lies and fails",
        swap_machine.swap_machine,
        swap_machine.CONTRACTS,
        swap_machine.SITUATIONS,
        steps=40,
    ),
    "options": Machine(
        "writers and holders of options at prices that jump, lie and fail",
        options_machine.options_machine,
        options_machine.CONTRACTS,
        options_machine.SITUATIONS,
        steps=80,
    ),
    "gauge": Machine(
        "stakers and distributors of a gauge whose tokens break and mend",
        gauge_machine.gauge_machine,
        gauge_machine.CONTRACTS,
        GAUGE_SITUATIONS,
        steps=100,
    ),
    "redemption": Machine(
        "depositors and sellers of a redemption vault, and reports that pay it",
        redemption_machine.redemption_machine,
        redemption_machine.CONTRACTS,
        REDEMPTION_SITUATIONS,
        steps=100,
    ),
    "vault": Machine(
        "an option vault: calls, puts and cover in markets that jump",
        option_vault_machine.option_vault_machine,
        option_vault_machine.CONTRACTS,
        option_vault_machine.SITUATIONS,
        steps=40,
    ),
    "stack": Machine(
        "staking and the swap pool of WETH and its wkETH",
        stack_machine.stack_machine,
        stack_machine.CONTRACTS,
        stack_machine.STACK_SITUATIONS,
        steps=60,
    ),
}


def blueprints(name: str, artifacts: Mapping[str, Artifact]) -> Blueprints:
    """What a machine deploys, ready for another process."""
    needed = {contract: artifacts[contract] for contract in MACHINES[name].contracts}
    return {key: (item.abi.entries, item.creation_code) for key, item in needed.items()}


def built(plans: Blueprints) -> dict[str, Artifact]:
    """Artifacts again."""
    return {name: Artifact(name, Abi(abi), code) for name, (abi, code) in plans.items()}
