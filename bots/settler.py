"""`silverback run bots.settler:bot --network …`: see `keel.keepers.settler`."""

from bots._silverback import make_bot

bot = make_bot("settler")
