"""Functions too deep for the stack compile without the IR, and do as they did."""

import pytest

from keel.chain.contract import Call
from tests.machines.revm import RevmChain
from tests.mutation.build import PLAIN, Build
from tests.mutation.operators import Mutant
from tests.mutation.solc import CompilationFailed, Solc
from tests.mutation.sources import Sources

NAMES = [f"v{number}" for number in range(18)]
DEEP = f"""pragma solidity 0.8.30;
contract Deep {{
    enum Kind {{ None, Some }}
    /// @notice More locals than the stack reaches, in every form of declaration.
    function sum(uint256 from, uint256 rounds) external pure returns (uint256 total) {{
        {" ".join(f"uint256 {name} = from + {i};" for i, name in enumerate(NAMES))}
        (uint256 first, Kind kind) = (v0, Kind.Some);
        uint256[] memory list = new uint256[](2);
        for (uint256 i; i < rounds; ++i) {{
            uint256 fresh;
            fresh += i;
            list[1] += fresh;
        }}
        (v0, v1) = (v1, v0);
        total = first + uint256(kind) + list[1] + v1 * 1000;
        {" ".join(f"total += {name};" for name in NAMES)}
    }}
}}
"""
FILE = "contracts/options/Deep.sol"


def expected(start, rounds):
    values = [start + i for i in range(len(NAMES))]
    return start + 1 + sum(range(rounds)) + values[0] * 1000 + sum(values)


@pytest.fixture(scope="module")
def solc():
    with Solc() as solc:
        yield solc


@pytest.fixture
def sources():
    return Sources(replaced={FILE: DEEP.encode()})


def answer(artifact, *arguments):
    chain = RevmChain()
    sender = "0x" + "11" * 20
    address = chain.create(sender, artifact.creation_code, 0)
    data = artifact.abi.encode_call("sum", *arguments)
    return int.from_bytes(chain.transact(sender, Call(address, data), chain.timestamp + 1), "big")


def test_sample__is_too_deep(solc, sources):
    with pytest.raises(CompilationFailed, match="Stack too deep"):
        solc.ask(dict(sources.closure([FILE])), PLAIN | {"outputSelection": {"*": {"*": ["evm"]}}})


@pytest.mark.parametrize(("start", "rounds"), [(0, 0), (5, 4), (10**30, 7)])
def test_build__of_what_is_too_deep__does_the_same(start, rounds, solc, sources):
    artifact = Build(solc, sources).all([(FILE, "Deep")])["Deep"]
    assert answer(artifact, start, rounds) == expected(start, rounds)


def test_build__a_mutant_within(solc, sources):
    build = Build(solc, sources)
    build.all([(FILE, "Deep")])
    start = DEEP.index("list[1] += fresh") + len("list[1] ")
    mutant = Mutant("compound", FILE, start, "+=", "-=", 1, "sum")
    artifact = build.mutated(mutant, [(FILE, "Deep")])["Deep"]
    assert answer(artifact, 5, 1) == expected(5, 1)


def test_build__what_does_not_compile__is_no_mutant(solc, sources):
    start = DEEP.index("* 1000") + 2
    mutant = Mutant("literal", FILE, start, "1000", '"a"', 1, "sum")
    with pytest.raises(CompilationFailed):
        Build(solc, sources).mutated(mutant, [(FILE, "Deep")])
