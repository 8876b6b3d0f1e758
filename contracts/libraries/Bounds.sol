// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {IBounded} from "../../interfaces/libraries/IBounded.sol";

/// @title Bounds of what deployers and owners choose
library Bounds {
    function check(uint256 given, uint256 minimum, uint256 maximum) internal pure {
        require(given >= minimum && given <= maximum, IBounded.OutOfBounds(given, minimum, maximum));
    }
}
