// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";

import {IInsuranceFund} from "../../interfaces/staking/IInsuranceFund.sol";
import {IStakingPool} from "../../interfaces/staking/IStakingPool.sol";

/// @title InsuranceFund
/// @dev UNITS: wei, exact shares. Its balance of kETH is all its state: who adds to it makes a gift to holders.
contract InsuranceFund is IInsuranceFund {
    IStakingPool private immutable POOL;

    constructor(address payable pool_) {
        require(pool_ != address(0), ZeroAddress());
        POOL = IStakingPool(pool_);
    }

    /// @inheritdoc IInsuranceFund
    function cover(uint256 etherAmount) external returns (uint256 exactShares, uint256 covered) {
        require(msg.sender == address(POOL), Unauthorized(msg.sender, address(POOL)));
        exactShares = FixedPointMathLib.min(POOL.toSharesUp(etherAmount), POOL.exactSharesOf(address(this)));
        covered = FixedPointMathLib.min(etherAmount, POOL.toEtherDown(exactShares));
        emit LossCovered(etherAmount, covered, exactShares);
    }

    /// @inheritdoc IInsuranceFund
    function available() external view returns (uint256) {
        return POOL.toEtherDown(POOL.exactSharesOf(address(this)));
    }

    /// @inheritdoc IInsuranceFund
    function pool() external view returns (address) {
        return address(POOL);
    }
}
