// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

/// @notice Both balances and the rate of coin 1, one slot.
type Reserves is uint256;

/// @notice Amplification, fees, and the block of the last rate, one slot.
type Settings is uint256;

using {StableSwapSlots.balance0, StableSwapSlots.balance1, StableSwapSlots.rate} for Reserves global;
using {
    StableSwapSlots.initialAmp,
    StableSwapSlots.futureAmp,
    StableSwapSlots.initialTime,
    StableSwapSlots.futureTime,
    StableSwapSlots.fee,
    StableSwapSlots.offpegFeeMultiplier,
    StableSwapSlots.rateBlock,
    StableSwapSlots.withRamp,
    StableSwapSlots.withFee,
    StableSwapSlots.withRateBlock
} for Settings global;

/// @title The two slots from which every price is made
/// @dev Words on the stack: as structs they would be copied to memory for each quote and each trade, at a tenth of its gas.
/// @dev LAYOUT, from the low end. Reserves: balance0 96, balance1 96, rate 64. Settings: initialAmp 32, futureAmp 32,
/// initialTime 40, futureTime 40, fee 32, offpegFeeMultiplier 40, rateBlock 40. Callers bound what they put in.
library StableSwapSlots {
    uint256 private constant MASK_32 = type(uint32).max;
    uint256 private constant MASK_40 = type(uint40).max;
    uint256 private constant MASK_96 = type(uint96).max;

    /* RESERVES */

    function reserves(uint256 balance0_, uint256 balance1_, uint256 rate_) internal pure returns (Reserves) {
        return Reserves.wrap(balance0_ | balance1_ << 96 | rate_ << 192);
    }

    /// @notice Wei of coin 0, without admin balances.
    function balance0(Reserves self) internal pure returns (uint256) {
        return Reserves.unwrap(self) & MASK_96;
    }

    function balance1(Reserves self) internal pure returns (uint256) {
        return Reserves.unwrap(self) >> 96 & MASK_96;
    }

    /// @notice Ether per coin 1, WAD.
    function rate(Reserves self) internal pure returns (uint256) {
        return Reserves.unwrap(self) >> 192;
    }

    /* SETTINGS */

    /// @notice A x 1,000 where the ramp started.
    function initialAmp(Settings self) internal pure returns (uint256) {
        return Settings.unwrap(self) & MASK_32;
    }

    function futureAmp(Settings self) internal pure returns (uint256) {
        return Settings.unwrap(self) >> 32 & MASK_32;
    }

    function initialTime(Settings self) internal pure returns (uint256) {
        return Settings.unwrap(self) >> 64 & MASK_40;
    }

    function futureTime(Settings self) internal pure returns (uint256) {
        return Settings.unwrap(self) >> 104 & MASK_40;
    }

    /// @notice 1e10 scale.
    function fee(Settings self) internal pure returns (uint256) {
        return Settings.unwrap(self) >> 144 & MASK_32;
    }

    function offpegFeeMultiplier(Settings self) internal pure returns (uint256) {
        return Settings.unwrap(self) >> 176 & MASK_40;
    }

    /// @notice Block in which the rate was last brought up to date.
    function rateBlock(Settings self) internal pure returns (uint256) {
        return Settings.unwrap(self) >> 216;
    }

    function withRamp(Settings self, uint256 initial, uint256 future, uint256 start, uint256 end)
        internal
        pure
        returns (Settings)
    {
        return Settings.wrap(Settings.unwrap(self) >> 144 << 144 | initial | future << 32 | start << 64 | end << 104);
    }

    function withFee(Settings self, uint256 newFee, uint256 newMultiplier) internal pure returns (Settings) {
        uint256 cleared = Settings.unwrap(self) & ~(MASK_32 << 144 | MASK_40 << 176);
        return Settings.wrap(cleared | newFee << 144 | newMultiplier << 176);
    }

    function withRateBlock(Settings self, uint256 newRateBlock) internal pure returns (Settings) {
        return Settings.wrap(Settings.unwrap(self) << 40 >> 40 | newRateBlock << 216);
    }
}
