import json

import pytest
from gates import sizes

POOL = "// SPDX-License-Identifier: MIT\npragma solidity 0.8.30;\n\ncontract Pool {}\n"


@pytest.fixture
def built(checkout, write, monkeypatch):
    """Make a checkout that ape has built to the given sizes."""
    monkeypatch.setattr(sizes, "run", lambda *_: (0, ()))

    def built(runtime, initcode, folder="credit"):
        write(f"contracts/{folder}/Pool.sol", POOL)
        kinds = {"runtimeBytecode": runtime, "deploymentBytecode": initcode}
        types = {"Pool": {kind: {"bytecode": "0x" + "00" * size} for kind, size in kinds.items()}}
        write(".build/__local__.json", json.dumps({"contractTypes": types}))
        return checkout

    return built


@pytest.mark.parametrize(
    ("runtime", "initcode", "problems"),
    [
        (24_576, 49_152, ()),
        (24_577, 1, ("Pool: 24,577 bytes of code, at most 24,576",)),
        (1, 49_153, ("Pool: 49,153 bytes of initcode, at most 49,152",)),
    ],
)
def test_sizes__around_the_limits(built, runtime, initcode, problems):
    assert sizes.sizes(built(runtime, initcode)).problems == problems


def test_sizes__around_the_budget_of_a_folder(built):
    assert sizes.sizes(built(20_000, 1, "staking")).problems == ()
    problem = "Pool: 20,001 bytes of code, at most 20,000"
    assert sizes.sizes(built(20_001, 1, "staking")).problems == (problem,)


def test_sizes__failed_build__does_not_pass(checkout, monkeypatch):
    monkeypatch.setattr(sizes, "run", lambda *_: (1, ("it does not compile",)))
    report = sizes.sizes(checkout)
    assert not report.passed
    assert report.problems == ("it does not compile",)
