"""A beacon node's REST API, as far as a reporter needs it (github.com/ethereum/beacon-APIs).

The devnet's simulator answers the same calls (`keel.sim.beacon.api`), so that what a reporter does
there is what it does on a live network. States of the last reference slots must be kept: nodes
that prune them need an archive, or their `--reconstruct` option.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import requests

from keel.errors import KeelError

FAR_FUTURE = 2**64 - 1
SLOTS_PER_EPOCH = 32
_SECONDS = 60.0
_KEYS_PER_CALL = 1_000
_MOST_MISSED = 64
"""Slots in a row without a block; more, and something else is wrong."""


class BeaconUnavailable(KeelError):
    """The beacon node doesn't answer, or not with what was asked for."""


@dataclass(frozen=True, kw_only=True)
class Validator:
    """As a state has it; balance in gwei, times in epochs."""

    balance: int
    credentials: bytes
    slashed: bool
    exit_epoch: int
    withdrawable_epoch: int


@dataclass(frozen=True, kw_only=True)
class Pending:
    """Deposits to one key that the chain has seen and not credited; gwei."""

    amount: int
    credentials: bytes
    """Of the first; they count if the key is new."""


@dataclass(frozen=True, kw_only=True)
class LayerState:
    """The pool's part of the consensus layer after one slot."""

    slot: int
    validators: dict[bytes, Validator]
    pending: dict[bytes, Pending]

    @property
    def epoch(self) -> int:
        """Of the slot."""
        return self.slot // SLOTS_PER_EPOCH


class BeaconNode:
    """A REST client.

    Parameters
    ----------
    url : str
        Of the node, without a path.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._session = requests.Session()
        self._session.trust_env = False

    def finalized_epoch(self) -> int:
        """Of the newest finalized checkpoint."""
        answer = self._get("/eth/v1/beacon/states/head/finality_checkpoints")
        return int(answer["data"]["finalized"]["epoch"])

    def is_final(self, slot: int) -> bool:
        """Whether nothing can change the state after this slot any more."""
        return self.finalized_epoch() * SLOTS_PER_EPOCH > slot

    def block_number(self, slot: int) -> int:
        """Execution block of a slot, or of the last slot before it that has one."""
        for candidate in range(slot, max(slot - _MOST_MISSED, -1), -1):
            answer = self._get(f"/eth/v2/beacon/blocks/{candidate}", absent=True)
            if answer is not None:
                payload = answer["data"]["message"]["body"]["execution_payload"]
                return int(payload["block_number"])
        raise BeaconUnavailable(f"no block in {_MOST_MISSED} slots up to {slot}", "wait")

    def state(self, slot: int, keys: Sequence[bytes]) -> LayerState:
        """Validators with these keys, and their pending deposits."""
        validators: dict[bytes, Validator] = {}
        for start in range(0, len(keys), _KEYS_PER_CALL):
            ids = ["0x" + key.hex() for key in keys[start : start + _KEYS_PER_CALL]]
            answer = self._post(f"/eth/v1/beacon/states/{slot}/validators", {"ids": ids})
            for entry in answer["data"]:
                found = entry["validator"]
                validators[_bytes(found["pubkey"])] = Validator(
                    balance=int(entry["balance"]),
                    credentials=_bytes(found["withdrawal_credentials"]),
                    slashed=bool(found["slashed"]),
                    exit_epoch=int(found["exit_epoch"]),
                    withdrawable_epoch=int(found["withdrawable_epoch"]),
                )
        return LayerState(slot=slot, validators=validators, pending=self._pending(slot, set(keys)))

    def _pending(self, slot: int, keys: set[bytes]) -> dict[bytes, Pending]:
        pending: dict[bytes, Pending] = {}
        for entry in self._get(f"/eth/v1/beacon/states/{slot}/pending_deposits")["data"]:
            key = _bytes(entry["pubkey"])
            if key not in keys:
                continue
            before = pending.get(key)
            pending[key] = Pending(
                amount=int(entry["amount"]) + (before.amount if before else 0),
                credentials=(
                    before.credentials if before else _bytes(entry["withdrawal_credentials"])
                ),
            )
        return pending

    def _get(self, path: str, *, absent: bool = False) -> Any:
        return self._answer("GET", path, None, absent=absent)

    def _post(self, path: str, body: Any) -> Any:
        return self._answer("POST", path, body, absent=False)

    def _answer(self, method: str, path: str, body: Any, *, absent: bool) -> Any:
        try:
            answer = self._session.request(method, self.url + path, json=body, timeout=_SECONDS)
            if absent and answer.status_code == 404:
                return None
            answer.raise_for_status()
            return answer.json()
        except (requests.RequestException, ValueError) as failure:
            raise BeaconUnavailable(
                f"the beacon node doesn't answer {path} ({type(failure).__name__})",
                "check its address and that it keeps states as old as a frame",
            ) from failure


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))
