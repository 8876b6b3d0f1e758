"""Examples that showed what no earlier one had: kept in a file, and played first the next time.

An example is kept as its seed and number, so it is played again exactly as long as rules draw the
same; after a change of theirs it is just another example.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.machines.tally import Tally


@dataclass(frozen=True)
class Kept:
    """An example, and what it was the first to show."""

    seed: int
    example: int
    steps: int
    shows: tuple[str, ...]


def shown_by(tally: Tally) -> set[str]:
    """What rules did, and which errors refused them."""
    return {
        f"{rule}: {what}"
        for rule, deeds in tally.rules.items()
        for what in (*deeds.acted, *(f"refused, {error}" for error in deeds.refused))
    }


def load(folder: Path, machine: str) -> tuple[Kept, ...]:
    """The examples of a machine; none where nothing was kept yet."""
    path = _path(folder, machine)
    if not path.exists():
        return ()
    return tuple(
        Kept(**entry | {"shows": tuple(entry["shows"])}) for entry in json.loads(path.read_text())
    )


def save(folder: Path, machine: str, kept: Sequence[Kept]) -> None:
    """Put them where `load` finds them, all or none."""
    path = _path(folder, machine)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".new")
    partial.write_text(json.dumps([asdict(each) for each in kept], indent=1) + "\n")
    partial.replace(path)


def merged(known: Iterable[Kept], more: Iterable[Kept]) -> tuple[Kept, ...]:
    """As few as show all that any of them shows: those that show most come first."""
    left = sorted({*known, *more}, key=lambda each: (-len(each.shows), each.seed, each.example))
    seen, chosen = set[str](), []
    for each in left:
        if not seen.issuperset(each.shows):
            seen.update(each.shows)
            chosen.append(each)
    return tuple(chosen)


def _path(folder: Path, machine: str) -> Path:
    return folder / f"{machine}.json"
