// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IConsensusOracle} from "../../interfaces/staking/IConsensusOracle.sol";
import {IOperatorRegistry} from "../../interfaces/staking/IOperatorRegistry.sol";
import {IReportChecker} from "../../interfaces/staking/IReportChecker.sol";
import {IStakingPool} from "../../interfaces/staking/IStakingPool.sol";
import {KeyNews, OperatorLoss, Report} from "../../interfaces/staking/Report.sol";
import {HashConsensus} from "./HashConsensus.sol";

/// @title ConsensusOracle
/// @dev LIVENESS: a report that the pool refuses leaves the frame open: mend the cause and submit again, or report the next
/// frame. Nobody but the members is needed: anyone may submit.
contract ConsensusOracle is IConsensusOracle, HashConsensus {
    IStakingPool private immutable POOL;

    /// @inheritdoc IConsensusOracle
    uint256 public lossOnHoldSince;

    constructor(address owner, address pool, uint256 genesisTime, uint256 slotsPerFrame)
        HashConsensus(owner, genesisTime, slotsPerFrame)
    {
        require(pool != address(0), ZeroAddress());
        POOL = IStakingPool(payable(pool));
    }

    /// @inheritdoc IConsensusOracle
    function submitReport(Report calldata report, OperatorLoss[] calldata losses, uint256[] calldata boundaryHints)
        external
    {
        (bytes32 reportHash, uint256 refTimestamp) = _agreed(report, losses);
        _consume(report.refSlot);
        emit ReportSubmitted(report.refSlot, reportHash, msg.sender);
        POOL.handleReport(report, losses, reportHash, refTimestamp, boundaryHints);
    }

    /// @inheritdoc IConsensusOracle
    function submitForConfirmation(
        Report calldata report,
        OperatorLoss[] calldata losses,
        uint256[] calldata boundaryHints
    ) external {
        (bytes32 reportHash, uint256 refTimestamp) = _agreed(report, losses);
        uint256 consumed = _consumedSlot();
        _consume(report.refSlot);
        try POOL.handleReport(report, losses, reportHash, refTimestamp, boundaryHints) {
            emit ReportSubmitted(report.refSlot, reportHash, msg.sender);
        } catch (bytes memory reason) {
            if (bytes4(reason) != IReportChecker.LossNeedsConfirmation.selector) {
                assembly ("memory-safe") {
                    revert(add(reason, 0x20), mload(reason))
                }
            }
            (, uint256 appliedAt) = POOL.lastReport();
            require(lossOnHoldSince <= appliedAt, LossAlreadyOnHold(lossOnHoldSince));
            lossOnHoldSince = block.timestamp;
            _consume(consumed);
            emit LossOnHold(report.refSlot, reportHash);
        }
    }

    /// @dev The report must be the one that the members agreed on in the current frame, and not submitted yet.
    function _agreed(Report calldata report, OperatorLoss[] calldata losses)
        private
        view
        returns (bytes32 reportHash, uint256 refTimestamp)
    {
        uint256 refSlot;
        (refSlot, refTimestamp,) = getCurrentFrame();
        require(report.refSlot == refSlot, WrongRefSlot(report.refSlot, refSlot));
        require(_consumedSlot() != refSlot, AlreadySubmitted(refSlot));
        bytes32 agreed = consensusHash(refSlot);
        require(agreed != bytes32(0), NoConsensus(refSlot));
        reportHash = keccak256(abi.encode(report));
        require(reportHash == agreed, ReportHashMismatch(reportHash, agreed));
        bytes32 lossesHash = losses.length == 0 ? bytes32(0) : keccak256(abi.encode(losses));
        require(lossesHash == report.lossesHash, ReportHashMismatch(lossesHash, report.lossesHash));
    }

    /// @inheritdoc IConsensusOracle
    function submitNews(Report calldata report, KeyNews[] calldata news) external {
        uint256 refSlot = report.refSlot;
        require(_consumedSlot() == refSlot, ReportNotSubmitted(refSlot));
        bytes32 agreed = consensusHash(refSlot);
        bytes32 reportHash = keccak256(abi.encode(report));
        require(reportHash == agreed, ReportHashMismatch(reportHash, agreed));
        bytes32 newsHash = keccak256(abi.encode(news));
        require(newsHash == report.registryHash, ReportHashMismatch(newsHash, report.registryHash));
        IOperatorRegistry(POOL.part("registry")).applyNews(refSlot, GENESIS_TIME + refSlot * SECONDS_PER_SLOT, news);
    }

    /// @inheritdoc IConsensusOracle
    function lastSubmittedRefSlot() external view returns (uint256) {
        return _consumedSlot();
    }
}
