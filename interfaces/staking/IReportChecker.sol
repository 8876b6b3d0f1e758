// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

import {IBounded} from "../libraries/IBounded.sol";

/// @title ReportChecker: what a report may say
/// @notice Bounds on gains, annualised gain, losses in a window, counts, and the age of finalised requests. The pool asks it
/// once per report, before anything is recognised.
///
/// LIVENESS: the way forward after each check
/// - A gain above the bound is carried by the pool to later reports; nothing reverts.
/// - A loss above the bound waits for a second quorum on the same hash, or for the next frame's report.
/// - Counts out of order, too many exits, a reference time that doesn't rise: the members vote on a correct report. Exits
///   above the bound of one report are spread over several, or the owner raises the bound.
interface IReportChecker is IBounded {
    /// @notice What the pool knows when a report arrives, and what of the report is checked; ether amounts in wei.
    struct Context {
        bytes32 reportHash;
        /// As reported.
        uint256 refSlot;
        uint256 validators;
        uint256 exitedValidators;
        uint256 depositsSeen;
        /// Time of the report's reference slot.
        uint256 refTimestamp;
        /// Reference time of the report before; the pool's deployment for the first.
        uint256 previousRefTimestamp;
        /// Ether that belongs to holders before the report.
        uint256 pooledEther;
        /// As the report before said.
        uint256 previousValidators;
        uint256 previousExitedValidators;
        uint256 previousDepositsSeen;
        /// Deposited by the pool, ever.
        uint256 depositedValidators;
        uint256 depositedEther;
        /// Each gross of the other.
        uint256 gain;
        uint256 loss;
    }

    struct Limits {
        /// Gain of one report, of the pooled ether: 1 to 200.
        uint16 maxGainBps;
        /// Gain as a yearly rate over the time since the report before, of the pooled ether: 100 to 5,000.
        uint16 maxAnnualGainBps;
        /// Loss per active validator in `LOSS_WINDOW` that one quorum may report, wei: 0.01 to 16 ether.
        uint96 maxLossPerValidator;
        /// Newly exited validators in one report: at least 1.
        uint32 maxExits;
        /// A finalised request is at least this much older than the reference slot, seconds: at most 7 days.
        uint32 requestMargin;
    }

    event LimitsSet(Limits limits);

    event LossConfirmerSet(address indexed lossConfirmer);

    error Unauthorized(address caller, address needed);

    error ZeroAddress();

    error ReportNotNewer(uint256 refTimestamp, uint256 previous);

    error ValidatorCountInvalid(uint256 reported, uint256 minimum, uint256 maximum);

    error ExitedCountInvalid(uint256 reported, uint256 minimum, uint256 maximum);

    error DepositsSeenInvalid(uint256 reported, uint256 minimum, uint256 maximum);

    /// @notice The losses of the window are beyond what one quorum may report, and the second has not agreed on this hash.
    error LossNeedsConfirmation(uint256 lossInWindow, uint256 bound);

    /// @notice Checks a report and remembers its loss. Pool only.
    /// @return maxGain The most that may be recognised with this report, carried gain included; the pool carries the rest.
    /// @return latestRequest Withdrawal requests made after this time may not be finalised with it.
    function check(Context calldata context) external returns (uint256 maxGain, uint256 latestRequest);

    /// @notice Losses reported with reference times in the `LOSS_WINDOW` before `timestamp`, wei.
    function lossInWindow(uint256 timestamp) external view returns (uint256);

    function getLimits() external view returns (Limits memory);

    /// @notice A `HashConsensus` with other members than the oracle's.
    function lossConfirmer() external view returns (address);

    /// @notice Owner only, inside the bounds stated with each field.
    function setLimits(Limits calldata newLimits) external;

    /// @notice Owner only.
    function setLossConfirmer(address newLossConfirmer) external;
}
