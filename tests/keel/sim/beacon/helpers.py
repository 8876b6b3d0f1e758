"""Layers small enough to compute by hand."""

from keel.sim.beacon.constants import GWEI
from keel.sim.beacon.layer import BeaconLayer
from keel.sim.beacon.parameters import BeaconParameters

ETHER = GWEI
STAKE = 25_000_000 * ETHER
"""isqrt(STAKE) is 158,113,883, so an ether of effective balance is paid 404 gwei an epoch."""
BASE = 32 * 404
STRANGER = b"\x01" + bytes(11) + b"\x99" * 20


def key(number):
    return number.to_bytes(48, "big")


def make_layer(validators=0, seed=1, **changes):
    """Nobody is offline and nothing is missed, unless asked for."""
    values = {"network": STAKE, "performance": 1_000_000, "offline": 0} | changes
    layer = BeaconLayer(BeaconParameters(**values), seed)
    layer.open_with([key(n) for n in range(validators)], [n % 3 for n in range(validators)])
    return layer


def run(layer, epochs):
    for _ in range(epochs):
        layer.process_epoch()


def run_until(layer, condition, most=20_000):
    """Epochs it took."""
    for passed in range(most):
        if condition():
            return passed
        layer.process_epoch()
    raise AssertionError("never happened")


def assert_conserved(layer):
    assert layer.observe().balance == layer.books.held
