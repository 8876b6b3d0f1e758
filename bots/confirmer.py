"""`silverback run bots.confirmer:bot --network …`: see `keel.keepers.reporter`."""

from bots._silverback import make_bot

bot = make_bot("confirmer")
