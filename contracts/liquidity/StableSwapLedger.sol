// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ERC20} from "solady/src/tokens/ERC20.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {SafeCastLib} from "solady/src/utils/SafeCastLib.sol";
import {IStableSwapPool} from "../../interfaces/liquidity/IStableSwapPool.sol";
import {IStableSwapQuoter} from "../../interfaces/liquidity/IStableSwapQuoter.sol";
import {ERC20PermitERC1271} from "../libraries/ERC20PermitERC1271.sol";
import {MovingAverage} from "../libraries/MovingAverage.sol";
import {RateBound} from "../libraries/RateBound.sol";
import {StableSwapMath} from "../libraries/StableSwapMath.sol";
import {Reserves, Settings, StableSwapSlots} from "../libraries/StableSwapSlots.sol";
import {StableSwapTrades} from "../libraries/StableSwapTrades.sol";
import {TransientGuard} from "../libraries/TransientGuard.sol";
import {StableSwapQuoter} from "./StableSwapQuoter.sol";

/// @title What the pool remembers: reserves, rate, amplification, averages
/// @dev STORAGE: each struct is one slot. A swap reads and writes five, a quote reads two.
abstract contract StableSwapLedger is IStableSwapPool, ERC20PermitERC1271, TransientGuard {
    using FixedPointMathLib for uint256;
    using MovingAverage for MovingAverage.Average;

    uint256 internal constant WAD = 1e18;
    uint256 internal constant FEE_DENOMINATOR = StableSwapTrades.FEE_DENOMINATOR;

    /// @dev From here on the reserves are a matter of the last percent of one coin, and Newton's rounding of many wei.
    uint256 private constant MAX_SKEW = 10_000;

    /// @dev Caps of the last price, so that one block of a drained pool cannot carry the average away.
    uint256 private constant MIN_PRICE = 0.5e18;
    uint256 private constant MAX_PRICE = 2e18;

    /* IMMUTABLES */

    address internal immutable COIN_0;
    address internal immutable COIN_1;
    address internal immutable RATE_SOURCE;
    IStableSwapQuoter internal immutable QUOTER;
    uint256 private immutable MA_EXP_TIME;
    uint256 private immutable D_MA_TIME;
    bool private immutable DIRECTIONAL;

    /* STORAGE */

    struct AdminBalances {
        /// Wei.
        uint96 balance0;
        uint96 balance1;
    }

    Reserves internal _reserves;
    Settings internal _settings;
    AdminBalances internal _adminBalances;
    MovingAverage.Average internal _price;
    MovingAverage.Average internal _invariant;

    /* CONSTRUCTOR */

    /// @notice What a pool is made of.
    struct Deployment {
        address coin0;
        address coin1;
        /// Whom to ask for the rate of coin 1; usually coin 1 itself.
        address rateSource;
        address owner;
        address feeReceiver;
        uint256 a;
        uint256 fee;
        uint256 offpegFeeMultiplier;
        uint256 maExpTime;
        uint256 dMaTime;
        bool directional;
        string name;
        string symbol;
    }

    constructor(Deployment memory deployment) {
        require(deployment.coin0 != address(0) && deployment.coin1 != address(0), ZeroAddress());
        require(deployment.coin0 != deployment.coin1, SameCoin(deployment.coin0));
        require(
            deployment.maExpTime != 0 && deployment.maExpTime <= type(uint40).max, InvalidWindow(deployment.maExpTime)
        );
        require(deployment.dMaTime != 0 && deployment.dMaTime <= type(uint40).max, InvalidWindow(deployment.dMaTime));
        COIN_0 = deployment.coin0;
        COIN_1 = deployment.coin1;
        RATE_SOURCE = deployment.rateSource;
        QUOTER = new StableSwapQuoter();
        MA_EXP_TIME = deployment.maExpTime;
        D_MA_TIME = deployment.dMaTime;
        DIRECTIONAL = deployment.directional;

        uint256 rate = RateBound.tryRate(deployment.rateSource);
        require(rate != 0, RateUnavailable());
        _reserves = StableSwapSlots.reserves(0, 0, rate);
        _settings = _settings.withRateBlock(block.number);
        _price = MovingAverage.Average(uint104(WAD), uint104(WAD), uint40(block.timestamp));
        _invariant.time = uint40(block.timestamp);
    }

    /* HOUSE RULES: constants that the harness of the recorded vectors turns off */

    function _maxSkew() internal view virtual returns (uint256) {
        return MAX_SKEW;
    }

    /// @dev Fees are rounded up: none is zero.
    function _feeRounding() internal view virtual returns (uint256) {
        return FEE_DENOMINATOR - 1;
    }

    function _minPrice() internal view virtual returns (uint256) {
        return MIN_PRICE;
    }

    function _rateIsBounded() internal view virtual returns (bool) {
        return true;
    }

    /// @dev Coin 0 is ether.
    function _baseRate() internal view virtual returns (uint256) {
        return WAD;
    }

    function _isDirectional() internal view virtual returns (bool) {
        return DIRECTIONAL;
    }

    function _maExpTime() internal view virtual returns (uint256) {
        return MA_EXP_TIME;
    }

    function _dMaTime() internal view virtual returns (uint256) {
        return D_MA_TIME;
    }

    /* MARKET */

    /// @dev The snapshot that prices are made from, for an operation in this block, without the LP supply.
    function _market() internal view returns (StableSwapTrades.Market memory market) {
        _fill(market);
    }

    function _marketWithSupply() internal view returns (StableSwapTrades.Market memory market) {
        _fill(market);
        market.totalSupply = _lpSupply();
    }

    /// @dev As `_market`, and the rate stands for the rest of the block. The caller stores it, with the balances.
    function _touchedMarket() internal returns (StableSwapTrades.Market memory market) {
        _fill(market);
        _settings = _settings.withRateBlock(block.number);
    }

    function _fill(StableSwapTrades.Market memory market) private view {
        Reserves reserves = _reserves;
        Settings settings = _settings;
        (market.balance0, market.balance1) = (reserves.balance0(), reserves.balance1());
        market.rate0 = _baseRate();
        market.rate1 = _currentRate(reserves, settings);
        market.amp = _amp(settings);
        market.fee = settings.fee();
        market.offpegFeeMultiplier = settings.offpegFeeMultiplier();
        market.maxSkew = _maxSkew();
        market.feeRounding = _feeRounding();
        market.directional = _isDirectional();
    }

    /// @dev The rate for this block.
    function _currentRate(Reserves reserves, Settings settings) private view returns (uint256) {
        uint256 rate = reserves.rate();
        if (settings.rateBlock() == block.number) return rate;
        uint256 asked = RateBound.tryRate(RATE_SOURCE);
        if (asked == 0) return rate;
        // No operation but the last `remove_liquidity` takes a balance to zero: an empty pool has nothing to lose.
        if (reserves.balance0() == 0 || !_rateIsBounded()) return asked;
        uint256 bounded = RateBound.boundedDown(rate, asked, block.number - settings.rateBlock(), settings.fee());
        if (asked >= bounded) return bounded;
        (uint256 left, uint256 time) = RateBound.tryConfirmedLoss(RATE_SOURCE);
        // Of a loss since the last trade; no further down than it went, lest a false rate borrow its weight.
        return time >= _price.time && left < bounded ? asked.max(left) : bounded;
    }

    function _amp(Settings settings) internal view returns (uint256) {
        if (block.timestamp >= settings.futureTime()) return settings.futureAmp();
        return StableSwapMath.rampedAmp(
            settings.initialAmp(), settings.futureAmp(), settings.initialTime(), settings.futureTime(), block.timestamp
        );
    }

    /// @inheritdoc IStableSwapPool
    function totalSupply() public view override(ERC20, IStableSwapPool) nonReadReentrant returns (uint256) {
        return _lpSupply();
    }

    function _lpSupply() internal view returns (uint256) {
        return ERC20.totalSupply();
    }

    /* EFFECTS */

    /// @dev Balances and rate go into one slot.
    function _storeReserves(StableSwapTrades.Market memory market) internal {
        // `StableSwapTrades` keeps balances below 2^96, `RateBound` the rate below 2^64.
        _reserves = StableSwapSlots.reserves(market.balance0, market.balance1, market.rate1);
    }

    /// @dev Takes a share of both reserves out, and the same share of the last invariant.
    function _takeShare(uint256 lpAmount, uint256 supply) internal returns (uint256 amount0, uint256 amount1) {
        Reserves reserves = _reserves;
        amount0 = StableSwapTrades.shareDown(reserves.balance0(), lpAmount, supply);
        amount1 = StableSwapTrades.shareDown(reserves.balance1(), lpAmount, supply);
        unchecked {
            // A share is at most the whole.
            _reserves =
                StableSwapSlots.reserves(reserves.balance0() - amount0, reserves.balance1() - amount1, reserves.rate());
            uint256 last = _invariant.last;
            _invariant.record(last - StableSwapTrades.shareDown(last, lpAmount, supply), _dMaTime());
        }
    }

    function _addAdminFees(uint256 amount0, uint256 amount1) internal {
        AdminBalances memory adminBalances = _adminBalances;
        _adminBalances = AdminBalances(
            SafeCastLib.toUint96(adminBalances.balance0 + amount0),
            SafeCastLib.toUint96(adminBalances.balance1 + amount1)
        );
    }

    /// @dev Advances both averages and lets the new price and invariant stand. `x0` and `x1` are scaled balances.
    function _recordPrice(uint256 x0, uint256 x1, uint256 d, uint256 amp) internal {
        uint256 price = StableSwapMath.spotPrice(x0, x1, d, amp);
        if (price > MAX_PRICE) price = MAX_PRICE;
        else if (price < _minPrice()) price = _minPrice();
        _price.record(price, _maExpTime());
        _invariant.record(d, _dMaTime());
    }

    /// @dev The first deposit, or the first after all have left, starts the average of D anew.
    function _restartInvariant(uint256 d) internal {
        _invariant = MovingAverage.Average(uint104(d), uint104(d), uint40(block.timestamp));
    }
}
