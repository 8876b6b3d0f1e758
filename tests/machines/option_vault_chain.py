"""An option vault on a chain: what it sees, and its state beside the model's."""

from collections.abc import Mapping
from typing import Any

from keel.chain.abi import Abi
from keel.chain.contract import Call
from keel.chain.rpc import RpcError
from keel.models.evm import Revert
from keel.models.options.vault_world import World
from keel.models.options.volatility import Values
from keel.models.options.written_series import WrittenSeries
from tests.fixtures.option_vault import OptionDesk
from tests.machines.chain import Chain, Refused
from tests.machines.packing import PackedAbi
from tests.machines.slots import solady_balance
from tests.machines.views import Key, Views

MAX_PAIRS = 2**96 - 1
ZERO = "0x" + "00" * 20
SeriesBook = dict[tuple[int, int, int], WrittenSeries]
"""By strike, cap and expiry."""


class OptionVaultChain:
    """A vault, its clearing house and its token, whose calls come with a prediction."""

    def __init__(self, chain: Chain, desk: OptionDesk) -> None:
        self.chain, self.desk = chain, desk
        self.contracts = {
            "vault": desk.vault,
            "clearing": desk.clearing,
            "oracle": desk.oracle,
            "volatility": desk.volatility,
            "token": desk.token,
            "peg": desk.peg,
        }
        others = (desk.pricer, desk.aggregator, desk.wketh)
        entries = [
            entry
            for contract in (*self.contracts.values(), *others)
            for entry in contract.abi.entries
        ]
        self._packed = {name: PackedAbi(held.abi) for name, held in self.contracts.items()}
        self._views = Views(chain, self.contracts, self._packed)
        self._errors, self._abi = PackedAbi(Abi(entries)), Abi(entries)

    def ask(self, contract: str, function: str, *arguments: Any, time: int) -> Any:
        """A view in a block of that time; raises its refusal as a `Revert`."""
        view = (
            self.contracts[contract].address,
            self._packed[contract].encode_call(function, arguments),
        )
        try:
            answer = self.chain.read((view,), time)
        except Refused:
            raise self._refusal(*view, time) from None
        return self._packed[contract].abi.decode_result(function, answer)

    def _refusal(self, address: str, data: bytes, time: int) -> Revert:
        """What a view that fails says; answers of many don't carry it."""
        question, block = {"to": address, "data": "0x" + data.hex()}, {"time": hex(time)}
        try:
            self.chain.rpc.call("eth_call", question, "latest", {}, block)
        except RpcError as refusal:
            told = self._abi.decode_error(refusal.data)
            fields = tuple(f"value{number}" for number in range(len(told.values)))
            found: Revert = type(told.name, (Revert,), {"fields": fields})(*told.values)
            return found
        raise AssertionError("it does not fail alone")

    def world(self, time: int, book: SeriesBook) -> World:
        """What a call at `time` sees."""
        desk = self.desk

        def series(strike: int, cap: int, expiry: int) -> WrittenSeries:
            if (strike, cap, expiry) not in book:
                kind = 0 if desk.style == "call" else 2
                terms = (desk.feed, desk.token.address, expiry, kind, strike, cap)
                book[strike, cap, expiry] = WrittenSeries(
                    id=self.ask("clearing", "idOf", terms, time=time),
                    in_kind=desk.style == "call",
                    strike=strike,
                    cap=cap,
                    expiry=expiry,
                    decimals=desk.decimals,
                )
            return book[strike, cap, expiry]

        def room(series: WrittenSeries) -> int:
            taken, capacity = self.interest(series, time)
            return min(MAX_PAIRS - series.longs, max(capacity - taken, 0))

        return World(
            now=time,
            spot=lambda: self.ask("oracle", "latestPrice", desk.feed, time=time)[0],
            risk=lambda: Values(*self.ask("volatility", "values", time=time)),
            peg=lambda: (
                self.ask("peg", "get_p", 0, time=time),
                self.ask("peg", "price_oracle", 0, time=time),
            ),
            settlement=lambda expiry: self.ask(
                "oracle", "settlementPrice", desk.feed, expiry, time=time
            ),
            series=series,
            room=room,
        )

    def interest(self, series: WrittenSeries, time: int) -> tuple[int, int]:
        """Pairs outstanding on the feed's market at the expiry, and how many may be."""
        peg = self.desk.peg.address if self.desk.style == "cover" else ZERO
        taken: int = self.ask("clearing", "openInterest", peg, series.expiry, time=time)
        return taken, self.ask("oracle", "capacity", self.desk.feed, time=time)

    def play(
        self,
        sender: str,
        contract: str,
        function: str,
        arguments: tuple[Any, ...],
        time: int,
        outcome: Any,
    ) -> None:
        """Make a call; compare its result or its refusal. None foretells success alone."""
        said = f"{function}{arguments} of {sender} at {time}"
        packed = self._packed[contract]
        call = Call(self.contracts[contract].address, packed.encode_call(function, arguments))
        try:
            answer = self.chain.transact(sender, call, time)
        except Refused as refusal:
            self._require_foretold(said, refusal, outcome)
            return
        assert not isinstance(outcome, Revert), f"{said} succeeds, instead of {outcome}"
        if outcome is not None:
            expected = packed.encode_result(function, outcome)
            assert answer == expected, f"{said} returns 0x{answer.hex()}, not {outcome}"

    def _require_foretold(self, said: str, refusal: Refused, outcome: Any) -> None:
        if not isinstance(outcome, Revert):
            told = self._abi.decode_error(refusal.data)
            raise AssertionError(f"{said} reverts with {told}, not {outcome}")
        name = type(outcome).__name__
        if not self._errors.is_error(refusal.data, name, outcome.values):
            told = self._abi.decode_error(refusal.data)
            assert (told.name, tuple(told.values)) == (name, outcome.values), (said, told, outcome)

    def require_same(self, expected: Mapping[Key, Any], time: int) -> None:
        """Compare views."""
        self._views.require(expected, time)

    def require_balances(self, balances: Mapping[str, int]) -> None:
        """Compare what accounts have of the token, one of Solady's."""
        token = self.desk.token.address
        seen = self.chain.storage([(token, solady_balance(account)) for account in balances])
        assert seen == [*balances.values()], (dict(zip(balances, seen, strict=True)), balances)
