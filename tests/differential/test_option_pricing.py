"""The pricing libraries equal their integer models to the unit, on their whole domain."""

import pytest

from keel.models.evm import Revert
from tests.fixtures.option_draws import WAD, OptionDraws

ROWS = 3_000


def assert_equal(models, contracts, function, rows):
    expected = getattr(models, function)(rows)
    found = getattr(contracts, function)(rows)
    differ = [
        (row, e, f) for row, e, f in zip(rows, expected, found, strict=True) if tuple_(e) != f
    ]
    assert differ == []


def tuple_(value):
    return tuple(value) if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("function", "draw"),
    [
        ("quote", "terms"),
        ("full", "terms"),
        ("cash_or_nothing", "terms"),
        ("depeg", "depeg"),
        ("depeg_premium", "depeg"),
        ("european_cover", "cover"),
        ("one_touch_cover", "cover"),
        ("put_cover", "cover"),
        ("merton", "merton"),
    ],
)
def test_prices__equal_the_model(model_pricing, contract_pricing, function, draw):
    draws = OptionDraws(function)
    rows = [getattr(draws, draw)() for _ in range(ROWS)]
    assert_equal(model_pricing, contract_pricing, function, rows)


def test_functions__equal_the_model(model_pricing, contract_pricing):
    draws = OptionDraws("functions")
    random = draws.random
    sizes = [int(10 ** random.uniform(0, 30)) * random.choice([-1, 1]) for _ in range(ROWS)]
    pairs = [(draws.between(0, 2**112 - 1), draws.between(0, 2**112 - 1)) for _ in range(ROWS)]
    near = [(a, max(int(a * random.uniform(0.4, 2.5)), 1)) for a, _ in pairs if a < 2**110]
    for function, rows in {
        "cdf": sizes,
        "pdf": sizes,
        "normal": sizes,
        "ln_ratio": pairs + near,
        "exp_parts": [random.randint(-(2**110), 2**110) for _ in range(ROWS)],
        "exp_q112": [random.randint(-100 * 2**96, 20 * 2**96) for _ in range(ROWS)],
        "root_years": [draws.between(0, 2**60) for _ in range(ROWS)],
        "ppf": [draws.between(1, WAD - 1) for _ in range(ROWS)],
    }.items():
        assert_equal(model_pricing, contract_pricing, function, rows)


def test_strike_for_delta__equals_the_model(model_pricing, contract_pricing):
    draws, rows = OptionDraws("strike"), []
    while len(rows) < ROWS:
        row = (draws.terms(), draws.between(1, WAD), draws.random.random() < 0.5)
        try:
            model_pricing.strike_for_delta([row])
        except Revert as refusal:
            assert type(refusal).__name__ == "DeltaOutOfDomain"  # noqa: PT017
        else:
            rows.append(row)
    assert_equal(model_pricing, contract_pricing, "strike_for_delta", rows)


def test_implied_volatility__equals_the_model(model_pricing, contract_pricing):
    draws, rows = OptionDraws("volatility"), []
    for _ in range(ROWS):
        terms, is_call = draws.terms(), draws.random.random() < 0.5
        call, put, _, _ = model_pricing.quote([terms])[0]
        rows.append((terms, call if is_call else put, is_call))
    assert_equal(model_pricing, contract_pricing, "implied_volatility", rows)
