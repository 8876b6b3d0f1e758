import pytest
from hypothesis import given
from hypothesis import strategies as st

from keel.models.rounding import mul_div_down, mul_div_up, tdiv

UINT = st.integers(min_value=0, max_value=2**256 - 1)
POSITIVE = st.integers(min_value=1, max_value=2**256 - 1)
INT = st.integers(min_value=-(2**255), max_value=2**255 - 1)


@given(a=UINT, b=UINT, denominator=POSITIVE)
def test_mul_div__brackets_the_exact_quotient(a, b, denominator):
    down = mul_div_down(a, b, denominator)
    up = mul_div_up(a, b, denominator)
    assert down * denominator <= a * b < (down + 1) * denominator
    assert up - down == (1 if a * b % denominator else 0)


@given(a=INT, b=INT.filter(bool))
def test_tdiv__truncates_toward_zero(a, b):
    quotient = tdiv(a, b)
    remainder = a - quotient * b
    assert abs(remainder) < abs(b)
    assert remainder == 0 or (remainder < 0) == (a < 0)


@pytest.mark.parametrize("divide", [mul_div_down, mul_div_up])
@pytest.mark.parametrize("arguments", [(-1, 1, 1), (1, -1, 1), (1, 1, -1)])
def test_mul_div__negative__raises(divide, arguments):
    with pytest.raises(ValueError, match="unsigned arithmetic"):
        divide(*arguments)


@pytest.mark.parametrize("divide", [mul_div_down, mul_div_up])
def test_mul_div__by_zero__raises(divide):
    with pytest.raises(ZeroDivisionError):
        divide(1, 1, 0)
