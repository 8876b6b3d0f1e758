// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCastLib} from "solady/src/utils/SafeCastLib.sol";

import {IStakingPool} from "../../interfaces/staking/IStakingPool.sol";
import {LinearMath} from "../libraries/LinearMath.sol";
import {SharesMath} from "../libraries/SharesMath.sol";
import {PoolRoles} from "./PoolRoles.sol";
import {StakedEther} from "./StakedEther.sol";

/// @title What the staking pool remembers: where its ether is, and the exchange rate that follows from it
/// @dev UNITS: wei, and exact shares with 27 decimals.
/// @dev LEDGER: `grossEther = buffered + clBalance + inFlight + the queue's advances - carriedGain`; pooled ether = gross -
/// unreleased gain. `balanceOf(this)` is never read.
abstract contract PoolLedger is StakedEther, PoolRoles {
    using SafeCastLib for uint256;
    using SharesMath for uint256;

    /// @notice A report's gain enters the rate over this time: the interval of reports.
    uint256 public constant RELEASE_PERIOD = 1 days;

    /* STORAGE: each struct is one slot; the first two change with every `submit`, the third is read by it */

    struct Totals {
        uint128 exactShares;
        uint128 grossEther;
    }

    struct Intake {
        uint96 buffered;
        uint96 limitLevel;
        uint40 limitUpdatedAt;
        bool paused;
    }

    struct Schedule {
        uint88 lockedGain;
        uint40 releaseEnd;
        uint96 maxStakeLimit;
        uint24 refillPeriod;
    }

    struct ConsensusLayer {
        uint96 balance;
        uint96 inFlight;
        uint32 validators;
        uint32 exitedValidators;
    }

    struct Reporting {
        uint64 depositedGwei;
        uint32 depositedValidators;
        uint88 carriedGain;
        uint32 refTimestamp;
        uint40 appliedAt;
    }

    struct Losses {
        /// WAD, after the last one.
        uint128 rate;
        uint64 time;
        uint64 count;
    }

    Totals internal _totals;
    Intake internal _intake;
    Schedule internal _schedule;
    ConsensusLayer internal _consensusLayer;
    Reporting internal _reporting;
    Losses internal _losses;

    /* RATE */

    function _exchangeRate() internal view override returns (uint256 totalEther, uint256 totalShares) {
        totalShares = _totals.exactShares;
        unchecked {
            // What is locked is part of the gross assets.
            totalEther = _totals.grossEther - getUnreleasedGain();
        }
    }

    /// @inheritdoc IStakingPool
    function getUnreleasedGain() public view returns (uint256) {
        return LinearMath.remainingUp(_schedule.lockedGain, _schedule.releaseEnd, RELEASE_PERIOD, block.timestamp);
    }

    function _lock(uint256 gain) internal {
        _schedule.lockedGain = gain.toUint88();
        _schedule.releaseEnd = uint40(block.timestamp + RELEASE_PERIOD);
    }

    /// @dev Of a loss that has lowered the rate.
    function _noteLoss() internal {
        (uint256 totalEther, uint256 totalShares) = _exchangeRate();
        uint256 rate = SharesMath.EXACT_PER_ETHER.toEtherDown(totalEther, totalShares);
        _losses = Losses(rate.toUint128(), uint64(block.timestamp), _losses.count + 1);
    }

    /* VIEWS */

    /// @inheritdoc IStakingPool
    function confirmedLoss() external view returns (uint256 rateWad, uint256 time, uint256 count) {
        return (_losses.rate, _losses.time, _losses.count);
    }

    /// @inheritdoc IStakingPool
    function lastReport() external view returns (uint256 refTimestamp, uint256 appliedAt) {
        return (_reporting.refTimestamp, _reporting.appliedAt);
    }

    /// @inheritdoc IStakingPool
    function getBalances() external view returns (Balances memory) {
        return Balances({
            buffered: _intake.buffered,
            consensusLayer: _consensusLayer.balance,
            inFlight: _consensusLayer.inFlight,
            carriedGain: _reporting.carriedGain,
            unreleasedGain: getUnreleasedGain()
        });
    }

    /// @inheritdoc IStakingPool
    function getBeaconStat() external view returns (uint256, uint256, uint256) {
        return (_reporting.depositedValidators, _consensusLayer.validators, _consensusLayer.balance);
    }
}
