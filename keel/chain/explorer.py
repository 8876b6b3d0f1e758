"""What a block explorer needs to verify the contracts: the compiler's input, and the arguments."""

import json
import re
from functools import cache
from pathlib import Path
from posixpath import dirname, join, normpath
from shutil import rmtree
from typing import Any

from ape import Project, compilers

from keel.chain.manifest import Manifest

_FOLDERS = ("contracts", "interfaces")
_IMPORT = re.compile(r'^import [^"]*"(?P<path>[^"]+)";', re.MULTILINE)


class Inputs:
    """The compiler's standard JSON by contract, with which it gives the very code that ape built.

    Parameters
    ----------
    project : ape.managers.project.ProjectManager
        Compiled.
    """

    def __init__(self, project: Any) -> None:
        self._project = project
        self.version, self.whole = _input_of_all(Path(project.path))

    def source(self, contract: str) -> str:
        """The file that holds `contract`."""
        return str(self._project.load_contracts()[contract].source_id)

    def of(self, contract: str) -> dict[str, Any]:
        """Standard JSON of one contract: the files it needs, and no others."""
        source = self.source(contract)
        # The code ends with a hash of the compiler's settings, all remappings among them.
        settings = self.whole["settings"] | {
            "outputSelection": {source: {contract: ["abi", "metadata", "evm.bytecode.object"]}},
        }
        needed = {name: self.whole["sources"][name] for name in sorted(self._needed(source))}
        return {"language": "Solidity", "sources": needed, "settings": settings}

    def _needed(self, source: str) -> set[str]:
        found, open_ = {source}, [source]
        while open_:
            name = open_.pop()
            for match in _IMPORT.finditer(self.whole["sources"][name]["content"]):
                imported = self._resolve(match["path"], name)
                if imported not in found:
                    found.add(imported)
                    open_.append(imported)
        return found

    def _resolve(self, path: str, importer: str) -> str:
        if path.startswith("."):
            return normpath(join(dirname(importer), path))
        for remapping in self.whole["settings"]["remappings"]:
            prefix, _, target = remapping.partition("=")
            if path.startswith(prefix):
                return str(normpath(target + path.removeprefix(prefix)))
        return path


@cache
def _input_of_all(root: Path) -> tuple[str, dict[str, Any]]:
    """Compiler's version and standard JSON of every source; asked once, as ape remembers half."""
    every = [
        path
        for folder in _FOLDERS
        for path in (root / folder).rglob("*.sol")
        if ".cache" not in path.parts
    ]
    try:
        made = compilers.get_compiler("solidity").get_standard_input_json(
            every, project=Project(root)
        )
    finally:
        # ape leaves copies of dependencies among the sources, and then finds the sources no more.
        rmtree(root / "contracts" / ".cache", ignore_errors=True)
    ((version, standard),) = made.items()
    return str(version), standard


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
