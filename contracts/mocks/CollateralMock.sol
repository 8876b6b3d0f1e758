// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {RewardTokenMock} from "./RewardTokenMock.sol";

/// @title CollateralMock
/// @notice As `RewardTokenMock`, with any number of decimals.
contract CollateralMock is RewardTokenMock {
    uint8 private immutable DECIMALS;

    constructor(uint8 tokenDecimals) {
        DECIMALS = tokenDecimals;
    }

    function decimals() public view override returns (uint8) {
        return DECIMALS;
    }
}
