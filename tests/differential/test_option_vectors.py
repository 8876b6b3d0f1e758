"""Model and contract are within tolerance of 60-digit arithmetic on every recorded row."""

from decimal import Decimal

import pytest

from keel.models.options.binary_math import Q96, Q112
from tests.fixtures.option_vectors import WAD, real, rows_of, wad

PRICE = Decimal("1e-12")
"""Of the spot: prices, and vega where 1e-10 of itself is less."""
DELTA = Decimal("1e-12")
VEGA = Decimal("1e-10")
GAMMA = Decimal("1e-12")
THETA = Decimal("1e-12")
"""Of itself and of the spot."""
NORMAL = Decimal("1e-16")
DIGITS = Decimal("5e-18")
"""Relative: recorded numbers have 18 digits."""


def q96(text):
    return int(Decimal(text) * Q96)


def terms_of(inputs):
    amounts = (wad(inputs["S"]), wad(inputs["K"]), inputs["T_seconds"])
    return (*amounts, *(wad(inputs[name]) for name in ("sigma", "r", "q")))


def test_normal__equals_recorded(pricing, pricing_name, errors):
    rows = rows_of("normal")
    points = [wad(row["inputs"]["x"]) for row in rows]
    for row, cdf, pdf in zip(rows, pricing.cdf(points), pricing.pdf(points), strict=True):
        errors.compare("normal cdf", row, real(cdf), row["outputs"]["cdf"], NORMAL)
        errors.compare("normal pdf", row, real(pdf), row["outputs"]["pdf"], NORMAL)
    errors.settle(pricing_name)


def test_ln__equals_recorded(pricing, pricing_name, errors):
    rows = rows_of("ln")
    results = pricing.ln_ratio([(wad(row["inputs"]["x"]), WAD) for row in rows])
    for row, result in zip(rows, results, strict=True):
        expected = Decimal(row["outputs"]["ln"])
        errors.compare("ln", row, Decimal(result) / Q96, expected, abs(expected) * DIGITS)
    errors.settle(pricing_name)


def test_exp__equals_recorded(pricing, pricing_name, errors):
    rows = rows_of("exp")
    results = pricing.exp_parts([q96(row["inputs"]["x"]) for row in rows])
    for row, (mantissa, exponent) in zip(rows, results, strict=True):
        expected = Decimal(row["outputs"]["exp"])
        got = Decimal(mantissa) * Decimal(2) ** exponent / Q112
        errors.compare("exp", row, got, expected, expected * DIGITS)
    errors.settle(pricing_name)


@pytest.mark.parametrize("kind", ["bsm", "bsm_edge"])
def test_black_scholes__equals_recorded(pricing, pricing_name, errors, kind):
    rows = rows_of(kind)
    results = pricing.full([terms_of(row["inputs"]) for row in rows])
    for row, result in zip(rows, results, strict=True):
        call, put, call_delta, put_delta, gamma, vega, call_theta, put_theta = map(real, result)
        is_call, expected = row["inputs"]["is_call"], row["outputs"]
        spot = Decimal(row["inputs"]["S"])
        scales = {name: abs(Decimal(expected[name])) for name in ("vega", "gamma", "theta")}
        for name, got, tolerance in (
            ("price", call if is_call else put, PRICE * spot),
            ("delta", call_delta if is_call else put_delta, DELTA),
            ("vega", vega, max(VEGA * scales["vega"], PRICE * spot)),
            ("gamma", gamma, GAMMA * scales["gamma"] + Decimal(1) / WAD),
            ("theta", call_theta if is_call else put_theta, THETA * (scales["theta"] + spot)),
        ):
            errors.compare(f"{kind} {name}", row, got, expected[name], tolerance)
    errors.settle(pricing_name)
