// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IStakingPool} from "../../interfaces/staking/IStakingPool.sol";
import {IValidatorVault} from "../../interfaces/staking/IValidatorVault.sol";

/// @title ValidatorVault
/// @dev Created by the pool's constructor: the creator is the pool, for good.
/// @dev ACCOUNTING: what is here counts when a report says so, not before.
contract ValidatorVault is IValidatorVault {
    IStakingPool private immutable POOL;

    constructor() {
        POOL = IStakingPool(payable(msg.sender));
    }

    receive() external payable {}

    /// @inheritdoc IValidatorVault
    function pool() external view returns (address) {
        return address(POOL);
    }

    /// @inheritdoc IValidatorVault
    function collect(uint256 etherAmount) external {
        require(msg.sender == address(POOL), Unauthorized(msg.sender, address(POOL)));
        require(etherAmount <= address(this).balance, Insufficient(etherAmount, address(this).balance));
        POOL.receiveVaultEther{value: etherAmount}();
    }
}
