// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IStakingPool} from "../../interfaces/staking/IStakingPool.sol";
import {IValidatorVault} from "../../interfaces/staking/IValidatorVault.sol";

/// @title ValidatorVault
/// @dev The pool knows its vaults when it is deployed, so the vaults come first and learn the pool once, from their deployer.
/// @dev ACCOUNTING: what is here counts when a report says so, not before.
contract ValidatorVault is IValidatorVault {
    address private immutable DEPLOYER;

    /// @inheritdoc IValidatorVault
    address public pool;

    constructor() {
        DEPLOYER = msg.sender;
    }

    receive() external payable {}

    /// @inheritdoc IValidatorVault
    function wire(address pool_) external {
        require(msg.sender == DEPLOYER, Unauthorized(msg.sender, DEPLOYER));
        require(pool == address(0), AlreadyWired(pool));
        pool = pool_;
        emit Wired(pool_);
    }

    /// @inheritdoc IValidatorVault
    function collect(uint256 etherAmount) external {
        require(msg.sender == pool, Unauthorized(msg.sender, pool));
        require(etherAmount <= address(this).balance, Insufficient(etherAmount, address(this).balance));
        emit Collected(etherAmount);
        IStakingPool(payable(pool)).receiveVaultEther{value: etherAmount}();
    }
}
