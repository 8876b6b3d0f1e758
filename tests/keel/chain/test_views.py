import pytest

from keel.chain.contract import Contract
from keel.chain.rpc import NodeUnreachable, Rpc
from keel.chain.views import Answer, read, tried


def head(stack):
    return int(stack.rpc.block()["number"], 16)


def test_read__answers_by_name(stack):
    views = {"supply": (stack.pool, "totalSupply"), "rate": (stack.wketh, "getRate")}
    assert read(views, head(stack)) == {
        "supply": stack.pool.call("totalSupply"),
        "rate": stack.wketh.call("getRate"),
    }


def test_tried__answers(stack):
    assert tried(stack.pool, "symbol", block=head(stack)) == Answer("kETH")


def test_tried__refused__has_the_name_of_the_error(stack):
    answer = tried(stack.queue, "claimableAdvance", 10**6, block=head(stack))
    assert answer == Answer(None, "RequestNotFound")


def test_tried__is_asked_as_its_sender(stack, owner, outsider):
    asked = (stack.pool, "setDepositor", "0x00000000000000000000000000000000000000a1")
    block = head(stack)
    assert not tried(*asked, block=block, sender=str(owner.address)).refusal
    refused = tried(*asked, block=block, sender=str(outsider.address))
    assert refused.refusal == "OwnableUnauthorizedAccount"


def test_tried__no_node__reverts(stack):
    unreachable = Contract(Rpc("http://127.0.0.1:1"), stack.pool.address, stack.pool.abi)
    with pytest.raises(NodeUnreachable):
        tried(unreachable, "symbol", block=0)
