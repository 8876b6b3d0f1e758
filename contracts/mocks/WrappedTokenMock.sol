// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {RateTokenMock} from "./RateTokenMock.sol";

/// @title WrappedTokenMock
/// @notice A token with a redemption rate, that wraps another.
contract WrappedTokenMock is RateTokenMock {
    address public immutable asset;

    constructor(address wrapped) {
        asset = wrapped;
    }
}
