"""`silverback run bots.watchdog:bot --network …`: see `keel.keepers.watchdog`."""

from bots._silverback import make_bot

bot = make_bot("watchdog")
