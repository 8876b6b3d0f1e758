"""Events since the last processed block, those of the time when nobody looked included."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from keel.chain.contract import Contract
from keel.chain.rpc import Rpc
from keel.keepers.journal import Journal

_BLOCKS_PER_CALL = 2_000


@dataclass(frozen=True)
class Scanner:
    """Reads some events of some contracts into a journal, each once, reorganisations undone."""

    rpc: Rpc
    journal: Journal
    sources: Sequence[tuple[Contract, tuple[str, ...]]]
    start: int = 0
    """Block before the first that can hold anything."""

    def catch_up(self, head: int) -> int:
        """Read up to a block; returns how many blocks were new."""
        if not self.sources:
            return 0
        self._begin_anew_for_others()
        began = last = self._common_ancestor(head)
        while last < head:
            first, last = last + 1, min(last + _BLOCKS_PER_CALL, head)
            found = self._read(first, last)
            block_hash = self.rpc.block(hex(last))["hash"]
            with self.journal.atomic():
                self.journal.add_events(found)
                self.journal.mark_scanned(last, block_hash)
        return head - began

    def _begin_anew_for_others(self) -> None:
        """What was read for other events, as by an older version, is read again."""
        watched = [[contract.address, *names] for contract, names in self.sources]
        if self.journal.recall("watched") != watched:
            with self.journal.atomic():
                self.journal.forget_after(self.start)
                self.journal.keep("watched", watched)

    def _common_ancestor(self, head: int) -> int:
        """The last scanned block that is still on the chain; what came after is forgotten."""
        scanned = self.journal.scanned()
        for block, block_hash in scanned:
            if block <= head and self.rpc.block(hex(block))["hash"] == block_hash:
                if block != scanned[0][0]:
                    with self.journal.atomic():
                        self.journal.forget_after(block)
                return block
        if scanned:
            with self.journal.atomic():
                self.journal.forget_after(self.start)
        return self.start

    def _read(self, first: int, last: int) -> list[tuple[int, int, str, str, dict[str, Any]]]:
        filters = {
            "fromBlock": hex(first),
            "toBlock": hex(last),
            "address": [contract.address for contract, _names in self.sources],
            "topics": [[c.abi.topic(name) for c, names in self.sources for name in names]],
        }
        by_address = {contract.address.lower(): contract for contract, _names in self.sources}
        found = []
        for log in self.rpc.call("eth_getLogs", filters):
            event = by_address[log["address"].lower()].abi.decode_log(log)
            if event is not None:
                values = {name: _plain(value) for name, value in event.values.items()}
                place = (int(log["blockNumber"], 16), int(log["logIndex"], 16))
                found.append((*place, event.address, event.name, values))
        return found


def _plain(value: Any) -> Any:
    """As JSON holds it."""
    return "0x" + value.hex() if isinstance(value, bytes) else value
