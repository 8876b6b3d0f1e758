"""Functions of many arrays, worked through in blocks that fit a core's cache."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike

BLOCK = 8_192

Result = TypeVar("Result")


def over_blocks(
    function: Callable[..., Result], kind: type[Result], *arguments: ArrayLike
) -> Result:
    """Call ``function`` on blocks of the arguments, broadcast to one shape and made flat.

    Parameters
    ----------
    function : callable
        Takes flat arrays, all floats but those of booleans, and gives a `kind`.
    kind : type
        A dataclass whose fields are arrays.
    *arguments : array_like
    """
    columns = np.broadcast_arrays(*(_column(argument) for argument in arguments))
    shape, size = columns[0].shape, columns[0].size
    flat = [column.reshape(-1) for column in columns]
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    results: dict[str, Any] = {name: np.empty(size) for name in names}
    for start in range(0, size, BLOCK):
        part = function(*(column[start : start + BLOCK] for column in flat))
        for name in names:
            results[name][start : start + BLOCK] = getattr(part, name)
    return kind(**{name: values.reshape(shape) for name, values in results.items()})


def _column(argument: ArrayLike) -> Any:
    array = np.asarray(argument)
    return array if array.dtype == np.bool_ else array.astype(np.float64, copy=False)
