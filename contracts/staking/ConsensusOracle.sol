// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IConsensusOracle} from "../../interfaces/staking/IConsensusOracle.sol";
import {IStakingPool} from "../../interfaces/staking/IStakingPool.sol";
import {Report} from "../../interfaces/staking/Report.sol";
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
    function submitReport(Report calldata report, uint256[] calldata boundaryHints) external {
        (uint256 refSlot, uint256 refTimestamp,) = getCurrentFrame();
        require(report.refSlot == refSlot, WrongRefSlot(report.refSlot, refSlot));
        require(_consumedSlot() != refSlot, AlreadySubmitted(refSlot));
        bytes32 agreed = consensusHash(refSlot);
        require(agreed != bytes32(0), NoConsensus(refSlot));
        bytes32 reportHash = keccak256(abi.encode(report));
        require(reportHash == agreed, ReportHashMismatch(reportHash, agreed));

        _consume(refSlot);
        emit ReportSubmitted(refSlot, reportHash, msg.sender);
        POOL.handleReport(report, reportHash, refTimestamp, boundaryHints);
    }

    /// @inheritdoc IConsensusOracle
    function lastSubmittedRefSlot() external view returns (uint256) {
        return _consumedSlot();
    }
}
