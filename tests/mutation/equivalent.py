"""Mutants that are proved to do what the original does: `equivalent.toml`, with the proofs.

They are tried like all others, so that a test which kills one refutes its proof.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.operators import key_of

LIST = Path(__file__).with_name("equivalent.toml")


@dataclass(frozen=True)
class Equivalent:
    """A mutant that is none.

    Attributes
    ----------
    proof : str
        Why no call can tell it from the original.
    """

    file: str
    function: str
    operator: str
    before: str
    after: str
    proof: str
    twins: int = 0

    @property
    def key(self) -> str:
        """The mutant's."""
        return key_of(self.file, self.function, self.operator, self.before, self.after, self.twins)


def equivalents(path: Path = LIST) -> dict[str, Equivalent]:
    """All of the list, by key."""
    listed: Iterable[dict[str, str]] = tomllib.loads(path.read_text()).get("mutant", ())
    return {found.key: found for found in (Equivalent(**entry) for entry in listed)}
