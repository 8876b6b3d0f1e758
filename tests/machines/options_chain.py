"""Clearing house and oracle on a chain: each call's result, then states, claims and tokens."""

from collections.abc import Iterable, Mapping
from typing import Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from keel.chain.abi import Abi
from keel.chain.contract import Call, Contract
from keel.models.evm import ZERO_ADDRESS, Revert
from keel.models.options.clearing import SHORT, Book, OptionClearing, Series
from tests.machines.chain import Chain, Refused
from tests.machines.options_bonds import FINES
from tests.machines.packing import PackedAbi
from tests.machines.slots import solady_balance
from tests.machines.views import Key, Views

SERIES = "(bytes32,address,uint40,uint8,uint128,uint128)"


class OptionsChain:
    """Both contracts, whose calls come with a prediction."""

    def __init__(
        self, chain: Chain, contracts: Mapping[str, Contract], tokens: Iterable[str]
    ) -> None:
        self.chain, self._contracts, self._tokens = chain, contracts, tuple(tokens)
        self._packed = {name: PackedAbi(contract.abi) for name, contract in contracts.items()}
        self._views = Views(chain, contracts, self._packed)
        entries = [entry for contract in contracts.values() for entry in contract.abi.entries]
        self._errors = PackedAbi(Abi(entries))

    def play(
        self,
        sender: str,
        function: str,
        arguments: tuple[Any, ...],
        timestamp: int,
        outcome: Any,
        value: int = 0,
    ) -> bool:
        """Compare the refusal or the result; tell whether the call succeeded."""
        said = f"{function}{arguments} at {timestamp}"
        contract, _, name = function.partition(".")
        packed = self._packed[contract]
        call = Call(self._contracts[contract].address, packed.encode_call(name, arguments), value)
        try:
            answer = self.chain.transact(sender, call, timestamp)
        except Refused as refusal:
            told = packed.abi.decode_error(refusal.data)
            assert isinstance(outcome, Revert), f"{said} reverts with {told}, not {outcome}"
            foretold = self._errors.is_error(refusal.data, type(outcome).__name__, outcome.values)
            assert foretold, f"{said} reverts with {told}, not {outcome}"
            return False
        assert not isinstance(outcome, Revert), f"{said} succeeds, instead of {outcome}"
        if outcome is not None:
            expected = packed.encode_result(name, outcome)
            assert answer == expected, f"{said} returns 0x{answer.hex()}, not {outcome}"
        return True

    def require_same(
        self,
        model: OptionClearing,
        series_ids: Iterable[int],
        people: Iterable[str],
        balances: Mapping[str, Mapping[str, int]],
        fines: int,
        timestamp: int,
    ) -> None:
        """Compare these series, who holds what of them, all tokens, and all settled prices."""
        people = tuple(people)
        expected: dict[Key, Any] = {("clearing.seriesCount",): len(model.books)}
        for series_id in series_ids:
            book = model.books[series_id]
            expected["clearing.stateOf", series_id] = state_of(book)
            for claim_id in (series_id, series_id | SHORT):
                for account in people:
                    held = model.claims[account, claim_id]
                    expected["clearing.balanceOf", account, claim_id] = held
            key = book.series.feed, book.series.expiry
            expected["oracle.settlementPrice", *key] = model.oracle.prices.get(key, 0)
            expected["oracle.settleableFrom", *key] = model.oracle.settleable_from(*key)
            expected["oracle.posterOf", *key] = model.oracle.posters.get(key, ZERO_ADDRESS)
        for (pool, expiry), pairs in model.interest.items():
            expected["clearing.openInterest", pool, expiry] = pairs
        self._views.require(expected, timestamp)
        self.require_ether(model.oracle.held, fines)
        slots = {
            (token, account): held
            for token in self._tokens
            for account, held in balances[token].items()
        }
        seen = self.chain.storage(
            [
                (token, solady_balance(model.address if account == "clearing" else account))
                for token, account in slots
            ]
        )
        different = {
            key: {"contract": found, "model": held}
            for (key, held), found in zip(slots.items(), seen, strict=True)
            if found != held
        }
        assert not different, different

    def require_ether(self, bonds: int, fines: int) -> None:
        """The oracle has the bonds that are posted; who is paid those forfeited has these."""
        oracle = self._contracts["oracle"].address
        assert self.chain.balances([oracle, FINES]) == [bonds, fines], "OPT-5"


def state_of(book: Book) -> tuple[Any, ...]:
    """A book as the contract shows it."""
    return (
        terms_of(book.series), book.longs, book.shorts, book.collateral, book.price, *book.payouts,
    )  # fmt: skip


def terms_of(series: Series) -> tuple[Any, ...]:
    """A series as the contract takes it."""
    return (
        series.feed, series.collateral, series.expiry, int(series.kind), series.strike, series.cap,
    )  # fmt: skip


def id_of(series: Series) -> int:
    """Hash of the terms without its last bit."""
    return int.from_bytes(keccak(encode([SERIES], [terms_of(series)])), "big") & ~SHORT
