"""Storage of registry and bonds, slot by slot: operators, keys, who comes next, shares of bonds."""

from collections import deque
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any

from keel.models.staking.build import Staking
from keel.models.staking.keys import Key
from tests.machines import slots
from tests.machines.batcher import Slot
from tests.machines.chain import Chain
from tests.machines.slots import Remembered, Section

MOST_KEYS = 1_000
"""Whose words are kept: of all that an operator has, few change at once."""
_IN_SUMS = attrgetter("fill", "awaiting", "offering")
_STANDING = attrgetter(
    "manager", "stopped", "unused", "bonded", "fill", "active", "earning", "strikes", "offering",
    "poor", "short",
)  # fmt: skip


class OperatorSlots:
    """What registry and bonds remember of each operator and key, and of all together.

    Two trees that keep operators in order are not compared: whom the registry takes next shows in
    what it does.
    """

    NAMES = ("sums", "operators", "news", "nonce", "exit manager", "exit period")

    def __init__(self, chain: Chain, registry: str, bonds: str) -> None:
        self._chain, self._registry = chain, registry
        layout = slots.Layout("OperatorRegistry")
        names = ("_sumsOf", "_identities", "_lastNews", "nonce", "exitManager", "exitPeriod")
        self._places = [(registry, layout.slot(name)) for name in names]
        self._sums = layout.packer("Sums", "fill", "operators", "awaiting")
        self._news = layout.packer("News", "refSlot", "refTimestamp")
        self._identities = slots.of_array(layout.slot("_identities"))
        self._identity = layout.packer("Identity", "manager", "stopped")
        self._counts_of = layout.slot("_countsOf")
        self._counts = layout.packer(
            "Counts", "keys", "predeposited", "bonded", "fill", "active", "earning", "strikes",
            "offering", "poor", "short",
        )  # fmt: skip
        # Where the search for the next to exit resumes: not in the model.
        self._known_of_counts = ~layout.pack("Counts", {"exitCursor": 2**32 - 1})
        self._confirmed = slots.of_array(layout.slot("_confirmed"))
        self._queue = [(registry, layout.slot(name)) for name in ("_confirmed", "_nextRange")]
        self._stored_keys = layout.slot("_keys")
        self._last_of_key = layout.offset("StoredKey", "status")
        pack = layout.packer(
            "StoredKey", "signatureEnd", "status", "exitRequestedAt", "slashed", "lateExitCharged"
        )

        @lru_cache(MOST_KEYS)
        def last_word(key: Key) -> int:
            return pack(int.from_bytes(key.signature[80:], "big"), *key[2:])

        self._last_word = last_word
        self._own = Remembered(self._section)
        self._operators = Remembered(self._sections_of_operators)
        self._keys: list[Remembered] = []
        self._between = (0, 0)
        self._waiting = Remembered(self._section_of_confirmed)
        self._bonds = BondSlots(bonds)

    def sections(self, staking: Staking) -> list[Section]:
        registry, operators = staking.registry, staking.registry.operators
        return [
            *self._own.sections(
                [*map(_IN_SUMS, operators)],
                registry.last_news,
                registry.nonce,
                registry.exit_manager,
                registry.exit_period,
            ),
            *self._operators.sections(
                [*map(_STANDING, operators)], *[each.keys for each in operators]
            ),
            *self._waiting.sections(registry.confirmed, self._between),
            *self._bonds.sections(staking),
        ]

    def _section(
        self,
        operators: list[tuple[int, int, bool]],
        last_news: tuple[int, int],
        nonce: int,
        exit_manager: str,
        exit_period: int,
    ) -> list[Section]:
        fill, awaiting, present = 0, 0, 0
        for its_fill, its_awaiting, offering in operators:
            fill += its_fill
            awaiting += its_awaiting
            present += offering or its_fill > 0
        words = [
            self._sums(fill, present, awaiting),
            len(operators),
            self._news(*last_news),
            nonce,
            _number(exit_manager),
            exit_period,
        ]
        return [Section("registry's", self.NAMES, self._places, words)]

    def _sections_of_operators(
        self, standings: list[tuple[Any, ...]], *keys_of: list[Key]
    ) -> list[Section]:
        names, places, words = [], [], []
        sections: list[Section] = []
        for i, (manager, stopped, unused, *counts) in enumerate(standings):
            names += [f"manager {i}", f"counts {i}"]
            places += [
                (self._registry, self._identities + 2 * i),
                (self._registry, slots.of_mapping(self._counts_of, i)),
            ]
            count = len(keys_of[i])
            words += [
                self._identity(_number(manager), stopped),
                self._counts(count, count - unused, *counts),
            ]
            if i == len(self._keys):
                self._keys.append(self._table_of_keys(i))
            sections += self._keys[i].sections(keys_of[i])
        return [Section("operator's", names, places, words, self._standings_seen), *sections]

    def _standings_seen(self, words: list[int]) -> list[int]:
        words[1::2] = [word & self._known_of_counts for word in words[1::2]]
        return words

    def _table_of_keys(self, operator_id: int) -> Remembered:
        """What may change of a key, and nothing where the next would be."""
        base = slots.of_mapping(self._stored_keys, operator_id)

        def place(index: int) -> Slot:
            return self._registry, slots.of_mapping(base, index) + self._last_of_key

        def words(keys: list[Key]) -> dict[int, int]:
            return dict(enumerate([*map(self._last_word, keys), 0]))

        return slots.table(f"operator {operator_id}'s key", place, words)

    def _section_of_confirmed(
        self, confirmed: deque[tuple[int, int]], between: tuple[int, int]
    ) -> list[Section]:
        """Keys that wait for their deposits in order; the contract keeps runs of them."""
        keys = [operator_id << 32 | index for operator_id, index in confirmed]
        places = self._queue + self._runs(*between)
        return [Section("confirmed", ["keys"], places, [_digest(keys)], self._confirmed_seen)]

    def _confirmed_seen(self, words: list[int]) -> list[int]:
        """Read the runs again where the contract says that they are others."""
        end, first, *runs = words
        if (first, end) != self._between:
            self._between = first, end
            runs = self._chain.storage(self._runs(first, end))
        return _digest_of_runs(runs)

    def _runs(self, first: int, end: int) -> list[Slot]:
        return [(self._registry, self._confirmed + i) for i in range(first, end)]


class BondSlots:
    """Shares of bonds; rewards that were split but not yet credited are added to what is read."""

    def __init__(self, bonds: str) -> None:
        layout = slots.Layout("OperatorBonds")
        assert layout.slot("_accounted") == layout.slot("_perValidator")
        self._address, self._bonds = bonds, layout.slot("_bonds")
        self._sums = [(bonds, layout.slot(name)) for name in ("_accounted", "_earning")]
        self._known = Remembered(self._section)

    def sections(self, staking: Staking) -> list[Section]:
        bonds, count = staking.bonds, len(staking.registry.operators)
        return self._known.sections(
            bonds.accounted, bonds.all_earning, bonds.shares, bonds.earning, count
        )

    def _section(
        self,
        accounted: int,
        all_earning: int,
        shares: dict[int, int],
        earning: dict[int, int],
        count: int,
    ) -> list[Section]:
        names, places, words = ["accounted", "earning"], self._sums.copy(), [accounted, all_earning]
        for operator_id in range(count):
            slot = slots.of_mapping(self._bonds, operator_id)
            names += [f"shares {operator_id}", f"earning {operator_id}"]
            places += [(self._address, slot), (self._address, slot + 1)]
            words += [shares.get(operator_id, 0), earning.get(operator_id, 0)]
        return [Section("bonds'", names, places, words, _credited)]


def _credited(words: list[int]) -> list[int]:
    per_validator, accounted = divmod(words[0], 2**128)
    words[0] = accounted
    for i in range(2, len(words), 2):
        credited_to, exact_shares = divmod(words[i], 2**128)
        words[i] = exact_shares + (per_validator - credited_to) * words[i + 1]
    return words


def _digest_of_runs(runs: list[int]) -> list[int]:
    keys = []
    for word in runs:
        operator_id, first, count = word % 2**32, word >> 32 & 2**32 - 1, word >> 64
        keys += [operator_id << 32 | index for index in range(first, first + count)]
    return [_digest(keys)]


def _digest(keys: list[int]) -> int:
    """All keys in order, as one number."""
    return int.from_bytes(b"".join(key.to_bytes(8, "big") for key in keys), "big") << 32 | len(keys)


@cache
def _number(account: str) -> int:
    return int(account, 16)
