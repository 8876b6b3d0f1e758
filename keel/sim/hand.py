"""A keeper in a run: the same strategy as on a chain that lives, carried out at once."""

from collections.abc import Callable, Iterator
from typing import Any

from keel.chain.abi import Reverted
from keel.chain.contract import Contract
from keel.errors import KeelError
from keel.keepers.action import Action
from keel.keepers.file_journal import FileJournal
from keel.keepers.runner import Strategy
from keel.keepers.scanner import Scanner
from keel.sim.world import World

_MOST_ROUNDS = 64
"""More mean that its decisions don't end."""

Choose = Callable[[Any], tuple[Action, ...]]


class Hand:
    """Reads, decides, and sends from the cast's keeper, until nothing is to be done.

    As a `Runner` does, it carries out each key once: what is asked for under it again is left.

    Parameters
    ----------
    choose : callable, optional
        Actions for a state; those of the strategy's `decide` if none is given.
    """

    def __init__(self, world: World, strategy: Strategy, choose: Choose | None = None) -> None:
        self._world, self._strategy, self._choose = world, strategy, choose
        self._journal = FileJournal(":memory:")
        self._done: set[str] = set()
        sources: list[tuple[Contract, tuple[str, ...]]] = strategy.watches(world.stack)
        self._scanner = Scanner(world.rpc, self._journal, sources)

    def state(self) -> Any:
        """What the strategy sees now."""
        block = int(self._world.rpc.block()["number"], 16)
        self._scanner.catch_up(block)
        return self._strategy.read(self._world.stack, self._journal, block)

    def work(self) -> Iterator[tuple[Action, dict[str, Any]]]:
        """Actions with their receipts, as they come."""
        world, stack = self._world, self._world.stack
        for _ in range(_MOST_ROUNDS):
            sent = False
            for action in self._actions(self.state()):
                if action.key in self._done:
                    continue
                contract = stack.find(action.contract)
                terms = (action.function, *action.arguments)
                try:
                    contract.call(*terms, sender=world.cast.keeper)
                except Reverted as refusal:
                    if refusal.name not in action.benign:
                        raise
                    continue
                sent = True
                receipt = world.send(world.cast.keeper, contract.prepare(*terms))
                self._done.add(action.key)
                yield action, receipt
            if not sent:
                return
        raise KeelError(f"the {self._strategy.name} finds no end", "see what it left undone")

    def _actions(self, state: Any) -> tuple[Action, ...]:
        if self._choose is not None:
            return self._choose(state)
        return self._strategy.decide(state, self._world.rpc.timestamp).actions
