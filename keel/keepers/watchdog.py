"""The watchdog: sends nothing, looks at everything, and raises an alarm.

Invariants are named as in `tests/README.md`. What they compare is read at one block.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from keel.chain.contract import Contract
from keel.chain.stack import Stack
from keel.chain.views import read
from keel.keepers.action import Alert, Decision, Severity, ether, moment
from keel.keepers.journal import Journal
from keel.keepers.selling import (
    DAY,
    Stream,
    Writer,
    quiet_sources,
    read_streams,
    read_writers,
)

WAD = 10**18
_EXACT_PER_SHARE = 10**9
_HOUR = 3_600


@dataclass(frozen=True, kw_only=True)
class Watched:
    """One block of the whole stack; wei unless they say otherwise.

    Attributes
    ----------
    rate, rate_before : tuple of int
        Ether and shares, now and at the block before in which it looked.
    losses, losses_before : int
        How often a loss lowered the rate.
    wrapped, wrapper_shares : int
        Shares with 27 decimals: that wkETH stands for, and that its contract holds.
    booked : tuple
        What contracts say they hold and what they hold: (invariant, what, booked, held).
    spot, average : int
        The swap pool's price, redemption value being 1: WAD.
    purses : tuple
        Accounts that pay for gas, and what is left.
    writers, streams : tuple
        Option vaults, and rewards of the gauge.
    """

    rate: tuple[int, int]
    rate_before: tuple[int, int]
    losses: int
    losses_before: int
    wrapped: int
    wrapper_shares: int
    booked: tuple[tuple[str, str, int, int], ...]
    refreshed: int
    escape_opens: int
    held_since: int
    spot: int
    average: int
    queued: int
    buffered: int
    vault_assets: int
    vault_idle: int
    purses: tuple[tuple[str, int], ...]
    writers: tuple[Writer, ...]
    streams: tuple[Stream, ...]


@dataclass(frozen=True, kw_only=True)
class Watchdog:
    """Settings.

    Attributes
    ----------
    purses : tuple
        Names and addresses of accounts that pay for gas.
    oldest_report : int
        Seconds since the reference time from which on a report is late.
    widest_discount : int
        WAD; of the average price.
    least_idle : int
        WAD; part of the redemption vault's assets below which it hardly buys any more.
    least_purse : int
        Wei.
    oldest_volatility : int
        WAD; part of the day after which a vault's volatility is stale. The settler records prices
        20 hours apart, so it must be above five sixths.
    stream_notice, stream_memory : int
        Seconds before a stream's end from which on it is told, and after it until which.
    """

    name: str = "watchdog"
    purses: tuple[tuple[str, str], ...] = ()
    oldest_report: int = 30 * _HOUR
    widest_discount: int = WAD * 2 // 100
    least_idle: int = WAD // 20
    least_purse: int = WAD // 10
    oldest_volatility: int = WAD * 7 // 8
    stream_notice: int = DAY
    stream_memory: int = 7 * DAY

    def watches(self, stack: Stack) -> list[tuple[Contract, tuple[str, ...]]]:
        """Nothing."""
        return []

    def read(self, stack: Stack, journal: Journal, block: int) -> Watched:
        """Views of everything, and the rate it saw before."""
        pool, queue, swap, vault = stack.pool, stack.queue, stack.swap, stack.redemption
        now = int(stack.rpc.block(hex(block))["timestamp"], 16)
        seen = read(
            {
                "rate": (pool, "exchangeRate"),
                "losses": (pool, "confirmedLoss"),
                "balances": (pool, "getBalances"),
                "report": (pool, "lastReport"),
                "wrapped": (stack.wketh, "totalSupply"),
                "shares": (pool, "exactSharesOf", stack.wketh.address),
                "locked": (queue, "getLockedEtherAmount"),
                "queued": (queue, "unfinalizedStETH"),
                "escape": (queue, "escapeOpensAt"),
                "held": (stack.oracle, "lossOnHoldSince"),
                "price": (swap, "get_p", 0),
                "rates": (swap, "stored_rates"),
                "live": (stack.wketh, "getRate"),
                "ratio": (swap, "market_ratio"),
                "assets": (vault, "totalAssets"),
                "position": (vault, "position"),
            }
            | {
                f"{view} {coin}": (swap, view, coin)
                for view in ("balances", "admin_balances")
                for coin in (0, 1)
            }
            | {
                f"held {coin}": (token, "balanceOf", swap.address)
                for coin, token in enumerate((stack.weth, stack.wketh))
            },
            block,
        )
        held = self._balances(stack, [pool.address, queue.address], block)
        purses = self._balances(stack, [address for _name, address in self.purses], block)
        (*_, losses), rate = seen["losses"], list(seen["rate"])
        before = journal.recall("rate", {"rate": rate, "losses": losses})
        journal.keep("rate", {"rate": rate, "losses": losses})
        return Watched(
            rate=tuple(seen["rate"]),
            rate_before=(before["rate"][0], before["rate"][1]),
            losses=losses,
            losses_before=before["losses"],
            wrapped=seen["wrapped"] * _EXACT_PER_SHARE,
            wrapper_shares=seen["shares"],
            booked=(
                ("STAKE-7", "ether of the pool's buffer", seen["balances"][0], held[0]),
                ("STAKE-5", "ether locked for tickets", seen["locked"], held[1]),
                *(
                    (
                        "SWAP-4",
                        f"coin {coin} of the swap pool",
                        seen[f"balances {coin}"] + seen[f"admin_balances {coin}"],
                        seen[f"held {coin}"],
                    )
                    for coin in (0, 1)
                ),
                *self._option_vaults(stack, block),
            ),
            refreshed=seen["report"][0],
            escape_opens=seen["escape"],
            held_since=seen["held"] if seen["held"] > seen["report"][1] else 0,
            spot=seen["price"] * seen["rates"][1] // seen["live"],
            average=seen["ratio"],
            queued=seen["queued"],
            buffered=seen["balances"][0],
            vault_assets=seen["assets"],
            vault_idle=seen["position"][0],
            purses=tuple(
                (name, wei) for (name, _address), wei in zip(self.purses, purses, strict=True)
            ),
            writers=read_writers(stack, block),
            streams=read_streams(stack, journal, now, block),
        )

    @staticmethod
    def _option_vaults(stack: Stack, block: int) -> Iterable[tuple[str, str, int, int]]:
        """Tokens of each vault of options, by its book and by its balance."""
        for prefix, handle in stack.vaults.items():
            position = handle.vault.struct("position", block=hex(block))
            booked = sum(position[part] for part in ("idle", "fees", "pendingDeposits", "reserved"))
            held = handle.asset.call("balanceOf", handle.vault.address, block=hex(block))
            yield "VAULT-1", f"tokens of {prefix}", booked, held

    @staticmethod
    def _balances(stack: Stack, addresses: Iterable[str], block: int) -> list[int]:
        answers = stack.rpc.batch([("eth_getBalance", [who, hex(block)]) for who in addresses])
        return [int(answer, 16) for answer in answers]

    def decide(self, state: Watched, now: int) -> Decision:
        """Alerts; never an action."""
        age = now - state.refreshed
        figures = {
            "report_age_seconds": float(age),
            "spot": state.spot / WAD,
            "average": state.average / WAD,
            "queued_ether": state.queued / WAD,
            "buffered_ether": state.buffered / WAD,
            "vault_idle_ether": state.vault_idle / WAD,
        } | {f"purse_{name}": wei / WAD for name, wei in state.purses}
        figures |= {
            f"volatility_age_seconds_{each.prefix}": float(now - each.fresh_at)
            for each in state.writers
            if each.fresh_at
        }
        figures |= {f"unsold_options_{each.prefix}": each.unsold / WAD for each in state.writers}
        figures |= {f"stream_seconds_{each.token}": float(each.left) for each in state.streams}
        alerts = (
            *self._invariants(state),
            *self._oracle(state, now),
            *self._markets(state),
            *self._options(state, now),
            *self._streams(state, now),
            *self._purses(state),
        )
        return Decision(alerts=alerts, figures=figures, idle="" if alerts else "all is well")

    def _invariants(self, state: Watched) -> Iterable[Alert]:
        for invariant, what, booked, held in state.booked:
            if booked > held:
                yield _critical(
                    f"{invariant} {what}",
                    f"{invariant}: {what}: {ether(booked)} by the book, {ether(held)} there",
                )
        if state.wrapped > state.wrapper_shares:
            yield _critical("STAKE-4", "STAKE-4: wkETH stands for more shares than it holds")
        (assets, shares), (before, shares_before) = state.rate, state.rate_before
        fell = assets * shares_before < before * shares
        if fell and state.losses == state.losses_before:
            yield _critical("STAKE-3", "STAKE-3: the rate fell without a reported loss")

    def _oracle(self, state: Watched, now: int) -> Iterable[Alert]:
        age = now - state.refreshed
        if now >= state.escape_opens:
            yield _critical(
                "escape", "no report for so long that tickets are paid in advance from the buffer"
            )
        elif age > self.oldest_report:
            yield _critical("report", f"the last report is older than {self.oldest_report:,} s")
        if state.held_since:
            yield _critical("loss", "a report with a large loss waits for the second quorum")
        if state.losses > state.losses_before:
            yield _critical("rate", "a reported loss lowered the rate")

    def _markets(self, state: Watched) -> Iterable[Alert]:
        if WAD - state.average > self.widest_discount:
            yield _warning(
                "peg", f"the average price is more than {self.widest_discount / WAD:.1%} below "
                "redemption"
            )  # fmt: skip
        if state.queued > state.buffered:
            yield _warning("queue", "the queue owes more than the buffer holds")
        if state.vault_assets and state.vault_idle * WAD < state.vault_assets * self.least_idle:
            yield _warning(
                "vault", f"less than {self.least_idle / WAD:.0%} of the redemption vault is idle"
            )

    def _options(self, state: Watched, now: int) -> Iterable[Alert]:
        for each in state.writers:
            if each.concerns_anybody:
                yield from self._volatility(each, now)
            if each.unsold and now < each.sale_ends and each.refusal:
                yield _warning(
                    f"auction {each.prefix}",
                    f"{each.prefix} has options on sale, and no price for them: {each.refusal}",
                )
        for each in quiet_sources(state.writers, now):
            yield _critical(
                f"records {each.prefix}",
                f"options of {each.prefix} expire {moment(each.expiry)}, half of the "
                f"{each.window // 60} minutes that settle them are over, and nothing is recorded",
            )

    def _volatility(self, writer: Writer, now: int) -> Iterable[Alert]:
        """Of what its oracle counts, whichever is older is what somebody has to see to."""
        age = now - writer.fresh_at
        what = f"the volatility of {writer.prefix}"
        wants = (
            "no quorum spoke" if writer.agreed_at <= writer.observed_at else "no price was recorded"
        )
        if age > DAY:
            yield _warning(
                f"stale {writer.prefix}",
                f"{what} is stale, and nothing is sold: {wants} for more than a day",
            )
        elif age * WAD > self.oldest_volatility * DAY:
            yield _warning(
                f"ageing {writer.prefix}",
                f"{what} is stale from {moment(writer.fresh_at + DAY)} on: {wants} for more than "
                f"{self.oldest_volatility * 24 / WAD:g} hours",
            )

    def _streams(self, state: Watched, now: int) -> Iterable[Alert]:
        for each in state.streams:
            what = f"the gauge's stream of {each.token}"
            if 0 < each.left < self.stream_notice:
                yield _warning(
                    f"stream {each.token}",
                    f"{what} ends within {self.stream_notice // _HOUR} hours, unless it is funded",
                )
            elif not each.left and each.ran_at and now - each.ran_at < self.stream_memory:
                yield _warning(f"ended {each.token}", f"{what} has ended")

    def _purses(self, state: Watched) -> Iterable[Alert]:
        for name, wei in state.purses:
            if wei < self.least_purse:
                yield _warning(
                    f"purse {name}", f"{name} has less than {ether(self.least_purse, 2)} for gas"
                )


def _critical(key: str, what: str) -> Alert:
    return Alert(key=key, severity=Severity.CRITICAL, what=what)


def _warning(key: str, what: str) -> Alert:
    return Alert(key=key, severity=Severity.WARNING, what=what)
