"""A confirmed loss reaches the swap pool's rate at once; a fall without one, in steps."""

from tests.fixtures.staking import ETHER
from tests.fixtures.swap import ADD, EXCHANGE, UNLIMITED, WAD


def test_swap_pool__believes_a_reported_loss_in_the_next_trade(staking, who):
    """Else whoever trades first after a slashing sells the loss to the liquidity providers."""
    stack, provider = staking.stack, who[1]
    staking.stake(provider, 700 * ETHER)
    staking.fund_validators(20)
    staking.report(validators=20, balance=640 * ETHER, seen=640 * ETHER)
    stack.weth.transact("deposit", sender=provider, value=50 * ETHER)
    stack.pool.transact("approve", stack.wketh.address, UNLIMITED, sender=provider)
    stack.wketh.transact("wrap", 50 * ETHER, sender=provider)
    for token in (stack.weth, stack.wketh):
        token.transact("approve", stack.swap.address, UNLIMITED, sender=provider)
    stack.swap.transact(ADD, [40 * ETHER, 40 * ETHER], 0, sender=provider)

    before = stack.wketh.call("getRate")
    staking.report(validators=20, balance=620 * ETHER, seen=640 * ETHER)
    fallen = stack.wketh.call("getRate")
    assert before - fallen > WAD // 50, "far beyond the bound of 20 bp"
    assert stack.swap.call("stored_rates")[1] == fallen
    stack.swap.transact(EXCHANGE, 1, 0, ETHER, 0, sender=provider)
    assert stack.swap.call("market_ratio") <= WAD
    assert stack.swap.call("stored_rates")[1] == stack.wketh.call("getRate")
