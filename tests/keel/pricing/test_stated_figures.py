"""What the documents say of prices, worked out again."""

import numpy as np
import pytest

from keel.pricing.black_scholes import price, strike_for_delta

WEEK, HALF_A_YEAR = 7 / 365, 180 / 365


def test_reserve__at_a_volatility_that_is_too_low():
    """A weekly 10-delta call loses 35, 63, 82 % of its reserve at 10, 20, 30 % too little."""
    strike = strike_for_delta(2_000.0, 0.10, WEEK, 0.8, 0.0, 0.0)
    true = price(2_000.0, strike, WEEK, 0.8, 0.0, 0.0)
    told = price(2_000.0, strike, WEEK, 0.8 * np.array([0.9, 0.8, 0.7]), 0.0, 0.0)
    assert np.round(100 * (1 - told / true)).tolist() == [35.0, 63.0, 82.0]


def test_carry__of_a_token_that_accumulates_is_none():
    """Half a year's call at the money costs 5.6 % more than with a yield of 3.2 % as carry."""
    true, wrong = (price(2_000.0, 2_000.0, HALF_A_YEAR, 0.6, 0.04, q) for q in (0.0, 0.032))
    assert true / wrong - 1 == pytest.approx(0.056, abs=5e-4)
