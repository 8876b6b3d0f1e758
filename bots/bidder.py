"""`silverback run bots.bidder:bot --network …`: see `keel.keepers.bidder`."""

from bots._silverback import make_bot

bot = make_bot("bidder")
