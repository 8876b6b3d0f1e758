// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IStableSwapQuoter} from "../../interfaces/liquidity/IStableSwapQuoter.sol";
import {StableSwapQuotes} from "../libraries/StableSwapQuotes.sol";
import {StableSwapTrades} from "../libraries/StableSwapTrades.sol";

/// @title StableSwapQuoter
/// @dev Apart from the pool, which makes it, only because a contract's code has a limit. No state, no roles, no calls.
contract StableSwapQuoter is IStableSwapQuoter {
    /// @inheritdoc IStableSwapQuoter
    function getDx(StableSwapTrades.Market memory market, uint256 i, uint256 dy) external pure returns (uint256) {
        return StableSwapQuotes.getDx(market, i, dy);
    }
}
