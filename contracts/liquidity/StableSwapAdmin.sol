// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {SafeTransferLib} from "solady/src/utils/SafeTransferLib.sol";
import {IStableSwapPool} from "../../interfaces/liquidity/IStableSwapPool.sol";
import {StableSwapMath} from "../libraries/StableSwapMath.sol";
import {StableSwapLedger} from "./StableSwapLedger.sol";

/// @title What the pool's owner and its fee receiver may do
/// @dev ROLES: the owner moves A (tenfold in a day at the fastest), the fees (to 1 %, 5 % far off balance) and the fee
/// receiver. None of it can touch reserves or stop an exit. Two steps hand the role over.
abstract contract StableSwapAdmin is StableSwapLedger, Ownable2Step {
    using SafeTransferLib for address;
    using StableSwapMath for uint256;

    uint256 private constant A_PRECISION = StableSwapMath.A_PRECISION;
    uint256 private constant MIN_A = 1;
    uint256 private constant MAX_A = 1e6;
    uint256 private constant MAX_A_CHANGE = 10;
    uint256 private constant MIN_RAMP_TIME = 1 days;

    /// @dev 0.0001 %: the least at which a fee on anything but dust is more than a wei, and so round trips cannot pay.
    uint256 private constant MIN_FEE = 0.000001e10;
    /// @dev 1 %.
    uint256 private constant MAX_FEE = 0.01e10;
    /// @dev 5 %.
    uint256 private constant MAX_OFFPEG_FEE = 0.05e10;
    /// @dev A hundredfold: more has no use, and must fit 40 bits.
    uint256 private constant MAX_MULTIPLIER = 100e10;

    /* STORAGE */

    /// @inheritdoc IStableSwapPool
    address public fee_receiver;

    /* CONSTRUCTOR */

    constructor(Deployment memory deployment) Ownable(deployment.owner) {
        require(deployment.a >= MIN_A && deployment.a <= MAX_A, AOutOfBounds(deployment.a, MIN_A, MAX_A));
        uint256 amp = deployment.a * A_PRECISION;
        _settings = _settings.withRamp(amp, amp, 0, 0);
        _setFee(deployment.fee, deployment.offpegFeeMultiplier);
        _setFeeReceiver(deployment.feeReceiver);
    }

    /* FEE RECEIVER */

    /// @inheritdoc IStableSwapPool
    function withdraw_admin_fees() external nonReentrant {
        _withdrawAdminFees();
    }

    function _withdrawAdminFees() internal {
        (uint256 amount0, uint256 amount1) = (_adminBalances.balance0, _adminBalances.balance1);
        (_adminBalances.balance0, _adminBalances.balance1) = (0, 0);
        address receiver = fee_receiver;
        emit AdminFeesWithdrawn(receiver, amount0, amount1);
        if (amount0 != 0) COIN_0.safeTransfer(receiver, amount0);
        if (amount1 != 0) COIN_1.safeTransfer(receiver, amount1);
    }

    /* OWNER */

    /// @inheritdoc IStableSwapPool
    function ramp_A(uint256 newA, uint256 futureTime) external onlyOwner {
        uint256 earliest = _settings.initialTime() + MIN_RAMP_TIME;
        require(block.timestamp >= earliest, RampTooSoon(block.timestamp, earliest));
        earliest = block.timestamp + MIN_RAMP_TIME;
        require(futureTime >= earliest, RampTooShort(futureTime, earliest));
        require(futureTime <= type(uint40).max, RampTooLong(futureTime, type(uint40).max));
        require(newA >= MIN_A && newA <= MAX_A, AOutOfBounds(newA, MIN_A, MAX_A));
        uint256 amp = _amp(_settings);
        uint256 futureAmp = newA * A_PRECISION;
        require(futureAmp * MAX_A_CHANGE >= amp && futureAmp <= amp * MAX_A_CHANGE, RampTooSteep(amp, futureAmp));

        _setRamp(amp, futureAmp, futureTime);
        emit RampA(amp.toPreciseADown(), futureAmp.toPreciseADown(), block.timestamp, futureTime);
    }

    /// @inheritdoc IStableSwapPool
    function stop_ramp_A() external onlyOwner {
        uint256 amp = _amp(_settings);
        _setRamp(amp, amp, block.timestamp);
        emit StopRampA(amp.toPreciseADown(), block.timestamp);
    }

    function _setRamp(uint256 amp, uint256 futureAmp, uint256 futureTime) private {
        _settings = _settings.withRamp(amp, futureAmp, block.timestamp, futureTime);
    }

    /// @inheritdoc IStableSwapPool
    function set_new_fee(uint256 newFee, uint256 newOffpegFeeMultiplier) external onlyOwner {
        _setFee(newFee, newOffpegFeeMultiplier);
    }

    function _setFee(uint256 newFee, uint256 newOffpegFeeMultiplier) private {
        require(newFee >= MIN_FEE && newFee <= MAX_FEE, FeeOutOfBounds(newFee, MIN_FEE, MAX_FEE));
        require(
            newOffpegFeeMultiplier <= MAX_MULTIPLIER
                && newFee * newOffpegFeeMultiplier <= MAX_OFFPEG_FEE * FEE_DENOMINATOR,
            OffpegFeeTooHigh(newFee, newOffpegFeeMultiplier)
        );
        _settings = _settings.withFee(newFee, newOffpegFeeMultiplier);
        emit ApplyNewFee(newFee, newOffpegFeeMultiplier);
    }

    /// @inheritdoc IStableSwapPool
    function set_fee_receiver(address newFeeReceiver) external onlyOwner {
        _setFeeReceiver(newFeeReceiver);
    }

    function _setFeeReceiver(address newFeeReceiver) private {
        require(newFeeReceiver != address(0), ZeroAddress());
        fee_receiver = newFeeReceiver;
        emit FeeReceiverSet(newFeeReceiver);
    }
}
