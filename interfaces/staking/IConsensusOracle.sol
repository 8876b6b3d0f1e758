// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

import {IHashConsensus} from "./IHashConsensus.sol";
import {KeyNews, OperatorLoss, Report} from "./Report.sol";

/// @title ConsensusOracle: the members' report, delivered to the pool
/// @notice Members vote on `keccak256(abi.encode(report))`; once a quorum agrees, anyone submits the data.
interface IConsensusOracle is IHashConsensus {
    event ReportSubmitted(uint256 indexed refSlot, bytes32 reportHash, address indexed submitter);

    /// @notice A report with a loss waits for the second quorum: the queue's stale-oracle escape is closed.
    event LossOnHold(uint256 indexed refSlot, bytes32 reportHash);

    error NoConsensus(uint256 refSlot);

    error ReportHashMismatch(bytes32 given, bytes32 agreed);

    error AlreadySubmitted(uint256 refSlot);

    /// @notice News follow their report, so that a bond isn't free before the losses of its validator are charged.
    error ReportNotSubmitted(uint256 refSlot);

    /// @notice A loss was held since the last report already; only an applied report makes room for another hold.
    error LossAlreadyOnHold(uint256 heldSince);

    /// @notice Applies the agreed report of the current frame to the pool, once.
    /// @param losses What the report's `lossesHash` stands for.
    /// @param boundaryHints See `IWithdrawalQueue.finalize`; not voted on, may be empty.
    /// @dev Reverts with `WrongRefSlot`, `NoConsensus`, `ReportHashMismatch`, `AlreadySubmitted`, and with what pool and
    /// checker refuse. A refused report may be submitted again until the frame ends.
    function submitReport(Report calldata report, OperatorLoss[] calldata losses, uint256[] calldata boundaryHints)
        external;

    /// @notice Tells the registry the news that the submitted report named by their hash. Anyone may, once, until the first
    /// vote on the next frame's report; what nobody told belongs into later news.
    /// @param report As submitted.
    /// @dev Reverts with `ReportNotSubmitted`, `ReportHashMismatch`, and with what the registry refuses.
    function submitNews(Report calldata report, KeyNews[] calldata news) external;

    /// @notice Submits as `submitReport` does; if the pool's checker wants the second quorum for the report's loss, that is noted
    /// instead of refused, and keeps the queue's stale-oracle escape closed for its `HOLD_LIMIT`. Anyone, once between two
    /// reports: the escape can't be kept closed by holding anew.
    /// @dev Reverts as `submitReport` does, save with `LossNeedsConfirmation`; with `LossAlreadyOnHold`.
    function submitForConfirmation(
        Report calldata report,
        OperatorLoss[] calldata losses,
        uint256[] calldata boundaryHints
    ) external;

    /// @notice When a loss was last held; over once a report is applied. The queue asks with 30,000 gas, and takes no answer for
    /// zero.
    /// @return timestamp Zero before the first.
    function lossOnHoldSince() external view returns (uint256 timestamp);

    /// @return refSlot Zero before the first.
    function lastSubmittedRefSlot() external view returns (uint256 refSlot);
}
