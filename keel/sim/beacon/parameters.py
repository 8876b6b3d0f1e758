"""What a scenario chooses of the consensus layer."""

from dataclasses import dataclass

POOL_CREDENTIALS = b"\x01" + bytes(11) + b"\x4b" * 20
"""Those of a withdrawal address, 0x01."""


@dataclass(frozen=True, kw_only=True)
class BeaconParameters:
    """What a scenario chooses.

    Attributes
    ----------
    network : int
        Gwei that are active beside the pool's, in validators of 32 ether.
    performance : int
        Share of the perfect reward that a validator online gets, in millionths.
    offline : int
        Chance, in millionths, that a validator of the pool is offline for a day.
    tips : int
        Gwei per epoch that a validator online brings to the fee recipient, as expected value.
    entry_backlog, exit_backlog : int
        Gwei of strangers that wait in either queue at the beginning.
    """

    network: int
    performance: int = 990_000
    offline: int = 10_000
    tips: int = 0
    entry_backlog: int = 0
    exit_backlog: int = 0
    operators: int = 3
    credentials: bytes = POOL_CREDENTIALS
