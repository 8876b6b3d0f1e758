// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {DynamicBufferLib} from "solady/src/utils/DynamicBufferLib.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";

import {IOperatorRegistry} from "../../interfaces/staking/IOperatorRegistry.sol";
import {DepositData} from "../libraries/DepositData.sol";
import {LinearMath} from "../libraries/LinearMath.sol";

/// @title OperatorRegistry
/// @dev ROLES: the owner vets operators; a manager keeps its operator's keys; the exit manager asks for exits and records
/// them; the pool allocates. Worst effects: `contracts/README.md`.
/// @dev STORAGE: a key and its signature fill five words. An operator's keys are used, and asked to exit, in order.
/// @dev LIVENESS: no pause. Deactivating every operator stops deposits.
contract OperatorRegistry is IOperatorRegistry, Ownable2Step {
    using DynamicBufferLib for DynamicBufferLib.DynamicBuffer;

    /// @notice Bounds the search of each allocated key.
    uint256 public constant MAX_OPERATORS = 64;

    address private immutable POOL;

    /* STORAGE */

    struct Identity {
        address manager;
        bool active;
        string name;
    }

    struct Counts {
        uint32 keys;
        uint32 deposited;
        uint32 exitRequested;
        uint32 exited;
    }

    Identity[] private _identities;
    mapping(uint256 operatorId => Counts) private _counts;
    mapping(uint256 operatorId => mapping(uint256 index => bytes32[5] words)) private _keys;
    mapping(bytes32 pubkeyHash => bool) private _known;

    /// @inheritdoc IOperatorRegistry
    uint256 public nonce;

    /// @inheritdoc IOperatorRegistry
    address public exitManager;

    /* CONSTRUCTOR */

    constructor(address owner, address pool) Ownable(owner) {
        require(pool != address(0), ZeroAddress());
        POOL = pool;
    }

    /* MODIFIERS */

    modifier exists(uint256 operatorId) {
        require(operatorId < _identities.length, OperatorNotFound(operatorId));
        _;
    }

    /* OPERATORS */

    /// @inheritdoc IOperatorRegistry
    function addOperator(string calldata name, address manager) external onlyOwner returns (uint256 operatorId) {
        require(manager != address(0), ZeroAddress());
        operatorId = _identities.length;
        require(operatorId < MAX_OPERATORS, TooManyOperators(MAX_OPERATORS));
        _identities.push(Identity(manager, true, name));
        emit OperatorAdded(operatorId, name, manager);
    }

    /// @inheritdoc IOperatorRegistry
    function setOperatorActive(uint256 operatorId, bool active) external onlyOwner exists(operatorId) {
        _identities[operatorId].active = active;
        ++nonce;
        emit OperatorActiveSet(operatorId, active);
    }

    /// @inheritdoc IOperatorRegistry
    function setManager(uint256 operatorId, address newManager) external exists(operatorId) {
        _checkManagerOrOwner(operatorId);
        require(newManager != address(0), ZeroAddress());
        _identities[operatorId].manager = newManager;
        emit ManagerSet(operatorId, newManager);
    }

    /// @inheritdoc IOperatorRegistry
    function setExitManager(address newExitManager) external onlyOwner {
        exitManager = newExitManager;
        emit ExitManagerSet(newExitManager);
    }

    function _checkManagerOrOwner(uint256 operatorId) private view {
        address manager = _identities[operatorId].manager;
        require(msg.sender == manager || msg.sender == owner(), Unauthorized(msg.sender, manager));
    }

    /* KEYS */

    /// @inheritdoc IOperatorRegistry
    function addKeys(uint256 operatorId, bytes calldata pubkeys, bytes calldata signatures)
        external
        exists(operatorId)
    {
        address manager = _identities[operatorId].manager;
        require(msg.sender == manager, Unauthorized(msg.sender, manager));
        uint256 count = LinearMath.wholeUnits(pubkeys.length, DepositData.PUBKEY_LENGTH);
        require(count != 0, NoKeys());
        require(
            pubkeys.length == count * DepositData.PUBKEY_LENGTH
                && signatures.length == count * DepositData.SIGNATURE_LENGTH,
            KeyLengthMismatch(pubkeys.length, signatures.length)
        );
        uint256 index = _counts[operatorId].keys;
        for (uint256 i; i < count; ++i) {
            bytes calldata pubkey = pubkeys[i * DepositData.PUBKEY_LENGTH:(i + 1) * DepositData.PUBKEY_LENGTH];
            bytes32 pubkeyHash = keccak256(pubkey);
            require(!_known[pubkeyHash], DuplicateKey(pubkey));
            _known[pubkeyHash] = true;
            _keys[operatorId][index + i] =
                _packed(pubkey, signatures[i * DepositData.SIGNATURE_LENGTH:(i + 1) * DepositData.SIGNATURE_LENGTH]);
        }
        _counts[operatorId].keys = uint32(index + count);
        ++nonce;
        emit KeysAdded(operatorId, count, index + count);
    }

    /// @inheritdoc IOperatorRegistry
    function removeKeys(uint256 operatorId, uint256 count) external exists(operatorId) {
        _checkManagerOrOwner(operatorId);
        Counts memory counts = _counts[operatorId];
        uint256 unused = counts.keys - counts.deposited;
        require(count != 0, NoKeys());
        require(count <= unused, TooFewUnusedKeys(count, unused));
        uint256 left = counts.keys - count;
        for (uint256 index = left; index < counts.keys; ++index) {
            (bytes memory pubkey,) = _unpacked(_keys[operatorId][index]);
            delete _known[keccak256(pubkey)];
            delete _keys[operatorId][index];
        }
        _counts[operatorId].keys = uint32(left);
        ++nonce;
        emit KeysRemoved(operatorId, count, left);
    }

    /// @dev 48 bytes of key and 96 of signature in four words and a half.
    function _packed(bytes calldata pubkey, bytes calldata signature) private pure returns (bytes32[5] memory words) {
        words[0] = bytes32(pubkey[0:32]);
        words[1] = bytes32(bytes.concat(pubkey[32:48], signature[0:16]));
        words[2] = bytes32(signature[16:48]);
        words[3] = bytes32(signature[48:80]);
        words[4] = bytes32(signature[80:96]);
    }

    function _unpacked(bytes32[5] memory words) private pure returns (bytes memory pubkey, bytes memory signature) {
        pubkey = bytes.concat(words[0], bytes16(words[1]));
        signature = bytes.concat(bytes16(words[1] << 128), words[2], words[3], bytes16(words[4]));
    }

    /* ALLOCATION */

    /// @inheritdoc IOperatorRegistry
    function allocate(uint256 maxKeys) external returns (bytes memory, bytes memory) {
        require(msg.sender == POOL, Unauthorized(msg.sender, POOL));
        (uint256[] memory live, uint256[] memory unused) = _fills();
        DynamicBufferLib.DynamicBuffer memory pubkeys;
        DynamicBufferLib.DynamicBuffer memory signatures;
        for (uint256 taken; taken < maxKeys; ++taken) {
            (uint256 operatorId, bool found) = _leastFilled(live, unused);
            if (!found) break;
            uint256 index = _counts[operatorId].deposited++;
            (bytes memory pubkey, bytes memory signature) = _unpacked(_keys[operatorId][index]);
            pubkeys.p(pubkey);
            signatures.p(signature);
            ++live[operatorId];
            --unused[operatorId];
            emit KeyAllocated(operatorId, index, pubkey);
        }
        ++nonce;
        return (pubkeys.data, signatures.data);
    }

    /// @dev Live validators of each operator, and unused keys of the active ones.
    function _fills() private view returns (uint256[] memory live, uint256[] memory unused) {
        uint256 count = _identities.length;
        live = new uint256[](count);
        unused = new uint256[](count);
        for (uint256 id; id < count; ++id) {
            Counts memory counts = _counts[id];
            live[id] = _live(counts);
            if (_identities[id].active) unused[id] = counts.keys - counts.deposited;
        }
    }

    function _leastFilled(uint256[] memory live, uint256[] memory unused)
        private
        pure
        returns (uint256 operatorId, bool found)
    {
        for (uint256 id; id < live.length; ++id) {
            if (unused[id] == 0) continue;
            if (!found || live[id] < live[operatorId]) (operatorId, found) = (id, true);
        }
    }

    /// @inheritdoc IOperatorRegistry
    function allocatableKeys() external view returns (uint256 keys) {
        (, uint256[] memory unused) = _fills();
        for (uint256 id; id < unused.length; ++id) {
            keys += unused[id];
        }
    }

    /* EXITS */

    /// @inheritdoc IOperatorRegistry
    function requestExits(uint256 count) external returns (uint256 requested) {
        _checkExitManager();
        (uint256[] memory live,) = _fills();
        for (; requested < count; ++requested) {
            uint256 operatorId;
            for (uint256 id = 1; id < live.length; ++id) {
                if (live[id] > live[operatorId]) operatorId = id;
            }
            if (live.length == 0 || live[operatorId] == 0) break;
            --live[operatorId];
            uint256 index = _asked(_counts[operatorId]);
            _counts[operatorId].exitRequested = uint32(index + 1);
            (bytes memory pubkey,) = _unpacked(_keys[operatorId][index]);
            emit ExitRequested(operatorId, index, pubkey);
        }
    }

    /// @inheritdoc IOperatorRegistry
    function recordExits(uint256 operatorId, uint256 exited) external exists(operatorId) {
        _checkExitManager();
        Counts memory counts = _counts[operatorId];
        require(
            exited >= counts.exited && exited <= counts.deposited,
            ExitedCountInvalid(exited, counts.exited, counts.deposited)
        );
        _counts[operatorId].exited = uint32(exited);
        emit ExitsRecorded(operatorId, exited);
    }

    function _checkExitManager() private view {
        require(msg.sender == exitManager, Unauthorized(msg.sender, exitManager));
    }

    /// @dev Who left unasked counts against the exits still to be asked for.
    function _asked(Counts memory counts) private pure returns (uint256) {
        return FixedPointMathLib.max(counts.exitRequested, counts.exited);
    }

    function _live(Counts memory counts) private pure returns (uint256) {
        return counts.deposited - _asked(counts);
    }

    /* VIEWS */

    /// @inheritdoc IOperatorRegistry
    function getKey(uint256 operatorId, uint256 index)
        external
        view
        exists(operatorId)
        returns (bytes memory pubkey, bytes memory signature)
    {
        uint256 keys = _counts[operatorId].keys;
        require(index < keys, TooFewUnusedKeys(index + 1, keys));
        return _unpacked(_keys[operatorId][index]);
    }

    /// @inheritdoc IOperatorRegistry
    function operatorCount() external view returns (uint256) {
        return _identities.length;
    }

    /// @inheritdoc IOperatorRegistry
    function liveValidators(uint256 operatorId) external view exists(operatorId) returns (uint256) {
        return _live(_counts[operatorId]);
    }

    /// @inheritdoc IOperatorRegistry
    function getOperator(uint256 operatorId) external view exists(operatorId) returns (Operator memory) {
        Identity memory identity = _identities[operatorId];
        Counts memory counts = _counts[operatorId];
        return Operator({
            name: identity.name,
            manager: identity.manager,
            active: identity.active,
            keys: counts.keys,
            deposited: counts.deposited,
            exitRequested: counts.exitRequested,
            exited: counts.exited
        });
    }
}
