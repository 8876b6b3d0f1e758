"""What a stolen owner's key can do with the one number that it sets."""

from tests.fixtures.redemption import DAY
from tests.fixtures.staking import ETHER
from tests.fixtures.swap import UNLIMITED

TEN_YEARS = 3_650 * DAY


def test_swings_of_the_inflow__put_accretion_off_by_ten_years_at_most(redemption):
    """Each swing adds the queue's time once more; unbounded, dates would outgrow their 40 bits."""
    desk = redemption
    queue, wketh, seller = desk.stack.queue, desk.stack.wketh, desk.seller
    wketh.transact("approve", queue.address, UNLIMITED, sender=seller)
    request = "requestWithdrawalsWstETH(uint256[],address)"
    queue.transact(request, [600 * ETHER, 600 * ETHER], seller, sender=seller)
    desk.sell(100 * ETHER)
    desk.report()
    desk.advance()
    assert desk.position[4] > 0
    for _ in range(5):
        desk.transact("setInflow", ETHER, sender=desk.owner)
        desk.transact("setInflow", 10**6 * ETHER, sender=desk.owner)
        desk.sell(ETHER)
        desk.report()
    desk.advance()
    price = desk.price
    desk.wait(TEN_YEARS)
    assert desk.position[4] == 0
    assert desk.price > price


def test_least_inflow__stops_no_exit(redemption):
    desk = redemption
    desk.sell(100 * ETHER)
    desk.transact("setInflow", ETHER, sender=desk.owner)
    exit_id = desk.request_exit(desk.shares_of())
    desk.claim_exit(exit_id)
    assert desk.weth_of(desk.depositor) > 1_890 * ETHER
