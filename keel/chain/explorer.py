"""What a block explorer needs to verify the contracts: the compiler's input, and the arguments."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ape import compilers

from keel.chain.manifest import Manifest

_FOLDERS = ("contracts", "interfaces")


class Inputs:
    """The compiler's standard JSON by contract, with which it gives the very code that ape built.

    Parameters
    ----------
    project : ape.managers.project.ProjectManager
        Compiled.
    """

    def __init__(self, project: Any) -> None:
        self._project = project
        self._compiler = compilers.get_compiler("solidity")
        root = Path(project.path)
        every = [
            path
            for folder in _FOLDERS
            for path in (root / folder).rglob("*.sol")
            if ".cache" not in path.parts
        ]
        # The code ends with a hash of the compiler's settings, all remappings among them.
        self.version, self.whole = self._input(every)
        self._remappings = self.whole["settings"]["remappings"]

    def _input(self, paths: Iterable[Path]) -> tuple[str, dict[str, Any]]:
        made = self._compiler.get_standard_input_json(list(paths), project=self._project)
        ((version, standard),) = made.items()
        return str(version), standard

    def source(self, contract: str) -> str:
        """The file that holds `contract`."""
        return str(self._project.load_contracts()[contract].source_id)

    def of(self, contract: str) -> dict[str, Any]:
        """Standard JSON of one contract: the files it needs, and no others."""
        source = self.source(contract)
        _, standard = self._input([Path(self._project.path) / source])
        settings = standard["settings"] | {
            "remappings": self._remappings,
            "outputSelection": {source: {contract: ["abi", "metadata", "evm.bytecode.object"]}},
        }
        return {"language": "Solidity", "sources": standard["sources"], "settings": settings}


def write_inputs(project: Any, manifest: Manifest, folder: Path) -> list[Path]:
    """Write a file of standard JSON for each contract, and `index.json`; returns their paths.

    The index has address, full name, compiler and constructor arguments by role: what an explorer
    asks for beside the file. Contracts that a constructor created have no arguments there.
    """
    inputs = Inputs(project)
    folder.mkdir(parents=True, exist_ok=True)
    index, written = {}, []
    for role, entry in manifest.contracts.items():
        path = folder / f"{entry.contract}.json"
        if path not in written:
            path.write_text(json.dumps(inputs.of(entry.contract), indent=1) + "\n")
            written.append(path)
        index[role] = {
            "address": entry.address,
            "contract": f"{inputs.source(entry.contract)}:{entry.contract}",
            "compiler": f"v{inputs.version}",
            "constructor_arguments": entry.arguments.removeprefix("0x"),
            "input": path.name,
        }
    path = folder / "index.json"
    path.write_text(json.dumps(index, indent=2) + "\n")
    return [*written, path]
