"""`silverback run bots.reporter:bot --network …`: see `keel.keepers.reporter`."""

from bots._silverback import make_bot

bot = make_bot("reporter")
