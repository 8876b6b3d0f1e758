def test_deposit__wraps_one_for_one(weth, staker):
    weth.deposit(value=10**18, sender=staker)
    assert weth.balanceOf(staker) == weth.totalSupply() == weth.balance == 10**18


def test_receive__wraps_plain_ether(weth, staker):
    staker.transfer(weth, 3)
    assert weth.balanceOf(staker) == 3
