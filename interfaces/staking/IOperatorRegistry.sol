// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @title OperatorRegistry: who runs the validators, with which keys
/// @notice Allow-listed operators offer keys with deposit signatures. Allocation takes from the operator with the fewest
/// live validators; exits are asked of the one with the most.
///
/// TRUST
/// - Signatures are not checked on chain. A wrong one loses the deposit on the consensus layer: the depositor checks keys
///   off chain and names the registry's `nonce` it looked at, and the owner vets operators.
interface IOperatorRegistry {
    struct Operator {
        string name;
        /// Adds and removes keys.
        address manager;
        /// Takes part in allocation.
        bool active;
        /// Keys ever added and not removed.
        uint256 keys;
        /// Of these, handed to the pool, in order.
        uint256 deposited;
        /// Of these, asked to exit, in order.
        uint256 exitRequested;
        /// Recorded as exited.
        uint256 exited;
    }

    event OperatorAdded(uint256 indexed operatorId, string name, address indexed manager);

    event OperatorActiveSet(uint256 indexed operatorId, bool active);

    event ManagerSet(uint256 indexed operatorId, address indexed manager);

    event KeysAdded(uint256 indexed operatorId, uint256 count, uint256 total);

    event KeysRemoved(uint256 indexed operatorId, uint256 count, uint256 total);

    event KeyAllocated(uint256 indexed operatorId, uint256 index, bytes pubkey);

    /// @notice The operator must exit this validator.
    event ExitRequested(uint256 indexed operatorId, uint256 index, bytes pubkey);

    event ExitsRecorded(uint256 indexed operatorId, uint256 exited);

    event ExitManagerSet(address indexed exitManager);

    error Unauthorized(address caller, address needed);

    error ZeroAddress();

    error TooManyOperators(uint256 maximum);

    error OperatorNotFound(uint256 operatorId);

    error NoKeys();

    error KeyLengthMismatch(uint256 pubkeysLength, uint256 signaturesLength);

    /// @notice Some operator offers this key already.
    error DuplicateKey(bytes pubkey);

    error TooFewUnusedKeys(uint256 asked, uint256 unused);

    error ExitedCountInvalid(uint256 given, uint256 minimum, uint256 maximum);

    /* ALLOCATION */

    /// @notice Takes up to `maxKeys` unused keys, least-filled operator first, the lower id among equals. Pool only.
    /// @return pubkeys 48 bytes each, concatenated.
    /// @return signatures 96 bytes each, concatenated, in the same order.
    function allocate(uint256 maxKeys) external returns (bytes memory pubkeys, bytes memory signatures);

    /// @notice Keys `allocate` could hand out now.
    function allocatableKeys() external view returns (uint256);

    /// @notice Changes whenever the set of allocatable keys does.
    function nonce() external view returns (uint256);

    /* KEYS */

    /// @notice Offers keys. Manager only.
    /// @param pubkeys 48 bytes each, concatenated.
    /// @param signatures Of the deposit message with the pool's withdrawal credentials; 96 bytes each, concatenated.
    /// @dev Reverts with `Unauthorized`, `NoKeys`, `KeyLengthMismatch`, `DuplicateKey`.
    function addKeys(uint256 operatorId, bytes calldata pubkeys, bytes calldata signatures) external;

    /// @notice Takes back the last `count` unused keys. Manager or owner.
    function removeKeys(uint256 operatorId, uint256 count) external;

    function getKey(uint256 operatorId, uint256 index)
        external
        view
        returns (bytes memory pubkey, bytes memory signature);

    /* EXITS */

    /// @notice Asks for up to `count` exits, of the operator with the most live validators first, its oldest key first.
    /// Exit manager only.
    /// @return requested How many were asked for.
    function requestExits(uint256 count) external returns (uint256 requested);

    /// @notice Records how many of an operator's validators have exited, asked or not. Exit manager only; never falls.
    function recordExits(uint256 operatorId, uint256 exited) external;

    /* OPERATORS */

    function addOperator(string calldata name, address manager) external returns (uint256 operatorId);

    /// @notice An inactive operator gets no deposits; its validators stay.
    function setOperatorActive(uint256 operatorId, bool active) external;

    /// @notice Owner, or the manager itself.
    function setManager(uint256 operatorId, address newManager) external;

    function setExitManager(address newExitManager) external;

    function exitManager() external view returns (address);

    function operatorCount() external view returns (uint256);

    function getOperator(uint256 operatorId) external view returns (Operator memory);

    /// @notice Deposited, neither asked to exit nor exited.
    function liveValidators(uint256 operatorId) external view returns (uint256);
}
