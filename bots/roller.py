"""`silverback run bots.roller:bot --network …`: see `keel.keepers.roller`."""

from bots._silverback import make_bot

bot = make_bot("roller")
