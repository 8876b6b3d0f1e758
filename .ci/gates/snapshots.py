"""Gates on snapshots in `tests/snapshots`: a change of ABI, storage or gas is seen in review.

`python -m gates.snapshots` writes the ABI and storage snapshots anew.
"""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from gates import Report
from gates.analysis import Contract, Node, analyse, walk

SNAPSHOTS = Path("tests/snapshots")


def abi(root: Path) -> Report:
    """Compare each deployable's ABI with its snapshot."""
    return _compare(root, "abi", describe_abi)


def storage(root: Path) -> Report:
    """Compare each deployable's storage layout with its snapshot."""
    return _compare(root, "storage", describe_storage)


def gas(root: Path) -> Report:
    """Check that the gas snapshot names functions that exist, each with a positive figure.

    A library's internal functions count: they run inside whoever calls them.
    """
    path = root / SNAPSHOTS / "gas.json"
    if not path.exists():
        return Report(0, "calls", (f"{path.relative_to(root)} is missing",))
    analysis = analyse(root)
    functions = {
        (contract.name, entry.get("name", entry["type"]))
        for contract in analysis.contracts
        for entry in contract.abi
        if entry["type"] in ("function", "receive", "fallback", "constructor")
    } | {
        (library["name"], node["name"])
        for tree in analysis.trees.values()
        for library in walk(tree)
        if library["nodeType"] == "ContractDefinition" and library["contractKind"] == "library"
        for node in walk(library)
        if node["nodeType"] == "FunctionDefinition"
    }
    figures: dict[str, Any] = json.loads(path.read_text("utf-8"))
    problems = []
    for key, figure in figures.items():
        call = tuple(key.split(" ")[0].split("."))
        if call not in functions:
            problems.append(f"{key}: no such function")
        if type(figure) is not int or figure <= 0:
            problems.append(f"{key}: {figure!r} is not an amount of gas")
    return Report(len(figures), "calls", tuple(problems))


def describe_abi(contract: Contract) -> list[str]:
    """Write an ABI as sorted declarations, which review better than JSON."""
    return sorted(_declaration(entry) for entry in contract.abi)


def describe_storage(contract: Contract) -> list[str]:
    """Write a storage layout as `slot+offset type name`, then the structs it uses."""
    types: dict[str, Node] = contract.storage["types"] or {}

    def variables(members: list[Node]) -> Iterator[str]:
        for member in members:
            label = types[member["type"]]["label"]
            yield f"{member['slot']}+{member['offset']} {label} {member['label']}"

    lines = list(variables(contract.storage["storage"]))
    for described in sorted(types.values(), key=lambda described: described["label"]):
        if "members" in described:
            lines.append(f"{described['label']}: {'; '.join(variables(described['members']))}")
    return lines


def _declaration(entry: Node) -> str:
    words = [entry["type"]]
    if entry["type"] in ("function", "event", "error"):
        words.append(f"{entry['name']}({_parameters(entry['inputs'])})")
    elif entry["type"] == "constructor":
        words[0] += f"({_parameters(entry['inputs'])})"
    if entry.get("stateMutability", "nonpayable") != "nonpayable":
        words.append(entry["stateMutability"])
    if entry.get("anonymous"):
        words.append("anonymous")
    if entry.get("outputs"):
        words.append(f"returns ({_parameters(entry['outputs'])})")
    return " ".join(words)


def _parameters(parameters: list[Node]) -> str:
    return ", ".join(
        " ".join(
            filter(None, (_type(one), "indexed" if one.get("indexed") else "", one.get("name")))
        )
        for one in parameters
    )


def _type(parameter: Node) -> str:
    name: str = parameter["type"]
    if not name.startswith("tuple"):
        return name
    return f"({_parameters(parameter['components'])}){name.removeprefix('tuple')}"


def _compare(root: Path, kind: str, describe: Callable[[Contract], list[str]]) -> Report:
    folder = root / SNAPSHOTS / kind
    deployables = [contract for contract in analyse(root).contracts if contract.deployable]
    problems = []
    for contract in deployables:
        path = folder / f"{contract.name}.json"
        stored = json.loads(path.read_text("utf-8")) if path.exists() else []
        current = describe(contract)
        changes = [f"- {line}" for line in stored if line not in current]
        changes += [f"+ {line}" for line in current if line not in stored]
        if not path.exists():
            problems.append(f"{contract.name}: no snapshot")
        elif stored != current:
            problems.append(f"{contract.name} changed:")
            problems += changes or ["the order of variables"]
    known = {contract.name for contract in deployables}
    problems += [
        f"{path.stem}: snapshot of a contract that is gone"
        for path in sorted(folder.glob("*.json"))
        if path.stem not in known
    ]
    if problems:
        problems.append("if the change is meant: make snapshots, and commit the difference")
    return Report(len(deployables), "contracts", tuple(problems))


def write(root: Path) -> None:
    """Write the ABI and storage snapshots of every deployable."""
    for kind, describe in (("abi", describe_abi), ("storage", describe_storage)):
        folder = root / SNAPSHOTS / kind
        folder.mkdir(parents=True, exist_ok=True)
        for stale in folder.glob("*.json"):
            stale.unlink()
        for contract in analyse(root).contracts:
            if contract.deployable:
                text = json.dumps(describe(contract), indent=2) + "\n"
                (folder / f"{contract.name}.json").write_text(text, "utf-8")


if __name__ == "__main__":
    write(Path(os.environ["KEEL_ROOT"]))
