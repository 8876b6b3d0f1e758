// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {PrefixSums} from "../libraries/PrefixSums.sol";

/// @title PrefixSumsHarness
/// @dev The library on a tree of its own, so that tests reach it.
contract PrefixSumsHarness {
    using PrefixSums for PrefixSums.Tree;

    PrefixSums.Tree private _tree;

    function add(uint256 index, uint256 amount) external {
        _tree.add(index, amount);
    }

    function upTo(uint256 index) external view returns (uint256) {
        return _tree.upTo(index);
    }
}
