"""A devnet that lives, with keepers inside this process: each block they all look, in turn."""

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from keel.chain.artifacts import BuildFile
from keel.chain.signer import KeySigner
from keel.keepers.catalogue import ROOT, Setup, make_runner
from keel.keepers.settings import load_keeper_settings
from keel.keepers.supervisor import DEVNET_KEYS, DEVNET_SETTINGS, devnet_key
from keel.keepers.trial import equip
from keel.sim.live import FINALITY_SECONDS, LiveDevnet, open_world
from keel.sim.live_options import OptionMarket
from keel.sim.market import MarketDay
from keel.sim.parameters import ScenarioParameters
from keel.sim.replay import fresh_stack

FIRST = MarketDay(day=date(2026, 3, 2), ether_usd=2_000.0, ratio=1.0)
SMALL = ScenarioParameters(supply=1_400, liquidity=300, inventory=300)


@dataclass
class Living:
    """The devnet and its keepers by name."""

    live: LiveDevnet
    options: OptionMarket
    artifacts: BuildFile
    folder: Path
    runners: dict = field(default_factory=dict)

    @property
    def stack(self):
        return self.live.stack

    def setup(self, name, **changes):
        usual = {
            "rpc": self.stack.rpc.url,
            "beacon": self.live.api.url,
            "manifest": self.folder / "manifest.json",
            "state": self.folder / "state",
            "settings": load_keeper_settings(DEVNET_SETTINGS),
        }
        return Setup(name=name, **usual | changes)

    def hire(self, *names, **changes):
        for name in names:
            signer = KeySigner(devnet_key(name)[1]) if name in DEVNET_KEYS else None
            self.runners[name] = make_runner(self.setup(name, **changes), signer, self.artifacts)

    def look(self, *_block):
        for runner in list(self.runners.values()):
            runner.tick()

    def to_report(self, blocks=12):
        """Over the next reference slot, until it is final, and some blocks more."""
        reference = self.live.next_reference()
        self.live.go_to(reference)
        self.options.publish()
        self.live.go_to(reference + FINALITY_SECONDS)
        self.live.mine(blocks)

    def log(self, name):
        (path,) = (self.folder / "state").glob(f"*/{name}.log")
        return path.read_text().splitlines()


@contextmanager
def living_devnet(folder):
    artifacts = BuildFile(ROOT / ".build" / "__local__.json")
    with fresh_stack(artifacts, FIRST, path=folder / "manifest.json") as stack:
        live = LiveDevnet(open_world(stack, FIRST, replace(SMALL, seed=3)), pace=0.0)
        living = Living(live, equip(live), artifacts, folder)
        live.on_block = living.look
        yield living
        live.api.stop()
