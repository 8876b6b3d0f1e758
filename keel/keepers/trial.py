"""A devnet left alone with its keepers for some days, and what came of it.

Every keeper is a process of its own and is killed (`kill -9`) at random blocks; the node is stopped
once in the middle, and started again from its state file. Most are back at once; some stay down
over a report or an expiry (`keel.keepers.outages`), and what waits for them is counted from their
return. A seller pushes the pool off its peg twice a day. On Fridays options expire, and vaults sell
the next ones.

Blocks are 12 seconds apart around events and hours apart between them. Each takes as much real time
as the keepers need to look at it, and at most the 12 seconds that it would have.
"""

import json
import sqlite3
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from threading import Event, Lock, Thread
from time import monotonic, perf_counter, sleep

from keel.chain.abi import Reverted
from keel.chain.anvil import Anvil
from keel.chain.artifacts import Artifact
from keel.chain.rpc import Rpc
from keel.chain.stack import Stack
from keel.keepers import peg
from keel.keepers.audit import audit
from keel.keepers.outages import ALL, WATCHDOG, Outages
from keel.keepers.outcome import RETURN, Forecast, Frame, Outcome, Push, Roll
from keel.keepers.supervisor import DEVNET_KEYS, DEVNET_SETTINGS, Supervisor, devnet_key
from keel.sim.live import FINALITY_SECONDS, LiveDevnet, open_world
from keel.sim.live_options import DISPUTE_SECONDS, OptionMarket
from keel.sim.market import MarketDay
from keel.sim.parameters import ScenarioParameters
from keel.sim.replay import deploy_devnet, node_options
from keel.sim.scenario import DAY
from keel.sim.world import BLOCK_SECONDS

ETHER = 10**18
WAD = 10**18
_PATIENCE = 120
"""Blocks that a report may take."""
_LAST_REPORTS = 2
_OPEN = 60
_NEEDED = frozenset({"settler", "roller"})
_PURSE = 400 * ETHER
_YEARLY = WAD // 20
_FATE_SECONDS = 0.02
_FATE_SPREAD = 0.3
"""Seconds: a kill comes at any moment of a block."""
_TRADE_GAS = 500_000
_OWN_PURSES = 26
"""Accounts from this one on aren't the node's."""


@dataclass(kw_only=True)
class Trial:
    """Settings.

    Attributes
    ----------
    kills_per_block : float
        Which keeper, and at what moment, is chance.
    restart_node : bool
        Stop Anvil once, half way.
    first : date, optional
        The first day; tomorrow if there is none. Options expire on Fridays.
    """

    artifacts: Mapping[str, Artifact]
    days: int
    seed: int = 1
    kills_per_block: float = 0.2
    restart_node: bool = True
    first: date | None = None
    folder: Path | None = None

    def run(self) -> Outcome:
        """Play all days; the folder keeps journals and logs."""
        began = perf_counter()
        self._outcome = Outcome(days=self.days, seed=self.seed)
        self._random = Random(self.seed)
        with ExitStack() as stack:
            if self.folder is None:
                self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            self.folder.mkdir(parents=True, exist_ok=True)
            self._open(stack, self.folder)
            for day in range(self.days):
                self._play(day)
                if self.restart_node and day == self.days // 2:
                    self._restart_node()
            self._close()
            self._outcome.outages = self._outages.all
            self._outcome.audit = audit(
                self._live.stack, self.folder, {name: devnet_key(name)[0] for name in DEVNET_KEYS}
            )
        self._outcome.seconds = perf_counter() - began
        return self._outcome

    def _open(self, stack: ExitStack, folder: Path) -> None:
        day = self.first or (datetime.now(UTC) + timedelta(days=1)).date()
        first = MarketDay(day=day, ether_usd=2_000.0, ratio=1.0)
        start = first.timestamp - 2 * DAY
        state = f"--state={folder / 'chain.json'}"
        self._node = stack.enter_context(Anvil(0, *node_options(start), state))
        manifest = folder / "manifest.json"
        rpc = Rpc(self._node.url)
        deployed = deploy_devnet(rpc, self.artifacts, start, path=manifest)
        world = open_world(deployed, first, ScenarioParameters(seed=self.seed))
        self._live = LiveDevnet(world, pace=0.0, seed=self.seed)
        stack.callback(self._live.api.stop)
        self._options = equip(self._live)
        self._supervisor = Supervisor(quiet=True)
        stack.callback(self._supervisor.stop)
        common = [
            f"--rpc={rpc.url}", f"--beacon={self._live.api.url}", f"--manifest={manifest}",
            f"--state={folder}", "--poll=0.03", "--broadcast", f"--settings={DEVNET_SETTINGS}",
        ]  # fmt: skip
        for name in DEVNET_KEYS:
            self._supervisor.add(name, common, devnet_key(name)[1])
        self._supervisor.add(WATCHDOG, common, None)
        self._lock = Lock()
        self._outages = Outages(self._supervisor, Random(self.seed), self.days, self._lock)
        self._calm = Event()
        ended = Event()
        fate = Thread(target=self._fate, args=(ended,), daemon=True)
        fate.start()
        stack.callback(fate.join)
        stack.callback(ended.set)
        self._live.before_block = self._let_them_look

    def _fate(self, ended: Event) -> None:
        """Start who ended; kill somebody now and then, whatever it is doing."""
        random = Random(self.seed)
        while not ended.wait(_FATE_SECONDS):
            with self._lock:
                self._supervisor.watch()
            if self._calm.is_set() or self._kills_due() < 1:
                continue
            ended.wait(random.uniform(0, _FATE_SPREAD))
            name = random.choice(ALL)
            with self._lock:
                killed = self._supervisor.kill(name)
            if killed:
                self._outcome.kills[name] = self._outcome.kills.get(name, 0) + 1

    def _kills_due(self) -> float:
        return self._outcome.blocks * self.kills_per_block - sum(self._outcome.kills.values())

    def _let_them_look(self) -> None:
        """Wait until every keeper that isn't down for long has seen the newest block.

        As long as a block lasts, at most. Blocks that come faster than those who are to be killed
        can be wait for that too.
        """
        self._outcome.blocks += 1
        self._outages.end_due(self._outcome.blocks)
        head = int(self._live.rpc.block()["number"], 16)
        deadline = monotonic() + BLOCK_SECONDS
        waiting = {
            f"{name}-dry" if name == WATCHDOG else name
            for name in ALL
            if name not in self._outages.away
        }
        while waiting and monotonic() < deadline:
            waiting = {name for name in waiting if self._processed(name) < head}
            sleep(0.01)
        self._outcome.missed += bool(waiting)
        while self._kills_due() >= 2 and not self._calm.is_set() and monotonic() < deadline:
            sleep(0.01)

    def _processed(self, name: str) -> int:
        """The block that a keeper has come to, as its journal says."""
        assert self.folder is not None
        for path in self.folder.glob(f"*/{name}.sqlite"):
            try:
                with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
                    row = db.execute("SELECT body FROM memory WHERE name='processed'").fetchone()
            except sqlite3.Error:
                return -1  # it is being made
            return int(json.loads(row[0])["block"]) if row else -1
        return -1

    def _restart_node(self) -> None:
        self._node.restart()
        self._live.take_over()
        self._outcome.node_restarts += 1

    # A day

    def _play(self, day: int) -> None:
        live, random = self._live, self._random
        expires = self._options.next_expiry - live.now <= DAY
        self._options.dawn()
        self._outages.over_report(day, self._outcome.blocks, expires=expires)
        self._report(day)
        self._look_at_volatility()
        self._roll()
        self._options.people()
        live.claim()
        live.stake(int(random.uniform(5, 60) * ETHER))
        for _ in range(2):
            live.go_to(live.now + random.randrange(3_600, 6 * 3_600))
            self._push(int(random.uniform(10, 90) * ETHER))
        live.go_to(live.now + 3_600)
        live.leave(int(random.uniform(1, 100) * ETHER))

    def _report(self, day: int = -1) -> None:
        """Go to the next reference slot, and wait for its report."""
        live = self._live
        reference = live.next_reference()
        live.go_to(reference)
        self._options.publish()
        live.mine(2)
        live.go_to(reference + FINALITY_SECONDS)
        self._outages.over_votes(day, self._outcome.blocks)
        oracle, pool = live.stack.oracle, live.stack.pool
        ref_slot, _timestamp, deadline = oracle.call("getCurrentFrame")
        for _ in range(_PATIENCE):
            live.mine()
            if int(oracle.call("lastSubmittedRefSlot")) == ref_slot:
                break
        applied = int(oracle.call("lastSubmittedRefSlot")) == ref_slot
        at = int(pool.call("lastReport")[1])
        self._outcome.frames.append(
            Frame(
                ref_slot=ref_slot,
                applied=applied,
                seconds=at - reference if applied else 0,
                allowed=deadline - reference,
            )
        )
        live.mine(8)

    def _look_at_volatility(self) -> None:
        for prefix, handle in self._live.stack.vaults.items():
            oracle, stale = handle.volatility, False
            try:
                oracle.call("values")
            except Reverted:
                stale = True
            self._outcome.forecasts.append(
                Forecast(
                    vault=prefix,
                    at=self._live.now,
                    volatility=oracle.call("lastValues")[0][0] / WAD,
                    realised=int(oracle.call("realisedVolatility")) / WAD,
                    stale=stale,
                )
            )

    def _roll(self) -> None:
        """Where rounds are over, wait for their ends, and see the auctions through."""
        live = self._live
        due = self._options.overdue()
        if not due:
            return
        live.go_to(max(due.values()) + DISPUTE_SECONDS)
        vaults = {prefix: live.stack.vaults[prefix] for prefix in due}
        running = {p: handle.vault.struct("position") for p, handle in vaults.items()}
        settled: dict[str, int] = {}
        rolled: dict[str, int] = {}
        block = 0
        while block < _OPEN:
            for prefix, handle in vaults.items():
                series, sold = running[prefix]["seriesId"], _sold(running[prefix])
                if not sold or handle.clearing.struct("stateOf", series)["settlementPrice"]:
                    settled.setdefault(prefix, block)
                if handle.vault.struct("position")["due"] > due[prefix]:
                    rolled.setdefault(prefix, block)
            if len(settled) == len(rolled) == len(due):
                break
            live.mine()
            block += not self._outages.away & _NEEDED
        for prefix in due:
            self._outcome.rolls.append(
                Roll(
                    vault=prefix,
                    due=due[prefix],
                    sold=_sold(running[prefix]) / WAD,
                    settled=settled.get(prefix),
                    rolled=rolled.get(prefix),
                )
            )
        live.mine(6)
        self._options.auction()

    def _push(self, wei: int) -> None:
        live = self._live
        before, _ = self._discount(wei)
        live.push(wei)
        deepest, band = self._discount(wei)
        after, came_back = deepest, None
        block = 0
        while block < RETURN:
            live.mine()
            block += "arbitrageur" not in self._outages.away
            after, _ = self._discount(wei)
            if came_back is None and after <= band:
                came_back = block
        self._outcome.pushes.append(
            Push(
                ether=wei / ETHER,
                before=before / WAD,
                deepest=deepest / WAD,
                band=band / WAD,
                after=after / WAD,
                blocks=came_back,
            )
        )

    def _discount(self, size: int) -> tuple[int, int]:
        """The marginal discount now, and the one that nobody can earn by: WAD."""
        return discount_and_band(self._live.stack, size)

    def _close(self) -> None:
        """All are there; two more reports, then peace, for all that was sent to be mined."""
        self._outages.end(ALL)
        for _ in range(_LAST_REPORTS):
            self._report()
            self._live.claim()
            self._live.mine(4)
            if int(self._live.stack.queue.call("unfinalizedRequestNumber")) == 0:
                break
        self._calm.set()
        self._live.mine(15)


def _sold(position: Mapping[str, int]) -> int:
    """Options of a vault that others hold."""
    return position["shorts"] - position["unsoldLongs"]


def merged_log(folder: Path) -> str:
    """The decisions of all keepers, by block: the order in which they came."""
    lines = [line for log in folder.glob("*/*.log") for line in log.read_text().splitlines()]
    return "\n".join(sorted(lines, key=lambda line: line[:33])) + "\n"


def equip(live: LiveDevnet) -> OptionMarket:
    """Purses for the keepers, the exit manager's role, money for the vaults of all kinds."""
    for name, number in DEVNET_KEYS.items():
        if number >= _OWN_PURSES:
            live.rpc.set_balance(devnet_key(name)[0], _PURSE)
    manager = devnet_key("finaliser")[0]
    live.act(live.world.cast.owner, live.stack.registry, "setExitManager", manager)
    live.fill_vault(300 * ETHER)
    market = OptionMarket(live)
    forecasters = [devnet_key(name)[0] for name in DEVNET_KEYS if name.startswith("forecaster")]
    market.open(devnet_key("bidder")[0], forecasters)
    return market


def discount_and_band(stack: Stack, size: int) -> tuple[int, int]:
    """The pool's marginal discount, and pool fee + vault's fee + interest + gas: WAD."""
    swap, vault = stack.swap, stack.redemption
    rate, live = int(swap.call("stored_rates")[1]), int(stack.wketh.call("getRate"))
    below = WAD - int(swap.call("get_p", 0)) * rate // live
    terms = stack.pricer.call("terms")
    wait = int(vault.call("expectedWait", size))
    vault_fee = max(terms[5], peg.interest(WAD, terms[6], wait))
    base = int(stack.rpc.block()["baseFeePerGas"], 16) + 10**9
    pool_fee = int(swap.call("fee")) * WAD // 10**10
    gas = _TRADE_GAS * base * WAD // size
    return below, pool_fee + vault_fee + peg.interest(WAD, _YEARLY, wait) + gas
