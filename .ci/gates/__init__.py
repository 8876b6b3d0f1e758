"""The quality gates behind `make check`: one function each, from a checkout to a report."""

import os
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Report:
    """What a gate looked at and what it found.

    Attributes
    ----------
    covered
        How many units the gate looked at. A gate that looked at nothing has not passed.
    unit
        What is counted, in the plural.
    problems
        One line each, with file and line where there is one.
    table
        Lines worth seeing also when all is well.
    """

    covered: int
    unit: str
    problems: tuple[str, ...] = ()
    table: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the gate looked at something and found nothing wrong."""
        return self.covered > 0 and not self.problems


Gate = Callable[[Path], Report]


def tracked(root: Path, *patterns: str) -> list[Path]:
    """List the files of the checkout that match, committed or about to be, never ignored ones."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    )
    names = sorted(set(listed.stdout.split("\0")) - {""})
    return [root / name for name in names if (root / name).is_file()]


def run(root: Path, command: Iterable[str | Path], **variables: str) -> tuple[int, tuple[str, ...]]:
    """Run a tool in the checkout; return its exit code and its output's lines."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=root,
        env=os.environ | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.returncode, tuple(line for line in done.stdout.splitlines() if line.strip())


def verdict(covered: int, unit: str, outcome: tuple[int, tuple[str, ...]]) -> Report:
    """Report a tool that speaks through its exit code."""
    code, lines = outcome
    problems = (lines or (f"exit code {code}, no output",)) if code else ()
    return Report(covered, unit, problems)
