// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {IStableSwapPool} from "../../interfaces/liquidity/IStableSwapPool.sol";
import {IOptionClearing} from "../../interfaces/options/IOptionClearing.sol";
import {IOptionPricer} from "../../interfaces/options/IOptionPricer.sol";
import {ISettlementOracle} from "../../interfaces/options/ISettlementOracle.sol";
import {IVolatilityOracle} from "../../interfaces/options/IVolatilityOracle.sol";
import {BlackScholes} from "../libraries/BlackScholes.sol";
import {Bounds} from "../libraries/Bounds.sol";
import {DepegCover} from "../libraries/DepegCover.sol";
import {DepegPricing} from "../libraries/DepegPricing.sol";
import {StrikeSelection} from "../libraries/StrikeSelection.sol";

/// @title OptionPricer
/// @dev UNITS, MODELS, BOUNDS, LIVENESS: see the interface.
/// @dev A contract of its own, because a vault's code would be too large with it. Views only.
contract OptionPricer is IOptionPricer {
    using FixedPointMathLib for uint256;

    uint256 private constant WAD = 1e18;

    /// @dev Of the spot or strike, the larger: the kernel's error and the rounding of its result.
    uint256 private constant TOLERANCE_DIVISOR = 1e12;

    /* IMMUTABLES */

    Style private immutable STYLE;
    ISettlementOracle private immutable SETTLEMENT;
    IVolatilityOracle private immutable VOLATILITY;
    bytes32 private immutable FEED;
    uint256 private immutable TARGET;
    uint256 private immutable MIN_MONEYNESS;
    uint256 private immutable MAX_MONEYNESS;
    uint256 private immutable GRID;
    uint256 private immutable MIN_RESERVE;
    int256 private immutable CARRY;

    /// @dev What a price depends on, read at once.
    struct Market {
        uint256 spot;
        IVolatilityOracle.Values risk;
    }

    constructor(Terms memory fixedTerms) {
        bool isCover = fixedTerms.style == Style.Cover;
        Bounds.check(fixedTerms.target, 0.01e18, isCover ? WAD : 0.5e18);
        Bounds.check(fixedTerms.minMoneyness, 0.1e18, 10e18);
        Bounds.check(fixedTerms.maxMoneyness, fixedTerms.minMoneyness, 10e18);
        Bounds.check(fixedTerms.grid, 1, type(uint112).max);
        Bounds.check(fixedTerms.minReserve, 1, WAD);
        Bounds.check(FixedPointMathLib.abs(fixedTerms.carry), 0, WAD);
        STYLE = fixedTerms.style;
        SETTLEMENT = ISettlementOracle(fixedTerms.settlement);
        VOLATILITY = IVolatilityOracle(fixedTerms.volatility);
        FEED = fixedTerms.feed;
        TARGET = fixedTerms.target;
        MIN_MONEYNESS = fixedTerms.minMoneyness;
        MAX_MONEYNESS = fixedTerms.maxMoneyness;
        GRID = fixedTerms.grid;
        MIN_RESERVE = fixedTerms.minReserve;
        CARRY = fixedTerms.carry;
    }

    /* STRIKE */

    /// @inheritdoc IOptionPricer
    function kind() external view returns (IOptionClearing.Kind) {
        return STYLE == Style.CoveredCall ? IOptionClearing.Kind.CallInKind : IOptionClearing.Kind.CashPut;
    }

    /// @inheritdoc IOptionPricer
    function chooseStrike(uint256 expiry) external view returns (uint256 strikeWad, uint256 capWad) {
        Market memory market = _market();
        bool isCall = STYLE == Style.CoveredCall;
        uint256 wanted =
            STYLE == Style.Cover ? TARGET : StrikeSelection.strikeForDelta(_terms(market, 0, expiry), TARGET, isCall);
        uint256 least = market.spot.mulWadUp(MIN_MONEYNESS);
        uint256 most = market.spot.mulWad(MAX_MONEYNESS);
        // Without the least, a cover would be written at a target far in or out of the money.
        strikeWad = STYLE == Style.Cover ? wanted.min(most) : wanted.clamp(least, most);
        strikeWad = isCall ? _gridUp(strikeWad) : _gridDown(strikeWad);
        if (strikeWad > most) strikeWad = _gridDown(most);
        if (strikeWad < least && STYLE == Style.SecuredPut) strikeWad = _gridUp(least);
        require(strikeWad >= least && strikeWad <= most && strikeWad != 0, NoStrike(market.spot, strikeWad));
        capWad = isCall ? 0 : strikeWad;
    }

    function _gridDown(uint256 strike) private view returns (uint256) {
        return strike - strike % GRID;
    }

    function _gridUp(uint256 strike) private view returns (uint256) {
        return strike.divUp(GRID) * GRID;
    }

    /* RESERVE */

    /// @inheritdoc IOptionPricer
    function reserve(uint256 strikeWad, uint256 expiry) external view returns (uint256 reserveWad) {
        Market memory market = _market();
        _lowerToPool(market);
        return _atLeast(_inCollateral(_price(market, strikeWad, expiry), market.spot));
    }

    /// @inheritdoc IOptionPricer
    function reserveBound(uint256 strikeWad, uint256 expiry)
        external
        view
        returns (uint256 reserveWad, uint256 errorWad)
    {
        Market memory market = _market();
        _lowerToPool(market);
        uint256 price = _price(market, strikeWad, expiry);
        reserveWad = _atLeast(_inCollateral(price, market.spot));

        uint256 maxMove = VOLATILITY.terms().maxMove;
        uint256 move = uint256(market.risk.volatility).mulWadUp(maxMove);
        uint256 doubt;
        if (STYLE == Style.Cover) {
            uint256 volatility = uint256(market.risk.volatility) + move;
            uint256 moved = volatility.min(BlackScholes.MAX_VOLATILITY);
            market.risk.volatility = uint64(moved);
            uint256 dearer = _price(market, strikeWad, expiry);
            doubt = dearer.zeroFloorSub(price);
        } else {
            uint256 vega = _quote(market, strikeWad, expiry).vega;
            doubt = vega.mulWadUp(move);
        }
        uint256 tolerance = market.spot.max(strikeWad).divUp(TOLERANCE_DIVISOR);
        errorWad = _inCollateral(tolerance + doubt, market.spot);
    }

    /// @dev Of one option, in the quote.
    function _price(Market memory market, uint256 strikeWad, uint256 expiry) private view returns (uint256) {
        if (STYLE == Style.CoveredCall) return _quote(market, strikeWad, expiry).call;
        if (STYLE == Style.SecuredPut) return _quote(market, strikeWad, expiry).put;
        return DepegCover.put(
            DepegCover.Cover({
                ratio: market.spot,
                barrier: strikeWad,
                time: _timeTo(expiry),
                volatility: market.risk.volatility,
                rate: int256(uint256(market.risk.rate)),
                intensity: market.risk.intensity,
                loss: market.risk.loss
            })
        );
    }

    function _quote(Market memory market, uint256 strikeWad, uint256 expiry)
        private
        view
        returns (DepegPricing.Quote memory)
    {
        DepegPricing.Depeg memory depeg = DepegPricing.Depeg(market.risk.intensity, market.risk.loss);
        return DepegPricing.quote(_terms(market, strikeWad, expiry), depeg);
    }

    /// @dev Rounds up, and by a unit of the quote more, which the kernel may have rounded off.
    function _inCollateral(uint256 price, uint256 spot) private view returns (uint256) {
        return STYLE == Style.CoveredCall ? (price + 1).divWadUp(spot) : price + 1;
    }

    function _atLeast(uint256 reserveWad) private view returns (uint256) {
        return reserveWad.max(MIN_RESERVE);
    }

    /* MARKET */

    function _market() private view returns (Market memory market) {
        (market.spot,) = SETTLEMENT.latestPrice(FEED);
        market.risk = VOLATILITY.values();
    }

    /// @dev Cover is not sold at an average that has yet to learn of a fall.
    function _lowerToPool(Market memory market) private view {
        if (STYLE != Style.Cover) return;
        address pool = SETTLEMENT.marketOf(FEED);
        if (pool == address(0)) return;
        uint256 average = IStableSwapPool(pool).price_oracle(0);
        uint256 price = IStableSwapPool(pool).get_p(0);
        // The lower, so that the reserve is the higher.
        if (price < average) market.spot = market.spot.mulDiv(price, average);
    }

    function _terms(Market memory market, uint256 strikeWad, uint256 expiry)
        private
        view
        returns (BlackScholes.Terms memory)
    {
        return BlackScholes.Terms({
            spot: market.spot,
            strike: strikeWad,
            time: _timeTo(expiry),
            volatility: market.risk.volatility,
            rate: int256(uint256(market.risk.rate)),
            carry: CARRY
        });
    }

    function _timeTo(uint256 expiry) private view returns (uint256) {
        require(block.timestamp < expiry, Expired(expiry, block.timestamp));
        return expiry - block.timestamp;
    }

    /* VIEWS */

    /// @inheritdoc IOptionPricer
    function terms() external view returns (Terms memory) {
        return Terms({
            style: STYLE,
            settlement: address(SETTLEMENT),
            volatility: address(VOLATILITY),
            feed: FEED,
            target: TARGET,
            minMoneyness: MIN_MONEYNESS,
            maxMoneyness: MAX_MONEYNESS,
            grid: GRID,
            minReserve: MIN_RESERVE,
            carry: CARRY
        });
    }
}
