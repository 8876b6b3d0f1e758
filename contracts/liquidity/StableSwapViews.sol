// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {IStableSwapPool} from "../../interfaces/liquidity/IStableSwapPool.sol";
import {MovingAverage} from "../libraries/MovingAverage.sol";
import {RateBound} from "../libraries/RateBound.sol";
import {StableSwapMath} from "../libraries/StableSwapMath.sol";
import {StableSwapTrades} from "../libraries/StableSwapTrades.sol";
import {StableSwapAdmin} from "./StableSwapAdmin.sol";

/// @title What the pool tells: quotes, oracles, state
/// @dev REENTRANCY: whatever an operation may be in the middle of changing reverts while one runs.
abstract contract StableSwapViews is StableSwapAdmin {
    using StableSwapTrades for StableSwapTrades.Market;
    using FixedPointMathLib for uint256;
    using MovingAverage for MovingAverage.Average;

    /* MODIFIERS */

    /// @dev NG's oracles are lists with an entry for every coin but the first.
    modifier onlyPrice(uint256 i) {
        require(i == 0, InvalidIndex(i));
        _;
    }

    /* QUOTES */

    /// @inheritdoc IStableSwapPool
    function get_dy(int128 i, int128 j, uint256 dx) external view nonReadReentrant returns (uint256) {
        uint256 sold = _soldCoin(i, j);
        require(dx != 0, ZeroAmount());
        return _market().swap(sold, dx).dy;
    }

    /// @inheritdoc IStableSwapPool
    function get_dx(int128 i, int128 j, uint256 dy) external view nonReadReentrant returns (uint256 dx) {
        uint256 sold = _soldCoin(i, j);
        StableSwapTrades.Market memory market = _market();
        dx = QUOTER.getDx(market, sold, dy);
        market.swap(sold, dx);
    }

    /// @inheritdoc IStableSwapPool
    function calc_token_amount(uint256[] calldata amounts, bool is_deposit)
        external
        view
        nonReadReentrant
        returns (uint256)
    {
        (uint256 amount0, uint256 amount1) = _pair(amounts);
        StableSwapTrades.Market memory market = _marketWithSupply();
        return
            is_deposit
                ? market.deposit(amount0, amount1).lpAmount
                : market.imbalancedWithdrawal(amount0, amount1).lpAmount;
    }

    /// @inheritdoc IStableSwapPool
    function calc_withdraw_one_coin(uint256 burn_amount, int128 i) external view nonReadReentrant returns (uint256) {
        return _marketWithSupply().oneCoinExit(burn_amount, _coin(i)).dy;
    }

    /// @inheritdoc IStableSwapPool
    function dynamic_fee(int128 i, int128 j) external view nonReadReentrant returns (uint256) {
        uint256 sold = _soldCoin(i, j);
        StableSwapTrades.Market memory market = _market();
        (,, uint256 xi) = market.side(sold);
        (,, uint256 xj) = market.side(1 - sold);
        return market.feeRate(xi, xj, market.fee, xi >= xj);
    }

    /* ORACLES */

    /// @inheritdoc IStableSwapPool
    function get_virtual_price() public view nonReadReentrant returns (uint256) {
        StableSwapTrades.Market memory market = _marketWithSupply();
        require(market.totalSupply != 0, EmptyPool());
        return market.invariant().divWad(market.totalSupply);
    }

    /// @inheritdoc IStableSwapPool
    function lp_price() external view returns (uint256) {
        uint256 price = price_oracle(0);
        uint256 virtualPrice = get_virtual_price();
        return price < WAD ? virtualPrice.mulWad(price) : virtualPrice;
    }

    /// @inheritdoc IStableSwapPool
    function market_ratio() external view returns (uint256) {
        uint256 rate = RateBound.tryRate(RATE_SOURCE);
        require(rate != 0, RateUnavailable());
        return price_oracle(0).mulDiv(_reserves.rate(), rate);
    }

    /// @inheritdoc IStableSwapPool
    function get_p(uint256 i) external view nonReadReentrant onlyPrice(i) returns (uint256) {
        StableSwapTrades.Market memory market = _market();
        (uint256 x0, uint256 x1) = market.scale(market.balance0, market.balance1);
        return StableSwapMath.spotPrice(x0, x1, market.invariant(), market.amp);
    }

    /// @inheritdoc IStableSwapPool
    function last_price(uint256 i) external view nonReadReentrant onlyPrice(i) returns (uint256) {
        return _price.last;
    }

    /// @inheritdoc IStableSwapPool
    function ema_price(uint256 i) external view nonReadReentrant onlyPrice(i) returns (uint256) {
        return _price.average;
    }

    /// @inheritdoc IStableSwapPool
    function price_oracle(uint256 i) public view nonReadReentrant onlyPrice(i) returns (uint256) {
        return _price.current(_maExpTime());
    }

    /// @inheritdoc IStableSwapPool
    function D_oracle() external view nonReadReentrant returns (uint256) {
        return _invariant.current(_dMaTime());
    }

    /// @inheritdoc IStableSwapPool
    function ma_exp_time() external view returns (uint256) {
        return _maExpTime();
    }

    /// @inheritdoc IStableSwapPool
    function D_ma_time() external view returns (uint256) {
        return _dMaTime();
    }

    /// @inheritdoc IStableSwapPool
    function ma_last_time() external view nonReadReentrant returns (uint256) {
        return _price.time | uint256(_invariant.time) << 128;
    }

    /* STATE */

    /// @inheritdoc IStableSwapPool
    function N_COINS() external pure returns (uint256) {
        return 2;
    }

    /// @inheritdoc IStableSwapPool
    function coins(uint256 i) external view returns (address) {
        require(i < 2, InvalidIndex(i));
        return i == 0 ? COIN_0 : COIN_1;
    }

    /// @inheritdoc IStableSwapPool
    function rate_source() external view returns (address) {
        return RATE_SOURCE;
    }

    /// @inheritdoc IStableSwapPool
    function stored_rates() external view nonReadReentrant returns (uint256[] memory) {
        StableSwapTrades.Market memory market = _market();
        return _list(market.rate0, market.rate1);
    }

    /// @inheritdoc IStableSwapPool
    function balances(uint256 i) external view nonReadReentrant returns (uint256) {
        require(i < 2, InvalidIndex(i));
        return i == 0 ? _reserves.balance0() : _reserves.balance1();
    }

    /// @inheritdoc IStableSwapPool
    function get_balances() external view nonReadReentrant returns (uint256[] memory) {
        return _list(_reserves.balance0(), _reserves.balance1());
    }

    /// @inheritdoc IStableSwapPool
    function admin_balances(uint256 i) external view nonReadReentrant returns (uint256) {
        require(i < 2, InvalidIndex(i));
        return i == 0 ? _adminBalances.balance0 : _adminBalances.balance1;
    }

    /// @inheritdoc IStableSwapPool
    function A() external view returns (uint256) {
        return StableSwapMath.toADown(_amp(_settings));
    }

    /// @inheritdoc IStableSwapPool
    function A_precise() external view returns (uint256) {
        return StableSwapMath.toPreciseADown(_amp(_settings));
    }

    /// @inheritdoc IStableSwapPool
    function amplification_unrounded() external view returns (uint256) {
        return _amp(_settings);
    }

    /// @inheritdoc IStableSwapPool
    function initial_A() external view returns (uint256) {
        return StableSwapMath.toPreciseADown(_settings.initialAmp());
    }

    /// @inheritdoc IStableSwapPool
    function future_A() external view returns (uint256) {
        return StableSwapMath.toPreciseADown(_settings.futureAmp());
    }

    /// @inheritdoc IStableSwapPool
    function initial_A_time() external view returns (uint256) {
        return _settings.initialTime();
    }

    /// @inheritdoc IStableSwapPool
    function future_A_time() external view returns (uint256) {
        return _settings.futureTime();
    }

    /// @inheritdoc IStableSwapPool
    function fee() external view returns (uint256) {
        return _settings.fee();
    }

    /// @inheritdoc IStableSwapPool
    function offpeg_fee_multiplier() external view returns (uint256) {
        return _settings.offpegFeeMultiplier();
    }

    /// @inheritdoc IStableSwapPool
    function admin_fee() external pure returns (uint256) {
        return StableSwapTrades.ADMIN_FEE;
    }

    /// @inheritdoc IStableSwapPool
    function directional() external view returns (bool) {
        return _isDirectional();
    }

    /* ARGUMENTS */

    function _soldCoin(int128 i, int128 j) internal pure returns (uint256) {
        require(i | j == 1 && i != j, InvalidCoins(i, j));
        return uint256(uint128(i));
    }

    function _coin(int128 i) internal pure returns (uint256) {
        require(i | 1 == 1, InvalidCoin(i));
        return uint256(uint128(i));
    }

    function _pair(uint256[] calldata amounts) internal pure returns (uint256, uint256) {
        require(amounts.length == 2, InvalidLength(amounts.length));
        return (amounts[0], amounts[1]);
    }

    function _list(uint256 first, uint256 second) internal pure returns (uint256[] memory list) {
        list = new uint256[](2);
        (list[0], list[1]) = (first, second);
    }
}
