"""Sums over the first entries of a sparse list, against adding them up."""

from itertools import accumulate
from random import Random

import pytest

from keel.chain.deployer import Deployer
from keel.chain.sender import NodeSender


@pytest.fixture
def tree(rpc, artifacts, who):
    snapshot = rpc.snapshot()
    yield Deployer(rpc, artifacts, NodeSender(rpc, who[0])).create("Tree", "PrefixSumsHarness")
    rpc.revert(snapshot)


def test_up_to__nothing_added(tree):
    assert [tree.call("upTo", index) for index in (0, 1, 2**255, 2**256 - 1)] == [0] * 4


@pytest.mark.parametrize("first", [1, 2, 3, 8, 9, 2**39])
def test_add__one_entry(tree, who, first):
    tree.transact("add", first, 7, sender=who[0])
    sums = [tree.call("upTo", index) for index in (first - 1, first, first + 1, 2 * first, 2**40)]
    assert sums == [0, 7, 7, 7, 7]


@pytest.mark.parametrize("seed", range(3))
def test_add__in_any_order(tree, who, seed):
    """Before and after the tree grows, entries added to more than once among them."""
    random, entries = Random(seed), [0] * 70
    for _ in range(40):
        index, amount = random.randrange(1, random.choice((5, 33, 70))), random.randrange(10**30)
        entries[index] += amount
        tree.transact("add", index, amount, sender=who[0])
    expected = list(accumulate(entries))
    assert [tree.call("upTo", index) for index in range(70)] == expected
    assert tree.call("upTo", 2**200) == expected[-1]


def test_up_to__costs_as_much_as_an_index_has_bits(tree, who):
    for index in range(1, 100, 7):
        tree.transact("add", index, 1, sender=who[0])

    def cost(index):
        call = tree.prepare("upTo", index).as_transaction(who[0])
        return int(tree.rpc.call("eth_estimateGas", call), 16)

    most = max(cost(index) for index in (*range(128), 2**255))
    assert most < 21_000 + 3_000 + 8 * 2_600
