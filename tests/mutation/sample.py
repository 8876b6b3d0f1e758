"""A seeded sample of mutants: places are drawn alike, so that files count by their code.

Each place draws its own lot, from the seed and what it says: a change to one contract leaves the
lots of all other places as they were.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from random import Random

from tests.mutation.operators import Mutant, sites
from tests.mutation.solc import Solc
from tests.mutation.sources import Sources


def drawn(places: Iterable[Sequence[Mutant]], seed: int) -> Iterator[Mutant]:
    """One mutant of each place, in an order that depends on the seed and the places alone."""

    def lot(place: Sequence[Mutant]) -> str:
        return hashlib.sha256(f"{seed} {place[0].key}".encode()).hexdigest()

    for place in sorted(places, key=lot):
        yield Random(lot(place)).choice(place)


def places_in(solc: Solc, sources: Sources, files: Sequence[str]) -> list[list[Mutant]]:
    """Places of all these files, in order."""
    trees = solc.trees(sources.closure(files), files)
    return [place for file in files for place in sites(file, sources[file], trees[file])]


def digest_of(sources: Sources) -> str:
    """Tells whether any contract has changed."""
    texts = sources.closure(sources.files)
    said = "".join(f"{name} {hashlib.sha256(text).hexdigest()}\n" for name, text in texts.items())
    return hashlib.sha256("".join(sorted(said.splitlines(keepends=True))).encode()).hexdigest()[:16]
