"""A keeper under Silverback: it says when, `keel.keepers` says what and how.

Silverback replays nothing of the time when it was down, and has no limits and no nonces of its
own. So a bot only ticks: the runner catches up from its journal, and sends by its own outbox.

`silverback run bots.watchdog:bot --network ethereum:hoodi:node`; against a devnet from a folder
whose `ape-config.yaml` names it as `foundry: host`, or Silverback starts a node of its own.
"""

import os
from pathlib import Path

from ape import chain
from silverback import SilverbackBot

from keel.chain.signer import KeySigner
from keel.keepers.catalogue import Setup, make_runner
from keel.keepers.settings import load_keeper_settings
from keel.keepers.supervisor import KEY_VARIABLE


def make_bot(name: str) -> SilverbackBot:
    """A bot for one keeper; it sends if its key is in the environment, else it only says what."""
    bot = SilverbackBot()
    settings = os.environ.get("KEEL_KEEPER_SETTINGS")
    setup = Setup(
        name=name,
        rpc=os.environ.get("KEEL_RPC", "http://127.0.0.1:8545"),
        beacon=os.environ.get("KEEL_BEACON", "http://127.0.0.1:5052"),
        webhook=os.environ.get("KEEL_WEBHOOK"),
        settings=load_keeper_settings(Path(settings) if settings else None),
    )
    signer = KeySigner.from_environment(KEY_VARIABLE) if KEY_VARIABLE in os.environ else None
    runner = make_runner(setup, signer)

    @bot.on_(chain.blocks)
    def look(block: object) -> dict[str, float]:
        """Let the keeper look at the newest block."""
        runner.tick()
        return {"failures": float(runner.breaker.failures)}

    return bot
