"""`silverback run confirmer --network …`: see `keel.keepers.reporter`."""

from bots._silverback import make_bot

bot = make_bot("confirmer")
