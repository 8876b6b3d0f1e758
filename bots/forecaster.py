"""`silverback run bots.forecaster:bot --network …`: see `keel.keepers.forecaster`."""

from bots._silverback import make_bot

bot = make_bot("forecaster")
