"""One compilation of all sources without code: syntax trees, ABIs, storage layouts."""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from gates import tracked

# What ape resolves through its dependency cache, written for the compiler.
REMAPPINGS = ("solady/=node_modules/solady/", "@openzeppelin/=node_modules/@openzeppelin/")

Node = dict[str, Any]


class CompilationFailed(Exception):
    """The sources do not compile."""


@dataclass(frozen=True)
class Contract:
    """A contract, interface or library of the checkout."""

    name: str
    path: str
    kind: str
    abstract: bool
    abi: list[Node]
    storage: Node

    @property
    def deployable(self) -> bool:
        """Whether it is product code with an address of its own."""
        return (
            self.kind == "contract"
            and not self.abstract
            and not self.path.startswith("contracts/mocks/")
        )


@dataclass(frozen=True)
class Analysis:
    """The compiler's view of the checkout."""

    version: str
    output: Node
    trees: dict[str, Node]
    contracts: tuple[Contract, ...]


def _settings(root: Path) -> Node:
    config: Node = yaml.safe_load((root / "ape-config.yaml").read_text("utf-8"))["solidity"]
    return config


def compiler(root: Path) -> Path:
    """Return the executable of the pinned compiler."""
    return Path(os.environ["SOLCX_BINARY_PATH"]) / f"solc-v{_settings(root)['version']}"


@cache
def analyse(root: Path) -> Analysis:
    """Compile every Solidity file below `contracts` and `interfaces`."""
    sources = {
        path.relative_to(root).as_posix(): {"content": path.read_text("utf-8")}
        for path in tracked(root, "contracts/**.sol", "interfaces/**.sol")
    }
    config = _settings(root)
    if not sources:
        return Analysis(config["version"], {"sources": {}, "contracts": {}}, {}, ())
    job = {
        "language": "Solidity",
        "sources": sources,
        "settings": {
            "evmVersion": config["evm_version"],
            "remappings": REMAPPINGS,
            "outputSelection": {
                "*": {"*": ["abi", "storageLayout", "devdoc", "userdoc"], "": ["ast"]}
            },
        },
    }
    done = subprocess.run(
        [str(compiler(root)), "--standard-json", "--base-path", "."],
        cwd=root,
        input=json.dumps(job),
        check=True,
        capture_output=True,
        text=True,
    )
    output = json.loads(done.stdout)
    errors = [e["formattedMessage"] for e in output.get("errors", ()) if e["severity"] == "error"]
    if errors:
        raise CompilationFailed("\n".join(errors))
    trees = {path: output["sources"][path]["ast"] for path in sources}
    return Analysis(config["version"], output, trees, tuple(_contracts(output, trees)))


def _contracts(output: Node, trees: dict[str, Node]) -> Iterator[Contract]:
    for path, tree in trees.items():
        for node in tree["nodes"]:
            if node["nodeType"] == "ContractDefinition":
                made = output["contracts"][path][node["name"]]
                yield Contract(
                    name=node["name"],
                    path=path,
                    kind=node["contractKind"],
                    abstract=node["abstract"],
                    abi=made["abi"],
                    storage=made["storageLayout"],
                )


def walk(node: object) -> Iterator[Node]:
    """Yield every syntax-tree node below and including `node`."""
    if isinstance(node, dict):
        if "nodeType" in node:
            yield node
        for child in node.values():
            yield from walk(child)
    elif isinstance(node, list):
        for child in node:
            yield from walk(child)


def line_of(source: bytes, node: Node) -> int:
    """Return the one-based line on which `node` starts."""
    return source.count(b"\n", 0, int(node["src"].split(":")[0])) + 1
