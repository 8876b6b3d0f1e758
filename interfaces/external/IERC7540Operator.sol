// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @title Operators of ERC-7540; ERC-165 id 0xe3bc4e65
interface IERC7540Operator {
    event OperatorSet(address indexed controller, address indexed operator, bool approved);

    /// @notice Lets `operator` request and claim for the caller, or no longer.
    function setOperator(address operator, bool approved) external returns (bool);

    function isOperator(address controller, address operator) external view returns (bool);
}
