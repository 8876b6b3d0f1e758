"""A keeper under Silverback: it says when, `keel.keepers` says what and how.

Silverback replays nothing of the time when it was down, and has no limits and no nonces of its
own. So a bot only ticks: the runner catches up from its journal, and sends by its own outbox.
"""

import os
from pathlib import Path

from ape import chain
from silverback import SilverbackBot

from keel.chain.command import connected, network_name
from keel.chain.signer import KeySigner, Signer
from keel.keepers.catalogue import ROOT, Setup, make_runner
from keel.keepers.settings import load_keeper_settings
from keel.keepers.supervisor import KEY_VARIABLE


def make_bot(name: str) -> SilverbackBot:
    """A bot for one keeper; it sends if it has an account or a key, else it only says what."""
    bot = SilverbackBot()
    deployed = ROOT / "deployments" / f"{network_name(bot.provider)}.json"
    settings = os.environ.get("KEEL_KEEPER_SETTINGS")
    setup = Setup(
        name=name,
        rpc=connected(bot.provider).url,
        beacon=os.environ.get("KEEL_BEACON", "http://127.0.0.1:5052"),
        manifest=Path(os.environ.get("KEEL_MANIFEST", deployed)),
        state=Path(os.environ.get("KEEL_KEEPER_STATE", Setup.state)),
        webhook=os.environ.get("KEEL_WEBHOOK"),
        settings=load_keeper_settings(Path(settings) if settings else None),
    )
    runner = make_runner(setup, _signer(bot))

    @bot.on_(chain.blocks)
    def look(block: object) -> dict[str, float]:
        """Let the keeper look at the newest block."""
        runner.tick()
        return {"failures": float(runner.breaker.failures)}

    return bot


def _signer(bot: SilverbackBot) -> Signer | None:
    """The account that `--account` names, or the key in the environment."""
    if bot.signer is not None:
        return KeySigner.from_ape(bot.signer.alias, bot.config_manager.DATA_FOLDER)
    return KeySigner.from_environment(KEY_VARIABLE) if KEY_VARIABLE in os.environ else None
