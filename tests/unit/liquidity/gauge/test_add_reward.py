import pytest

from tests.fixtures.gauge import ETHER, WEEK
from tests.fixtures.staking import ZERO, reverts


def test_add_reward__puts_it_last_on_the_list(gauge):
    token = gauge.new_token()
    receipt = gauge.transact("addReward", token.address, gauge.other, sender=gauge.owner)
    tokens = [address.lower() for address in gauge.call("rewardTokens")]
    assert tokens == [known.address.lower() for known in (*gauge.tokens, token)]
    (event,) = gauge.gauge.events(receipt, "RewardAdded")
    assert event.values["token"].lower() == token.address.lower()
    assert event.values["distributor"].lower() == gauge.other.lower()
    assert tuple(gauge.call("streamOf", token.address))[1:] == (0, 0, 0)


def test_add_reward__is_the_owners(gauge):
    token = gauge.new_token()
    with reverts("OwnableUnauthorizedAccount", gauge.distributor):
        gauge.call("addReward", token.address, gauge.other, sender=gauge.distributor)


@pytest.mark.parametrize("token", [ZERO, "0x" + "11" * 20])
def test_add_reward__no_contract__reverts(gauge, token):
    with reverts("NotAToken", token):
        gauge.call("addReward", token, gauge.other, sender=gauge.owner)


def test_add_reward__twice__reverts(gauge):
    token = gauge.tokens[0].address
    with reverts("RewardExists", token):
        gauge.call("addReward", token, gauge.other, sender=gauge.owner)


def test_add_reward__without_distributor__reverts(gauge):
    with reverts("ZeroAddress"):
        gauge.call("addReward", gauge.new_token().address, ZERO, sender=gauge.owner)


def test_add_reward__ninth__reverts(gauge):
    for _ in range(8 - len(gauge.tokens)):
        gauge.add_reward(gauge.new_token())
    with reverts("TooManyRewards", 8):
        gauge.call("addReward", gauge.new_token().address, gauge.other, sender=gauge.owner)


def test_add_reward__later_token_pays_nothing_for_the_time_before(gauge):
    gauge.stake()
    gauge.wait(WEEK)
    gauge.tokens.append(token := gauge.new_token())
    gauge.add_reward(token)
    gauge.at(10)
    gauge.fund(token=2)
    assert gauge.earned(token=2) == 0
    gauge.wait(WEEK)
    assert gauge.earned(token=2) == ETHER
