import pytest

from keel.chain.abi import Reverted
from keel.chain.contract import read_all


def test_read_all__answers_in_the_order_asked(stack):
    views = [stack.pool.view("totalSupply"), stack.wketh.view("getRate"), stack.pool.view("symbol")]
    assert read_all(views) == [
        stack.pool.call("totalSupply"),
        stack.wketh.call("getRate"),
        stack.pool.call("symbol"),
    ]


def test_read_all__nothing__is_nothing():
    assert read_all([]) == []


def test_read_all__one_fails__reverts(stack):
    views = [stack.pool.view("totalSupply"), stack.queue.view("claimableAdvance", 10**6)]
    with pytest.raises(Reverted, match="RequestNotFound"):
        read_all(views)
