"""Results of a campaign: a line of JSON for each mutant, so that one that is ended goes on."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from keel.errors import KeelError
from tests.mutation.operators import Mutant


class Status(StrEnum):
    """What came of a mutant."""

    KILLED = "killed"
    ALIVE = "alive"
    SAME_CODE = "same code"
    INVALID = "invalid"
    """It does not compile, and does not count."""


@dataclass(frozen=True)
class Result:
    """A mutant and what came of it.

    Attributes
    ----------
    killer : str
        Machine or test; empty if it lives.
    said : str
        What that noticed.
    fast : bool
        Whether the layers with a limit of time were enough.
    seconds : float
        Of processor time, with the compiler's.
    clock : float
        Seconds by the clock.
    code : str
        Of which contracts, machines, and tests it is; see `preparation.digest_of_all`.
    """

    mutant: Mutant
    status: Status
    killer: str = ""
    said: str = ""
    fast: bool = True
    seconds: float = 0.0
    clock: float = 0.0
    code: str = ""

    def as_line(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self)) + "\n"

    @classmethod
    def of(cls, line: str) -> "Result":
        """From a line."""
        said = json.loads(line)
        mutant, status = Mutant(**said.pop("mutant")), Status(said.pop("status"))
        return cls(mutant, status, **said)


class OtherCampaign(KeelError):
    """The file has results of another sample."""


class Record(Mapping[str, Result]):
    """Results by the mutant's key, in a file; of two results of one mutant the later counts.

    Parameters
    ----------
    path : Path
        Where they are; continued if it exists.
    sample : dict
        What tells this campaign from others.
    """

    def __init__(self, path: Path, sample: Mapping[str, object]) -> None:
        self.path = path
        self._results: dict[str, Result] = {}
        header = json.dumps(sample, sort_keys=True) + "\n"
        if path.exists():
            first, *lines = path.read_text().splitlines(keepends=True)
            if first != header:
                raise OtherCampaign(
                    f"{path} is of another sample, or from before results knew their contracts",
                    "move it away, or begin anew with --fresh",
                )
            for line in lines:
                if line.endswith("\n"):  # the last may be half a line, of one that was killed
                    self._keep(Result.of(line))
            path.write_text(first + "".join(line for line in lines if line.endswith("\n")))
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(header)

    def __getitem__(self, key: str) -> Result:
        """The result of a mutant."""
        return self._results[key]

    def __iter__(self) -> Iterator[str]:
        """Keys, in the order of the results."""
        return iter(self._results)

    def __len__(self) -> int:
        """How many results there are."""
        return len(self._results)

    def add(self, result: Result) -> None:
        """Remember a result, at once."""
        with self.path.open("a") as file:
            file.write(result.as_line())
        self._keep(result)

    def _keep(self, result: Result) -> None:
        self._results[result.mutant.key] = result

    def tried(self, code: str) -> list[Result]:
        """Results of mutants of this code that compile, and to other code."""
        return [
            result
            for result in self.values()
            if result.status in (Status.KILLED, Status.ALIVE) and result.code == code
        ]

    def forget_others(self, code: str) -> None:
        """Keep the results of this code alone."""
        self._results = {key: r for key, r in self._results.items() if r.code == code}
        draft = self.path.with_suffix(".draft")
        lines = "".join(result.as_line() for result in self.values())
        draft.write_text(self.path.read_text().partition("\n")[0] + "\n" + lines)
        draft.replace(self.path)
