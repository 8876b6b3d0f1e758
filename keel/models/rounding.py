"""Division with its direction in the name, on the integers that the EVM knows."""


def mul_div_down(a: int, b: int, denominator: int) -> int:
    """Return ``a * b / denominator`` of unsigned integers, rounded down."""
    _require_unsigned(a, b, denominator)
    return a * b // denominator


def mul_div_up(a: int, b: int, denominator: int) -> int:
    """Return ``a * b / denominator`` of unsigned integers, rounded up."""
    _require_unsigned(a, b, denominator)
    return -(-a * b // denominator)


def tdiv(a: int, b: int) -> int:
    """Return ``a / b`` of signed integers, rounded toward zero as the EVM does it."""
    quotient = abs(a) // abs(b)
    return -quotient if (a < 0) != (b < 0) else quotient


def _require_unsigned(*values: int) -> None:
    # A negative number is an underflow that the EVM would have stopped; `//` would hide it.
    if min(values) < 0:
        raise ValueError(f"unsigned arithmetic on {values}")
