"""The roller: ends the rounds of option vaults, and opens the next.

Where the clearing house had no room for all that a vault could write, it adds the rest to the lot
once the room is there, while the auction lasts. All of it is open to anybody. Where a round can't
be ended for so long that the vault lets people out in kind, it takes out those who made it their
operator.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from keel.chain.contract import Contract
from keel.chain.stack import Stack
from keel.chain.views import Answer, read, tried
from keel.keepers.action import Action, Alert, Decision, Severity, moment
from keel.keepers.journal import Journal

_ROLL_GAS = 1_500_000
"""Three times what it takes: a vault rolls even where too little is left to open a round with."""
_NOBODY = "0x" + "00" * 20


@dataclass(frozen=True, kw_only=True)
class Round:
    """One vault between two rolls; token units, claims, seconds.

    Attributes
    ----------
    due : int
        When it may be rolled.
    series : int
        Long claim's id of what is running; zero without.
    price : int
        Of the running series at its expiry, WAD; zero without one.
    supply, pending, queued : int
        Shares, deposits that wait, shares that wait.
    auction_ends : int
        Zero without an auction.
    unwritten, room : int
        Options that found no room when the round began, and how many of them would find it now.
    opens : bool
        The next round can be opened in this block.
    refusal : str
        Why not, if not.
    exits_from : int
        From when on people leave in kind.
    leavers : tuple
        Who wants that, and his shares.
    """

    prefix: str
    number: int
    due: int
    series: int = 0
    price: int = 0
    shorts: int = 0
    unsold: int = 0
    supply: int = 0
    pending: int = 0
    queued: int = 0
    auction_ends: int = 0
    unwritten: int = 0
    room: int = 0
    opens: bool = False
    refusal: str = ""
    exits_from: int = 0
    leavers: tuple[tuple[str, int], ...] = ()

    @property
    def concerns_anybody(self) -> bool:
        """Whether there is somebody to end a round for."""
        return bool(self.series or self.supply or self.pending or self.queued)

    @property
    def can_end(self) -> bool:
        """Nothing runs, nothing was sold, or what was sold has its price."""
        return not self.series or self.shorts == self.unsold or self.price != 0


@dataclass(frozen=True, kw_only=True)
class Roller:
    """Settings.

    Attributes
    ----------
    account : str
        Its own; it leaves in kind with its own shares too.
    leaving : tuple of str
        Accounts that it takes out in kind, if they made it their operator.
    patience : int
        Seconds overdue from which on a round is an alarm.
    least_part : int
        Of what isn't written that must find room: room that comes back by crumbs isn't worth a
        call each.
    least_added : int
        Options below which a call isn't worth its gas.
    """

    name: str = "roller"
    account: str = _NOBODY
    leaving: tuple[str, ...] = ()
    patience: int = 6 * 3_600
    least_part: int = 10
    least_added: int = 10**17

    def watches(self, stack: Stack) -> list[tuple[Contract, tuple[str, ...]]]:
        """Nothing."""
        return []

    # Reading

    def read(self, stack: Stack, journal: Journal, block: int) -> tuple[Round, ...]:
        """Each vault's position."""
        now = int(stack.rpc.block(hex(block))["timestamp"], 16)
        return tuple(self._round(stack, prefix, now, block) for prefix in stack.vaults)

    def _round(self, stack: Stack, prefix: str, now: int, block: int) -> Round:
        handle = stack.vaults[prefix]
        vault = handle.vault
        position = vault.struct("position", block=hex(block))
        seen = read(
            {
                "supply": (vault, "totalSupply"),
                "delay": (vault, "EXIT_DELAY"),
                "life": (vault, "MIN_LIFE"),
                "duration": (vault, "auctionDuration"),
                "unwritten": (vault, "unwritten"),
                "price": (handle.settlement, "settlementPrice", handle.feed, position["due"]),
            },
            block,
        )
        series, due = position["seriesId"], position["due"]
        waits = not series and position["idle"] and now + seen["life"] <= due
        opening = self._tried(vault, "startRound", block) if waits else Answer()
        exits_from = due + seen["delay"]
        ends = position["writtenAt"] + seen["duration"] if series else 0
        extends = seen["unwritten"] and now < ends
        extension = self._tried(vault, "extendLot", block) if extends else Answer()
        return Round(
            prefix=prefix,
            number=position["round"],
            due=due,
            series=series,
            price=seen["price"],
            shorts=position["shorts"],
            unsold=position["unsoldLongs"],
            supply=seen["supply"],
            pending=position["pendingDeposits"],
            queued=position["queuedShares"],
            auction_ends=ends,
            unwritten=seen["unwritten"],
            room=extension.value or 0,  # a lot that can't be added to has room for nothing
            opens=bool(waits and not opening.refusal),
            refusal=opening.refusal,
            exits_from=exits_from,
            leavers=self._leavers(stack, vault, block) if now >= exits_from else (),
        )

    def _tried(self, vault: Contract, name: str, block: int) -> Answer:
        return tried(vault, name, sender=self.account, block=block)

    def _leavers(self, stack: Stack, vault: Contract, block: int) -> tuple[tuple[str, int], ...]:
        """Who has shares and lets this account take them out."""
        people = tuple(dict.fromkeys((self.account, *self.leaving)))
        seen: Mapping[str, int] = read(
            {f"shares {who}": (vault, "balanceOf", who) for who in people}
            | {f"lets {who}": (vault, "isOperator", who, self.account) for who in people},
            block,
        )
        return tuple(
            (who, seen[f"shares {who}"])
            for who in people
            if seen[f"shares {who}"] and (who == self.account or seen[f"lets {who}"])
        )

    # Deciding

    def decide(self, state: tuple[Round, ...], now: int) -> Decision:
        """Each vault by itself."""
        actions = tuple(action for each in state for action in self._for(each, now))
        alerts = tuple(
            Alert(
                key=f"overdue {each.prefix}",
                severity=Severity.CRITICAL,
                what=f"round {each.number} of {each.prefix} was over {moment(each.due)} and can't "
                "be ended: its options have no price",
            )
            for each in state
            if now > each.due + self.patience and not each.can_end
        )
        figures = {
            f"overdue_seconds_{each.prefix}": float(
                max(0, now - each.due) if each.concerns_anybody else 0
            )
            for each in state
        }
        idle = "" if actions else "; ".join(self._why_idle(each, now) for each in state)
        return Decision(actions=actions, alerts=alerts, figures=figures, idle=idle)

    def _for(self, vault: Round, now: int) -> Iterable[Action]:
        contract = f"vaults.{vault.prefix}.vault"
        if now >= vault.due:
            if vault.can_end and vault.concerns_anybody:
                yield self._roll(vault, contract)
            elif not vault.can_end and now >= vault.exits_from:
                yield from self._leave(vault, contract)
            return
        if vault.opens and not vault.series:
            yield Action(
                key=f"start:{vault.prefix}:{vault.number}",
                contract=contract,
                function="startRound",
                what=f"opens round {vault.number} of {vault.prefix}",
                why="it couldn't be opened when the last one ended, and now it can",
                benign=("RoundAlreadyStarted", "TooLateToStart"),
            )
        if self._has_room(vault, now):
            yield self._extend(vault, contract)
        if vault.unsold and vault.auction_ends and now >= vault.auction_ends:
            yield Action(
                key=f"close:{vault.prefix}:{vault.series}",
                contract=contract,
                function="closeAuction",
                what=f"burns {vault.unsold / 10**18:,.4f} unsold options of {vault.prefix}",
                why=f"their auction ended {moment(vault.auction_ends)}",
                benign=("ZeroAmount",),
            )

    def _has_room(self, vault: Round, now: int) -> bool:
        """Whether enough of what isn't written could be, while it can still be sold."""
        least = max(-(-vault.unwritten // self.least_part), self.least_added)
        return bool(vault.series) and now < vault.auction_ends and vault.room >= least

    @staticmethod
    def _extend(vault: Round, contract: str) -> Action:
        return Action(
            key=f"extend:{vault.prefix}:{vault.series}:{vault.unwritten}",
            contract=contract,
            function="extendLot",
            what=f"adds {vault.room / 10**18:,.4f} options to what {vault.prefix} sells",
            why=(
                f"{vault.unwritten / 10**18:,.4f} found no room when the round began, and room "
                "has come back"
            ),
            benign=("AuctionNotOpen", "NothingToWrite"),
        )

    @staticmethod
    def _roll(vault: Round, contract: str) -> Action:
        reasons = [f"the round was over {moment(vault.due)}"]
        if vault.series and vault.price:
            reasons.append(f"its options have their price, {vault.price / 10**18:,.4f}")
        elif vault.series:
            reasons.append("nobody bought its options")
        if vault.pending or vault.queued:
            reasons.append("deposits and withdrawals wait")
        return Action(
            key=f"roll:{vault.prefix}:{vault.number}",
            contract=contract,
            function="roll",
            what=f"ends round {vault.number} of {vault.prefix} and opens the next",
            why=" and ".join((", ".join(reasons[:-1]), reasons[-1])) if reasons[1:] else reasons[0],
            least_gas=_ROLL_GAS,
            benign=("RoundNotOver",),
        )

    @staticmethod
    def _leave(vault: Round, contract: str) -> Iterable[Action]:
        for who, shares in vault.leavers:
            yield Action(
                key=f"leave:{vault.prefix}:{vault.number}:{who}",
                contract=contract,
                function="exitInKind",
                arguments=(shares, who, who),
                what=f"takes {who} out of {vault.prefix} in kind",
                why=f"the round was over {moment(vault.due)} and can't be ended",
            )

    @staticmethod
    def _why_idle(vault: Round, now: int) -> str:
        name = vault.prefix
        if not vault.concerns_anybody:
            return f"nobody is in {name}"
        if now >= vault.due:
            return f"{name} waits for a price since {moment(vault.due)}"
        if vault.refusal:
            return f"{name} can't open its round: {vault.refusal}"
        return f"{name} runs until {moment(vault.due)}"
