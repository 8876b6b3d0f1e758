"""The products that a run plays, in the order of their day."""

from keel.sim.escape import Escape
from keel.sim.gauge import GaugeDays
from keel.sim.product import Product
from keel.sim.redemption import VaultDays

PRODUCTS: tuple[type[Product], ...] = (Escape, GaugeDays, VaultDays)
