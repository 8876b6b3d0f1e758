"""Tokens given to a vault or its clearing house, at every moment of a round: nothing moves."""

import pytest

from tests.fixtures.option_vault import WAD

MOMENTS = ("first deposit", "running", "sold", "settled", "claims")


@pytest.fixture(params=["calls", "puts", "covers"])
def desk(request):
    return request.getfixturevalue(request.param)


def story(desk, moment):
    """A round with a sale, one who leaves and one who comes; a gift at one moment of it."""
    whole = 10_000 * desk.unit

    def now(reached):
        if reached == moment:
            for receiver in (desk.vault, desk.clearing):
                desk.token.transact("transfer", receiver.address, whole // 2, sender=desk.buyer)

    now("first deposit")
    desk.open_round(whole)
    now("running")
    mine = desk.claim_deposit()
    desk.to(desk.position["writtenAt"] + 3_600)
    desk.push_round()
    desk.at(desk.now + 12)
    desk.buy(desk.position["unsoldLongs"] // 2)
    now("sold")
    desk.request_redeem(mine // 3)
    desk.request_deposit(whole // 7, desk.other)
    desk.settle_price()
    now("settled")
    desk.refresh()
    end = desk.roll()
    now("claims")
    desk.redeem()
    taken = desk.claim_deposit(desk.other)
    book = {name: held for name, held in desk.position.items() if name != "writtenAt"}
    return dict(end), taken, desk.call("totalAssets"), book, desk.covered()


@pytest.mark.parametrize("moment", MOMENTS)
def test_gift__moves_no_price_share_or_fee(desk, moment):
    state = desk.chain.snapshot()
    *plain, nothing = story(desk, None)
    desk.chain.revert(state)
    desk.at(None)
    desk.round, desk.price = desk.aggregator.call("latest"), 2_000 * WAD
    *given, extra = story(desk, moment)
    assert given == plain
    assert (nothing, extra) == (0, 5_000 * desk.unit)
