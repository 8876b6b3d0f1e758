import pytest

from keel.chain.deployer import Deployer, DeploymentFailed
from keel.chain.rpc import RpcError
from keel.chain.sender import NodeSender
from tests.fixtures.staking import DEAD, ETHER, ZERO, reverts


def test_pool__begins_with_a_hundredth_of_an_ether_at_least(staking, artifacts):
    """Of a dead holder, so that no rounding is worth an attack."""
    deployer = Deployer(staking.rpc, artifacts, NodeSender(staking.rpc, staking.owner))
    roles = (staking.owner, staking.owner)
    with pytest.raises(DeploymentFailed, match="BootstrapTooSmall"):
        deployer.create("Poor", "StakingPool", *roles, value=ETHER // 100 - 1)
    pool = deployer.create("Enough", "StakingPool", *roles, value=ETHER // 100)
    assert pool.call("balanceOf", DEAD) == pool.call("totalSupply") == ETHER // 100


def test_submit__mints_at_the_rate(staking, who):
    pool = staking.stack.pool
    receipt = staking.stake(who[0], 5 * ETHER)
    (event,) = pool.events(receipt, "Submitted")
    assert (event.values["amount"], event.values["referral"]) == (5 * ETHER, ZERO)
    assert pool.call("exactSharesOf", who[0]) == 5 * 10**27
    assert pool.call("sharesOf", who[0]) == pool.call("balanceOf", who[0]) == 5 * ETHER
    assert pool.call("totalSupply") == 6 * ETHER


def test_submit__plain_ether_is_submit(staking, who):
    pool = staking.stack.pool
    tx = {"from": who[0], "to": pool.address, "value": hex(ETHER), "gas": hex(200_000)}
    staking.rpc.receipt(staking.rpc.call("eth_sendTransaction", tx))
    assert pool.call("balanceOf", who[0]) == ETHER


def test_submit__calldata_without_function__reverts(staking, who):
    pool = staking.stack.pool
    tx = {"from": who[0], "to": pool.address, "value": "0x1", "data": "0x12345678"}
    with pytest.raises(RpcError) as refusal:
        staking.rpc.call("eth_call", tx, "latest")
    assert pool.abi.decode_error(refusal.value.data).name == "UnknownCall"


def test_submit__zero__reverts(staking, who):
    with reverts("ZeroAmount"):
        staking.stack.pool.call("submit", ZERO, sender=who[0])


def test_submit__at_the_limit_and_around(staking, who):
    pool = staking.stack.pool
    pool.transact("setStakeLimit", 10 * ETHER, 86_400, sender=staking.owner)
    assert pool.call("getCurrentStakeLimit") == 10 * ETHER
    pool.call("submit", ZERO, sender=who[0], value=10 * ETHER - 1)
    pool.call("submit", ZERO, sender=who[0], value=10 * ETHER)
    with reverts("StakeLimitExceeded", 10 * ETHER + 1, 10 * ETHER):
        pool.call("submit", ZERO, sender=who[0], value=10 * ETHER + 1)


def test_submit__limit_refills_evenly(staking, who):
    pool = staking.stack.pool
    pool.transact("setStakeLimit", 86_400 * 1_000, 86_400, sender=staking.owner)
    staking.stake(who[0], 86_400 * 1_000)
    spent_at = staking.rpc.timestamp
    assert pool.call("getCurrentStakeLimit") == 0
    staking.rpc.mine_at(spent_at + 3_600)
    assert pool.call("getCurrentStakeLimit") == 3_600_000
    staking.rpc.mine_at(spent_at + 10 * 86_400)
    assert pool.call("getCurrentStakeLimit") == 86_400_000


def test_submit__paused__reverts(staking, who):
    pool = staking.stack.pool
    pool.transact("pause", sender=staking.owner)
    assert pool.call("getCurrentStakeLimit") == 0
    with reverts("StakingIsPaused"):
        pool.call("submit", ZERO, sender=who[0], value=1)
    with reverts("OwnableUnauthorizedAccount", who[0]):
        pool.call("resume", sender=who[0])
    pool.transact("resume", sender=staking.owner)
    pool.call("submit", ZERO, sender=who[0], value=1)


def test_pause__outsider__reverts(staking, who):
    guardian = staking.stack.pool.call("guardian")
    with reverts("Unauthorized", who[0], guardian):
        staking.stack.pool.call("pause", sender=who[0])


def test_constructor__stakes_for_the_dead(staking):
    assert staking.stack.pool.call("balanceOf", DEAD) == ETHER


def test_submit__forced_ether_moves_no_price(staking, who):
    """A balance without a deposit, as by a self-destruct: nobody owns it, no rate knows it."""
    pool = staking.stack.pool
    before = pool.call("exchangeRate")
    staking.rpc.set_balance(pool.address, staking.rpc.balance(pool.address) + 10**6 * ETHER)
    assert pool.call("exchangeRate") == before
    staking.stake(who[0])
    assert pool.call("balanceOf", who[0]) == ETHER
