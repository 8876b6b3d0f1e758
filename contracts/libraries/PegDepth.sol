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

    /// @dev Of Newton's method, and the part of g - 1 by which its result is moved to the safe side.
    uint256 private constant STEPS = 3;
    uint256 private constant PRECISION = 4_096;

    /// @notice Pairs that may be outstanding on the ratio of `pool`, see `ISettlementOracle.capacity`.
    function capacity(IStableSwapPool pool) internal view returns (uint256) {
        uint256[] memory balances = pool.get_balances();
        if (balances[0] == 0 || balances[1] == 0) return 0;
        uint256 rate = pool.stored_rates()[1];
        uint256 amp = pool.amplification_unrounded();
        uint256 scaled = balances[1].mulWad(rate);
        uint256 d = StableSwapMath.getD(balances[0], scaled, amp);
        uint256 spot = StableSwapMath.spotPrice(balances[0], scaled, d, amp);
        uint256 cost = perMove(pool.price_oracle(0), spot, amp).mulWad(d.min(pool.D_oracle()));
        // Ether into units of wkETH; a rate below one would raise it.
        return cost.mulWad(FRACTION).divWad(rate.max(WAD));
    }

    /// @notice Least cost of a move over the move, from either of two prices.
    /// @dev A move from p up to e is, with the coins exchanged, one down by MOVE / (p e), and costs p of what that does. Away
    /// from one the pool is ever thinner, so the cost rises with the square of the move or slower: over MOVE, the move up costs
    /// at least 1 / (p e^2) of what `perMoveDown` tells, and 1 / e^3 is less.
    function perMove(uint256 average, uint256 spot, uint256 amp) internal pure returns (uint256) {
        uint256 cost = perMoveDown(_fromOne(average).min(_fromOne(spot)), amp);
        uint256 q = WAD.divWad(average.max(spot).max(WAD) + MOVE);
        return cost.mulWad(q).mulWad(q).mulWad(q);
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
        (uint256 x, uint256 y) = _below(price, amp);
        uint256 near = _costDown(price, MOVE, amp, x, y).divWad(MOVE);
        return near.min(_costDown(price, whole, amp, x, y).divWad(2 * whole));
    }

    /// @dev What who sells until the price has fallen from `price` by `move` loses against `price`, of an invariant of one.
    /// Rounds down: it begins at balances whose price is `price` or less, and ends at or above the end.
    function _costDown(uint256 price, uint256 move, uint256 amp, uint256 x, uint256 y) private pure returns (uint256) {
        (uint256 endX, uint256 endY) = _notBelow(price - move, amp);
        if (endY <= y) return 0;
        return price.mulWad(endY - y).zeroFloorSub(x - endX);
    }

    /// @notice Balances, scarce coin first, and price at `g`.
    function stateOf(uint256 g, uint256 amp) internal pure returns (uint256 x, uint256 y, uint256 price) {
        // With `amp` from 1e3 to 1e9 and g from 1 to 4,096, balances are below 2,100, and the largest product below 2^245.
        unchecked {
            uint256 ann = 2 * amp * WAD / StableSwapMath.A_PRECISION;
            uint256 sum = WAD + (g - WAD) * WAD / ann;
            uint256 root = (sum * sum - WAD * WAD * WAD / g).sqrt();
            x = (sum - root) / 2;
            y = (sum + root) / 2;
            price = x * (ann * y / WAD + g) * WAD / (y * (ann * x / WAD + g));
        }
    }

    /// @dev Balances with a price below `price`, hardly more than it takes; in balance those of `price`.
    function _below(uint256 price, uint256 amp) private pure returns (uint256 x, uint256 y) {
        if (price == WAD) return (WAD / 2, WAD / 2);
        uint256 excess = _excessAt(price, amp);
        uint256 reached = price;
        while (reached >= price) {
            excess += excess / PRECISION + 1;
            (x, y, reached) = stateOf(WAD + excess, amp);
        }
    }

    /// @dev Balances with a price of `price`, or hardly more.
    function _notBelow(uint256 price, uint256 amp) private pure returns (uint256 x, uint256 y) {
        uint256 excess = _excessAt(price, amp);
        uint256 reached;
        while (reached < price) {
            excess = excess.zeroFloorSub(excess / PRECISION + 1);
            (x, y, reached) = stateOf(WAD + excess, amp);
        }
    }

    /// @dev About g - 1 at a `price` below one, by Newton's method on g (s^2 - t^2) = 1, where s = x + y, and the price formula
    /// gives t = y - x = k (s + Ann / (2 g^2)), with k = (1 - price) / (1 + price). Where it begins is exact for prices close to
    /// one and for those far off; three steps take it to a part in 10,000 from anywhere.
    function _excessAt(uint256 price, uint256 amp) private pure returns (uint256) {
        int256 wad = int256(WAD);
        // As in `stateOf`: k <= 1/3 and Ann <= 2e6, so that t is below 1e6 and the largest product below 2^230.
        unchecked {
            int256 ann = int256(2 * amp * WAD / StableSwapMath.A_PRECISION);
            int256 k = int256((WAD - price) * WAD / (WAD + price));
            int256 g = _firstGuess(uint256(k * (wad + ann / 2) / wad));
            for (uint256 step = 0; step < STEPS; ++step) {
                int256 s = wad + (g - wad) * wad / ann;
                int256 pull = ann * wad / g * wad / g;
                int256 t = k * (s + pull / 2) / wad;
                int256 gap = (s * s - t * t) / wad;
                int256 slope = gap + 2 * (s * g / ann - k * t / wad * (g * wad / ann - pull) / wad);
                g -= (g * gap / wad - wad) * wad / slope;
            }
            return g > wad ? uint256(g - wad) : 0;
        }
    }

    /// @dev 1 + u^2 / (1 + u^2)^(3/4): one and u^2 for a small u, the root of u for a large one.
    function _firstGuess(uint256 u) private pure returns (int256) {
        unchecked {
            uint256 norm = (WAD * WAD + u * u).sqrt();
            return int256(WAD + u * u / norm * WAD / (norm * WAD).sqrt());
        }
    }
}
