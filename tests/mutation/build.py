"""Builds without the IR: of all contracts once, then of those that read what was mutated."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from keel.chain.abi import Abi
from keel.chain.artifacts import Artifact
from tests.mutation.operators import Mutant
from tests.mutation.solc import CompilationFailed, Json, Solc
from tests.mutation.sources import Sources
from tests.mutation.spill import function_at, spill

Target = tuple[str, str]
"""File and name of a contract."""
_OUTPUTS = ["abi", "evm.bytecode.object"]
PLAIN: Json = {"evmVersion": "prague", "metadata": {"appendCBOR": False}}
"""No metadata: equal code is equal byte for byte."""
YUL: Json = PLAIN | {"optimizer": {"enabled": False, "details": {"yul": True}}}
"""Also optimises the compiler's own routines, some of which are too deep otherwise."""


class Build:
    """Knows what the compiler needs to be told of some files and contracts.

    Parameters
    ----------
    solc : Solc
        The compiler.
    sources : Sources
        Of the checkout.
    """

    def __init__(self, solc: Solc, sources: Sources) -> None:
        self._solc, self._sources = solc, sources
        self._deep: dict[str, set[str]] = defaultdict(set)
        self._spilled: dict[str, bytes] = {}
        self._yul: set[str] = set()
        self.artifacts: dict[str, Artifact] = {}

    @property
    def knowledge(self) -> tuple[dict[str, set[str]], dict[str, bytes], set[str]]:
        """What was found out, for another process."""
        return dict(self._deep), self._spilled, self._yul

    def learn(self, knowledge: tuple[dict[str, set[str]], dict[str, bytes], set[str]]) -> None:
        """Take over what another build found out."""
        deep, self._spilled, self._yul = knowledge
        self._deep.update(deep)

    def all(self, targets: Iterable[Target]) -> dict[str, Artifact]:
        """Artifacts of contracts as they are."""
        self.artifacts = {
            target[1]: self._compiled([target], self._sources)[target[1]] for target in targets
        }
        return self.artifacts

    def mutated(self, mutant: Mutant, targets: Iterable[Target]) -> dict[str, Artifact]:
        """Artifacts of contracts with a mutant; raises `CompilationFailed` if it is none."""
        text = mutant.apply(self._sources[mutant.file])
        sources = self._sources.with_texts({mutant.file: text})
        if mutant.file in self._deep:
            sources = sources.with_texts({mutant.file: self._spill(sources, mutant.file)})
        return self._compiled(targets, sources, skip=mutant.file)

    def _compiled(
        self, targets: Iterable[Target], sources: Sources, skip: str = ""
    ) -> dict[str, Artifact]:
        made: dict[str, Artifact] = {}
        targets = [*targets]
        for settings, some in (
            (PLAIN, [target for target in targets if target[1] not in self._yul]),
            (YUL, [target for target in targets if target[1] in self._yul]),
        ):
            if some:
                made |= self._artifacts(some, sources, settings, skip)
        return made

    def _artifacts(
        self, targets: list[Target], sources: Sources, settings: Json, skip: str
    ) -> dict[str, Artifact]:
        texts = sources.closure({file for file, _name in targets})
        texts |= {
            file: text for file, text in self._spilled.items() if file in texts and file != skip
        }
        chosen: dict[str, Any] = defaultdict(dict)
        for file, name in targets:
            chosen[file][name] = _OUTPUTS
        try:
            answer = self._solc.ask(texts, settings | {"outputSelection": chosen})
        except CompilationFailed as failure:
            if not self._make_way(failure, targets, texts):
                raise
            return self._compiled(targets, sources, skip)
        return {
            name: _artifact(name, answer["contracts"][file][name])
            for file, name in targets
            if answer["contracts"][file][name]["evm"]["bytecode"]["object"]
        }

    def _make_way(
        self, failure: CompilationFailed, targets: list[Target], texts: Mapping[str, bytes]
    ) -> bool:
        """Find out what makes a refused build pass; false if it is not the stack."""
        if failure.too_deep is None:
            news = {name for _file, name in targets} - self._yul
            if not news or "Stack too deep" not in str(failure):
                return False
            self._yul |= news
            return True
        file, offset = failure.too_deep
        tree = self._solc.trees(texts, [file])[file]
        function = function_at(tree, offset)
        if function is None or function in self._deep[file]:
            return False
        self._deep[file].add(function)
        self._spilled[file] = self._spill(self._sources, file)
        return True

    def _spill(self, sources: Sources, file: str) -> bytes:
        texts = sources.closure([file])
        return spill(texts[file], self._solc.trees(texts, [file])[file], self._deep[file])


def _artifact(name: str, said: Json) -> Artifact:
    return Artifact(name, Abi(said["abi"]), bytes.fromhex(said["evm"]["bytecode"]["object"]))
