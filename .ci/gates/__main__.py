"""Run the gates named on the command line, or all of them, and print what each covered."""

import os
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from gates import Gate, Report, prose, python, shell, sizes, slither, snapshots, solidity
from gates.analysis import CompilationFailed

GATES: dict[str, Gate] = {
    "forge-fmt": solidity.forge_fmt,
    "forge-lint": solidity.forge_lint,
    "solhint": solidity.solhint,
    "warnings": solidity.warnings,
    "names": solidity.names,
    "lengths": solidity.lengths,
    "division": solidity.bare_division,
    "slither": slither.slither,
    "sizes": sizes.sizes,
    "abi": snapshots.abi,
    "storage": snapshots.storage,
    "gas": snapshots.gas,
    "ruff-format": python.ruff_format,
    "ruff": python.ruff_check,
    "mypy": python.mypy,
    "codespell": prose.codespell,
    "commands": prose.commands,
    "links": prose.links,
    "hosts": prose.machine_paths,
    "shellcheck": shell.shellcheck,
}


def _explain(console: Console, name: str, report: Report) -> None:
    for line in report.table:
        console.print(f"  {line}", markup=False, highlight=False)
    for problem in report.problems:
        console.print(f"{name}: {problem}", style="red", markup=False, highlight=False)
    if not report.covered:
        console.print(f"{name}: found no {report.unit} to look at", style="red")


def main(names: list[str]) -> int:
    """Run gates; return the exit code."""
    if {"-h", "--help"} & set(names):
        sys.stdout.write(f"{__doc__}\n\n")
        for name, gate in GATES.items():
            sys.stdout.write(f"  {name:<12} {(gate.__doc__ or '').partition(chr(10))[0]}\n")
        return 0
    if unknown := sorted(set(names) - set(GATES)):
        sys.stderr.write(
            f"no such gate: {', '.join(unknown)}. Next: choose from {', '.join(GATES)}\n"
        )
        return 2
    root = Path(os.environ["KEEL_ROOT"])
    console = Console(soft_wrap=True)
    table = Table("gate", "covered", "seconds", "result")
    failed = 0
    for name in names or GATES:
        began = time.monotonic()
        try:
            report = GATES[name](root)
        except CompilationFailed as failure:
            report = Report(0, "contracts", (str(failure),))
        _explain(console, name, report)
        failed += not report.passed
        table.add_row(
            name,
            f"{report.covered:,} {report.unit}",
            f"{time.monotonic() - began:.1f}",
            "[green]passed" if report.passed else f"[red]{len(report.problems) or 'nothing'} found",
        )
    console.print(table)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
