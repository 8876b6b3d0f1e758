"""Score and survivors, for a terminal and as JSON."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tests.mutation.equivalent import Equivalent
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


def alive(results: Iterable[Result]) -> list[Result]:
    """Those alive, by place."""
    found = [result for result in results if result.status == Status.ALIVE]
    return sorted(found, key=lambda result: (result.mutant.file, result.mutant.start))


class Findings:
    """What a record says, with the mutants that are proved to be none set apart.

    Attributes
    ----------
    results : list
        Of mutants that compile and are not proved to be equivalent.
    equivalent : list
        Results of those that are.
    refuted : list
        Results of those whose proofs are wrong, as something killed them; they are no others.
    """

    def __init__(self, record: Record, proofs: Mapping[str, Equivalent]) -> None:
        counted = [result for result in record.values() if result.status != Status.INVALID]
        self.proofs = proofs
        self.equivalent = alive(r for r in counted if r.mutant.key in proofs)
        self.results = [r for r in counted if r not in self.equivalent]
        self.refuted = [
            r for r in self.results if r.mutant.key in proofs and r.status == Status.KILLED
        ]
        self.score = Score.of(self.results)
        self.same = sum(result.status == Status.SAME_CODE for result in counted)
        self.invalid = len(record) - len(counted)

    @property
    def good(self) -> bool:
        """Enough are killed, and no proof is wrong."""
        return self.score.share >= GOAL and not self.refuted


def as_json(findings: Findings, sample: Mapping[str, Any]) -> dict[str, Any]:
    """Everything, for other programs."""
    score = findings.score
    everything = [*findings.results, *findings.equivalent]
    return {
        **sample,
        "score": score.share,
        "score of the fast layers": score.fast_share,
        "tried": score.tried,
        "killed": score.killed,
        "equivalent": len(findings.equivalent),
        "same code": findings.same,
        "invalid": findings.invalid,
        "worst seconds": max((r.seconds for r in everything if r.fast), default=0.0),
        "mutants": [
            {**result.mutant.as_json(), "status": result.status, "killer": result.killer,
             "fast": result.fast, "seconds": result.seconds, "said": result.said}
            for result in everything
        ],
    }  # fmt: skip


def tell(console: Console, findings: Findings, code: str) -> None:
    """Print tables of operators, folders, killers and survivors, and the score."""
    results, score = findings.results, findings.score
    console.print(_by("operator", results, lambda r: r.mutant.operator))
    console.print(_by("folder", results, lambda r: r.mutant.file.split("/")[1]))
    killers = Counter(_layer(result) for result in results if result.killer)
    told = ", ".join(f"{layer} {count}" for layer, count in killers.most_common())
    console.print(f"Killed by: {told}", highlight=False)
    for title, some in (
        ("Live", alive(results)),
        ("Live, and are proved to be equivalent", findings.equivalent),
        ("Are killed, and so their proofs are wrong", findings.refuted),
    ):
        if some:
            console.rule(title)
        for result in some:
            _tell_one(console, result)
            if proof := findings.proofs.get(result.mutant.key):
                console.print(f"    {escape(proof.proof)}", highlight=False)
    older = sum(result.code != code for result in results)
    if older:
        console.print(f"{older} of these results are of other contracts or tests.")
    every = sorted(result.seconds for result in results if result.fast)
    usual = every[len(every) // 2] if every else 0.0
    console.print(
        f"{score.killed} of {score.tried} mutants killed: {score.share:.1%}; {score.fast} of them "
        f"by the fast layers ({score.fast_share:.1%}), in {usual:.1f} s of processor time each "
        f"(the median; {max(every, default=0):.1f} s the worst, {sum(every):,.0f} s all). "
        f"{score.tried - score.killed} live. Beside them {len(findings.equivalent)} are proved to "
        f"be equivalent, {findings.same} are the same code, proved so by the compiler, and "
        f"{findings.invalid} do not compile.",
        style="bold green" if findings.good else "bold red",
        highlight=False,
    )


def _tell_one(console: Console, result: Result) -> None:
    mutant = result.mutant
    console.print(
        f"[bold]{mutant.place}[/] in {mutant.function or 'the contract'}: {mutant.operator}, "
        f"{NAMES[mutant.operator]}",
        highlight=False,
    )
    for lines, sign, style in ((mutant.before, "-", "red"), (mutant.after, "+", "green")):
        for line in lines.splitlines():
            console.print(f"    [{style}]{sign} {escape(line)}[/]", highlight=False)


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
