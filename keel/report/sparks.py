"""Charts of a line of characters, for terminals."""

from collections.abc import Sequence

_LEVELS = "▁▂▃▄▅▆▇█"
_EIGHTHS = " ▏▎▍▌▋▊▉"
WIDTH = 40


def spark(values: Sequence[float], low: float, high: float, width: int = WIDTH) -> str:
    """A line of levels between two bounds; each character stands for the last of its values."""
    count = min(width, len(values))
    picked = [values[(n + 1) * len(values) // count - 1] for n in range(count)]
    span = (high - low) or 1.0
    top = len(_LEVELS) - 1
    return "".join(_LEVELS[min(top, max(0, round((v - low) / span * top)))] for v in picked)


def bar(value: float, most: float, width: int = WIDTH) -> str:
    """A bar as long as a value is beside the most, to an eighth of a character."""
    eighths = round(8 * width * min(value, most) / most)
    whole, part = divmod(max(0, eighths), 8)
    return "█" * whole + (_EIGHTHS[part] if part else "")
