"""A devnet with the whole stack: `make devnet`, or `ape run devnet --help`."""

import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from ape import project
from rich.console import Console
from rich.table import Table

from keel.chain.artifacts import Artifacts
from keel.chain.deployer import current_commit
from keel.chain.stack import Stack
from keel.errors import KeelError
from keel.keepers.trial import equip
from keel.sim.live import LiveDevnet, open_world
from keel.sim.market import MarketDay
from keel.sim.parameters import ScenarioParameters
from keel.sim.records import RunRecord
from keel.sim.replay import fresh_stack
from keel.sim.scenario import Scenario
from keel.sim.world import Cast

MANIFEST = Path("deployments/local.json")
ROLES = ("owner", "depositor", "staker", "provider", "patient", "seller", "backer", "keeper")


def _live_on(stack: Stack, first: MarketDay, beacon_port: int, pace: float) -> None:
    """Open, then let slots, validators, stakers and a seller go on until somebody ends it."""
    console = Console()
    world = open_world(stack, first, ScenarioParameters())
    live = LiveDevnet(world, port=beacon_port)
    market = equip(live)
    live.pace = pace
    _show(console, stack)
    console.print(
        f"[bold]It lives:[/] a block every {pace:g} s, 12 seconds of the chain or, where nothing "
        f"is due, hours. Beacon node at {live.api.url}. Transactions wait for the next block."
    )
    while True:
        market.live_a_day()


def _seed(stack: Stack, first: MarketDay) -> None:
    """Open as the demo does: operators, validators, liquidity, positions."""
    record = RunRecord(title="devnet", seed=1, commit=current_commit(), apr=0.0, amplification=0)
    Scenario(stack, [first, first], ScenarioParameters(), record).open()


def _show(console: Console, stack: Stack) -> None:
    contracts = Table(title="Contracts", title_justify="left", show_header=False)
    for role, contract in (
        ("StakingPool (kETH)", stack.pool),
        ("WrappedStakedEther (wkETH)", stack.wketh),
        ("WithdrawalQueue", stack.queue),
        ("StableSwapPool (WETH/wkETH)", stack.swap),
        ("LiquidityGauge", stack.gauge),
        ("RedemptionVault", stack.redemption),
        ("ConsensusOracle", stack.oracle),
        ("ReportChecker", stack.checker),
        ("OperatorRegistry", stack.registry),
        ("OperatorBonds", stack.bonds),
        ("InsuranceFund", stack.insurance),
        ("WETH", stack.weth),
        ("SettlementOracle", stack.settlement),
        ("OptionClearing", stack.clearing),
        *((f"{prefix}Vault", handle.vault) for prefix, handle in stack.vaults.items()),
    ):
        contracts.add_row(role, contract.address)
    cast = Cast.of(stack.rpc.accounts)
    accounts = Table(title="Accounts, unlocked, 100,000 ether each", title_justify="left")
    accounts.add_column("role")
    accounts.add_column("address")
    for role in ROLES:
        accounts.add_row(role, getattr(cast, role))
    for number, member in enumerate(cast.members, start=1):
        accounts.add_row(f"oracle member {number}", member)
    console.print(contracts, accounts)
    pool, staker = stack.pool.address, cast.staker
    console.print(
        f"""[bold]Devnet at {stack.rpc.url}[/], chain 31337; manifest {MANIFEST}.
Each transaction is a block, 12 seconds after the last. Ctrl-C ends it.

What to try next, in another terminal:

  make run CMD='ape console --network {stack.rpc.url}'
    pool = project.StakingPool.at("{pool}")
    me = accounts.test_accounts[3]
    pool.submit("0x0000000000000000000000000000000000000000", value="1 ether", sender=me)
    pool.balanceOf(me)

  make run CMD='python'
    from keel.chain.rpc import Rpc
    rpc = Rpc("{stack.rpc.url}")
    rpc.call("evm_increaseTime", 86400); rpc.call("evm_mine")   # a day later
    rpc.balance("{staker}")
""",
        highlight=False,
        soft_wrap=True,
    )


@click.command()
@click.option("--port", default=8545, show_default=True, help="Where the node listens.")
@click.option("--live", is_flag=True, help="Let time, validators, stakers and a seller go on.")
@click.option("--beacon-port", default=5052, show_default=True, help="With --live.")
@click.option("--pace", default=1.0, show_default=True, help="Seconds a block, with --live.")
def cli(port: int, live: bool, beacon_port: int, pace: float) -> None:
    """Start Anvil with the stack deployed, staked, and liquid; leave it running.

    The same opening as the demo: three operators, validators, a filled swap pool, open positions.
    """
    console = Console()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    first = MarketDay(
        day=(datetime.now(UTC) + timedelta(days=1)).date(),
        ether_usd=2_000.0,
        ratio=1.0,
    )
    try:
        MANIFEST.unlink(missing_ok=True)  # of a devnet that is gone
        with fresh_stack(Artifacts(project), first, port=port, path=MANIFEST) as stack:
            if live:
                _live_on(stack, first, beacon_port, pace)
            _seed(stack, first)
            _show(console, stack)
            signal.pause()
    except KeyboardInterrupt:
        console.print("ended")
    except KeelError as problem:
        Console(stderr=True).print(f"keel: {problem}", style="bold red", highlight=False)
        sys.exit(1)
