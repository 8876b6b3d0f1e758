"""The swap pool on a chain: quote and call of each step, all its state, everybody's tokens."""

from collections.abc import Mapping, Sequence
from typing import Any

from keel.chain.contract import Contract
from keel.models.stableswap.curve import A_PRECISION, NG_A_PRECISION
from keel.models.stableswap.errors import PoolError
from keel.models.stableswap.pool import Block, Pool
from tests.fixtures.swap import ADD, EXCHANGE, REMOVE_IMBALANCE, REMOVE_ONE
from tests.machines.chain import Chain, Refused
from tests.machines.predicted import PredictedChain
from tests.machines.slots import solady_balance
from tests.machines.views import Key

WAD = 10**18


class SwapChain(PredictedChain):
    """A pool whose calls come with a prediction, and most with a quote."""

    def __init__(self, chain: Chain, pool: Contract, coins: Sequence[Contract]) -> None:
        contracts = {"swap": pool, "coin0": coins[0], "coin1": coins[1]}
        super().__init__(chain, pool, **contracts)
        self._tokens = {name: handle.address for name, handle in contracts.items()}

    def play_quoted(
        self, sender: str, function: str, arguments: tuple[Any, ...], block: Block, outcome: Any
    ) -> bool:
        """Compare the quote, and the refusal or the result; tell whether the call succeeded."""
        quote = quote_of(function, arguments)
        if quote and not self.error_of(outcome):
            self._require_quote(quote, block, outcome)
        return self.play(sender, function, arguments, block.timestamp, outcome)

    def error_of(self, outcome: Any) -> tuple[str, Sequence[Any]] | None:
        if isinstance(outcome, PoolError):
            return outcome.name, [*outcome.values.values()]
        return None

    def _is_foretold(self, refusal: Refused, outcome: Any) -> bool:
        if super()._is_foretold(refusal, outcome):
            return True
        # An error of a library that the ABI doesn't list.
        told = self.subject.abi.decode_error(refusal.data)
        return (told.name, [*told.values]) == self.error_of(outcome)

    def _require_quote(self, quote: tuple[Any, ...], block: Block, outcome: Any) -> None:
        name, *arguments = quote
        view = self.subject.address, self._packed.encode_call(name, arguments)
        answer = self.chain.read((view,), block.timestamp, block.number)
        assert answer == self._packed.encode_result(name, outcome), f"SWAP-3: {quote}"

    def require_same(
        self, pool: Pool, block: Block, balances: Mapping[tuple[str, str], int]
    ) -> None:
        """Compare all that the pool remembers as of `block`, the latest, and given balances."""
        self._require_balances(balances)
        amp = pool.ramp.amp_at(block.timestamp)
        expected: dict[Key, Any] = {
            ("swap.balances", 0): pool.balances[0],
            ("swap.balances", 1): pool.balances[1],
            ("swap.admin_balances", 0): pool.admin_balances[0],
            ("swap.admin_balances", 1): pool.admin_balances[1],
            ("swap.totalSupply",): pool.total_supply,
            ("swap.fee",): pool.fee,
            ("swap.offpeg_fee_multiplier",): pool.offpeg_fee_multiplier,
            ("swap.A_precise",): amp * NG_A_PRECISION // A_PRECISION,
            ("swap.amplification_unrounded",): amp,
            ("swap.last_price", 0): pool.oracle.last_price,
            ("swap.ema_price", 0): pool.oracle.ema_price,
            ("swap.price_oracle", 0): pool.price_oracle(block),
            ("swap.D_oracle",): pool.d_oracle(block),
            ("swap.ma_last_time",): pool.oracle.price_time | pool.oracle.d_time << 128,
            ("swap.stored_rates",): (WAD, pool.rate_at(block)),
        }
        if pool.total_supply and 0 not in pool.market(block).xp:
            expected["swap.get_virtual_price",] = pool.get_virtual_price(block)
        self.views.require(expected, block.timestamp, block.number)

    def _require_balances(self, balances: Mapping[tuple[str, str], int]) -> None:
        """Compare what accounts have of the tokens, all of them Solady's."""
        seen = self.chain.storage(
            [(self._tokens[token], solady_balance(account)) for token, account in balances]
        )
        if seen != [*balances.values()]:
            pairs = zip(balances.items(), seen, strict=True)
            raise AssertionError(
                {
                    key: {"contract": found, "model": held}
                    for (key, held), found in pairs
                    if found != held
                }
            )


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
