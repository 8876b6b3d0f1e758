// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCastLib} from "solady/src/utils/SafeCastLib.sol";

import {IOperatorRegistry} from "../../interfaces/staking/IOperatorRegistry.sol";

/// @title Who the operators are: anyone who joins, and the manager that speaks for each
abstract contract OperatorRoll is IOperatorRegistry {
    using SafeCastLib for uint256;

    /* STORAGE */

    struct Identity {
        address manager;
        bool stopped;
        string name;
    }

    Identity[] internal _identities;

    /* OPERATORS */

    /// @inheritdoc IOperatorRegistry
    function addOperator(string calldata name, address manager) external returns (uint256 operatorId) {
        require(manager != address(0), ZeroAddress());
        // Ids are 32 bits wide in news and ranks.
        operatorId = _identities.length.toUint32();
        _identities.push(Identity(manager, false, name));
        emit OperatorAdded(operatorId, name, manager);
    }

    /// @inheritdoc IOperatorRegistry
    function setManager(uint256 operatorId, address newManager) external {
        _requireManager(operatorId);
        require(newManager != address(0), ZeroAddress());
        _identities[operatorId].manager = newManager;
        emit ManagerSet(operatorId, newManager);
    }

    function _requireOperator(uint256 operatorId) internal view {
        require(operatorId < _identities.length, OperatorNotFound(operatorId));
    }

    function _requireManager(uint256 operatorId) internal view {
        _requireOperator(operatorId);
        address manager = _identities[operatorId].manager;
        require(msg.sender == manager, Unauthorized(msg.sender, manager));
    }

    /* VIEWS */

    /// @inheritdoc IOperatorRegistry
    function managerOf(uint256 operatorId) external view returns (address) {
        _requireOperator(operatorId);
        return _identities[operatorId].manager;
    }

    /// @inheritdoc IOperatorRegistry
    function operatorCount() external view returns (uint256) {
        return _identities.length;
    }

    /// @inheritdoc IOperatorRegistry
    function nameOf(uint256 operatorId) external view returns (string memory) {
        _requireOperator(operatorId);
        return _identities[operatorId].name;
    }
}
