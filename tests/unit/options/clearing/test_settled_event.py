"""What is announced at a settlement adds up to what is held, to the unit."""

from tests.fixtures.options import DOLLAR, WAD


def test_settled__rounds_what_is_for_longs_down(options):
    series_id = options.put_series(2_000 * WAD)
    options.mint(series_id, WAD // 3)
    expiry = options.expiry
    options.go_to(expiry)
    options.push(1_500 * DOLLAR)
    options.settle_price("spot", expiry)
    receipt = options.transact("settle", series_id, sender=options.other)
    (event,) = options.clearing.events(receipt, "Settled")
    held = -(-2_000 * 10**6 // 3)
    assert event.values["longPayout"] == 500 * 10**6 // 3
    assert event.values["longPayout"] + event.values["shortPayout"] == held
