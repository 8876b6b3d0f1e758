// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {IStableSwapPool} from "../../interfaces/liquidity/IStableSwapPool.sol";
import {StableSwapMath} from "./StableSwapMath.sol";

/// @title What it costs to move a StableSwap pool's price
/// @dev UNITS: WAD, of the invariant D = 1. A state of the pool is told by g = D^3 / (4 x y): one in balance, more off it. From
/// the invariant follow x + y = 1 + (g - 1) / Ann and x y = 1 / (4 g), Ann = 2 A, hence both balances without an iteration, and
/// from them the price.
library PegDepth {
    using FixedPointMathLib for uint256;

    uint256 internal constant WAD = 1e18;

    /// @notice The least move that is bounded, of the price.
    uint256 internal constant MOVE = 0.01e18;

    /// @notice What may be gained by a move, over what it costs.
    uint256 internal constant FRACTION = 0.5e18;

    /// @dev Prices below are beyond the pool's clamp; down to it g < 1,024 for every A that a pool can have.
    uint256 private constant MIN_PRICE = 0.5e18;

    /// @dev Where the search for g - 1 begins, by fours, and where it ends near balance.
    uint256 private constant FIRST_EXCESS = 0.01e18;
    uint256 private constant LEAST_EXCESS = 1e6;

    /// @dev Halvings of a span of fours: g - 1 is found to a part in 4,096.
    uint256 private constant HALVINGS = 12;

    /// @notice Pairs that may be outstanding on the ratio of `pool`, see `ISettlementOracle.capacity`.
    function capacity(IStableSwapPool pool) internal view returns (uint256) {
        uint256[] memory balances = pool.get_balances();
        if (balances[0] == 0 || balances[1] == 0) return 0;
        uint256 rate = pool.stored_rates()[1];
        uint256 amp = pool.A_precise();
        uint256 d = StableSwapMath.getD(balances[0], balances[1].mulWad(rate), amp).min(pool.D_oracle());
        uint256 price = _fromOne(pool.price_oracle(0)).min(_fromOne(pool.get_p(0)));
        // Ether into units of wkETH; a rate below one would raise it.
        return perMoveDown(price, amp).mulWad(d).mulWad(FRACTION).divWad(rate.max(WAD));
    }

    /// @dev As far from one as `price` is, on the lower side.
    function _fromOne(uint256 price) private pure returns (uint256) {
        return price > WAD ? WAD * WAD / price : price;
    }

    /// @notice Least cost of a move over the move, among those of `MOVE` or more within the pool's clamp, 0.5 to 2.
    /// @dev Cost over move rises with the move, then falls, or does one of these: the ends bound what lies between. A move up
    /// is one down with the coins exchanged; that to 2 costs as the one to 0.5, and is twice as long.
    function perMoveDown(uint256 price, uint256 amp) internal pure returns (uint256) {
        if (price < MIN_PRICE + MOVE) return 0;
        uint256 whole = price - MIN_PRICE;
        return costDown(price, MOVE, amp).divWad(MOVE).min(costDown(price, whole, amp).divWad(2 * whole));
    }

    /// @notice What who sells until the price has fallen from `price` by `move` loses against `price`, of an invariant of one.
    /// @dev Rounds down: it begins at or below `price`, and ends at or above the end.
    function costDown(uint256 price, uint256 move, uint256 amp) internal pure returns (uint256) {
        (, uint256 beginning) = _bracket(price, amp);
        (uint256 ending,) = _bracket(price - move, amp);
        (uint256 x1, uint256 y1,) = stateOf(beginning, amp);
        (uint256 x2, uint256 y2,) = stateOf(ending, amp);
        if (y2 <= y1) return 0;
        return price.mulWad(y2 - y1).zeroFloorSub(x1 - x2);
    }

    /// @notice Balances, scarce coin first, and price at `g`.
    function stateOf(uint256 g, uint256 amp) internal pure returns (uint256 x, uint256 y, uint256 price) {
        // With `amp` from 100 to 1e8 and g from 1 to 4,096, balances are below 2,100, and the largest product below 2^245.
        unchecked {
            uint256 ann = 2 * amp * WAD / StableSwapMath.A_PRECISION;
            uint256 sum = WAD + (g - WAD) * WAD / ann;
            uint256 root = (sum * sum - WAD * WAD * WAD / g).sqrt();
            x = (sum - root) / 2;
            y = (sum + root) / 2;
            price = x * (ann * y / WAD + g) * WAD / (y * (ann * x / WAD + g));
        }
    }

    /// @dev Two neighbouring g, with prices at or above, and below; in balance the same.
    function _bracket(uint256 price, uint256 amp) private pure returns (uint256 low, uint256 high) {
        if (price == WAD) return (WAD, WAD);
        uint256 excess = FIRST_EXCESS;
        if (_isBelow(excess, price, amp)) {
            while (excess > LEAST_EXCESS && _isBelow(excess / 4, price, amp)) excess /= 4;
            (low, high) = (excess > LEAST_EXCESS ? excess / 4 : 0, excess);
        } else {
            while (!_isBelow(excess * 4, price, amp)) excess *= 4;
            (low, high) = (excess, excess * 4);
        }
        for (uint256 step = 0; step < HALVINGS; ++step) {
            uint256 middle = (low + high) / 2;
            if (_isBelow(middle, price, amp)) high = middle;
            else low = middle;
        }
        return (WAD + low, WAD + high);
    }

    function _isBelow(uint256 excess, uint256 price, uint256 amp) private pure returns (bool) {
        (,, uint256 reached) = stateOf(WAD + excess, amp);
        return reached < price;
    }
}
