"""Two contracts that ask much at once: static calls in a row, and slots of a storage."""

from functools import lru_cache

View = tuple[str, bytes]
"""A contract's address and calldata."""
Slot = tuple[str, int]
"""A contract's address and the number of a slot."""

# Calldata: [address, 20 bytes][size, 4 bytes][data], repeated. Returns what these static calls
# return, one after the other; reverts if one does.
CODE = bytes.fromhex(
    "5f5f"  #                   out = 0, pos = 0
    "5b803611600c57"  #     02: goto 0c if pos < calldatasize
    "505ff3"  #                 return memory[0:out]
    "5b8035"  #             0c: word = calldata[pos:pos + 32]
    "8060601c"  #               address = word >> 96
    "9060401c63ffffffff16"  #   size = word >> 64 & 0xffffffff
    "91601801"  #               data = pos + 24
    "82818537"  #               memory[out:out + size] = calldata[data:data + size]
    "8201"  #                   next = data + size
    "9190"  #                   the stack now: out, next, size, address
    "5f5f8386845afa"  #         staticcall(gas, address, out, size, 0, 0)
    "15604157"  #               goto 41 if it failed
    "5050"  #                   the stack now: out, next
    "3d5f833e"  #               memory[out:] = returndata
    "903d0190"  #               out += returndatasize
    "600256"  #                 goto 02
    "5b5f5ffd"  #           41: revert
)
# PUSH2 size, DUP1, PUSH1 10, PUSH0, CODECOPY, PUSH0, RETURN
CREATION_CODE = bytes.fromhex(f"61{len(CODE):04x}80600a5f395ff3") + CODE


@lru_cache(maxsize=10_000)
def calldata(views: tuple[View, ...]) -> bytes:
    """Calldata that asks for `views`."""
    return b"".join(
        bytes.fromhex(to[2:]) + len(data).to_bytes(4, "big") + data for to, data in views
    )


# Calldata: numbers of slots, 32 bytes each. Returns what is there, run as the code of a contract.
READER_CODE = bytes.fromhex(
    "5f"  #                     i = 0
    "5b803611600b57"  #     01: goto 0b if i < calldatasize
    "365ff3"  #                 return memory[0:calldatasize]
    "5b8035548152"  #       0b: memory[i] = storage[calldata[i]]
    "602001600156"  #           i += 32; goto 01
)
