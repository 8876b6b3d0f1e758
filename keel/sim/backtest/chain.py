"""The journal of the models, done again on the contracts; each difference of a wei ends the run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from keel.chain.artifacts import Artifact
from keel.chain.config import StackConfig
from keel.chain.contract import Contract, read_all
from keel.chain.deployer import Deployer
from keel.chain.options import (
    COVERED_CALLS,
    FeedTerms,
    OptionVault,
    deploy_vault,
    open_market,
)
from keel.chain.reports import hash_report, report_data
from keel.chain.sender import NodeSender
from keel.chain.stack import Stack
from keel.sim.backtest.journal import Account, Answer, Deed, Entry, Reading, SeriesId, Told
from keel.sim.backtest.market import FEED, MEMBERS, QUORUM, WAD, report_of
from keel.sim.backtest.twin import CALLS, vault_name
from keel.sim.records import InvariantBroken
from keel.sim.world import BLOCK_SECONDS

EVENTS, BOOKS, HELD = "TWIN-1", "TWIN-2", "VAULT-1"
_FIRST_PERSON = 6
_PEOPLE = ("keeper", "makers", "seller", "writer", "trader")
_BOOKED = (6, 7, 8, 9)
"""Fields of a vault's position that its tokens back: idle, fees, pending deposits, reserved."""


class Chain:
    """A fresh stack with a vault for each delta target, on which a journal is played.

    Attributes
    ----------
    counts : dict
        How often each agreement was checked.
    transactions : int
        How many were sent.
    """

    def __init__(
        self, stack: Stack, artifacts: Mapping[str, Artifact], targets: Sequence[float]
    ) -> None:
        self.stack, self.rpc = stack, stack.rpc
        self.counts = {EVENTS: 0, BOOKS: 0, HELD: 0}
        self.transactions = 0
        accounts = stack.rpc.accounts
        self._addresses = {"owner": accounts[0], "nobody": "0x" + "00" * 20}
        self._addresses |= dict(zip(MEMBERS, accounts[1:], strict=False))
        self._addresses |= dict(zip(_PEOPLE, accounts[_FIRST_PERSON:], strict=False))
        self._market = stack.vaults["CoveredCalls"]
        assert stack.feed is not None
        self._contracts = {
            "feed": stack.feed,
            "pool": stack.pool,
            "wketh": stack.wketh,
            "weth": stack.weth,
            "swap": stack.swap,
            "oracle": stack.oracle,
            "settlement": stack.settlement,
            "clearing": stack.clearing,
            "volatility": self._market.volatility,
        }
        self._contracts |= _deploy(stack, artifacts, self._market, targets)
        self._addresses |= {name: each.address for name, each in self._contracts.items()}
        self._series: dict[int, int] = {}
        self._last = self.rpc.timestamp
        self._special: dict[str, Callable[[Deed], dict[str, Any] | None]] = {
            "report": self._report,
            "open market": self._open_market,
            "settle price": self._settle_price,
        }

    def play(self, entry: Entry) -> None:
        """Do what is written, and compare; raises `InvariantBroken`."""
        if isinstance(entry, Reading):
            self._read(entry.answers)
            return
        self._go_to(entry.time)
        special = self._special.get(entry.name)
        receipt = special(entry) if special else self._send(entry, entry.name, *entry.args)
        for told in entry.told:
            self._compare(entry, told, receipt or {"logs": []})

    # Acting

    def _go_to(self, time: int) -> None:
        if time != self._last + BLOCK_SECONDS:
            self.rpc.call("evm_setNextBlockTimestamp", time)
        self._last = time

    def _act(self, who: str, contract: Contract, name: str, *args: Any, value: int = 0) -> Any:
        self.transactions += 1
        return contract.transact(name, *args, sender=who, value=value)

    def _send(self, deed: Deed, name: str, *args: Any) -> dict[str, Any]:
        known = [self._known(argument) for argument in args]
        who = self._addresses[deed.who]
        receipt: dict[str, Any] = self._act(
            who, self._contracts[deed.what], name, *known, value=deed.value
        )
        return receipt

    def _known(self, argument: Any) -> Any:
        """As the chain has it."""
        if isinstance(argument, Account):
            return self._addresses[argument]
        if isinstance(argument, SeriesId):
            return self._series[argument]
        return self._market.feed if argument == FEED else argument

    def _report(self, deed: Deed) -> None:
        """The members vote for what the pool has earned, and one submits it."""
        (tips,) = deed.args
        oracle, members = self.stack.oracle, [self._addresses[each] for each in MEMBERS]
        self.rpc.set_balance(self.stack.rewards_vault.address, tips)
        ref_slot, _, _ = oracle.call("getCurrentFrame")
        report = report_of(ref_slot, tips)
        for member in members[:QUORUM]:
            self._act(member, oracle, "vote", ref_slot, hash_report(report))
        self._act(members[0], oracle, "submitReport", *report_data(report), [])
        self._last += QUORUM * BLOCK_SECONDS

    def _open_market(self, deed: Deed) -> None:
        open_market(
            partial(self._act, self._addresses[deed.who]),
            self._market,
            self._terms,
            CALLS,
        )
        self._last += BLOCK_SECONDS

    @property
    def _terms(self) -> FeedTerms:
        return self.stack.feeds["wkETH"]

    def _settle_price(self, deed: Deed) -> dict[str, Any]:
        (expiry,) = deed.args
        hints = self.stack.settlement.call("hintsFor", self._market.feed, expiry)
        return self._send(deed, "settle", FEED, expiry, hints)

    # Comparing

    def _compare(self, deed: Deed, told: Told, receipt: dict[str, Any]) -> None:
        found = self._contracts[deed.what].events(receipt, told.event)
        if len(found) != 1:
            detail = f"{deed.what}.{deed.name} emits {len(found)} {told.event}, one expected"
            raise InvariantBroken(EVENTS, detail)
        for name, expected in told.values.items():
            self._require(
                EVENTS,
                f"{name} of {told.event} by {deed.what}",
                found[0].values[name],
                self._expected(expected, found[0].values[name]),
            )

    def _expected(self, value: Any, found: Any) -> Any:
        """The chain's number of a series is learnt when it is first named."""
        if isinstance(value, SeriesId):
            return self._series.setdefault(value, found)
        return value

    def _read(self, answers: Sequence[Answer]) -> None:
        found = read_all(
            [
                self._contracts[answer.what].view(
                    answer.view, *(self._known(argument) for argument in answer.args)
                )
                for answer in answers
            ]
        )
        held = dict(zip(((each.view, *each.args) for each in answers), found, strict=True))
        for answer, value in zip(answers, found, strict=True):
            self._agree(answer, value)
            if answer.view == "position":
                tokens = held["balanceOf", Account(answer.what)]
                self._require(HELD, f"held by {answer.what}", tokens, _booked(value))

    def _agree(self, answer: Answer, value: Any) -> None:
        what = f"{answer.view} of {answer.what}"
        if not isinstance(answer.expected, tuple):
            self._require(BOOKS, what, value, answer.expected)
            return
        for number, (found, expected) in enumerate(zip(value, answer.expected, strict=True)):
            if expected is not None:
                self._require(BOOKS, f"{what}, part {number}", found, expected)

    def _require(self, check: str, what: str, found: Any, expected: Any) -> None:
        self.counts[check] += 1
        if found != expected:
            raise InvariantBroken(check, f"{what} is {found} on the chain, {expected} by the twin")


def _booked(position: Sequence[int]) -> int:
    return sum(position[part] for part in _BOOKED)


def _deploy(
    stack: Stack,
    artifacts: Mapping[str, Artifact],
    market: OptionVault,
    targets: Sequence[float],
) -> dict[str, Contract]:
    """A pricer and a vault for each target, beside those that the stack has."""
    owner = stack.rpc.accounts[0]
    deployer = Deployer(stack.rpc, artifacts, NodeSender(stack.rpc, owner))
    known = {
        "SettlementOracle": stack.settlement,
        "OptionClearing": stack.clearing,
        "WrappedStakedEther": stack.wketh,
    }
    for target in targets:
        deploy_vault(
            deployer,
            StackConfig.single(owner),
            known,
            replace(COVERED_CALLS, prefix=vault_name(target)),
            replace(CALLS, target=round(target * WAD)),
            stack.feeds["wkETH"],
            market.volatility,
        )
    return {vault_name(target): known[f"{vault_name(target)}Vault"] for target in targets}
