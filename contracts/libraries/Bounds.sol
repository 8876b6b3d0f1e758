// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

/// @title Bounds of what deployers and owners choose
library Bounds {
    /// @dev As the interfaces of the contracts that are bounded declare it.
    error OutOfBounds(uint256 given, uint256 minimum, uint256 maximum);

    function check(uint256 given, uint256 minimum, uint256 maximum) internal pure {
        require(given >= minimum && given <= maximum, OutOfBounds(given, minimum, maximum));
    }
}
