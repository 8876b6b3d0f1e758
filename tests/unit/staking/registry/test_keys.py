"""Keys: offered with a bond, once, in whole lengths; taken back while unused."""

import pytest

from keel.models.staking.keys import Status
from tests.fixtures.staking import ETHER, pubkeys, reverts


@pytest.fixture
def two(staking, who):
    """Two operators with three keys each, and the bond for a fourth."""
    for manager in who[:2]:
        staking.add_operator(manager, keys=3, spare=13 * ETHER // 10)
    return staking


def test_add_keys__are_stored_as_given(two):
    registry = two.stack.registry
    key = registry.call("getKey", 1, 2)
    assert key[0] == pubkeys(1, 2, 1)
    # The fixture cuts its signatures out of the keys, said twice.
    assert key[1] == (pubkeys(3, 0, 1) * 2)[2 * 96 :]
    assert Status(key[2]) is Status.UNUSED
    operator = two.operator(1)
    assert (operator.keys, operator.bonded, operator.predeposited) == (3, 3, 0)


def test_add_keys__bond_at_the_limit(two, who):
    two.add_keys(1, operator=0, manager=who[0])
    key = pubkeys(1, 4)
    with reverts("BondTooSmall", 0, 4, 5):
        two.stack.registry.call("addKeys", 0, key, key * 2, sender=who[0])


def test_add_keys__known_to_another_operator__reverts(two, who):
    key = pubkeys(1, 0, 0)
    with reverts("DuplicateKey", key):
        two.stack.registry.call("addKeys", 1, key, key * 2, sender=who[1])


def test_add_keys__twice_in_a_batch__reverts(two, who):
    key = pubkeys(1, 99)
    with reverts("DuplicateKey", key):
        two.stack.registry.call("addKeys", 1, key * 2, key * 4, sender=who[1])


def test_add_keys__bad_input__reverts(two, who):
    registry, key = two.stack.registry, pubkeys(1, 50)
    with reverts("NoKeys"):
        registry.call("addKeys", 0, b"", b"", sender=who[0])
    with reverts("KeyLengthMismatch", 48, 95):
        registry.call("addKeys", 0, key, bytes(95), sender=who[0])
    with reverts("KeyLengthMismatch", 49, 96):
        registry.call("addKeys", 0, key + b"\0", bytes(96), sender=who[0])
    with reverts("Unauthorized", who[1], who[0]):
        registry.call("addKeys", 0, key, key * 2, sender=who[1])
    with reverts("OperatorNotFound", 2):
        registry.call("addKeys", 2, key, key * 2, sender=who[0])


def test_remove_keys__last_unused_and_offered_again(two, who):
    registry = two.stack.registry
    two.stake(who[0], 200 * ETHER)
    two.deposit_validators(2)
    with reverts("TooFewUnusedKeys", 3, 2):
        registry.call("removeKeys", 0, 3, sender=who[0])
    with reverts("NoKeys"):
        registry.call("removeKeys", 0, 0, sender=who[0])
    before = registry.call("nonce")
    registry.transact("removeKeys", 0, 2, sender=who[0])
    assert registry.call("nonce") > before
    assert (two.operator(0).keys, two.operator(0).bonded) == (1, 1)
    key = pubkeys(1, 2)
    registry.transact("addKeys", 1, key, key * 2, sender=who[1])


def test_remove_keys__owner_may_manager_of_another_may_not(two, who):
    registry = two.stack.registry
    with reverts("Unauthorized", who[1], who[0]):
        registry.call("removeKeys", 0, 1, sender=who[1])
    registry.transact("removeKeys", 0, 3, sender=two.owner)
    assert two.operator(0).keys == 0
    assert not two.operator(0).offering
