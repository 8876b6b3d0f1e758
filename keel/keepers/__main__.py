"""`python -m keel.keepers`: one keeper, or all of a devnet's."""

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

from redis.exceptions import RedisError

from keel.chain.artifacts import BuildFile
from keel.chain.rpc import Rpc
from keel.chain.signer import KeySigner, NoKey, Signer
from keel.errors import KeelError
from keel.keepers.action import GWEI, WAD, Limits
from keel.keepers.catalogue import KINDS, ROOT, Setup, make_runner
from keel.keepers.scale.connection import connect, own_server
from keel.keepers.scale.service import KEYS_VARIABLE, make_worker, prefix_of
from keel.keepers.scale.triggers import Herald, Triggers
from keel.keepers.settings import load_keeper_settings
from keel.keepers.supervisor import (
    DEVNET_KEYS,
    DEVNET_SETTINGS,
    KEY_VARIABLE,
    Supervisor,
    devnet_key,
)
from keel.keepers.trial import Trial, merged_log

_TRIAL = ROOT / "reports" / "trial"
_METRICS = 9_100
_BLIND = 3
"""Exit code of who could not look: neither well nor an alert."""
_START_SECONDS = 300


def main(arguments: list[str] | None = None) -> int:
    """Run what was asked for; returns the exit code."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        code: int = options.run(options)
    except KeelError as problem:
        sys.stderr.write(f"keel: {problem}\n")
        return _BLIND
    except KeyboardInterrupt:
        return 0
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="keepers", description=__doc__)
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("run", help="one keeper; dry unless --broadcast")
    one.add_argument("name", help=f"one of {', '.join(KINDS)}; reporter-2 for the second of a kind")
    one.add_argument(
        "--broadcast", action="store_true", help="sign and send; else say what it would do and why"
    )
    one.add_argument("--ape-account", help=f"ape's alias; else the key is in {KEY_VARIABLE}")
    one.add_argument(
        "--once",
        action="store_true",
        help="look once; exit code 1: a warning, 2: something critical, 3: it could not look",
    )
    one.set_defaults(run=_one)
    everyone = commands.add_parser("all", help="every keeper of a devnet, sending")
    everyone.add_argument("--dry", action="store_true", help="send nothing")
    everyone.add_argument("--redis", help="over Redis: its URL, or `own` to start one")
    everyone.add_argument(
        "--workers",
        type=int,
        default=2,
        help="with --redis: how many share the keepers; %(default)s",
    )
    everyone.set_defaults(run=_all)
    worker = commands.add_parser("worker", help="keepers over Redis: a share of them, as it comes")
    worker.add_argument("name", help="of this process, unlike all others'")
    worker.add_argument(
        "--lease-seconds",
        type=float,
        default=10.0,
        help="after its last sign of life, until others take its keys over; %(default)s",
    )
    worker.set_defaults(run=_worker)
    herald = commands.add_parser("herald", help="keepers over Redis: tells them of each block")
    herald.add_argument("name", help="for its log")
    herald.set_defaults(run=_herald)
    for command in (worker, herald):
        command.add_argument(
            "--redis", required=True, metavar="URL",
            help="the server that all of them share, as redis://127.0.0.1:6379/0",
        )  # fmt: skip
        command.add_argument("--keeper", action="append", required=True, help="as `run` names them")
    trial = commands.add_parser("trial", help="a devnet alone with its keepers, for some days")
    trial.add_argument(
        "--days", type=int, default=3, metavar="N",
        help="of the chain, a minute of real time or less each; a Friday ends rounds; %(default)s",
    )  # fmt: skip
    trial.add_argument(
        "--seed", type=int, default=1, metavar="N",
        help="of prices, people and outages; the moment of a kill is chance still; %(default)s",
    )  # fmt: skip
    trial.add_argument(
        "--kills",
        type=float,
        default=0.1,
        metavar="RATE",
        help="kill -9 per block, on average; %(default)s",
    )
    trial.add_argument(
        "--folder", type=Path, default=_TRIAL,
        help="emptied first; takes journals, logs, the chain's state and figures.json; %(default)s",
    )  # fmt: skip
    trial.set_defaults(run=_trial)
    day = commands.add_parser("day", help="the decisions of one day of a trial, keeper by keeper")
    day.add_argument("day", help="as 2026-11-27")
    day.add_argument("--folder", type=Path, default=_TRIAL, help="the trial's")
    day.set_defaults(run=_day)
    for command in (one, worker):
        command.add_argument(
            "--account",
            default="0x" + "00" * 20,
            help="whose calls a dry run makes; with --broadcast the key's",
        )
        command.add_argument(
            "--metrics-port",
            type=int,
            default=0,
            help="of Prometheus metrics on 127.0.0.1; 0 for none",
        )
        command.add_argument("--webhook", help="where alerts are posted; or KEEL_WEBHOOK")
        command.add_argument(
            "--purse", action="append", default=[], metavar="NAME=ADDRESS",
            help="an account that the watchdog warns of when it runs out of ether for gas",
        )  # fmt: skip
        command.add_argument(
            "--leaving", action="append", default=[], metavar="ADDRESS",
            help="whom the roller takes out in kind of a vault that can't be rolled",
        )  # fmt: skip
        command.add_argument(
            "--max-gwei",
            type=float,
            default=100,
            help="gas dearer than this is waited out; %(default)s",
        )
        command.add_argument(
            "--profit-floor",
            type=float,
            default=0.001,
            help="ether that must stay after gas where there is a profit; %(default)s",
        )
    for command in (one, everyone, worker, herald):
        command.add_argument(
            "--settings", type=Path, help="what forecaster and bidder believe, as bots/devnet.yaml"
        )
        command.add_argument(
            "--rpc",
            default="http://127.0.0.1:8545",
            metavar="URL",
            help="the chain's node; %(default)s",
        )
        command.add_argument(
            "--beacon", default="http://127.0.0.1:5052", metavar="URL",
            help="the consensus layer's node, for reporter and confirmer; %(default)s",
        )  # fmt: skip
        command.add_argument(
            "--manifest", type=Path, default=ROOT / "deployments" / "local.json",
            help="where the contracts are: what a deployment wrote; %(default)s",
        )  # fmt: skip
        command.add_argument(
            "--state", type=Path, default=ROOT / ".cache" / "keepers",
            help="journals and logs, a folder for each chain: keep it over restarts; %(default)s",
        )  # fmt: skip
        command.add_argument(
            "--poll",
            type=float,
            default=1.0,
            help="seconds between looks for a new block; %(default)s",
        )
    return parser


def _setup(options: argparse.Namespace, name: str) -> Setup:
    purses = tuple(tuple(purse.split("=", 1)) for purse in options.purse)
    return Setup(
        name=name,
        rpc=options.rpc,
        beacon=options.beacon,
        manifest=options.manifest,
        state=options.state,
        account=options.account,
        webhook=options.webhook or os.environ.get("KEEL_WEBHOOK"),
        purses=purses,
        leaving=tuple(options.leaving),
        settings=load_keeper_settings(options.settings),
        limits=Limits(
            max_fee_per_gas=int(options.max_gwei * GWEI),
            profit_floor=int(options.profit_floor * WAD),
        ),
    )


def _one(options: argparse.Namespace) -> int:
    signs = options.broadcast and not options.name.startswith("watchdog")
    runner = make_runner(_setup(options, options.name), _signer(options) if signs else None)
    if options.metrics_port:
        runner.metrics.serve(options.metrics_port)
    while True:
        runner.tick()
        if options.once:
            return _BLIND if runner.is_blind else runner.alarm.worst
        time.sleep(options.poll)


def _worker(options: argparse.Namespace) -> int:
    """Hold a share of the keys, until told to end."""
    secrets = json.loads(os.environ.pop(KEYS_VARIABLE, "{}"))
    setups = {name: _setup(options, name) for name in options.keeper}
    ended = Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    worker, metrics = make_worker(
        connect(options.redis),
        options.name,
        setups,
        {name: KeySigner(secret) for name, secret in secrets.items()},
        lease_seconds=options.lease_seconds,
    )
    if options.metrics_port:
        metrics.serve(options.metrics_port)
    worker.run(options.poll, ended)
    return 0


def _herald(options: argparse.Namespace) -> int:
    """Tell keepers of blocks, for ever."""
    rpc = Rpc(options.rpc)
    prefix = prefix_of(rpc)
    herald = Herald(rpc, Triggers(connect(options.redis), prefix), options.keeper)
    while True:
        try:
            herald.tick()
        except (KeelError, RedisError):
            time.sleep(1.0)  # one of the two is away; what it misses, keepers catch up with
        time.sleep(options.poll)


def _signer(options: argparse.Namespace) -> Signer:
    if options.ape_account:
        folder = Path(os.environ.get("APE_DATA_FOLDER", Path.home() / ".ape"))
        return KeySigner.from_ape(options.ape_account, folder)
    try:
        return KeySigner.from_environment(KEY_VARIABLE)
    except NoKey as missing:
        raise NoKey(missing.problem, f"set {KEY_VARIABLE}, or give --ape-account") from None


def _all(options: argparse.Namespace) -> int:
    """All keepers of a devnet; starts one that lives if none answers."""
    devnet = None if _answers(options.rpc) else _start_devnet(options)
    with ExitStack() as stack:
        if devnet is not None:
            stack.callback(devnet.wait)
            stack.callback(devnet.terminate)
        supervisor = Supervisor()
        if options.redis:
            url = options.redis
            if url == "own":
                url = stack.enter_context(own_server(options.state / "redis"))
            _add_workers(supervisor, options, url)
        else:
            _add_keepers(supervisor, options)
        stack.callback(supervisor.stop)
        while devnet is None or devnet.poll() is None:
            supervisor.watch()
            time.sleep(0.2)
    return 0


def _places(options: argparse.Namespace) -> list[str]:
    return [
        f"--rpc={options.rpc}", f"--beacon={options.beacon}", f"--manifest={options.manifest}",
        f"--state={options.state}", f"--poll={options.poll}",
        f"--settings={options.settings or DEVNET_SETTINGS}",
    ]  # fmt: skip


def _purses() -> list[str]:
    return [f"--purse={keeper}={devnet_key(keeper)[0]}" for keeper in DEVNET_KEYS]


def _add_keepers(supervisor: Supervisor, options: argparse.Namespace) -> None:
    """A process for each."""
    common = _places(options)
    for number, keeper in enumerate(DEVNET_KEYS, start=1):
        address, secret = devnet_key(keeper)
        extra = [f"--metrics-port={_METRICS + number}", f"--account={address}"]
        mode = [] if options.dry else ["--broadcast"]
        supervisor.add(keeper, [*common, *extra, *mode], None if options.dry else secret)
    supervisor.add("watchdog", [*common, f"--metrics-port={_METRICS}", *_purses()], None)


def _add_workers(supervisor: Supervisor, options: argparse.Namespace, url: str) -> None:
    """A herald, and workers that share the keepers."""
    keepers = [*DEVNET_KEYS, "watchdog"]
    common = [*_places(options), f"--redis={url}", *(f"--keeper={each}" for each in keepers)]
    secrets = {} if options.dry else {keeper: devnet_key(keeper)[1] for keeper in DEVNET_KEYS}
    supervisor.add("herald", common, None, command="herald")
    for number in range(1, options.workers + 1):
        supervisor.add(
            f"worker-{number}",
            [*common, *_purses(), f"--metrics-port={_METRICS + number}"],
            json.dumps(secrets),
            command="worker",
            variable=KEYS_VARIABLE,
        )


def _trial(options: argparse.Namespace) -> int:
    """Run the trial, say its figures; 1 if something was not as it should be."""
    folder: Path = options.folder
    shutil.rmtree(folder, ignore_errors=True)
    setup = Setup(name="trial")
    outcome = Trial(
        artifacts=BuildFile(setup.build),
        days=options.days,
        seed=options.seed,
        kills_per_block=options.kills,
        folder=folder,
    ).run()
    outcome.save(folder / "figures.json")
    (folder / "decisions.log").write_text(merged_log(folder))
    sys.stdout.write(outcome.summary() + f"\nDecisions: {folder / 'decisions.log'}\n")
    return int(bool(outcome.problems))


def _day(options: argparse.Namespace) -> int:
    """Print a day; 1 if there is nothing of it."""
    lines = [line for line in merged_log(options.folder).splitlines() if line[:10] == options.day]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return int(not lines)


def _start_devnet(options: argparse.Namespace) -> subprocess.Popen[bytes]:
    port, beacon = (urlsplit(url).port for url in (options.rpc, options.beacon))
    command = ["ape", "run", "devnet", "--live", f"--port={port}", f"--beacon-port={beacon}"]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL)
    deadline = time.monotonic() + _START_SECONDS
    while not _answers(options.beacon):
        if process.poll() is not None or time.monotonic() > deadline:
            process.terminate()
            raise KeelError("the devnet didn't start", "try `make devnet ARGS=--live` to see why")
        time.sleep(0.2)
    return process


def _answers(url: str) -> bool:
    parts = urlsplit(url)
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((parts.hostname or "127.0.0.1", parts.port or 80)) == 0


if __name__ == "__main__":
    sys.exit(main())
