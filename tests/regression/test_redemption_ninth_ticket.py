"""More tickets than the eight that one operation reaches: what the rest count amiss is bounded."""

from tests.machines.catalogue import MACHINES
from tests.machines.drawing import Part
from tests.machines.driver import Step, replay
from tests.machines.revm import RevmChain

BOUGHT_AFTER_A_LOSS = [
    # vault.sell(1_000_000_000_000_000_000, 0, seller, 2**256 - 1) by seller
    # vault.sell(2_774_766_256_085_181_141, 0, seller, 2**256 - 1) by seller
    # vault.sell(1_074_784_348_631_168_279, 0, seller, 2**256 - 1) by seller
    # vault.sell(5_103_681_694_211_078_425, 0, seller, 2**256 - 1) by seller
    Step(
        "open_with_tickets",
        {
            "sales": [
                1_000_000_000_000_000_000,
                2_774_766_256_085_181_141,
                1_074_784_348_631_168_279,
                5_103_681_694_211_078_425,
            ],
        },
    ),
    # vault.sell(100_000_000_000_000_000, 0, seller, 2**256 - 1) by seller
    Step("sell", {"shares": 100_000_000_000_000_000}),
    # vault.sell(10_000_000_000_000_000, 0, seller, 2**256 - 1) by seller
    Step("sell", {"shares": 10_000_000_000_000_000}),
    # vault.sell(100_000_000_000_000_000, 0, seller, 2**256 - 1) by seller
    Step("sell", {"shares": 100_000_000_000_000_000}),
    # vault.buyFromPool(489_842_336_595_482) by other
    Step("buy_at_a_discount", {"sold": 100, "part": Part(millionths=1)}),
    # vault.sell(10_000_000_000_000_000, 0, seller, 2**256 - 1) by seller
    Step("sell", {"shares": 10_000_000_000_000_000}),
    Step("report", {"gain": 0, "loss": 199_999_999_999_999_999, "pay": 0, "finalises": False}),
    # vault.buyFromPool(489_832_008_232_861) by other
    Step("buy_from_pool", {"part": Part(millionths=1)}),
]


def test_buy_after_a_loss__counts_less_by_the_older_ticket_s_rate(artifacts):
    machine = MACHINES["redemption"].open(RevmChain(), artifacts)
    replay(machine, BOUGHT_AFTER_A_LOSS)
    assert 0 < machine.worst_overvalued < 10**10
    assert machine.worst_fall == 0
