"""Hand-made encoding is eth_abi's, byte for byte."""

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from keel.chain.abi import Abi
from tests.machines.packing import PackedAbi, packer

WORDS = {
    "uint256": st.integers(0, 2**256 - 1),
    "uint16": st.integers(0, 2**16 - 1),
    "int128": st.integers(-(2**127), 2**127 - 1),
    "bool": st.booleans(),
    "address": st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex()),
    "bytes32": st.binary(min_size=32, max_size=32),
}


def typed(kinds):
    """Pairs of a type and a value of it."""
    plain = st.sampled_from(sorted(WORDS)).flatmap(
        lambda kind: st.tuples(st.just(kind), WORDS[kind])
    )

    def wider(inner):
        array = inner.map(lambda pair: (f"{pair[0]}[]", [pair[1]] * 2))
        fixed = inner.map(lambda pair: (f"{pair[0]}[3]", [pair[1]] * 3))
        structs = st.lists(inner, min_size=1, max_size=3).map(
            lambda pairs: (f"({','.join(kind for kind, _ in pairs)})", tuple(v for _, v in pairs))
        )
        return array | fixed | structs

    return st.recursive(plain, wider, max_leaves=6)


@given(pairs=st.lists(typed(WORDS), max_size=4))
def test_packer__as_eth_abi(pairs):
    kinds, values = [kind for kind, _ in pairs], [value for _, value in pairs]
    assert packer(kinds)(values) == encode(kinds, values)


def test_packer__bytes_and_strings_and_nothing():
    kinds, values = ["bytes", "string", "uint256[]"], [b"raw", "text", []]
    assert packer(kinds)(values) == encode(kinds, values)


@pytest.mark.parametrize("value", [-1, 2**256])
def test_packer__refuses_what_does_not_fit(value):
    with pytest.raises(OverflowError):
        packer(["uint256"])([value])


ERROR = {"type": "error", "name": "TooMuch", "inputs": [{"name": "asked", "type": "uint256"}]}


def test_is_error__name_and_values():
    packed = PackedAbi(Abi([ERROR]))
    data = keccak(text="TooMuch(uint256)")[:4] + (7).to_bytes(32, "big")
    assert packed.is_error(data, "TooMuch", [7])
    assert not packed.is_error(data, "TooMuch", [8])
    assert not packed.is_error(data, "TooLittle", [7])
    assert not packed.is_error(b"", "TooMuch", [7])
