// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @title The keys that operators offer, and what became of each
/// @notice A key is known by its operator's id and its index there. Its life: `Unused` (may be removed), `Predeposited` with
/// 1 ether, `Confirmed` by the oracle, `Funded` with the other 31, `Exiting`, `Settled`; or `Rejected` after the predeposit.
interface IOperatorKeys {
    enum KeyStatus {
        Unused,
        Predeposited,
        Confirmed,
        Funded,
        Exiting,
        Settled,
        Rejected
    }

    struct Key {
        /// 48 bytes.
        bytes pubkey;
        /// 96 bytes, of the deposit message with the pool's withdrawal credentials and 1 ether.
        bytes signature;
        KeyStatus status;
        /// When an exit was asked for; zero if none was.
        uint256 exitRequestedAt;
        bool slashed;
        /// The penalty for a late exit was charged.
        bool lateExitCharged;
    }

    event KeysAdded(uint256 indexed operatorId, uint256 count, uint256 total);

    event KeysRemoved(uint256 indexed operatorId, uint256 count, uint256 total);

    event KeyStatusChanged(uint256 indexed operatorId, uint256 indexed index, KeyStatus status);

    error NoKeys();

    error KeyLengthMismatch(uint256 pubkeysLength, uint256 signaturesLength);

    /// @notice Some operator offers this key already, or did when it was deposited.
    error DuplicateKey(bytes pubkey);

    error KeyNotFound(uint256 operatorId, uint256 index);

    error WrongKeyStatus(uint256 operatorId, uint256 index, KeyStatus status);

    function getKey(uint256 operatorId, uint256 index) external view returns (Key memory);
}
