"""Smiles that are fitted come back, and have no arbitrage whatever they are fitted to."""

import numpy as np
import pytest

from keel.pricing.black_scholes import price
from keel.pricing.ssvi import Slice, Ssvi, fit_ssvi
from keel.pricing.svi import Svi, fit_svi

K = np.linspace(-0.6, 0.5, 23)
SMILES = [
    Svi(a=0.02, b=0.1, rho=-0.4, m=0.02, sigma=0.15),
    Svi(a=0.005, b=0.05, rho=-0.2, m=0.0, sigma=0.2),
    Svi(a=0.04, b=0.25, rho=0.3, m=-0.05, sigma=0.3),
]
AXEL_VOGT = Svi(a=-0.0410, b=0.1331, rho=0.3060, m=0.3586, sigma=0.4153)
"""Gatheral and Jacquier's example of a smile that looks well and has butterfly arbitrage."""

FAR_WING = Svi(a=-1.5364, b=1.1757, rho=-0.7012, m=-1.6549, sigma=1.8951)
"""Looks well wherever anybody quotes; the arbitrage is at a hundredth of the forward."""


@pytest.mark.parametrize("smile", SMILES, ids=str)
def test_fit_svi__recovers(smile):
    found = fit_svi(K, smile.total_variance(K))
    assert found.error < 1e-8
    assert found.smile.is_arbitrage_free()
    assert found.smile.total_variance(K) == pytest.approx(smile.total_variance(K), rel=1e-6)


def test_svi__knows_the_butterfly():
    assert not AXEL_VOGT.is_arbitrage_free()
    assert min(AXEL_VOGT.durrleman(np.linspace(-1.5, 1.5, 301))) < -0.01
    assert all(smile.is_arbitrage_free() for smile in SMILES)
    assert not Svi(a=0.02, b=1.5, rho=-0.5, m=0.0, sigma=0.1).is_arbitrage_free()
    assert not Svi(a=-0.02, b=0.1, rho=0.0, m=0.0, sigma=0.1).is_arbitrage_free()


@pytest.mark.parametrize("smile", [AXEL_VOGT, FAR_WING], ids=["vogt", "far"])
def test_fit_svi__of_a_smile_with_arbitrage__has_none(record_property, smile):
    k = np.linspace(-0.8, 1.0, 41)
    assert not smile.is_arbitrage_free()
    found = fit_svi(k, smile.total_variance(k))
    off = found.smile.volatility(k, 1.0) - smile.volatility(k, 1.0)
    worst = np.max(np.abs(off))
    record_property("measured", f"SVI without arbitrage: off by {worst:.1e} of volatility at most")
    assert found.smile.is_arbitrage_free()
    assert worst < 0.02


def test_fit_svi__of_noise__has_no_arbitrage():
    random = np.random.default_rng(3)
    for smile in SMILES:
        for _ in range(3):
            noisy = smile.total_variance(K) * np.exp(random.normal(0, 0.05, K.size))
            found = fit_svi(K, noisy)
            assert found.smile.is_arbitrage_free()
            assert found.error < 0.12 * np.mean(noisy)


def test_fit_svi__prices_have_positive_butterflies():
    """What no arbitrage means: call prices are convex and fall in the strike."""
    found = fit_svi(K, AXEL_VOGT.total_variance(K)).smile
    strikes = 100.0 * np.exp(np.linspace(-1.0, 1.0, 400))
    strikes = np.linspace(strikes[0], strikes[-1], 400)
    k = np.log(strikes / 100.0)
    calls = price(100.0, strikes, 1.0, found.volatility(k, 1.0))
    assert (np.diff(calls) <= 1e-12).all()
    assert (np.diff(calls, n=2) >= -1e-11).all()


@pytest.mark.parametrize(
    ("k", "w"), [(K[:4], K[:4] + 1.0), (K, K), (K, np.ones(3))], ids=["few", "negative", "ragged"]
)
def test_fit_svi__of_no_smile__refuses(k, w):
    with pytest.raises(ValueError, match="five points or more, of positive variance"):
        fit_svi(k, w)


SURFACES = [Ssvi(rho=-0.35, eta=1.0, gamma=0.5), Ssvi(rho=0.2, eta=0.6, gamma=0.3)]
THETAS = np.array([0.01, 0.03, 0.08, 0.2])


@pytest.mark.parametrize("surface", SURFACES, ids=str)
def test_fit_ssvi__recovers(surface):
    slices = [Slice(K, surface.total_variance(K, theta)) for theta in THETAS]
    found = fit_ssvi(slices)
    assert found.error < 1e-6
    assert found.thetas == pytest.approx(THETAS, rel=1e-3)
    assert found.surface.rho == pytest.approx(surface.rho, abs=1e-2)


def test_fit_ssvi__of_noise_and_falling_levels__has_no_arbitrage():
    random = np.random.default_rng(4)
    levels = THETAS[[0, 2, 1, 3]]
    slices = [
        Slice(K, SURFACES[0].total_variance(K, t) * np.exp(random.normal(0, 0.05, K.size)))
        for t in levels
    ]
    found = fit_ssvi(slices)
    assert found.surface.butterfly(found.thetas).holds
    assert found.surface.is_calendar_free(found.thetas)
    for theta in found.thetas:
        strikes = 100.0 * np.linspace(0.3, 3.0, 500)
        vols = found.surface.volatility(np.log(strikes / 100.0), theta, 1.0)
        calls = price(100.0, strikes, 1.0, vols)
        assert (np.diff(calls, n=2) >= -1e-11).all()


def test_ssvi__knows_arbitrage():
    assert not Ssvi(rho=-0.9, eta=4.0, gamma=0.5).butterfly(THETAS).holds
    assert not SURFACES[0].is_calendar_free(THETAS[::-1])
    assert SURFACES[0].is_calendar_free(THETAS)


def test_fit_ssvi__of_nothing__refuses():
    with pytest.raises(ValueError, match="no expiry"):
        fit_ssvi([])
