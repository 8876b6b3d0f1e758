import pytest

from tests.fixtures.staking import ETHER, ZERO, pubkeys, reverts


@pytest.fixture
def two(staking):
    """Two operators with three keys each."""
    staking.add_keys(3, first=0, operator=0)
    staking.add_keys(3, first=10, operator=1)
    return staking


def allocated(staking, count):
    registry, pool = staking.stack.registry, staking.stack.pool.address
    staking.rpc.impersonate(pool)
    staking.rpc.set_balance(pool, 10**6 * ETHER)
    receipt = registry.transact("allocate", count, sender=pool)
    events = registry.events(receipt, "KeyAllocated")
    return [(event.values["operatorId"], event.values["index"]) for event in events]


def test_allocate__least_filled_first(two):
    assert allocated(two, 3) == [(0, 0), (1, 0), (0, 1)]
    assert allocated(two, 9) == [(1, 1), (0, 2), (1, 2)]
    assert two.stack.registry.call("allocatableKeys") == 0


def test_allocate__skips_inactive_operators(two):
    registry = two.stack.registry
    registry.transact("setOperatorActive", 0, False, sender=two.owner)
    assert registry.call("allocatableKeys") == 3
    assert allocated(two, 2) == [(1, 0), (1, 1)]


def test_allocate__outsider__reverts(two, who):
    with reverts("Unauthorized", who[0], two.stack.pool.address):
        two.stack.registry.call("allocate", 1, sender=who[0])


def test_allocate__returns_what_was_added(two):
    pool = two.stack.pool.address
    keys, signatures = two.stack.registry.call("allocate", 2, sender=pool)
    assert keys == pubkeys(1, 0) + pubkeys(1, 10)
    # The fixture cuts its signatures out of the keys, said twice.
    assert signatures == pubkeys(2, 0) + pubkeys(2, 10)


def test_add_keys__duplicate_across_operators__reverts(two):
    key = pubkeys(1, 0)
    with reverts("DuplicateKey", key):
        two.stack.registry.call("addKeys", 1, key, key * 2, sender=two.owner)


def test_add_keys__duplicate_within_a_batch__reverts(two):
    key = pubkeys(1, 99)
    with reverts("DuplicateKey", key):
        two.stack.registry.call("addKeys", 1, key * 2, key * 4, sender=two.owner)


def test_add_keys__bad_input__reverts(two, who):
    registry, key = two.stack.registry, pubkeys(1, 50)
    with reverts("NoKeys"):
        registry.call("addKeys", 0, b"", b"", sender=two.owner)
    with reverts("KeyLengthMismatch", 48, 95):
        registry.call("addKeys", 0, key, bytes(95), sender=two.owner)
    with reverts("KeyLengthMismatch", 49, 96):
        registry.call("addKeys", 0, key + b"\0", bytes(96), sender=two.owner)
    with reverts("Unauthorized", who[0], two.owner):
        registry.call("addKeys", 0, key, key * 2, sender=who[0])
    with reverts("OperatorNotFound", 2):
        registry.call("addKeys", 2, key, key * 2, sender=two.owner)


def test_remove_keys__last_unused_and_offered_again(two):
    registry = two.stack.registry
    allocated(two, 2)
    with reverts("TooFewUnusedKeys", 3, 2):
        registry.call("removeKeys", 0, 3, sender=two.owner)
    before = registry.call("nonce")
    registry.transact("removeKeys", 0, 2, sender=two.owner)
    assert registry.call("nonce") == before + 1
    assert registry.call("getOperator", 0)[3] == 1
    key = pubkeys(1, 2)
    registry.transact("addKeys", 1, key, key * 2, sender=two.owner)


def test_request_exits__from_the_fullest_oldest_first(two):
    registry = two.stack.registry
    allocated(two, 5)
    receipt = registry.transact("requestExits", 9, sender=two.owner)
    events = registry.events(receipt, "ExitRequested")
    order = [(event.values["operatorId"], event.values["index"]) for event in events]
    assert order == [(0, 0), (0, 1), (1, 0), (0, 2), (1, 1)]
    assert registry.call("liveValidators", 0) == registry.call("liveValidators", 1) == 0


def test_record_exits__monotone_and_bounded(two):
    registry = two.stack.registry
    allocated(two, 4)
    registry.transact("recordExits", 0, 1, sender=two.owner)
    assert registry.call("liveValidators", 0) == 1
    with reverts("ExitedCountInvalid", 0, 1, 2):
        registry.call("recordExits", 0, 0, sender=two.owner)
    with reverts("ExitedCountInvalid", 3, 1, 2):
        registry.call("recordExits", 0, 3, sender=two.owner)


def test_record_exits__who_left_unasked_is_not_asked(two):
    registry = two.stack.registry
    allocated(two, 4)
    registry.transact("recordExits", 0, 1, sender=two.owner)
    receipt = registry.transact("requestExits", 1, sender=two.owner)
    (event,) = registry.events(receipt, "ExitRequested")
    assert (event.values["operatorId"], event.values["index"]) == (1, 0)


@pytest.mark.parametrize("call", [("requestExits", 1), ("recordExits", 0, 1)])
def test_exits__outsider__reverts(two, who, call):
    with reverts("Unauthorized", who[0], two.owner):
        two.stack.registry.call(*call, sender=who[0])


def test_operators__owner_alone(two, who):
    registry = two.stack.registry
    for call in (("addOperator", "x", who[0]), ("setOperatorActive", 0, True)):
        with reverts("OwnableUnauthorizedAccount", who[0]):
            registry.call(*call, sender=who[0])
    with reverts("Unauthorized", who[0], two.owner):
        registry.call("setManager", 0, who[0], sender=who[0])
    with reverts("ZeroAddress"):
        registry.call("addOperator", "x", ZERO, sender=two.owner)
    registry.transact("setManager", 0, who[0], sender=two.owner)
    assert registry.call("getOperator", 0)[1].lower() == who[0].lower()


def test_operators__sixty_four_at_most(two):
    registry = two.stack.registry
    for _ in range(62):
        registry.transact("addOperator", "more", two.owner, sender=two.owner)
    with reverts("TooManyOperators", 64):
        registry.call("addOperator", "one more", two.owner, sender=two.owner)
