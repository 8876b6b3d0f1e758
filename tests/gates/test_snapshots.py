import json

import pytest
from gates import snapshots

POOL = """// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

contract Pool {{
    struct Ticket {{
        uint96 amount;
        address owner;
    }}

    event Added(uint256 indexed id, Ticket ticket);

    error TooLate(uint256 deadline);

    uint128 internal _total;
    bool public paused;
    {extra}
    mapping(uint256 id => Ticket) internal _tickets;

    function add(Ticket[] calldata tickets) external payable returns (uint256 id) {{}}
}}
"""


@pytest.fixture
def pool(checkout, write):
    """A checkout whose snapshots are fresh."""
    write("contracts/staking/Pool.sol", POOL.format(extra=""))
    snapshots.write(checkout)
    return checkout


def stored(root, kind):
    return json.loads((root / "tests" / "snapshots" / kind / "Pool.json").read_text())


def test_write__abi(pool):
    assert stored(pool, "abi") == [
        "error TooLate(uint256 deadline)",
        "event Added(uint256 indexed id, (uint96 amount, address owner) ticket)",
        "function add((uint96 amount, address owner)[] tickets) payable returns (uint256 id)",
        "function paused() view returns (bool)",
    ]


def test_write__storage(pool):
    assert stored(pool, "storage") == [
        "0+0 uint128 _total",
        "0+16 bool paused",
        "1+0 mapping(uint256 => struct Pool.Ticket) _tickets",
        "struct Pool.Ticket: 0+0 uint96 amount; 0+12 address owner",
    ]


@pytest.mark.parametrize("gate", [snapshots.abi, snapshots.storage])
def test_compare__fresh__passes(pool, gate):
    assert gate(pool).passed


@pytest.mark.parametrize(
    ("gate", "change"),
    [
        (snapshots.abi, "+ function frozen() view returns (bool)"),
        (snapshots.storage, "+ 0+17 bool frozen"),
    ],
)
def test_compare__changed__fails(pool, write, gate, change):
    write("contracts/staking/Pool.sol", POOL.format(extra="bool public frozen;"))
    snapshots.analyse.cache_clear()
    report = gate(pool)
    assert report.problems[0] == "Pool changed:"
    assert change in report.problems


@pytest.mark.parametrize(("gate", "kind"), [(snapshots.abi, "abi"), (snapshots.storage, "storage")])
def test_compare__missing_or_left_over__fails(pool, gate, kind):
    folder = pool / "tests" / "snapshots" / kind
    (folder / "Pool.json").rename(folder / "Queue.json")
    assert gate(pool).problems[:2] == (
        "Pool: no snapshot",
        "Queue: snapshot of a contract that is gone",
    )


def test_gas__names_and_figures(pool, write):
    figures = {"Pool.add twice": 21_000, "Pool.drop": 1, "Pool.paused": 0, "Pool.add": "1"}
    write("tests/snapshots/gas.json", json.dumps(figures))
    assert snapshots.gas(pool).problems == (
        "Pool.drop: no such function",
        "Pool.paused: 0 is not an amount of gas",
        "Pool.add: '1' is not an amount of gas",
    )


def test_gas__of_a_library(checkout, write):
    library = "library Sums { function add(uint256 x) internal pure returns (uint256) {} }"
    write("contracts/Sums.sol", f"pragma solidity 0.8.30;\n{library}")
    write("tests/snapshots/gas.json", json.dumps({"Sums.add": 7, "Sums.drop": 7}))
    assert snapshots.gas(checkout).problems == ("Sums.drop: no such function",)


@pytest.mark.parametrize("text", [None, "{}"])
def test_gas__missing_or_empty__does_not_pass(pool, write, text):
    if text is not None:
        write("tests/snapshots/gas.json", text)
    assert not snapshots.gas(pool).passed
