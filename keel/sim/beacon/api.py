"""A beacon node's REST API over the simulated layer: the few calls that a reporter makes.

Slots and epochs are counted from the genesis that the oracle counts from, which may lie before the
layer's own. Only states of reference slots are kept, as many as a node would keep at least.
"""

import json
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from keel.sim.beacon.constants import (
    FAR_FUTURE_EPOCH,
    SECONDS_PER_EPOCH,
    SECONDS_PER_SLOT,
)
from keel.sim.beacon.layer import BeaconLayer

_NEVER = 2**64 - 1
_KEPT = 64
_FINALITY_EPOCHS = 2
_FOREIGN = b"\x01" + bytes(11) + b"\xee" * 20

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """The layer after a slot, as the API says it."""

    block_number: int
    validators: dict[str, Json]
    pending: list[Json]


@dataclass
class BeaconApi:
    """Answers at `url` from `start` until `stop`.

    Attributes
    ----------
    genesis_time : int
        Of slot 0, as the oracle counts.
    now : int
        Time of the chain's head; whoever makes blocks sets it.
    """

    layer: BeaconLayer
    genesis_time: int
    port: int = 0
    now: int = 0
    _snapshots: dict[int, Snapshot] = field(default_factory=dict)
    _server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        """Answer in a thread that ends with the process."""
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._send(api.answer(self.path, {}))

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                self._send(api.answer(self.path, json.loads(self.rfile.read(length) or b"{}")))

            def _send(self, data: Any) -> None:
                body = json.dumps({"data": data} if data is not None else {"code": 404}).encode()
                self.send_response(200 if data is not None else 404)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Answer no more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    # What is kept

    def keep(self, slot: int, block_number: int) -> None:
        """Keep the layer's state as that after a slot."""
        credentials = self.layer.parameters.credentials
        offset = (self.layer.genesis_time - self.genesis_time) // SECONDS_PER_EPOCH

        def epoch(own: int) -> str:
            return str(_NEVER if own >= FAR_FUTURE_EPOCH else max(0, own + offset))

        validators = {
            "0x" + key.hex(): {
                "index": str(index),
                "balance": str(view.balance),
                "status": "active_ongoing",
                "validator": {
                    "pubkey": "0x" + key.hex(),
                    "withdrawal_credentials": "0x" + (credentials if view.ours else _FOREIGN).hex(),
                    "slashed": view.slashed,
                    "exit_epoch": epoch(view.exit_epoch),
                    "withdrawable_epoch": epoch(view.withdrawable_epoch),
                },
            }
            for index, (key, view) in enumerate(self.layer.view().items())
        }
        pending = [
            {
                "pubkey": "0x" + each.pubkey.hex(),
                "withdrawal_credentials": "0x" + each.credentials.hex(),
                "amount": str(each.amount),
                "slot": str(slot),
            }
            for each in self.layer.deposits.pending
        ]
        self._snapshots[slot] = Snapshot(
            block_number=block_number, validators=validators, pending=pending
        )
        for old in sorted(self._snapshots)[:-_KEPT]:
            del self._snapshots[old]

    # What is asked

    def answer(self, path: str, body: Json) -> Any:
        """The answer's data; none where there is nothing."""
        parts = path.strip("/").split("/")
        if parts[:3] == ["eth", "v2", "beacon"] and parts[3] == "blocks":
            kept = self._snapshots.get(int(parts[4]))
            payload = {"block_number": str(kept.block_number)} if kept else None
            return payload and {"message": {"body": {"execution_payload": payload}}}
        if parts[:4] != ["eth", "v1", "beacon", "states"]:
            return None
        if parts[4:] == ["head", "finality_checkpoints"]:
            epoch = (self.now - self.genesis_time) // SECONDS_PER_EPOCH - _FINALITY_EPOCHS
            return {"finalized": {"epoch": str(max(0, epoch))}}
        kept = self._snapshots.get(int(parts[4]))
        if kept is None:
            return None
        if parts[5] == "validators":
            return [kept.validators[each] for each in body["ids"] if each in kept.validators]
        return kept.pending if parts[5] == "pending_deposits" else None

    def slot_at(self, timestamp: int) -> int:
        """The slot that begins at a time."""
        return (timestamp - self.genesis_time) // SECONDS_PER_SLOT
