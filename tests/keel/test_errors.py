"""Every refusal of the models is a custom error of some contract, with the same arguments."""

import inspect
import json
import re
from pathlib import Path

import pytest

from keel.models.evm import Revert
from keel.models.gauge import errors as gauge_errors
from keel.models.redemption import errors as redemption_errors
from keel.models.staking import errors as staking_errors

ROOT = Path(__file__).parents[2]


def declared():
    """Argument names of each error in the ABIs, by its name; contracts may share one."""
    found = {}
    for path in (ROOT / "tests" / "snapshots" / "abi").glob("*.json"):
        for line in json.loads(path.read_text()):
            match = re.fullmatch(r"error (\w+)\((.*)\)", line)
            if match:
                names = tuple(part.split()[-1] for part in match[2].split(", ") if part)
                found.setdefault(match[1], set()).add(names)
    return found


def raised(source):
    """Names and keywords of the `PoolError`s that a module raises."""
    return re.findall(r'PoolError\(\s*"(\w+)"((?:,\s*\w+=[^,)]+(?:\([^)]*\))?[^,)]*)*)', source)


@pytest.mark.parametrize(
    ("errors", "least"), [(staking_errors, 20), (gauge_errors, 13), (redemption_errors, 14)]
)
def test_errors__have_the_contracts_argument_count(errors, least):
    known = declared()
    classes = [
        kind
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, Revert) and kind is not Revert
    ]
    assert len(classes) > least
    for kind in classes:
        lengths = {len(names) for names in known.get(kind.__name__, ())}
        assert len(kind.fields) in lengths, (kind.__name__, kind.fields)


def test_stableswap_errors__have_the_contracts_argument_names():
    known, seen = declared(), 0
    for path in (ROOT / "keel" / "models" / "stableswap").glob("*.py"):
        for name, keywords in raised(path.read_text()):
            names = tuple(re.findall(r"(\w+)=", keywords))
            assert names in known.get(name, set()), (path.name, name, names)
            seen += 1
    assert seen > 20
