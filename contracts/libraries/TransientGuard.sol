// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {ReentrancyGuardTransient} from "solady/src/utils/ReentrancyGuardTransient.sol";

/// @title Solady's guard in transient storage, on every chain
/// @dev Its own default is plain storage but for mainnet, since not every chain has EIP-1153; Keel is compiled for Prague,
/// which has.
abstract contract TransientGuard is ReentrancyGuardTransient {
    function _useTransientReentrancyGuardOnlyOnMainnet() internal pure override returns (bool) {
        return false;
    }
}
