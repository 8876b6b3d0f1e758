"""The swap pool on a chain: quote, dry run and transaction of each call, and its whole state."""

from collections.abc import Mapping
from typing import Any

from keel.chain.contract import Contract
from keel.chain.rpc import Rpc, RpcError
from keel.models.stableswap.errors import PoolError
from keel.models.stableswap.pool import Block, Pool
from tests.fixtures.swap import ADD, EXCHANGE, REMOVE_IMBALANCE, REMOVE_ONE

WAD = 10**18
GAS = hex(3_000_000)


class SwapChain:
    """A pool whose calls come with a prediction."""

    def __init__(self, rpc: Rpc, pool: Contract) -> None:
        self.rpc, self.pool = rpc, pool

    def play(
        self, sender: str, function: str, arguments: tuple[Any, ...], block: Block, outcome: Any
    ) -> None:
        """Compare the quote, the refusal or the result; then send, unless it was refused."""
        transaction = self.pool.prepare(function, *arguments).as_transaction(sender)
        transaction["gas"] = GAS
        overrides = {"number": hex(block.number), "time": hex(block.timestamp)}
        calls = [transaction]
        quote = quote_of(function, arguments)
        if quote:
            calls.append(self.pool.prepare(*quote).as_transaction(sender))
        seen = [self._dry_run(call, overrides) for call in calls]
        if isinstance(outcome, PoolError):
            told = seen[0]
            assert isinstance(told, bytes) is False, f"{function}{arguments} is not refused"
            assert told.name == outcome.name, (told, outcome)
            assert list(told.values) == list(outcome.values.values()), (told, outcome)
            return
        assert isinstance(seen[0], bytes), f"{function}{arguments}: {seen[0]}"
        if outcome is not None:
            result = self.pool.abi.decode_result(function, seen[0])
            assert result == outcome or tuple(result) == tuple(outcome), (function, arguments)
        if quote:
            assert isinstance(seen[1], bytes), f"SWAP-3: {quote}: {seen[1]}"
            assert self.pool.abi.decode_result(quote[0], seen[1]) == outcome, f"SWAP-3: {quote}"
        self.rpc.call("evm_setNextBlockTimestamp", block.timestamp)
        receipt: Mapping[str, Any] = self.rpc.call("eth_sendTransactionSync", transaction)
        assert receipt["status"] == "0x1", (function, arguments)
        assert int(receipt["blockNumber"], 16) == block.number

    def _dry_run(self, call: Mapping[str, str], overrides: Mapping[str, str]) -> Any:
        try:
            answer = self.rpc.call("eth_call", call, "latest", {}, overrides)
            return bytes.fromhex(answer[2:])
        except RpcError as refusal:
            return self.pool.abi.decode_error(refusal.data)

    def require_same(self, pool: Pool, block: Block) -> None:
        """Compare all that the pool remembers, as of `block`, which is the latest."""
        amp = pool.ramp.amp_at(block.timestamp)
        expected = {
            ("balances", 0): pool.balances[0],
            ("balances", 1): pool.balances[1],
            ("admin_balances", 0): pool.admin_balances[0],
            ("admin_balances", 1): pool.admin_balances[1],
            ("totalSupply",): pool.total_supply,
            ("fee",): pool.fee,
            ("offpeg_fee_multiplier",): pool.offpeg_fee_multiplier,
            ("A_precise",): amp,
            ("last_price", 0): pool.oracle.last_price,
            ("ema_price", 0): pool.oracle.ema_price,
            ("price_oracle", 0): pool.price_oracle(block),
            ("D_oracle",): pool.d_oracle(block),
            ("ma_last_time",): pool.oracle.price_time | pool.oracle.d_time << 128,
            ("stored_rates",): (WAD, pool.rate_at(block)[0]),
        }
        if pool.total_supply and 0 not in pool.market(block).xp:
            expected["get_virtual_price",] = pool.get_virtual_price(block)
        overrides = {"number": hex(block.number), "time": hex(block.timestamp)}
        answers = self.rpc.batch(
            [
                ("eth_call", (call.as_transaction(self.pool.address), "latest", {}, overrides))
                for call in (self.pool.prepare(*key) for key in expected)
            ]
        )
        different = {}
        for (key, value), answer in zip(expected.items(), answers, strict=True):
            seen = self.pool.abi.decode_result(key[0], bytes.fromhex(answer[2:]))
            if seen != value:
                different[key] = {"contract": seen, "model": value}
        assert not different, different


def quote_of(function: str, arguments: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """The view that foretells a call, if there is one."""
    if function == EXCHANGE:
        return "get_dy", *arguments[:3]
    if function == "exchange_exact_out":
        return "get_dx", *arguments[1:4]
    if function in (ADD, REMOVE_IMBALANCE):
        return "calc_token_amount", arguments[0], function == ADD
    if function == REMOVE_ONE:
        return "calc_withdraw_one_coin", *arguments[:2]
    return None
