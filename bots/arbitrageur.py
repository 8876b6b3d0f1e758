"""`silverback run bots.arbitrageur:bot --network …`: see `keel.keepers.arbitrageur`."""

from bots._silverback import make_bot

bot = make_bot("arbitrageur")
