import pytest

from keel.chain.deployer import DeploymentFailed
from tests.fixtures.gauge import DAY, MIN_STAKED
from tests.fixtures.staking import ZERO


def test_constructor__starts_empty(gauge):
    fresh = gauge.new_gauge()
    assert fresh.call("lpToken").lower() == gauge.lp.address.lower()
    assert fresh.call("owner").lower() == gauge.owner.lower()
    assert fresh.call("rewardTokens") == ()
    assert (fresh.call("totalStaked"), fresh.call("clock")) == (0, 0)


def test_constructor__constants(gauge):
    assert gauge.call("MAX_REWARDS") == 8
    assert gauge.call("MIN_STAKED") == MIN_STAKED
    assert gauge.call("MIN_DURATION") == DAY
    assert gauge.call("MAX_DURATION") == 4 * 365 * DAY


@pytest.mark.parametrize(
    ("lp", "first_owner"), [(ZERO, None), ("0x" + "11" * 20, None), (None, ZERO)]
)
def test_constructor__no_token_or_no_owner__reverts(gauge, lp, first_owner):
    with pytest.raises(DeploymentFailed, match="NotAToken" if lp else "OwnableInvalidOwner"):
        gauge.new_gauge(lp=lp, owner=first_owner)
