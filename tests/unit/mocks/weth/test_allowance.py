PERMIT2 = "0x000000000022D473030F116dDEE9F6B43aC78BA3"


def test_allowance__is_zero_for_permit2_until_given(weth, staker):
    assert weth.allowance(staker, PERMIT2) == 0
