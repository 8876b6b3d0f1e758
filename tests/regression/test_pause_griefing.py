"""A guardian that pauses and stays silent: it can stop new stake, and nobody from leaving."""

from tests.fixtures.staking import ETHER, ZERO, Queue, reverts
from tests.fixtures.swap import UNLIMITED

WRAPPED = "requestWithdrawalsWstETH(uint256[],address)"


def test_everything_but_new_stake_goes_on(pinned, who):
    stack, (holder, heir, _) = pinned.stack, who
    pool, wketh, queue = stack.pool, stack.wketh, Queue(pinned)
    queue.approve(holder, heir)
    pool.transact("approve", wketh.address, UNLIMITED, sender=holder)
    wketh.transact("wrap", 4 * ETHER, sender=holder)
    pool.transact("pause", sender=pinned.owner)

    for entry, arguments in (("submit", (ZERO,)), ("depositValidators", (1, b"\0" * 32, 0))):
        value = ETHER if entry == "submit" else 0
        with reverts("StakingIsPaused"):
            pool.call(entry, *arguments, sender=pinned.owner, value=value)
    pool.transact("transfer", heir, ETHER, sender=holder)
    wketh.transact("transfer", heir, ETHER, sender=holder)
    wketh.transact("unwrap", ETHER, sender=holder)
    wketh.transact("wrap", ETHER, sender=holder)
    (staked,) = queue.request(holder, ETHER)
    queue.transact(WRAPPED, [ETHER], heir, sender=heir)
    queue.finalize(staked + 1, rewards=ETHER // 1_000)
    queue.transact("transferFrom", holder, heir, staked, sender=holder)
    worth = queue.call("claimableNow", [staked, staked + 1])
    before = pinned.rpc.balance(who[2])
    queue.transact(
        "claimWithdrawalsTo", [staked, staked + 1], queue.hints(staked, staked + 1), who[2],
        sender=heir,
    )  # fmt: skip
    assert pinned.rpc.balance(who[2]) - before == worth >= 2 * ETHER - 1
    assert pool.call("isStakingPaused")


def test_pausing_again_and_again__moves_no_limit_and_no_rate(pinned):
    pool = pinned.stack.pool
    limit, rate = pool.call("getCurrentStakeLimit"), pool.call("exchangeRate")
    for _ in range(3):
        pool.transact("pause", sender=pinned.owner)
    pool.transact("resume", sender=pinned.owner)
    assert pool.call("getCurrentStakeLimit") >= limit
    assert pool.call("exchangeRate") == rate
