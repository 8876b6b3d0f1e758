// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {WETH} from "solady/src/tokens/WETH.sol";

/// @title WETHMock
/// @notice Wrapped ether for chains that have none: devnets and tests.
/// @dev Like the mainnet contract, and unlike Solady's default, it grants no spender an allowance of its own accord.
contract WETHMock is WETH {
    function _givePermit2InfiniteAllowance() internal pure override returns (bool) {
        return false;
    }
}
