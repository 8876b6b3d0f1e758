"""The REST client against the simulator's API: what one says the other hears."""

import pytest

from keel.keepers.beacon import FAR_FUTURE, BeaconNode, BeaconUnavailable
from keel.sim.beacon.api import BeaconApi
from keel.sim.beacon.layer import BeaconLayer
from keel.sim.beacon.parameters import BeaconParameters

OURS = b"\x01" + bytes(11) + b"\xaa" * 20
FOREIGN = b"\x01" + bytes(11) + b"\xbb" * 20
KEYS = [number.to_bytes(48, "big") for number in range(1, 5)]
GENESIS, DAY = 1_700_000_000, 86_400
SLOT = 2 * 7_200 - 1


@pytest.fixture(scope="module")
def api():
    """The layer begins a day after the slots that the oracle counts."""
    parameters = BeaconParameters(network=27_000_000 * 10**9, credentials=OURS)
    layer = BeaconLayer(parameters, 1, genesis_time=GENESIS + DAY)
    layer.open_with(KEYS[:2], [0, 1])
    layer.advance(GENESIS + 2 * DAY - 12)
    layer.slash(KEYS[:1])
    layer.deposit(KEYS[2], 10**9, credentials=OURS)
    layer.deposit(KEYS[2], 31 * 10**9, credentials=FOREIGN)
    api = BeaconApi(layer, GENESIS)
    api.start()
    api.keep(SLOT, 77)
    yield api
    api.stop()


@pytest.fixture
def node(api):
    return BeaconNode(api.url + "/")


def test_state__validators__as_the_layer_has_them(node, api):
    state = node.state(SLOT, KEYS)
    assert state.validators.keys() == set(KEYS[:2])
    slashed, sound = state.validators[KEYS[0]], state.validators[KEYS[1]]
    assert (slashed.slashed, sound.slashed) == (True, False)
    assert sound.balance == api.layer.balance_of(KEYS[1])
    assert sound.credentials == OURS
    assert sound.exit_epoch == sound.withdrawable_epoch == FAR_FUTURE


def test_state__epochs__are_counted_from_the_oracles_genesis(node, api):
    found = node.state(SLOT, KEYS).validators[KEYS[0]]
    assert found.exit_epoch == api.layer.exit_epoch_of(KEYS[0]) + DAY // 384
    assert found.exit_epoch > node.state(SLOT, []).epoch == SLOT // 32


def test_state__pending__sums_of_a_key_with_the_first_credentials(node):
    (pending,) = node.state(SLOT, KEYS).pending.items()
    assert pending[0] == KEYS[2]
    assert (pending[1].amount, pending[1].credentials) == (32 * 10**9, OURS)


def test_state__unknown_slot__reverts(node):
    with pytest.raises(BeaconUnavailable, match="states/5/validators"):
        node.state(5, KEYS)


def test_block_number__missed_slots__is_that_of_the_last_block(node):
    assert node.block_number(SLOT) == node.block_number(SLOT + 3) == 77
    with pytest.raises(BeaconUnavailable, match="no block in 64 slots"):
        node.block_number(SLOT + 64)


@pytest.mark.parametrize(("epochs", "final"), [(2, False), (3, True)])
def test_is_final__two_epochs_after_its_own(node, api, epochs, final):
    api.now = GENESIS + (SLOT // 32 + epochs) * 384
    assert node.is_final(SLOT) is final


def test_finalized_epoch__nobody_answers__reverts():
    with pytest.raises(BeaconUnavailable, match="ConnectionError"):
        BeaconNode("http://127.0.0.1:9").finalized_epoch()
