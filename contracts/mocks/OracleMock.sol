// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title OracleMock
/// @dev Stands where the pool expects its oracle, and does what tests want: a target's address in 32 bytes and the data behind
/// it are a call to make in the oracle's name.
contract OracleMock {
    /// @notice As `IConsensusOracle` has it; tests write it into storage.
    uint256 public lossOnHoldSince;

    receive() external payable {}

    fallback(bytes calldata input) external payable returns (bytes memory) {
        (bool accepted, bytes memory answer) = address(uint160(uint256(bytes32(input[:32])))).call(input[32:]);
        if (!accepted) {
            assembly ("memory-safe") {
                revert(add(answer, 32), mload(answer))
            }
        }
        return answer;
    }
}
