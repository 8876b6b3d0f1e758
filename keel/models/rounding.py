"""Division with its direction in the name, on the integers that the EVM knows."""

# A negative number is an underflow that the EVM would have stopped; `//` would hide it.
_NEGATIVE = "unsigned arithmetic on ({}, {}, {})"


def mul_div_down(a: int, b: int, denominator: int) -> int:
    """Return ``a * b / denominator`` of unsigned integers, rounded down."""
    if a < 0 or b < 0 or denominator < 0:
        raise ValueError(_NEGATIVE.format(a, b, denominator))
    return a * b // denominator


def mul_div_up(a: int, b: int, denominator: int) -> int:
    """Return ``a * b / denominator`` of unsigned integers, rounded up."""
    if a < 0 or b < 0 or denominator < 0:
        raise ValueError(_NEGATIVE.format(a, b, denominator))
    return -(-a * b // denominator)


def tdiv(a: int, b: int) -> int:
    """Return ``a / b`` of signed integers, rounded toward zero as the EVM does it."""
    quotient = abs(a) // abs(b)
    return -quotient if (a < 0) != (b < 0) else quotient
