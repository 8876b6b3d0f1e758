"""`silverback run bots.poker:bot --network …`: see `keel.keepers.poker`."""

from bots._silverback import make_bot

bot = make_bot("poker")
