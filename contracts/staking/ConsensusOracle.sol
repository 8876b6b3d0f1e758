// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IConsensusOracle} from "../../interfaces/staking/IConsensusOracle.sol";
import {IOperatorRegistry} from "../../interfaces/staking/IOperatorRegistry.sol";
import {IStakingPool} from "../../interfaces/staking/IStakingPool.sol";
import {KeyNews, OperatorLoss, Report} from "../../interfaces/staking/Report.sol";
import {HashConsensus} from "./HashConsensus.sol";

/// @title ConsensusOracle
/// @dev LIVENESS: a report that the pool refuses leaves the frame open: mend the cause and submit again, or report the next
/// frame. Nobody but the members is needed: anyone may submit.
contract ConsensusOracle is IConsensusOracle, HashConsensus {
    IStakingPool private immutable POOL;

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
        (uint256 refSlot, uint256 refTimestamp,) = getCurrentFrame();
        require(report.refSlot == refSlot, WrongRefSlot(report.refSlot, refSlot));
        require(_consumedSlot() != refSlot, AlreadySubmitted(refSlot));
        bytes32 agreed = consensusHash(refSlot);
        require(agreed != bytes32(0), NoConsensus(refSlot));
        bytes32 reportHash = keccak256(abi.encode(report));
        require(reportHash == agreed, ReportHashMismatch(reportHash, agreed));
        bytes32 lossesHash = losses.length == 0 ? bytes32(0) : keccak256(abi.encode(losses));
        require(lossesHash == report.lossesHash, ReportHashMismatch(lossesHash, report.lossesHash));

        _consume(refSlot);
        emit ReportSubmitted(refSlot, reportHash, msg.sender);
        POOL.handleReport(report, losses, reportHash, refTimestamp, boundaryHints);
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
