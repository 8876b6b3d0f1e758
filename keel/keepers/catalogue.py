"""All keepers by name, and what each needs to start."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from keel.chain.artifacts import Artifact, BuildFile
from keel.chain.rpc import Rpc
from keel.chain.signer import Signer
from keel.chain.stack import Stack
from keel.errors import KeelError
from keel.keepers.action import Limits
from keel.keepers.alerts import Alarm
from keel.keepers.arbitrageur import Arbitrageur
from keel.keepers.beacon import BeaconNode
from keel.keepers.bidder import Bidder
from keel.keepers.depositor import Depositor
from keel.keepers.file_journal import FileJournal
from keel.keepers.finaliser import Finaliser
from keel.keepers.forecaster import Forecaster
from keel.keepers.journal import Journal
from keel.keepers.metrics import Metrics
from keel.keepers.outbox import Outbox, lock_journal, lock_key
from keel.keepers.poker import Poker
from keel.keepers.reporter import Reporter
from keel.keepers.roller import Roller
from keel.keepers.runner import Runner, Strategy
from keel.keepers.settings import KeeperSettings
from keel.keepers.settler import Settler
from keel.keepers.story import Story
from keel.keepers.watchdog import Watchdog

ROOT = Path(__file__).parents[2]
_NOBODY = "0x" + "00" * 20


class UnknownKeeper(KeelError):
    """No keeper of this name."""


@dataclass(frozen=True, kw_only=True)
class Setup:
    """Where a keeper works.

    Attributes
    ----------
    name : str
        As in `KINDS`; more than one of a kind take a suffix, as in `reporter-2`.
    account : str, optional
        Whose view a dry run takes; a key brings its own.
    state : Path
        Folder of journals and logs; a chain has its own below.
    purses : tuple
        What the watchdog looks after: names and addresses.
    leaving : tuple of str
        Whom the roller takes out of vaults that can't be rolled.
    settings : KeeperSettings
        What the forecaster and the bidder believe.
    """

    name: str
    rpc: str = "http://127.0.0.1:8545"
    beacon: str | None = None
    manifest: Path = ROOT / "deployments" / "local.json"
    state: Path = ROOT / ".cache" / "keepers"
    build: Path = ROOT / ".build" / "__local__.json"
    account: str = _NOBODY
    webhook: str | None = None
    purses: tuple[tuple[str, str], ...] = ()
    leaving: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    settings: KeeperSettings = field(default_factory=KeeperSettings)


def _reporter(setup: Setup, account: str, *, confirms: bool = False) -> Strategy:
    if setup.beacon is None:
        raise UnknownKeeper(f"{setup.name} needs a beacon node", "give --beacon")
    return Reporter(
        name=setup.name, account=account, node=BeaconNode(setup.beacon), confirms=confirms
    )


def _forecaster(setup: Setup, account: str) -> Strategy:
    terms = setup.settings.forecaster
    return Forecaster(name=setup.name, account=account, terms=terms.vaults, period=terms.period)


def _bidder(setup: Setup, account: str) -> Strategy:
    terms = setup.settings.bidder
    return Bidder(
        name=setup.name, account=account, views=terms.vaults, margin_bps=terms.margin,
        slippage_bps=terms.slippage, budget=terms.budget,
    )  # fmt: skip


KINDS: Mapping[str, Callable[[Setup, str], Strategy]] = {
    "reporter": _reporter,
    "confirmer": lambda setup, account: _reporter(setup, account, confirms=True),
    "depositor": lambda setup, account: Depositor(name=setup.name),
    "finaliser": lambda setup, account: Finaliser(name=setup.name),
    "poker": lambda setup, account: Poker(name=setup.name),
    "arbitrageur": lambda setup, account: Arbitrageur(name=setup.name, account=account),
    "settler": lambda setup, account: Settler(name=setup.name),
    "roller": lambda setup, account: Roller(
        name=setup.name, account=account, leaving=setup.leaving
    ),
    "forecaster": _forecaster,
    "bidder": _bidder,
    "watchdog": lambda setup, account: Watchdog(name=setup.name, purses=setup.purses),
}


def make_strategy(setup: Setup, account: str) -> Strategy:
    """The strategy of a name; raises `UnknownKeeper`."""
    kind = setup.name.partition("-")[0]
    if kind not in KINDS:
        raise UnknownKeeper(f"no keeper is called {kind!r}", f"use one of {', '.join(KINDS)}")
    return KINDS[kind](setup, account)


def chain_folder(setup: Setup, rpc: Rpc) -> Path:
    """The folder of this chain: a new devnet starts with empty journals."""
    genesis: str = rpc.block("0x0")["hash"]
    return setup.state / f"{rpc.chain_id}-{genesis[2:10]}"


def make_runner(
    setup: Setup,
    signer: Signer | None,
    artifacts: Mapping[str, Artifact] | None = None,
    journal: Journal | None = None,
) -> Runner:
    """A keeper ready to tick; without a signer it only says what it would do.

    With a journal of its own file it holds the key's lock, and the journal's, until the process
    ends, and raises `KeyInUse` or `JournalInUse` if another does. Who brings a `journal` answers
    for there being one writer.
    """
    rpc = Rpc(setup.rpc)
    stack = Stack.load(rpc, artifacts or BuildFile(setup.build), setup.manifest)
    account = signer.address if signer else setup.account
    strategy = make_strategy(setup, account)
    folder = chain_folder(setup, rpc)
    mode = "" if signer else "-dry"
    if journal is None:
        path = folder / f"{setup.name}{mode}.sqlite"
        if signer is not None:
            lock_key(folder, signer.address)
            lock_journal(path)
        journal = FileJournal(path)
    return Runner(
        strategy=strategy,
        stack=stack,
        journal=journal,
        story=Story(setup.name, folder / f"{setup.name}{mode}.log"),
        metrics=Metrics(setup.name),
        limits=setup.limits,
        outbox=(
            Outbox(rpc=rpc, signer=signer, journal=journal, limits=setup.limits) if signer else None
        ),
        account=account,
        alarm=Alarm(webhook=setup.webhook),
    )
