"""Score and survivors, for a terminal and as JSON."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tests.mutation.operators import NAMES
from tests.mutation.record import Record, Result, Status

GOAL = 0.9


@dataclass(frozen=True)
class Score:
    """Figures of some results. What compiles to the same code is no mutant and does not count."""

    tried: int
    killed: int
    fast: int

    @classmethod
    def of(cls, results: Sequence[Result]) -> "Score":
        """Count."""
        tried = [r for r in results if r.status in (Status.KILLED, Status.ALIVE)]
        killed = [r for r in tried if r.status == Status.KILLED]
        return cls(len(tried), len(killed), sum(r.fast for r in killed))

    @property
    def share(self) -> float:
        """Killed, of those tried."""
        return self.killed / self.tried if self.tried else 0.0

    @property
    def fast_share(self) -> float:
        """Killed by the fast layers, of those tried."""
        return self.fast / self.tried if self.tried else 0.0


def survivors(record: Record) -> list[Result]:
    """Those alive, by place."""
    alive = [result for result in record.values() if result.status == Status.ALIVE]
    return sorted(alive, key=lambda result: (result.mutant.file, result.mutant.start))


def diff_of(result: Result, root: Path) -> list[str]:
    """The lines as they are and as the mutant has them."""
    mutant = result.mutant
    text = (root / mutant.file).read_bytes()
    begin = text.rfind(b"\n", 0, mutant.start) + 1
    end = mutant.start + len(mutant.original.encode())
    stop = text.find(b"\n", end)
    changed = mutant.apply(text)
    grown = len(changed) - len(text)
    before, after = text[begin:stop].decode(), changed[begin : stop + grown].decode()
    return [
        *(f"- {line.strip()}" for line in before.splitlines()),
        *(f"+ {line.strip()}" for line in after.splitlines()),
    ]


def as_json(record: Record, sample: Mapping[str, Any]) -> dict[str, Any]:
    """Everything, for other programs."""
    results = record.counted()
    score = Score.of(results)
    return {
        **sample,
        "score": score.share,
        "score of the fast layers": score.fast_share,
        "tried": score.tried,
        "killed": score.killed,
        "same code": sum(result.status == Status.SAME_CODE for result in results),
        "invalid": len(record) - len(results),
        "worst seconds": max((r.seconds for r in results if r.fast), default=0.0),
        "mutants": [
            {**result.mutant.as_json(), "status": result.status, "killer": result.killer,
             "fast": result.fast, "seconds": result.seconds, "said": result.said}
            for result in results
        ],
    }  # fmt: skip


def tell(console: Console, record: Record, root: Path) -> None:
    """Print tables of operators, folders, killers and survivors, and the score."""
    results = record.counted()
    console.print(_by("operator", results, lambda r: r.mutant.operator))
    console.print(_by("folder", results, lambda r: r.mutant.file.split("/")[1]))
    killers = Counter(_layer(result) for result in results if result.killer)
    told = ", ".join(f"{layer} {count}" for layer, count in killers.most_common())
    console.print(f"Killed by: {told}", highlight=False)
    alive = survivors(record)
    for result in alive:
        mutant = result.mutant
        console.print(
            f"[bold]{mutant.place}[/] in {mutant.function or 'the contract'}: {mutant.operator}, "
            f"{NAMES[mutant.operator]}",
            highlight=False,
        )
        for line in diff_of(result, root):
            style = "red" if line[0] == "-" else "green"
            console.print(f"    [{style}]{escape(line)}[/]", highlight=False)
    score = Score.of(results)
    seconds = sorted(result.seconds for result in results if result.fast)
    usual = seconds[len(seconds) // 2] if seconds else 0.0
    same = sum(result.status == Status.SAME_CODE for result in results)
    console.print(
        f"{score.killed} of {score.tried} mutants killed: {score.share:.1%}; {score.fast} of them "
        f"by the fast layers ({score.fast_share:.1%}), in {usual:.1f} s of processor time each "
        f"(the median; {max(seconds, default=0):.1f} s the worst). {len(alive)} live. Beside them "
        f"{same} are the same code, proved so by the compiler, and {len(record) - len(results)} "
        "do not compile.",
        style="bold green" if score.share >= GOAL else "bold red",
        highlight=False,
    )


def _layer(result: Result) -> str:
    if result.killer.startswith("machine"):
        return result.killer
    folder = result.killer.split("/")[1] if "/" in result.killer else result.killer
    return f"{folder} tests" + ("" if result.fast else " with more time")


def _by(name: str, results: Sequence[Result], key: Any) -> Table:
    table = Table(name, "tried", "killed", "alive", "score")
    for column in table.columns[1:]:
        column.justify = "right"
    for group in sorted({key(result) for result in results}):
        score = Score.of([result for result in results if key(result) == group])
        numbers = (score.tried, score.killed, score.tried - score.killed)
        table.add_row(group, *map(str, numbers), f"{score.share:.0%}")
    return table
