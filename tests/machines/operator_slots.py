"""Storage of registry and bonds, slot by slot: operators, keys, who comes next, shares of bonds."""

from collections import deque
from functools import cache

from keel.models.staking.build import Staking
from keel.models.staking.keys import Key, Operator
from tests.machines import slots
from tests.machines.batcher import Slot
from tests.machines.chain import Chain
from tests.machines.slots import Section


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
        self._confirmed = layout.slot("_confirmed")
        self._range = (layout.slot("_confirmed"), layout.slot("_nextRange"))
        self._queue = [(registry, number) for number in self._range]
        self._stored_keys = layout.slot("_keys")
        self._last_of_key = layout.offset("StoredKey", "status")
        self._key = layout.packer(
            "StoredKey", "signatureEnd", "status", "exitRequestedAt", "slashed", "lateExitCharged"
        )
        self._keys_known: dict[int, tuple[list[Key], list[Slot], list[int]]] = {}
        self._bonds = BondSlots(bonds)

    def sections(self, staking: Staking) -> list[Section]:
        registry, operators = staking.registry, staking.registry.operators
        count = len(operators)
        sums = self._sums(
            sum([operator.fill for operator in operators]),
            sum([operator.is_present for operator in operators]),
            registry.awaiting,
        )
        words = [
            sums,
            count,
            self._news(*registry.last_news),
            registry.nonce,
            _number(registry.exit_manager),
            registry.exit_period,
        ]
        places = [
            (self._registry, number)
            for i in range(count)
            for number in (self._identities + 2 * i, slots.of_mapping(self._counts_of, i))
        ]
        names = [f"{what} {i}" for i in range(count) for what in ("manager", "counts")]
        return [
            Section("registry's", self.NAMES, self._places, words),
            Section("operator's", names, places, self._standings(operators), self._standings_seen),
            *[self._keys(operator_id, each) for operator_id, each in enumerate(operators)],
            self._section_of_confirmed(registry.confirmed),
            self._bonds.section(staking),
        ]

    def _standings(self, operators: list[Operator]) -> list[int]:
        words = []
        for each in operators:
            keys = len(each.keys)
            words.append(self._identity(_number(each.manager), each.stopped))
            words.append(
                self._counts(
                    keys, keys - each.unused, each.bonded, each.fill, each.active, each.earning,
                    each.strikes, each.offering, each.poor, each.short,
                )
            )  # fmt: skip
        return words

    def _standings_seen(self, words: list[int]) -> list[int]:
        words[1::2] = [word & self._known_of_counts for word in words[1::2]]
        return words

    def _keys(self, operator_id: int, operator: Operator) -> Section:
        """What may change of a key, and nothing where the next would be."""
        known, places, words = self._keys_known.get(operator_id, ([], [], []))
        if known != operator.keys or not places:
            base = slots.of_mapping(self._stored_keys, operator_id)
            count = len(operator.keys) + 1
            places = [
                (self._registry, slots.of_mapping(base, i) + self._last_of_key)
                for i in range(count)
            ]
            words = [*map(self._last_word, operator.keys), 0]
        # A copy of the same keys compares faster than one of equal keys.
        self._keys_known[operator_id] = operator.keys.copy(), places, words
        return Section(f"operator {operator_id}'s key", range(len(words)), places, words)

    def _last_word(self, key: Key) -> int:
        end = int.from_bytes(key.signature[80:], "big")
        return self._key(end, *key[2:])

    def _section_of_confirmed(self, confirmed: deque[tuple[int, int]]) -> Section:
        """Keys that wait for their deposits in order; the contract keeps runs of them."""
        count, done = self._chain.storage(self._queue)
        first = slots.of_array(self._confirmed)
        places = [(self._registry, first + i) for i in range(done, count)]
        keys = [operator_id << 32 | index for operator_id, index in confirmed]
        return Section("confirmed", ["keys"], places, [_digest(keys)], _digest_of_ranges)


class BondSlots:
    """Shares of bonds; rewards that were split but not yet credited are added to what is read."""

    def __init__(self, bonds: str) -> None:
        layout = slots.Layout("OperatorBonds")
        assert layout.slot("_accounted") == layout.slot("_perValidator")
        self._address, self._bonds = bonds, layout.slot("_bonds")
        self._sums = [(bonds, layout.slot(name)) for name in ("_accounted", "_earning")]

    def section(self, staking: Staking) -> Section:
        bonds, count = staking.bonds, len(staking.registry.operators)
        places, words = self._sums.copy(), [bonds.accounted, bonds.all_earning]
        for operator_id in range(count):
            slot = slots.of_mapping(self._bonds, operator_id)
            places += [(self._address, slot), (self._address, slot + 1)]
            words += [bonds.shares.get(operator_id, 0), bonds.earning.get(operator_id, 0)]
        names = [f"{what} {i}" for i in range(count) for what in ("shares", "earning")]
        return Section("bonds'", ["accounted", "earning", *names], places, words, _credited)


def _credited(words: list[int]) -> list[int]:
    per_validator, accounted = divmod(words[0], 2**128)
    words[0] = accounted
    for i in range(2, len(words), 2):
        credited_to, exact_shares = divmod(words[i], 2**128)
        words[i] = exact_shares + (per_validator - credited_to) * words[i + 1]
    return words


def _digest_of_ranges(ranges: list[int]) -> list[int]:
    keys = []
    for word in ranges:
        operator_id, first, count = word % 2**32, word >> 32 & 2**32 - 1, word >> 64
        keys += [operator_id << 32 | index for index in range(first, first + count)]
    return [_digest(keys)]


def _digest(keys: list[int]) -> int:
    """All keys in order, as one number."""
    return int.from_bytes(b"".join(key.to_bytes(8, "big") for key in keys), "big") << 32 | len(keys)


@cache
def _number(account: str) -> int:
    return int(account, 16)
