// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IOperatorKeys} from "../../interfaces/staking/IOperatorKeys.sol";
import {DepositData} from "../libraries/DepositData.sol";
import {LinearMath} from "../libraries/LinearMath.sol";

/// @title Keys of operators: storage and status
/// @dev STORAGE: a key, its signature and its status fill five words.
/// @dev The hash of a key that was ever deposited is kept for good: the consensus layer takes a key once.
abstract contract OperatorKeys is IOperatorKeys {
    struct StoredKey {
        bytes32[4] words;
        bytes16 signatureEnd;
        KeyStatus status;
        uint40 exitRequestedAt;
        bool slashed;
        bool lateExitCharged;
    }

    /* STORAGE */

    mapping(uint256 operatorId => mapping(uint256 index => StoredKey)) private _keys;
    mapping(bytes32 pubkeyHash => bool) private _known;

    /* KEYS */

    /// @dev Stores keys from `index` on.
    function _storeKeys(uint256 operatorId, uint256 index, bytes calldata pubkeys, bytes calldata signatures)
        internal
        returns (uint256 count)
    {
        count = LinearMath.wholeUnits(pubkeys.length, DepositData.PUBKEY_LENGTH);
        require(count != 0, NoKeys());
        require(
            pubkeys.length == count * DepositData.PUBKEY_LENGTH
                && signatures.length == count * DepositData.SIGNATURE_LENGTH,
            KeyLengthMismatch(pubkeys.length, signatures.length)
        );
        for (uint256 i; i < count; ++i) {
            bytes calldata pubkey = pubkeys[i * DepositData.PUBKEY_LENGTH:(i + 1) * DepositData.PUBKEY_LENGTH];
            bytes32 pubkeyHash = keccak256(pubkey);
            require(!_known[pubkeyHash], DuplicateKey(pubkey));
            _known[pubkeyHash] = true;
            _pack(
                _keys[operatorId][index + i],
                pubkey,
                signatures[i * DepositData.SIGNATURE_LENGTH:(i + 1) * DepositData.SIGNATURE_LENGTH]
            );
        }
    }

    /// @dev 48 bytes of key and 96 of signature in four words and a half.
    function _pack(StoredKey storage key, bytes calldata pubkey, bytes calldata signature) private {
        key.words[0] = bytes32(pubkey[0:32]);
        key.words[1] = bytes32(bytes.concat(pubkey[32:48], signature[0:16]));
        key.words[2] = bytes32(signature[16:48]);
        key.words[3] = bytes32(signature[48:80]);
        key.signatureEnd = bytes16(signature[80:96]);
    }

    /// @dev Forgets unused keys `from … to - 1`, so that they may be offered again.
    function _forgetKeys(uint256 operatorId, uint256 from, uint256 to) internal {
        for (uint256 index = from; index < to; ++index) {
            delete _known[keccak256(_pubkey(_keys[operatorId][index]))];
            delete _keys[operatorId][index];
        }
    }

    /// @dev For a key that exists: callers look at the operator's counts first.
    function _storedKey(uint256 operatorId, uint256 index) internal view returns (StoredKey storage) {
        return _keys[operatorId][index];
    }

    function _setStatus(StoredKey storage key, uint256 operatorId, uint256 index, KeyStatus status) internal {
        key.status = status;
        emit KeyStatusChanged(operatorId, index, status);
    }

    function _requireStatus(StoredKey storage key, uint256 operatorId, uint256 index, KeyStatus wanted) internal view {
        require(key.status == wanted, WrongKeyStatus(operatorId, index, key.status));
    }

    function _pubkey(StoredKey storage key) internal view returns (bytes memory) {
        return bytes.concat(key.words[0], bytes16(key.words[1]));
    }

    function _signature(StoredKey storage key) internal view returns (bytes memory) {
        return bytes.concat(bytes16(key.words[1] << 128), key.words[2], key.words[3], key.signatureEnd);
    }

    /// @inheritdoc IOperatorKeys
    function getKey(uint256 operatorId, uint256 index) external view returns (Key memory) {
        StoredKey storage key = _keys[operatorId][index];
        require(key.words[0] != 0 || key.words[1] != 0, KeyNotFound(operatorId, index));
        return Key({
            pubkey: _pubkey(key),
            signature: _signature(key),
            status: key.status,
            exitRequestedAt: key.exitRequestedAt,
            slashed: key.slashed,
            lateExitCharged: key.lateExitCharged
        });
    }
}
