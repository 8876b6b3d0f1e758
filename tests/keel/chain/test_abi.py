"""Encoding and decoding, against values worked out by hand or by the ABI's specification."""

import pytest
from eth_abi import encode
from eth_utils import keccak

from keel.chain.abi import Abi, UnknownAbi, canonical, signature

UINT = {"name": "amount", "type": "uint256"}
PAIR = {"name": "pair", "type": "tuple[]", "components": [UINT, {"name": "who", "type": "address"}]}
ABI = Abi(
    [
        {"type": "function", "name": "one", "inputs": [PAIR], "outputs": [UINT]},
        {"type": "function", "name": "two", "inputs": [UINT], "outputs": [UINT, UINT]},
        {"type": "function", "name": "two", "inputs": [], "outputs": []},
        {"type": "error", "name": "TooMuch", "inputs": [UINT]},
        {
            "type": "event",
            "name": "Moved",
            "inputs": [
                {**UINT, "indexed": True},
                {"name": "to", "type": "address", "indexed": False},
            ],
        },
    ]
)
WHO = "0x" + "11" * 20


def test_canonical__writes_tuples_out():
    assert canonical(PAIR) == "(uint256,address)[]"
    assert signature(ABI.function("one")) == "one((uint256,address)[])"


def test_encode_call__selector_and_arguments():
    data = ABI.encode_call("one", [(7, WHO)])
    assert data[:4] == keccak(text="one((uint256,address)[])")[:4]
    assert data[4:] == encode(["(uint256,address)[]"], [[(7, WHO)]])


def test_function__overload_needs_its_signature__reverts():
    with pytest.raises(UnknownAbi, match="no single function 'two'"):
        ABI.function("two")
    assert ABI.encode_call("two()") == keccak(text="two()")[:4]


def test_decode_error__custom_panic_text_and_unknown():
    custom = keccak(text="TooMuch(uint256)")[:4] + encode(["uint256"], [9])
    assert (ABI.decode_error(custom).name, ABI.decode_error(custom).values) == ("TooMuch", (9,))
    panic = keccak(text="Panic(uint256)")[:4] + encode(["uint256"], [0x11])
    assert (ABI.decode_error(panic).name, ABI.decode_error(panic).values) == ("Panic", (0x11,))
    text = keccak(text="Error(string)")[:4] + encode(["string"], ["no"])
    assert ABI.decode_error(text).values == ("no",)
    assert ABI.decode_error(b"\x01\x02\x03\x04").name == ""


def test_decode_log__indexed_and_data():
    log = {
        "address": WHO,
        "topics": [ABI.topic("Moved"), "0x" + encode(["uint256"], [5]).hex()],
        "data": "0x" + encode(["address"], [WHO]).hex(),
    }
    event = ABI.decode_log(log)
    assert (event.name, event.values) == ("Moved", {"amount": 5, "to": WHO})
    assert ABI.decode_log({**log, "topics": ["0x" + "00" * 32]}) is None
