// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @title Wrapped ether, as far as we call it
interface IWETH {
    function deposit() external payable;
}
