"""Model and contract are within tolerance of 60-digit arithmetic on every recorded row.

The worst error of each quantity is reported, with the share of its tolerance in brackets.
"""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from keel.models.options.binary_math import Q96, Q112
from tests.fixtures.option_vectors import WAD, kinds, real, rows_of, wad

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
        errors.compare("cdf", row, real(cdf), row["outputs"]["cdf"], NORMAL)
        errors.compare("pdf", row, real(pdf), row["outputs"]["pdf"], NORMAL)
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
            errors.compare(name, row, got, expected[name], tolerance)
    errors.settle(pricing_name)


def test_depeg_mixture__equals_recorded(pricing, pricing_name, errors):
    rows = rows_of("depeg_mixture")
    risks = [
        [wad(row["inputs"][f"depeg_{name}"]) for name in ("intensity", "loss")] for row in rows
    ]
    terms = [terms_of(row["inputs"]) for row in rows]
    results = pricing.depeg([(t, tuple(risk)) for t, risk in zip(terms, risks, strict=True)])
    for row, result in zip(rows, results, strict=True):
        inputs, expected = row["inputs"], row["outputs"]
        call, put, delta, vega = map(real, result)
        if not inputs["is_call"]:
            delta -= (-Decimal(inputs["q"]) * Decimal(inputs["T_years"])).exp()
        spot = Decimal(inputs["S"])
        got = call if inputs["is_call"] else put
        errors.compare("price", row, got, expected["price"], PRICE * spot)
        errors.compare("delta", row, delta, expected["delta"], DELTA)
        tolerance = max(VEGA * Decimal(expected["vega"]), PRICE * spot)
        errors.compare("vega", row, vega, expected["vega"], tolerance)
    errors.settle(pricing_name)


@pytest.mark.parametrize("style", ["european", "one_touch"])
def test_depeg_cover__equals_recorded(pricing, pricing_name, errors, style):
    rows = [row for row in rows_of("depeg_digital") if row["inputs"]["style"] == style]
    covers = []
    for row in rows:
        inputs = row["inputs"]
        names = ("sigma_ratio", "r", "depeg_intensity", "depeg_loss")
        amounts = (wad(inputs["ratio0"]), wad(inputs["barrier"]), inputs["T_seconds"])
        covers.append((*amounts, *(wad(inputs[name]) for name in names)))
    results = getattr(pricing, f"{style}_cover")(covers)
    for row, (price, likelihood) in zip(rows, results, strict=True):
        payout, expected = Decimal(row["inputs"]["payout"]), row["outputs"]
        errors.compare(
            f"{style} price", row, payout * real(price), expected["price"], PRICE * payout
        )
        errors.compare(
            f"{style} probability", row, real(likelihood), expected["probability"], PRICE
        )
    errors.settle(pricing_name)


def test_cash_or_nothing__equals_recorded(pricing, pricing_name, errors):
    rows = rows_of("cash_or_nothing")
    results = pricing.cash_or_nothing([terms_of(row["inputs"]) for row in rows])
    for row, result in zip(rows, results, strict=True):
        call, put, delta, vega = map(real, result)
        payout, expected = Decimal(row["inputs"]["payout"]), row["outputs"]
        sign = 1 if row["inputs"]["is_call"] else -1
        for name, got in (
            ("price", call if sign == 1 else put),
            ("delta", sign * delta),
            ("vega", sign * vega),
        ):
            errors.compare(name, row, payout * got, expected[name], PRICE * payout)
    errors.settle(pricing_name)


def test_ppf__equals_recorded(pricing, pricing_name, errors):
    rows = rows_of("normal_ppf")
    results = pricing.ppf([wad(row["inputs"]["p"]) for row in rows])
    for row, result in zip(rows, results, strict=True):
        errors.compare("x", row, real(result), row["outputs"]["x"], NORMAL)
    errors.settle(pricing_name)


def test_strike_for_delta__equals_recorded(pricing, pricing_name, errors):
    rows = rows_of("strike_for_delta")
    wanted = []
    for row in rows:
        inputs = row["inputs"] | {"K": "0"}
        wanted.append((terms_of(inputs), wad(inputs["abs_delta"]), inputs["is_call"]))
    for row, result in zip(rows, pricing.strike_for_delta(wanted), strict=True):
        tolerance = PRICE * Decimal(row["inputs"]["S"])
        errors.compare("strike", row, real(result), row["outputs"]["K"], tolerance)
    errors.settle(pricing_name)


def test_implied_volatility__equals_recorded(pricing, pricing_name, errors):
    """As far as the recorded price's 18 digits tell volatilities apart."""
    rows = rows_of("implied_vol")
    wanted = [
        (
            terms_of(row["inputs"] | {"sigma": "0"}),
            wad(row["inputs"]["price"]),
            row["inputs"]["is_call"],
        )
        for row in rows
    ]
    for row, result in zip(rows, pricing.implied_volatility(wanted), strict=True):
        price, vega = Decimal(row["inputs"]["price"]), Decimal(row["outputs"]["vega"])
        tolerance = (price * DIGITS + Decimal(2) / WAD) / vega + Decimal(1) / WAD
        errors.compare("volatility", row, real(result), row["outputs"]["sigma"], tolerance)
    errors.settle(pricing_name)


KEPT = {3: "trunc_bound_n2", 5: "trunc_bound_n4", 9: "trunc_bound_n8", 24: None}
"""Terms that are kept, and the recorded bound for as many."""


@pytest.mark.parametrize("count", KEPT)
def test_merton__is_within_its_bound_of_recorded(pricing, pricing_name, errors, count):
    """Prices come from below, and the bound is no wider than the recorded one."""
    rows = rows_of("merton")
    series = []
    for row in rows:
        names = ("jump_intensity", "jump_log_mean", "jump_log_sd")
        jumps = tuple(wad(row["inputs"][name]) for name in names)
        series.append((terms_of(row["inputs"]), jumps, count))
    for row, result in zip(rows, pricing.merton(series), strict=True):
        call, put, bound = map(real, result)
        expected = Decimal(row["outputs"]["price"])
        spot = Decimal(row["inputs"]["S"])
        got = call if row["inputs"]["is_call"] else put
        rounding = spot * DIGITS
        assert -rounding <= expected - got <= bound + rounding, row["id"]
        if KEPT[count]:
            assert bound <= Decimal(row["outputs"][KEPT[count]]) + PRICE * spot, row["id"]
        errors.compare(f"{count} terms", row, got, expected, bound + PRICE * spot)
    errors.settle(pricing_name)


def test_every_kind__is_compared_in_floating_point():
    """A kind that the file has and no test names would pass unseen."""
    tests = Path(__file__).parents[1] / "keel" / "pricing" / "test_vectors.py"
    named = set(re.findall(r'"(\w+)"', tests.read_text()))
    assert kinds() <= named
