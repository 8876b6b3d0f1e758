"""Calls whose result or refusal a model has foretold, made on a chain and compared."""

from collections.abc import Sequence
from typing import Any

from keel.chain import contract
from keel.chain.abi import Abi
from keel.chain.contract import Contract
from keel.models.evm import Revert
from tests.machines.chain import Chain, Refused
from tests.machines.packing import PackedAbi
from tests.machines.views import Views, normal


class PredictedChain:
    """Makes calls to `subject` at a given time and compares what comes of them.

    Parameters
    ----------
    known : Contract
        By name: whose errors a call may pass on, and whose views are compared.
    """

    def __init__(self, chain: Chain, subject: Contract, **known: Contract) -> None:
        self.chain, self.subject = chain, subject
        entries = [entry for each in (subject, *known.values()) for entry in each.abi.entries]
        self._errors = PackedAbi(Abi(entries))
        self._packed = PackedAbi(subject.abi)
        packed = {name: PackedAbi(handle.abi) for name, handle in known.items()}
        self.views = Views(chain, known, packed)

    def play(
        self, sender: str, function: str, arguments: tuple[Any, ...], timestamp: int, outcome: Any
    ) -> bool:
        """Make the call, compare result or refusal; tell whether it succeeded.

        An outcome of None foretells success, whatever the call returns.
        """
        said = f"{function}{arguments} at {timestamp}"
        call = contract.Call(self.subject.address, self._packed.encode_call(function, arguments))
        try:
            answer = self.chain.transact(sender, call, timestamp)
        except Refused as refusal:
            if not self._is_foretold(refusal, outcome):
                told = self._errors.abi.decode_error(refusal.data)
                raise AssertionError(f"{said} reverts with {told}, not {outcome}") from None
            return False
        assert not self.error_of(outcome), f"{said} succeeds, instead of {outcome}"
        if outcome is not None:
            expected = self._packed.encode_result(function, outcome)
            assert answer == expected, f"{said} returns 0x{answer.hex()}, not {outcome}"
        return True

    def error_of(self, outcome: Any) -> tuple[str, Sequence[Any]] | None:
        """Name and values of the error that an outcome foretells; None if it foretells success."""
        if isinstance(outcome, Revert):
            return type(outcome).__name__, normal(outcome.values)
        return None

    def _is_foretold(self, refusal: Refused, outcome: Any) -> bool:
        error = self.error_of(outcome)
        return error is not None and self._errors.is_error(refusal.data, *error)
