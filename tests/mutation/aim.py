"""Which machine and which tests are most likely to notice a mutant, so that they come first."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import pytest

from tests.machines.catalogue import MACHINES
from tests.mutation.operators import Mutant
from tests.mutation.record import Result
from tests.mutation.sources import Sources

_NARROW = sorted(MACHINES.keys() - {"stack"}, key=lambda name: len(MACHINES[name].contracts))
"""Those that deploy least first; the stack's plays rules of two others."""
_PRODUCTS = {
    "liquidity": ("swap", "gauge", "redemption", "stableswap"),
    "options": ("option", "vault", "volatility", "settle", "peg", "black", "cover"),
}
_WORD = re.compile(r"[A-Z]?[a-z]{3,}")
_STEM = 6
"""Letters by which words are alike: `nonReentrant` and reentrancy."""


def machines_for(contracts: Sequence[str], *, all_of_them: bool = False) -> list[str]:
    """Machines that deploy one of these contracts: the narrowest, or all."""
    found = [name for name in _NARROW if set(contracts) & set(MACHINES[name].contracts)]
    return found if all_of_them else found[:1]


def targets_for(sources: Sources, mutant: Mutant, *, all_of_them: bool) -> list[tuple[str, str]]:
    """File and name of the contracts to build: what a machine deploys of them, and harnesses.

    A mutant that is in fewer contracts than it might be does no more than it might.
    """
    users = sources.users(mutant.file)
    names = [name for _file, name in users]
    machines = machines_for(names)
    if all_of_them or not machines:
        return users
    wanted = set(MACHINES[machines[0]].contracts)
    mocks = "contracts/mocks/"
    return [user for user in users if user[1] in wanted or user[0].startswith(mocks)]


def aimed(
    items: Sequence[pytest.Item],
    seconds: Mapping[str, float],
    mutant: Mutant,
    kills: Mapping[str, int],
    *,
    all_of_them: bool = False,
) -> list[pytest.Item]:
    """Tests in the order to try them, those of the product or all.

    Those that killed others of the file come first, then those whose names have words in common
    with the place and what is changed there, then those of the same product, and of equals the
    fastest.
    """
    place = mutant.file.removesuffix(".sol").rpartition("/")[2]
    stems = _stems(place) | _stems(mutant.before)
    called = _stems(mutant.function) | (_stems(mutant.original) if _is_guard(mutant) else set())
    product = _product(mutant.file)

    def rank(item: pytest.Item) -> tuple[float, ...]:
        name = item.nodeid.lower()
        alike = sum(stem in name for stem in stems) + 2 * sum(stem in name for stem in called)
        other = product is not None and _product(name) != product
        return -kills.get(item.nodeid, 0), other, -alike, seconds[item.nodeid]

    chosen = [
        item
        for item in items
        if all_of_them or product in (None, _product(item.nodeid)) or item.nodeid in kills
    ]
    return sorted(chosen, key=rank)


def _stems(text: str) -> set[str]:
    return {word[:_STEM].lower() for word in _WORD.findall(text)}


def _is_guard(mutant: Mutant) -> bool:
    return mutant.operator in ("guard", "modifier")


def _product(name: str) -> str | None:
    """What a file or a test is about, by its folder or else its name; libraries are anybody's."""
    path = name.partition("::")[0].lower()
    if "contracts/libraries/" in path:
        return None
    for product in ("staking", *_PRODUCTS):
        if f"/{product}/" in path:
            return product
    for product, words in _PRODUCTS.items():
        if any(word in path for word in words):
            return product
    return "staking"


def kills_by_file(results: Sequence[Result], file: str) -> Counter[str]:
    """How many mutants of a file each test or machine has killed."""
    return Counter(r.killer for r in results if r.mutant.file == file and r.killer)
