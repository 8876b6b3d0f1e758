"""A token's decimals change units, and nothing else."""

from tests.fixtures.option_vault import WAD, new_desk


def two_weeks(desk):
    """The same story in the units of each token; what is left of it, as parts of a token."""
    desk.open_round(10_000 * desk.unit, 5_000 * desk.unit)
    desk.claim_deposit()
    desk.buy()
    desk.request_redeem(4_000 * desk.unit)
    first = desk.next_round()
    desk.buy(desk.position["unsoldLongs"] // 2)
    second = desk.next_round(1_200 * WAD)
    amounts = (first["gross"], first["performanceFee"], second["gross"], second["managementFee"])
    return (first["pricePerShare"], second["pricePerShare"]), [n / desk.unit for n in amounts]


def test_decimals__six_and_eighteen_tell_the_same_story(artifacts):
    (prices6, amounts6), (prices18, amounts18) = (
        two_weeks(new_desk(artifacts, "put", decimals)) for decimals in (6, 18)
    )
    for six, eighteen in zip(prices6, prices18, strict=True):
        assert abs(six - eighteen) < WAD // 10**8
    for six, eighteen in zip(amounts6, amounts18, strict=True):
        assert abs(six - eighteen) < 2e-5


def test_decimals__premium_is_in_token_units(puts):
    """One option at 12.34 dollars costs 12,340,000 units of a token with six decimals."""
    puts.open_round(10_000 * puts.unit)
    price = puts.call("askPrice")
    premium = puts.call("premiumFor", WAD)
    assert premium == -(-price // 10**12)
    assert WAD < price < 100 * WAD


def test_decimals__pairs_of_a_put_take_the_strike_in_token_units(puts):
    puts.open_round(10_000 * puts.unit)
    state = puts.clearing.call("stateOf", puts.position["seriesId"])
    strike, pairs, collateral = state[0][4], state[1], state[3]
    assert collateral == -(-strike * pairs // 10**30) <= 10_000 * puts.unit
