"""JSON-RPC over one kept-alive HTTP connection, with batches and Anvil's own methods."""

import json
import time
from collections.abc import Sequence
from typing import Any

import certifi
import urllib3

from keel.errors import KeelError

Json = Any
_LONGEST = 300
"""Characters of an answer that isn't JSON-RPC, as it is told."""


class RpcError(KeelError):
    """The node refused a call.

    Attributes
    ----------
    code : int
        JSON-RPC error code.
    data : bytes
        Revert data, empty if the node gave none.
    is_revert : bool
        Whether a contract refused: nodes tell it by code 3, by data, or, where there is none, in
        words (geth: -32000, "execution reverted").
    """

    def __init__(self, method: str, code: int, message: str, data: bytes = b"") -> None:
        self.method, self.code, self.data = method, code, data
        self.is_revert = code == 3 or bool(data) or "revert" in message.lower()
        super().__init__(f"{method} failed: {message}")


class NodeUnreachable(KeelError):
    """Nothing answers at the address."""


class NodeBehind(KeelError):
    """The node hasn't got a block that another answer named: several may share an address."""


class TransactionPending(KeelError):
    """No receipt within the time allowed."""


class Rpc:
    """A JSON-RPC client.

    Parameters
    ----------
    url : str
        HTTP address of the node.
    timeout : float
        Seconds to wait for one answer.
    """

    def __init__(self, url: str, timeout: float = 60.0) -> None:
        self.url = url
        # No session of `requests`: half of the time of a call to a local node was its own.
        self._pool = urllib3.PoolManager(
            ca_certs=certifi.where(),
            timeout=timeout,
            retries=False,
            headers={"Content-Type": "application/json"}
            | urllib3.util.make_headers(basic_auth=urllib3.util.parse_url(url).auth),
        )
        self._next_id = 0

    def call(self, method: str, *params: Json) -> Json:
        """Result of one call; raises `RpcError` or `NodeUnreachable`."""
        return self._result(method, self._post(self._request(method, params)))

    def batch(self, calls: Sequence[tuple[str, Sequence[Json]]]) -> list[Json]:
        """Results of many calls in the order given; raises for the first that failed.

        The node may run the calls of a batch in any order.
        """
        if not calls:
            return []
        body = [self._request(method, params) for method, params in calls]
        said = self._post(body)
        if not isinstance(said, list):  # an answer to the batch as a whole
            raise self._refusal("a batch", said)
        answers = {answer.get("id"): answer for answer in said}
        return [
            self._result(request["method"], answers.get(request["id"]))  # as asked, not as answered
            for request in body
        ]

    def _request(self, method: str, params: Sequence[Json]) -> dict[str, Json]:
        self._next_id += 1
        return {"jsonrpc": "2.0", "id": self._next_id, "method": method, "params": list(params)}

    def _post(self, body: Json) -> Json:
        try:
            answer = self._pool.request("POST", self.url, body=json.dumps(body))
            return json.loads(answer.data)
        except (urllib3.exceptions.HTTPError, ValueError) as failure:
            raise NodeUnreachable(
                f"no node answers at {self.url} ({type(failure).__name__})",
                "check the address and that the node runs",
            ) from failure

    @classmethod
    def _result(cls, method: str, answer: Json) -> Json:
        if not isinstance(answer, dict) or answer.get("error") or "result" not in answer:
            raise cls._refusal(method, answer)
        return answer["result"]

    @staticmethod
    def _refusal(method: str, answer: Json) -> RpcError:
        """What was said instead of a result, in whatever form: gateways have their own."""
        error = answer.get("error") if isinstance(answer, dict) else None
        if not isinstance(error, dict):
            return RpcError(method, 0, str(error or answer)[:_LONGEST])
        data = error.get("data")
        revert = bytes.fromhex(data[2:]) if isinstance(data, str) and data[:2] == "0x" else b""
        return RpcError(method, error.get("code", 0), error.get("message", ""), revert)

    # Ethereum

    @property
    def chain_id(self) -> int:
        """Id of the chain, as EIP-155."""
        return int(self.call("eth_chainId"), 16)

    @property
    def accounts(self) -> list[str]:
        """Accounts whose keys the node holds."""
        accounts: list[str] = self.call("eth_accounts")
        return accounts

    def block(self, tag: str = "latest") -> dict[str, Json]:
        """Header and transaction hashes of a block; raises `NodeBehind`."""
        header: dict[str, Json] | None = self.call("eth_getBlockByNumber", tag, False)
        if header is None:
            raise NodeBehind(f"{self.url} hasn't got block {tag} yet", "try again")
        return header

    @property
    def timestamp(self) -> int:
        """Time of the latest block, seconds."""
        return int(self.block()["timestamp"], 16)

    def balance(self, address: str) -> int:
        """Wei held by `address` at the latest block."""
        return int(self.call("eth_getBalance", address, "latest"), 16)

    def code(self, address: str) -> bytes:
        """Runtime code at `address`, empty if there is none."""
        return bytes.fromhex(self.call("eth_getCode", address, "latest")[2:])

    def receipt(self, tx_hash: str, timeout: float = 60.0) -> dict[str, Json]:
        """Receipt of a transaction; waits for it, as nodes may answer null just after a send."""
        deadline = time.monotonic() + timeout
        pause = 0.001
        while True:
            receipt: dict[str, Json] | None = self.call("eth_getTransactionReceipt", tx_hash)
            if receipt is not None:
                return receipt
            if time.monotonic() > deadline:
                raise TransactionPending(
                    f"{tx_hash} has no receipt after {timeout:.0f} s",
                    "wait for it to be mined and run again",
                )
            time.sleep(pause)
            pause = min(pause * 2, 1.0)

    # Anvil

    def set_balance(self, address: str, wei: int) -> None:
        """Give `address` a balance, as a sweep of the consensus layer does: without a call."""
        self.call("anvil_setBalance", address, hex(wei))

    def impersonate(self, address: str) -> None:
        """Let the node send for `address` without its key."""
        self.call("anvil_impersonateAccount", address)

    def mine_at(self, timestamp: int) -> None:
        """Mine one block with this timestamp (seconds, later than the latest block's)."""
        self.call("evm_setNextBlockTimestamp", timestamp)
        self.call("evm_mine")

    def snapshot(self) -> str:
        """Remember the state; returns the id for `revert`."""
        snapshot: str = self.call("evm_snapshot")
        return snapshot

    def revert(self, snapshot: str) -> None:
        """Go back to a state; its id, and later ones, are spent.

        A receipt is there before the pool has let go of its transaction. Reverted in between, the
        pool would drop the same transaction when it is sent again: so this waits, a second at most.
        """
        deadline = time.monotonic() + 1
        while int(self.call("txpool_status")["pending"], 16) and time.monotonic() < deadline:
            time.sleep(0.001)
        self.call("evm_revert", snapshot)
