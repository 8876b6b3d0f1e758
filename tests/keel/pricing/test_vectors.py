"""Floating-point prices are within tolerance of 60-digit arithmetic on every recorded row."""

import json
from decimal import Decimal

import numpy as np
import pytest

from keel.pricing import YEAR_SECONDS, black_scholes, normal
from keel.pricing.depeg import depeg_quote, european_cover, one_touch_cover, probability
from keel.pricing.merton import Jumps, merton_series
from keel.pricing.rates import Payment, lognormal_caplet, normal_caplet, time_average
from keel.pricing.ssvi import Ssvi
from keel.pricing.svi import Svi
from tests.fixtures.option_vectors import rows_of

RELATIVE = Decimal("1e-13")
ABSOLUTE = Decimal("1e-15")
GREEKS = ("price", "delta", "vega", "gamma", "theta", "rho", "carry_rho", "vanna", "volga")


class Rows:
    """Rows of a kind as arrays of their inputs, whose results are compared at once."""

    def __init__(self, kind, errors, select=lambda row: True):
        self.kind, self.errors = kind, errors
        self.rows = [row for row in rows_of(kind) if select(row)]
        assert self.rows

    def __getitem__(self, name):
        values = [row["inputs"][name] for row in self.rows]
        if isinstance(values[0], bool):
            return np.array(values)
        return np.array([float(value) for value in values])

    def years(self, name):
        return self[name] / YEAR_SECONDS

    def settle(self):
        self.errors.settle("numpy")

    @property
    def terms(self):
        return self["S"], self["K"], self.years("T_seconds"), self["sigma"], self["r"], self["q"]

    def compare(self, name, got, output=None, scale=()):
        """Within 1e-13 of itself, or 1e-15 of the largest input named in `scale`."""
        for row, value in zip(self.rows, np.broadcast_to(got, len(self.rows)), strict=True):
            expected = Decimal(row["outputs"][output or name])
            largest = max((Decimal(row["inputs"][key]) for key in scale), default=Decimal(1))
            tolerance = max(RELATIVE * abs(expected), ABSOLUTE * largest)
            assert np.isfinite(value), (row["id"], name)
            self.errors.compare(name, row, Decimal(float(value)), expected, tolerance)


@pytest.fixture
def recorded(errors):
    """Rows of a kind."""
    return lambda kind, select=lambda row: True: Rows(kind, errors, select)


@pytest.mark.parametrize("kind", ["bsm", "bsm_edge"])
def test_black_scholes(recorded, kind):
    rows = recorded(kind)
    found = black_scholes.greeks(*rows.terms, is_call=rows["is_call"])
    for name in GREEKS:
        rows.compare(name, getattr(found, name), scale=() if name == "delta" else ("S", "K"))
    rows.settle()


def test_quote__is_the_same(recorded):
    rows = recorded("bsm")
    found = black_scholes.quote(*rows.terms, is_call=rows["is_call"])
    for name in GREEKS[:3]:
        rows.compare(name, getattr(found, name), scale=() if name == "delta" else ("S", "K"))
    rows.settle()


def test_merton(recorded):
    rows = recorded("merton")
    law = (rows["jump_intensity"], rows["jump_log_mean"], rows["jump_log_sd"])
    found = merton_series(*rows.terms, jumps=Jumps(*law), is_call=rows["is_call"])
    assert (found.bound <= 1e-15 * rows["S"]).all()
    rows.compare("price", found.price, scale=("S", "K"))
    rows.compare("delta", found.delta)
    rows.compare("gamma", found.gamma)
    rows.compare("vega", found.vega, output="vega_diffusive", scale=("S",))
    rows.settle()


@pytest.mark.parametrize("last", [2, 4, 8])
def test_merton__truncated__is_within_its_bound(recorded, last):
    rows = recorded("merton")
    law = (rows["jump_intensity"], rows["jump_log_mean"], rows["jump_log_sd"])
    found = merton_series(*rows.terms, jumps=Jumps(*law), terms=last + 1, is_call=rows["is_call"])
    rounding = 1e-15 * np.maximum(rows["S"], rows["K"])
    for row, price, bound, noise in zip(rows.rows, found.price, found.bound, rounding, strict=True):
        short = float(row["outputs"]["price"]) - price
        assert -noise <= short <= bound + noise, row["id"]
        assert bound <= float(row["outputs"][f"trunc_bound_n{last}"]) * (1 + 1e-9), row["id"]
    plain = black_scholes.price(*rows.terms, is_call=rows["is_call"])
    rows.compare("no jump", plain, "bsm_price_no_jump", ("S", "K"))
    rows.settle()


def test_depeg_mixture(recorded):
    rows = recorded("depeg_mixture")
    intensity, loss = rows["depeg_intensity"], rows["depeg_loss"]
    found = depeg_quote(*rows.terms, intensity=intensity, loss=loss, is_call=rows["is_call"])
    rows.compare("price", found.price, scale=("S", "K"))
    rows.compare("delta", found.delta)
    rows.compare("vega", found.vega, scale=("S", "K"))
    p = probability(intensity, rows.years("T_seconds"))
    rows.compare("p_depeg", p)
    rows.compare("compensator", 1.0 / (1.0 - p * loss))
    rows.settle()


@pytest.mark.parametrize(
    ("style", "price"), [("european", european_cover), ("one_touch", one_touch_cover)]
)
def test_depeg_digital(recorded, style, price):
    rows = recorded("depeg_digital", lambda row: row["inputs"]["style"] == style)
    found = price(
        rows["ratio0"],
        rows["barrier"],
        rows.years("T_seconds"),
        rows["sigma_ratio"],
        rows["r"],
        intensity=rows["depeg_intensity"],
        loss=rows["depeg_loss"],
    )
    rows.compare("price", rows["payout"] * found.price)
    rows.compare("probability", found.likelihood)
    jump = probability(rows["depeg_intensity"], rows.years("T_seconds"))
    rows.compare("p_jump", jump)
    rows.settle()


def test_cash_or_nothing(recorded):
    rows = recorded("cash_or_nothing")
    found = black_scholes.cash_or_nothing(*rows.terms, is_call=rows["is_call"])
    for name in GREEKS[:3]:
        rows.compare(name, rows["payout"] * getattr(found, name))
    rows.settle()


def test_yield_caplet(recorded):
    rows = recorded("yield_caplet")
    payment = Payment(
        rows.years("T_fix_seconds"), rows.years("accrual_seconds"), rows["r"], rows["notional"]
    )
    forward, strike, is_cap = rows["forward_apr"], rows["strike_apr"], rows["is_cap"]
    flat = normal_caplet(forward, strike, rows["normal_vol"], payment, is_cap=is_cap)
    late = normal_caplet(
        forward, strike, rows["normal_vol"], payment, is_cap=is_cap, in_arrears=True
    )
    skewed = lognormal_caplet(forward, strike, rows["black_vol"], payment, is_cap=is_cap)
    for name, value in {
        "bachelier_undiscounted_rate": flat.rate,
        "bachelier_price": flat.price,
        "bachelier_delta_rate": flat.delta,
        "bachelier_vega": flat.vega,
        "black_undiscounted_rate": skewed.rate,
        "black_price": skewed.price,
        "black_delta_rate": skewed.delta,
        "bachelier_avg_in_arrears_price": late.price,
        "discount": payment.discount,
    }.items():
        rows.compare(name, value, scale=("notional",) if "rate" not in name else ())
    rows.settle()


def test_normal(recorded):
    rows = recorded("normal")
    rows.compare("cdf", normal.cdf(rows["x"]))
    rows.compare("pdf", normal.pdf(rows["x"]))
    rows.settle()


def test_normal_ppf(recorded):
    rows = recorded("normal_ppf")
    rows.compare("x", normal.ppf(rows["p"]))
    rows.settle()


def test_ln_exp(recorded):
    """What numpy and libm give."""
    rows = recorded("ln")
    rows.compare("ln", np.log(rows["x"]))
    rows = recorded("exp")
    rows.compare("exp", np.exp(rows["x"]))
    rows.settle()


def test_strike_for_delta(recorded):
    rows = recorded("strike_for_delta")
    terms = (rows.years("T_seconds"), rows["sigma"], rows["r"], rows["q"])
    found = black_scholes.strike_for_delta(
        rows["S"], rows["abs_delta"], *terms, is_call=rows["is_call"]
    )
    rows.compare("K", found)
    rows.settle()


def test_implied_vol(recorded):
    """To 1e-13, or what the price's last digits say of the volatility."""
    rows = recorded("implied_vol")
    terms = (rows["S"], rows["K"], rows.years("T_seconds"), rows["r"], rows["q"])
    found = black_scholes.implied_volatility(rows["price"], *terms, is_call=rows["is_call"])
    for row, value in zip(rows.rows, found, strict=True):
        expected, vega = Decimal(row["outputs"]["sigma"]), Decimal(row["outputs"]["vega"])
        largest = max(Decimal(row["inputs"]["S"]), Decimal(row["inputs"]["K"]))
        tolerance = max(RELATIVE * expected, ABSOLUTE * largest / vega)
        rows.errors.compare("sigma", row, Decimal(value), expected, tolerance)
    rows.settle()


def test_svi_raw(recorded):
    rows = recorded("svi_raw")
    for row in rows.rows:
        numbers = {name: float(row["inputs"][name]) for name in ("a", "b", "rho", "m", "sigma")}
        smile, k = Svi(**numbers), float(row["inputs"]["k"])
        for name, function in {
            "total_variance": smile.total_variance,
            "dw_dk": smile.slope,
            "d2w_dk2": smile.curvature,
            "durrleman_g": smile.durrleman,
        }.items():
            expected = Decimal(row["outputs"][name])
            rows.errors.compare(name, row, Decimal(float(function(k))), expected, RELATIVE)
    rows.settle()


def test_ssvi(recorded):
    rows = recorded("ssvi")
    for row in rows.rows:
        inputs = {name: float(value) for name, value in row["inputs"].items()}
        surface = Ssvi(inputs["rho"], inputs["eta"], inputs["gamma"])
        theta = inputs["theta"]
        bounds = surface.butterfly(theta)
        for name, value in {
            "phi": surface.phi(theta),
            "total_variance": surface.total_variance(inputs["k"], theta),
            "butterfly_c1": bounds.first,
            "butterfly_c2": bounds.second,
        }.items():
            expected = Decimal(row["outputs"][name])
            tolerance = RELATIVE * max(abs(expected), 1)
            rows.errors.compare(name, row, Decimal(float(value)), expected, tolerance)
    rows.settle()


def test_gwav(recorded):
    rows = recorded("gwav")
    for row in rows.rows:
        steps = [
            (float(start), float(value))
            for start, value in json.loads(row["inputs"]["observations"])
        ]
        found = time_average(steps, float(row["inputs"]["window_seconds"]))
        for name in ("geometric", "arithmetic"):
            expected = Decimal(row["outputs"][name])
            got = Decimal(getattr(found, name))
            rows.errors.compare(name, row, got, expected, RELATIVE)
    rows.settle()
