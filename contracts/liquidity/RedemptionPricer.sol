// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {IRedemptionPricer} from "../../interfaces/liquidity/IRedemptionPricer.sol";
import {IRedemptionVault} from "../../interfaces/liquidity/IRedemptionVault.sol";
import {IStableSwapPool} from "../../interfaces/liquidity/IStableSwapPool.sol";
import {IStakingPool} from "../../interfaces/staking/IStakingPool.sol";
import {IWithdrawalQueue} from "../../interfaces/staking/IWithdrawalQueue.sol";
import {IWrappedStakedEther} from "../../interfaces/staking/IWrappedStakedEther.sol";
import {RedemptionMath} from "../libraries/RedemptionMath.sol";

/// @title RedemptionPricer
/// @dev A contract of its own, made by the vault, because the vault's code would be too large with it.
contract RedemptionPricer is IRedemptionPricer {
    using RedemptionMath for uint256;

    uint256 private constant WAD = 1e18;
    uint256 private constant HALF = 0.5e18;

    /* IMMUTABLES */

    address private immutable WETH;
    IStakingPool private immutable POOL;
    IWrappedStakedEther private immutable WKETH;
    IWithdrawalQueue private immutable QUEUE;
    IStableSwapPool private immutable SWAP;
    uint256 private immutable MIN_FEE;
    uint256 private immutable YEARLY_FEE;
    uint256 private immutable HOLDBACK;
    uint256 private immutable FRAME_CAP;
    uint256 private immutable BASE_WAIT;
    uint256 private immutable MAX_REPORT_AGE;

    constructor(IRedemptionVault.Terms memory fixedTerms) {
        WETH = fixedTerms.weth;
        POOL = IStakingPool(payable(fixedTerms.pool));
        WKETH = IWrappedStakedEther(payable(fixedTerms.wketh));
        QUEUE = IWithdrawalQueue(fixedTerms.queue);
        SWAP = IStableSwapPool(fixedTerms.swap);
        MIN_FEE = fixedTerms.minFee;
        YEARLY_FEE = fixedTerms.yearlyFee;
        HOLDBACK = fixedTerms.holdback;
        FRAME_CAP = fixedTerms.frameCap;
        BASE_WAIT = fixedTerms.baseWait;
        MAX_REPORT_AGE = fixedTerms.maxReportAge;
    }

    /// @inheritdoc IRedemptionPricer
    function expectedWait(uint256 nominal, uint256 inflowPerDay) public view returns (uint256) {
        uint256 queued = QUEUE.unfinalizedStETH() + nominal;
        return BASE_WAIT + queued.waitUp(POOL.getBalances().buffered, inflowPerDay);
    }

    /// @inheritdoc IRedemptionPricer
    function sale(uint256 shares, uint256 inflowPerDay)
        external
        view
        returns (uint256 nominal, uint256 price, uint256 heldBack)
    {
        nominal = WKETH.convertToAssets(shares);
        uint256 fee = FixedPointMathLib.max(_waitFee(nominal, inflowPerDay), _discount());
        price = FixedPointMathLib.zeroFloorSub(nominal, nominal.partUp(fee));
        heldBack = nominal.partUp(HOLDBACK);
    }

    /// @inheritdoc IRedemptionPricer
    function purchase(uint256 shares, uint256 inflowPerDay) external view returns (uint256 nominal, uint256 maximum) {
        nominal = WKETH.convertToAssets(shares);
        // Half, because the purchase itself lifts the price away from the average.
        uint256 fee = FixedPointMathLib.max(_waitFee(nominal, inflowPerDay), _averageDiscount().partUp(HALF));
        maximum = FixedPointMathLib.zeroFloorSub(nominal, nominal.partUp(fee));
    }

    /// @dev The fee for waiting, and the least there is.
    function _waitFee(uint256 nominal, uint256 inflowPerDay) private view returns (uint256) {
        return FixedPointMathLib.max(MIN_FEE, YEARLY_FEE.forTimeUp(expectedWait(nominal, inflowPerDay)));
    }

    /// @dev The swap pool's discount on redemption, by spot or average price, whichever is worse; at most all.
    function _discount() private view returns (uint256) {
        uint256 spot = SWAP.get_p(0).discountUp(SWAP.stored_rates()[1], WKETH.getRate());
        return FixedPointMathLib.max(spot, _averageDiscount());
    }

    function _averageDiscount() private view returns (uint256) {
        return SWAP.market_ratio().discountUp(WAD, WAD);
    }

    /// @inheritdoc IRedemptionPricer
    function terms() external view returns (IRedemptionVault.Terms memory) {
        return IRedemptionVault.Terms({
            weth: WETH,
            pool: address(POOL),
            wketh: address(WKETH),
            queue: address(QUEUE),
            swap: address(SWAP),
            minFee: MIN_FEE,
            yearlyFee: YEARLY_FEE,
            holdback: HOLDBACK,
            frameCap: FRAME_CAP,
            baseWait: BASE_WAIT,
            maxReportAge: MAX_REPORT_AGE
        });
    }
}
