import ape


def test_withdraw__unwraps_one_for_one(weth, staker):
    weth.deposit(value=10, sender=staker)
    before = staker.balance
    receipt = weth.withdraw(10, sender=staker)
    assert staker.balance == before + 10 - receipt.total_fees_paid
    assert weth.totalSupply() == weth.balance == 0


def test_withdraw__more_than_held__reverts(weth, staker):
    weth.deposit(value=10, sender=staker)
    with ape.reverts(weth.InsufficientBalance):
        weth.withdraw(11, sender=staker)
    assert weth.balanceOf(staker) == 10
