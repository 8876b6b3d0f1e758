"""Gate on the size of compiled contracts, as ape builds them."""

import json
from pathlib import Path

from gates import Report, run
from gates.analysis import analyse

MAX_RUNTIME = 24_576  # bytes, EIP-170
MAX_INITCODE = 49_152  # bytes, EIP-3860
BUDGETS = {"contracts/staking": 20_000}
"""Bytes of code that contracts of a folder may have: room for what a successor has to mend."""


def sizes(root: Path) -> Report:
    """Check that every contract can be deployed."""
    code, lines = run(root, ["ape", "compile"])
    if code:
        return Report(0, "contracts", lines)
    built = json.loads((root / ".build" / "__local__.json").read_text("utf-8"))["contractTypes"]
    problems = []
    rows = []
    for contract in analyse(root).contracts:
        if contract.kind != "contract" or contract.abstract:
            continue
        runtime = _size(built[contract.name]["runtimeBytecode"])
        initcode = _size(built[contract.name]["deploymentBytecode"])
        rows.append((runtime, f"{contract.name:28} {runtime:6,} bytes, initcode {initcode:6,}"))
        most = BUDGETS.get(str(Path(contract.path).parent), MAX_RUNTIME)
        if runtime > most:
            problems.append(f"{contract.name}: {runtime:,} bytes of code, at most {most:,}")
        if initcode > MAX_INITCODE:
            problems.append(
                f"{contract.name}: {initcode:,} bytes of initcode, at most {MAX_INITCODE:,}"
            )
    table = tuple(row for _, row in sorted(rows, reverse=True))
    return Report(len(rows), "contracts", tuple(problems), table)


def _size(bytecode: dict[str, str]) -> int:
    return len(bytecode["bytecode"].removeprefix("0x")) // 2
