"""`silverback run bots.depositor:bot --network …`: see `keel.keepers.depositor`."""

from bots._silverback import make_bot

bot = make_bot("depositor")
