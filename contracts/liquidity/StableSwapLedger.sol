// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ERC20} from "solady/src/tokens/ERC20.sol";
import {ReentrancyGuardTransient} from "solady/src/utils/ReentrancyGuardTransient.sol";
import {SafeCastLib} from "solady/src/utils/SafeCastLib.sol";
import {IStableSwapPool} from "../../interfaces/liquidity/IStableSwapPool.sol";
import {IStableSwapQuoter} from "../../interfaces/liquidity/IStableSwapQuoter.sol";
import {ERC20PermitERC1271} from "../libraries/ERC20PermitERC1271.sol";
import {MovingAverage} from "../libraries/MovingAverage.sol";
import {RateBound} from "../libraries/RateBound.sol";
import {StableSwapMath} from "../libraries/StableSwapMath.sol";
import {StableSwapTrades} from "../libraries/StableSwapTrades.sol";
import {StableSwapQuoter} from "./StableSwapQuoter.sol";

/// @title What the pool remembers: reserves, rate, amplification, averages
/// @dev STORAGE: each struct is one slot. A swap reads and writes five, a quote reads two.
abstract contract StableSwapLedger is IStableSwapPool, ERC20PermitERC1271, ReentrancyGuardTransient {
    using MovingAverage for MovingAverage.Average;
    using SafeCastLib for uint256;

    uint256 internal constant WAD = 1e18;
    uint256 internal constant FEE_DENOMINATOR = StableSwapTrades.FEE_DENOMINATOR;

    /// @dev Half of every fee, as in StableSwap-NG.
    uint256 internal constant ADMIN_FEE = 0.5e10;

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

    struct Reserves {
        /// Wei, without admin balances.
        uint96 balance0;
        uint96 balance1;
        /// WAD.
        uint64 rate;
    }

    struct Settings {
        /// A x 100.
        uint32 initialAmp;
        uint32 futureAmp;
        uint40 initialTime;
        uint40 futureTime;
        /// 1e10 scale.
        uint32 fee;
        uint40 offpegFeeMultiplier;
        /// Block in which the rate was last brought up to date.
        uint40 rateBlock;
    }

    struct AdminBalances {
        /// Wei.
        uint96 balance0;
        uint96 balance1;
        /// Losses that the rate's source had confirmed when one was last believed.
        uint64 lossCount;
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
        _reserves.rate = uint64(rate);
        _settings.rateBlock = uint40(block.number);
        _adminBalances.lossCount = uint64(RateBound.tryLossCount(deployment.rateSource));
        _price = MovingAverage.Average(uint104(WAD), uint104(WAD), uint40(block.timestamp));
        _invariant.time = uint40(block.timestamp);
    }

    function _useTransientReentrancyGuardOnlyOnMainnet() internal pure override returns (bool) {
        return false;
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

    /// @dev The snapshot that prices are made from, for an operation in this block. LP supply is left to those who need it.
    function _market() internal view returns (StableSwapTrades.Market memory market, uint256 lossCount) {
        Settings memory settings = _settings;
        Reserves memory reserves = _reserves;
        market.balances = [uint256(reserves.balance0), reserves.balance1];
        market.rates[0] = _baseRate();
        (market.rates[1], lossCount) = _currentRate(reserves.rate, settings);
        market.amp = _amp(settings);
        market.fee = settings.fee;
        market.offpegFeeMultiplier = settings.offpegFeeMultiplier;
        market.adminFee = ADMIN_FEE;
        market.maxSkew = _maxSkew();
        market.feeRounding = _feeRounding();
        market.directional = _isDirectional();
    }

    function _marketNow() internal view returns (StableSwapTrades.Market memory market) {
        (market,) = _market();
    }

    function _marketWithSupply() internal view returns (StableSwapTrades.Market memory market) {
        (market,) = _market();
        market.totalSupply = _lpSupply();
    }

    /// @dev As `_market`, and the rate stands for the rest of the block. The caller stores it with the reserves.
    function _touchedMarket() internal returns (StableSwapTrades.Market memory market) {
        uint256 lossCount;
        (market, lossCount) = _market();
        if (lossCount != 0) _adminBalances.lossCount = uint64(lossCount);
        _settings.rateBlock = uint40(block.number);
    }

    /// @dev The rate for this block; and the source's count of losses, if it takes one to believe the rate.
    function _currentRate(uint256 rate, Settings memory settings) private view returns (uint256, uint256) {
        if (settings.rateBlock == block.number) return (rate, 0);
        uint256 asked = RateBound.tryRate(RATE_SOURCE);
        if (asked == 0) return (rate, 0);
        if (!_rateIsBounded() || _isEmpty()) return (asked, 0);
        uint256 bounded = RateBound.boundedDown(rate, asked, block.number - settings.rateBlock, settings.fee);
        if (asked < bounded) {
            uint256 lossCount = RateBound.tryLossCount(RATE_SOURCE);
            if (lossCount > _adminBalances.lossCount && lossCount <= type(uint64).max) return (asked, lossCount);
        }
        return (bounded, 0);
    }

    /// @dev No operation but the last `remove_liquidity` takes a reserve to zero, and that takes both.
    function _isEmpty() private view returns (bool) {
        return _reserves.balance0 == 0;
    }

    /// @inheritdoc IStableSwapPool
    function totalSupply() public view override(ERC20, IStableSwapPool) nonReadReentrant returns (uint256) {
        return _lpSupply();
    }

    function _lpSupply() internal view returns (uint256) {
        return ERC20.totalSupply();
    }

    function _amp(Settings memory settings) internal view returns (uint256) {
        return settings.futureTime <= block.timestamp
            ? settings.futureAmp
            : StableSwapMath.rampedAmp(
                settings.initialAmp, settings.futureAmp, settings.initialTime, settings.futureTime, block.timestamp
            );
    }

    /* EFFECTS */

    /// @dev Balances and rate go into one slot.
    function _storeReserves(StableSwapTrades.Market memory market) internal {
        // `StableSwapTrades` keeps balances below 2^96, `RateBound` the rate below 2^64.
        _reserves = Reserves(uint96(market.balances[0]), uint96(market.balances[1]), uint64(market.rates[1]));
    }

    /// @dev Takes a share of both reserves out, and the same share of the last invariant.
    function _takeShare(uint256 lpAmount, uint256 supply) internal returns (uint256[2] memory amounts) {
        Reserves memory reserves = _reserves;
        amounts[0] = StableSwapTrades.shareDown(reserves.balance0, lpAmount, supply);
        amounts[1] = StableSwapTrades.shareDown(reserves.balance1, lpAmount, supply);
        unchecked {
            // A share is at most the whole.
            (_reserves.balance0, _reserves.balance1) =
            (uint96(reserves.balance0 - amounts[0]), uint96(reserves.balance1 - amounts[1]));
            uint256 last = _invariant.last;
            _invariant.record(last - StableSwapTrades.shareDown(last, lpAmount, supply), _dMaTime());
        }
    }

    function _addAdminFee(uint256 coin, uint256 amount) internal {
        if (coin == 0) _addAdminFees([amount, 0]);
        else _addAdminFees([0, amount]);
    }

    function _addAdminFees(uint256[2] memory amounts) internal {
        AdminBalances memory adminBalances = _adminBalances;
        _adminBalances = AdminBalances(
            (adminBalances.balance0 + amounts[0]).toUint96(),
            (adminBalances.balance1 + amounts[1]).toUint96(),
            adminBalances.lossCount
        );
    }

    /// @dev Advances both averages and lets the new price and invariant stand. `xp` are scaled reserves before fees.
    function _recordPrice(uint256[2] memory xp, uint256 d, uint256 amp) internal {
        uint256 price = StableSwapMath.spotPrice(xp[0], xp[1], d, amp);
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
