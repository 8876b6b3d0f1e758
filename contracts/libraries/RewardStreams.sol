// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {SafeCastLib} from "solady/src/utils/SafeCastLib.sol";

/// @title Rewards that flow evenly to stakes, by a clock that runs only while somebody is staked
/// @dev BOUNDS: stakes and fundings sum to less than 2^96 each, and the clock runs only above `MIN_STAKED`. So an integral is
/// at most 2^96 * 2^96 / 2^32, that is, below 2^160; a stake times an integral is below 2^256; and what all stakes together
/// are owed is below 2^96.
/// @dev EXACT: what a stream loses is what its integral gains times the stakes, to the last of its 96 fractional bits.
library RewardStreams {
    uint256 internal constant MAX_AMOUNT = type(uint96).max;

    /// @notice Less than this is nobody: it bounds what a unit of stake can ever earn, so that a user's checkpoint is one slot.
    uint256 internal constant MIN_STAKED = 2 ** 32;

    /// @notice Fractional bits: at least one step of the integral for each unit streamed, since stakes are below 2^96.
    uint256 private constant FRACTION = 96;

    struct Stream {
        /// What a unit of stake has earned so far, 96 fractional bits.
        uint160 integral;
        /// Clock up to which it is counted, and at which the stream ends.
        uint48 updated;
        uint48 end;
        /// Still to be streamed, 96 fractional bits.
        uint192 remaining;
    }

    struct Checkpoint {
        /// The stream's integral up to which the account is settled.
        uint160 integral;
        /// Units of the reward token.
        uint96 owed;
    }

    /// @notice The stream at `clock`, if `staked` was staked since its last update.
    /// @dev Rounds the integral's step down, and takes from the stream exactly what that step gives.
    function advanced(Stream memory stream, uint256 clock, uint256 staked) internal pure returns (Stream memory) {
        if (clock > stream.end) clock = stream.end;
        if (clock <= stream.updated) return stream;
        unchecked {
            // `staked` is not zero: the clock would not have moved. 192 and 48 bits fit a product.
            uint256 released = stream.remaining * (clock - stream.updated) / (stream.end - stream.updated);
            uint256 step = released / staked;
            stream.integral = SafeCastLib.toUint160(stream.integral + step);
            stream.remaining = SafeCastLib.toUint192(stream.remaining - step * staked);
        }
        stream.updated = SafeCastLib.toUint48(clock);
        return stream;
    }

    /// @notice `received` more, and `duration` from now to stream it all, or until it would have ended anyway if that is later.
    /// The stream must be advanced to `clock`.
    /// @return longest The longest duration at which the rate is not lower than before, rounded down; no bound if it is over.
    function extended(Stream memory stream, uint256 clock, uint256 received, uint256 duration)
        internal
        pure
        returns (Stream memory, uint256 longest)
    {
        unchecked {
            // Fundings sum to less than 2^96.
            uint256 remaining = stream.remaining + (received << FRACTION);
            longest = type(uint256).max;
            if (clock < stream.end && stream.remaining != 0) {
                uint256 left = stream.end - clock;
                longest = remaining * left / stream.remaining;
                if (duration < left) duration = left;
            }
            stream.remaining = SafeCastLib.toUint192(remaining);
        }
        stream.updated = SafeCastLib.toUint48(clock);
        stream.end = SafeCastLib.toUint48(clock + duration);
        return (stream, longest);
    }

    /// @notice What an account is owed once settled.
    /// @dev Rounds down, so that all accounts together are owed no more than was streamed.
    function owedDown(Checkpoint memory checkpoint, uint256 integral, uint256 stake) internal pure returns (uint256) {
        unchecked {
            return checkpoint.owed + (stake * (integral - checkpoint.integral) >> FRACTION);
        }
    }

    /// @notice Whole units that are still to be streamed.
    /// @dev Rounds up: what is owed and what remains cover what was funded.
    function remainingUp(Stream memory stream) internal pure returns (uint256) {
        unchecked {
            return (stream.remaining + type(uint96).max) >> FRACTION;
        }
    }
}
