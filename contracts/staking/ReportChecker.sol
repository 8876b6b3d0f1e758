// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {SafeCastLib} from "solady/src/utils/SafeCastLib.sol";

import {IHashConsensus} from "../../interfaces/staking/IHashConsensus.sol";
import {IReportChecker} from "../../interfaces/staking/IReportChecker.sol";
import {Bounds} from "../libraries/Bounds.sol";
import {LinearMath} from "../libraries/LinearMath.sol";

/// @title ReportChecker
/// @dev UNITS: wei, seconds, 1/10,000.
/// @dev ROUNDING: bounds down.
/// @dev ROLES: the owner sets limits inside hard bounds and names the second quorum; the pool checks.
/// @dev LOSSES are kept as cumulative sums by reference time; those that left the window are passed over once.
contract ReportChecker is IReportChecker, Ownable2Step {
    using SafeCastLib for uint256;

    /// @notice About the 8,192 epochs over which the consensus layer charges a slashing up to its correlation penalty.
    uint256 public constant LOSS_WINDOW = 18 days;

    struct CumulativeLoss {
        uint40 refTimestamp;
        uint128 total;
    }

    address private immutable POOL;

    /* STORAGE */

    Limits private _limits;

    /// @inheritdoc IReportChecker
    address public lossConfirmer;

    CumulativeLoss[] private _losses;
    /// @dev Index of the first loss that may still be inside the window.
    uint256 private _windowStart;

    /* CONSTRUCTOR */

    constructor(address owner, address pool, address lossConfirmer_) Ownable(owner) {
        require(pool != address(0), ZeroAddress());
        POOL = pool;
        _setLossConfirmer(lossConfirmer_);
        // 1.101 ether: an initial slashing penalty of 1 and 0.101 of inactivity per validator, the constants of Lido's
        // OracleReportSanityChecker (initialSlashingAmountPWei 1000, inactivityPenaltiesAmountPWei 101).
        _setLimits(
            Limits({
                maxGainBps: 50,
                maxAnnualGainBps: 1_000,
                maxLossPerValidator: 1.101 ether,
                maxExits: 600,
                requestMargin: 1 hours
            })
        );
    }

    /* CHECK */

    /// @inheritdoc IReportChecker
    function check(Context calldata context) external returns (uint256 maxGain, uint256 latestRequest) {
        require(msg.sender == POOL, Unauthorized(msg.sender, POOL));
        require(
            context.refTimestamp > context.previousRefTimestamp,
            ReportNotNewer(context.refTimestamp, context.previousRefTimestamp)
        );
        Limits memory limits = _limits;
        _checkCounts(context, limits.maxExits);
        if (context.loss != 0) _checkLoss(context, limits.maxLossPerValidator);

        uint256 elapsed = context.refTimestamp - context.previousRefTimestamp;
        uint256 byReport = LinearMath.bpsDown(context.pooledEther, limits.maxGainBps);
        uint256 byYear = LinearMath.annualDown(context.pooledEther, limits.maxAnnualGainBps, elapsed);
        return (byReport < byYear ? byReport : byYear, context.refTimestamp - limits.requestMargin);
    }

    function _checkCounts(Context calldata context, uint256 maxExits) private pure {
        require(
            context.validators >= context.previousValidators && context.validators <= context.depositedValidators,
            ValidatorCountInvalid(context.validators, context.previousValidators, context.depositedValidators)
        );
        uint256 mostExited = context.previousExitedValidators + maxExits;
        if (mostExited > context.validators) mostExited = context.validators;
        require(
            context.exitedValidators >= context.previousExitedValidators && context.exitedValidators <= mostExited,
            ExitedCountInvalid(context.exitedValidators, context.previousExitedValidators, mostExited)
        );
        require(
            context.depositsSeen >= context.previousDepositsSeen && context.depositsSeen <= context.depositedEther,
            DepositsSeenInvalid(context.depositsSeen, context.previousDepositsSeen, context.depositedEther)
        );
    }

    /// @dev The bound counts the validators that were active before the report: those that exit with a loss count too.
    function _checkLoss(Context calldata context, uint256 maxLossPerValidator) private {
        uint256 start = _windowStart;
        while (start < _losses.length && _left(_losses[start], context.refTimestamp)) ++start;
        _windowStart = start;
        uint256 total = _totalBefore(_losses.length) + context.loss;
        _losses.push(CumulativeLoss(context.refTimestamp.toUint40(), total.toUint128()));

        uint256 inWindow = total - _totalBefore(start);
        uint256 bound = (context.validators - context.previousExitedValidators) * maxLossPerValidator;
        if (inWindow <= bound) return;
        require(
            IHashConsensus(lossConfirmer).consensusHash(context.refSlot) == context.reportHash,
            LossNeedsConfirmation(inWindow, bound)
        );
    }

    function _left(CumulativeLoss memory loss, uint256 timestamp) private pure returns (bool) {
        return loss.refTimestamp + LOSS_WINDOW <= timestamp;
    }

    function _totalBefore(uint256 index) private view returns (uint256) {
        return index == 0 ? 0 : _losses[index - 1].total;
    }

    /* ADMIN */

    /// @inheritdoc IReportChecker
    function setLimits(Limits calldata newLimits) external onlyOwner {
        _setLimits(newLimits);
    }

    function _setLimits(Limits memory limits) private {
        Bounds.check(limits.maxGainBps, 1, 200);
        Bounds.check(limits.maxAnnualGainBps, 100, 5_000);
        Bounds.check(limits.maxLossPerValidator, 0.01 ether, 16 ether);
        Bounds.check(limits.maxExits, 1, type(uint32).max);
        Bounds.check(limits.requestMargin, 0, 7 days);
        _limits = limits;
        emit LimitsSet(limits);
    }

    /// @inheritdoc IReportChecker
    function setLossConfirmer(address newLossConfirmer) external onlyOwner {
        _setLossConfirmer(newLossConfirmer);
    }

    function _setLossConfirmer(address newLossConfirmer) private {
        require(newLossConfirmer != address(0), ZeroAddress());
        lossConfirmer = newLossConfirmer;
        emit LossConfirmerSet(newLossConfirmer);
    }

    /* VIEWS */

    /// @inheritdoc IReportChecker
    function getLimits() external view returns (Limits memory) {
        return _limits;
    }

    /// @inheritdoc IReportChecker
    function lossInWindow(uint256 timestamp) external view returns (uint256) {
        uint256 start = _windowStart;
        while (start < _losses.length && _left(_losses[start], timestamp)) ++start;
        return _totalBefore(_losses.length) - _totalBefore(start);
    }
}
