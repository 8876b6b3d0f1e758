"""`silverback run bots.finaliser:bot --network …`: see `keel.keepers.finaliser`."""

from bots._silverback import make_bot

bot = make_bot("finaliser")
