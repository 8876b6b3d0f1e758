"""`silverback run depositor --network …`: see `keel.keepers.depositor`."""

from bots._silverback import make_bot

bot = make_bot("depositor")
