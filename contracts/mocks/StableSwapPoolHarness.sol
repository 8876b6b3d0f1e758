// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {MovingAverage} from "../libraries/MovingAverage.sol";
import {Settings, StableSwapSlots} from "../libraries/StableSwapSlots.sol";
import {StableSwapPool} from "../liquidity/StableSwapPool.sol";

/// @title StableSwapPoolHarness
/// @notice The pool, put into any state at will, with the house's rules on or off: without them it is StableSwap-NG.
contract StableSwapPoolHarness is StableSwapPool {
    /// @notice Amounts in wei, rates and prices WAD, times in seconds.
    struct State {
        uint256 amp;
        uint256 fee;
        uint256 offpegFeeMultiplier;
        uint256 rate0;
        uint256 rate1;
        uint256 balance0;
        uint256 balance1;
        uint256 admin0;
        uint256 admin1;
        uint256 totalSupply;
        uint256 lastPrice;
        uint256 emaPrice;
        uint256 elapsed;
        uint256 maExpTime;
        bool houseRules;
        bool directional;
    }

    bool private _houseRules;
    bool private _directional;
    uint256 private _rate0;
    uint256 private _window;

    constructor(Deployment memory deployment) StableSwapPool(deployment) {}

    /// @notice Puts the pool into `state`; the caller gets the LP supply. Coins are the caller's business.
    function load(State calldata state) external {
        (_houseRules, _directional) = (state.houseRules, state.directional);
        (_rate0, _window) = (state.rate0, state.maExpTime);
        _settings = Settings.wrap(0).withRamp(state.amp, state.amp, 0, 0).withFee(state.fee, state.offpegFeeMultiplier);
        _reserves = StableSwapSlots.reserves(state.balance0, state.balance1, state.rate1);
        _adminBalances = AdminBalances(uint96(state.admin0), uint96(state.admin1));
        uint40 time = uint40(block.timestamp - state.elapsed);
        _price = MovingAverage.Average(uint104(state.lastPrice), uint104(state.emaPrice), time);
        _invariant = MovingAverage.Average(0, 0, time);
        _mint(msg.sender, state.totalSupply);
    }

    /* HOUSE RULES */

    function _maxSkew() internal view override returns (uint256) {
        return _houseRules ? super._maxSkew() : 2 ** 150;
    }

    function _feeRounding() internal view override returns (uint256) {
        return _houseRules ? super._feeRounding() : 0;
    }

    function _minPrice() internal view override returns (uint256) {
        return _houseRules ? super._minPrice() : 0;
    }

    function _rateIsBounded() internal pure override returns (bool) {
        return false;
    }

    function _baseRate() internal view override returns (uint256) {
        return _rate0;
    }

    function _isDirectional() internal view override returns (bool) {
        return _directional;
    }

    function _maExpTime() internal view override returns (uint256) {
        return _window;
    }
}
