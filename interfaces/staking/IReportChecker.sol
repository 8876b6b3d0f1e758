// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

import {Report} from "./Report.sol";

/// @title ReportChecker: what a report may say
/// @notice Bounds on gains, annualised gain, losses in a window, counts, and the age of finalised requests. The pool asks it
/// once per report, before anything changes.
interface IReportChecker {
    /// @notice What the pool knows when a report arrives; ether amounts in wei.
    struct Context {
        bytes32 reportHash;
        /// Time of the report's reference slot.
        uint256 refTimestamp;
        /// Reference time of the report before; the pool's deployment for the first.
        uint256 previousRefTimestamp;
        /// Ether that belongs to holders before the report.
        uint256 pooledEther;
        /// Validators and exits as the report before said.
        uint256 validators;
        uint256 exitedValidators;
        /// Deposited by the pool, ever.
        uint256 depositedValidators;
        uint256 depositedEther;
        /// `depositsSeen` as the report before said.
        uint256 depositsSeen;
        /// Of the report's gain and the loss exactly one may be non-zero.
        uint256 gain;
        uint256 loss;
    }

    /// @notice Checks `report` against `context` and remembers its loss. Pool only.
    /// @return maxGain The most that may be recognised with this report, carried gain included; the pool carries the rest.
    /// @return latestRequest Withdrawal requests made after this time may not be finalised with it.
    function check(Report calldata report, Context calldata context)
        external
        returns (uint256 maxGain, uint256 latestRequest);
}
