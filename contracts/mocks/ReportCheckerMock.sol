// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IReportChecker} from "../../interfaces/staking/IReportChecker.sol";

/// @title ReportCheckerMock
/// @dev Says what it was told to say: tests of the pool choose the bounds that a report meets.
contract ReportCheckerMock {
    uint256 private _maxGain;
    uint256 private _latestRequest;

    /// @notice What the pool last told, hashed: `keccak256(abi.encode(context))`.
    bytes32 public contextHash;

    function setVerdict(uint256 maxGain, uint256 latestRequest) external {
        (_maxGain, _latestRequest) = (maxGain, latestRequest);
    }

    function check(IReportChecker.Context calldata context) external returns (uint256 maxGain, uint256 latestRequest) {
        contextHash = keccak256(abi.encode(context));
        return (_maxGain, _latestRequest);
    }
}
