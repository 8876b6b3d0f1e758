"""Gas of the redemption vault on a stack: each the last of equal calls, alone in its block."""

from collections.abc import Callable
from typing import Any

from keel.chain.contract import Contract
from keel.chain.stack import Stack

ETHER = 10**18
_UNLIMITED = 2**256 - 1
_TICKETS = 8


class RedemptionMeter:
    """Plays sales, reports that pay them, and exits.

    Parameters
    ----------
    stack : Stack
        With liquidity in its swap pool, and ether enough to pay for all of its queue.
    user : str
        Holds some hundred WETH and wkETH; depositor and seller.
    report : callable
        Makes the next frame's report, which pays all tickets up to an id; none for 0.
    """

    def __init__(self, stack: Stack, user: str, report: Callable[[int], Any]) -> None:
        self._stack, self._user, self._report = stack, user, report
        self.gas: dict[str, int] = {}

    def measure(self) -> dict[str, int]:
        """Gas by `Contract.function variant`."""
        vault = self._stack.redemption
        for token in (self._stack.weth, self._stack.wketh):
            self._act(token, "approve", vault.address, _UNLIMITED)
        for _ in range(2):
            self._note("deposit", self._act(vault, "deposit", 200 * ETHER, self._user))
        self._wait()
        self._sell()
        paid = self._stack.queue.call("getLastRequestId")
        self._wait()
        self._act(vault, "advance")
        self._sell()
        self._wait()
        self._report(paid)
        self._note("advance x8 each", self._act(vault, "advance"), per=_TICKETS)
        assert vault.call("ticketCounts") == (2 * _TICKETS, 2 * _TICKETS, _TICKETS)
        self._leave()
        return self.gas

    def _wait(self) -> None:
        """For two reports: the queue asks for tickets of some age."""
        for _ in range(2):
            self._report(0)

    def _sell(self) -> None:
        terms = (ETHER, 0, self._user, _UNLIMITED)
        for _ in range(_TICKETS):
            self._note("sell", self._act(self._stack.redemption, "sell", *terms))

    def _leave(self) -> None:
        vault, shares = self._stack.redemption, 10**24
        for _ in range(2):
            self._note("redeem", self._act(vault, "redeem", shares, *[self._user] * 2))
        for _ in range(2):
            self._note("requestExit", self._act(vault, "requestExit", shares, self._user))
        for number in range(2):
            self._note("claimExit", self._act(vault, "claimExit", number))

    def _act(self, contract: Contract, name: str, *args: Any) -> dict[str, Any]:
        return contract.transact(name, *args, sender=self._user)

    def _note(self, key: str, receipt: dict[str, Any], per: int = 1) -> None:
        self.gas[f"RedemptionVault.{key}"] = int(receipt["gasUsed"], 16) // per
