// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IDepositContract} from "../../interfaces/external/IDepositContract.sol";
import {DepositData} from "../libraries/DepositData.sol";

/// @title The consensus layer's deposit contract for devnets: same interface, events, checks and Merkle root
/// @dev Source of the behaviour: https://github.com/ethereum/consensus-specs, `solidity_deposit_contract`. Revert texts are
/// the official ones, because clients know them.
// solhint-disable gas-custom-errors
contract DepositContractMock is IDepositContract {
    uint256 private constant DEPTH = 32;

    /// @notice As the official one: pubkey, credentials, amount in gwei, signature and index; numbers in little endian.
    event DepositEvent(bytes pubkey, bytes withdrawal_credentials, bytes amount, bytes signature, bytes index);

    /// @dev `_branch[h]` is the last left node at height `h`; `_zeroHashes[h]` the root of an empty subtree of that height.
    bytes32[DEPTH] private _branch;
    bytes32[DEPTH] private _zeroHashes;
    uint256 private _count;

    constructor() {
        for (uint256 height; height < DEPTH - 1; ++height) {
            _zeroHashes[height + 1] = _hashPair(_zeroHashes[height], _zeroHashes[height]);
        }
    }

    /// @inheritdoc IDepositContract
    function deposit(
        bytes calldata pubkey,
        bytes calldata withdrawalCredentials,
        bytes calldata signature,
        bytes32 depositDataRoot
    ) external payable {
        require(pubkey.length == DepositData.PUBKEY_LENGTH, "DepositContract: invalid pubkey length");
        require(withdrawalCredentials.length == 32, "DepositContract: invalid withdrawal_credentials length");
        require(signature.length == DepositData.SIGNATURE_LENGTH, "DepositContract: invalid signature length");
        require(msg.value >= 1 ether, "DepositContract: deposit value too low");
        require(msg.value % 1 gwei == 0, "DepositContract: deposit value not multiple of gwei");
        require(msg.value / 1 gwei <= type(uint64).max, "DepositContract: deposit value too high");
        uint64 amountGwei = uint64(msg.value / 1 gwei);

        emit DepositEvent(
            pubkey,
            withdrawalCredentials,
            abi.encodePacked(DepositData.littleEndian(amountGwei)),
            signature,
            get_deposit_count()
        );
        bytes32 root = DepositData.depositDataRoot(pubkey, bytes32(withdrawalCredentials), signature, msg.value);
        require(
            root == depositDataRoot,
            "DepositContract: reconstructed DepositData does not match supplied deposit_data_root"
        );
        _append(root);
    }

    /// @dev The new leaf completes a left node at the height of the lowest set bit of the new count.
    function _append(bytes32 node) private {
        require(_count < 2 ** DEPTH - 1, "DepositContract: merkle tree full");
        uint256 size = ++_count;
        uint256 height;
        while (size & 1 == 0) {
            node = _hashPair(_branch[height++], node);
            size >>= 1;
        }
        _branch[height] = node;
    }

    /// @inheritdoc IDepositContract
    function get_deposit_root() external view returns (bytes32 root) {
        uint256 size = _count;
        for (uint256 height; height < DEPTH; ++height) {
            root = size & 1 == 1 ? _hashPair(_branch[height], root) : _hashPair(root, _zeroHashes[height]);
            size >>= 1;
        }
        return sha256(abi.encodePacked(root, get_deposit_count(), bytes24(0)));
    }

    /// @inheritdoc IDepositContract
    function get_deposit_count() public view returns (bytes memory) {
        return abi.encodePacked(DepositData.littleEndian(uint64(_count)));
    }

    function _hashPair(bytes32 left, bytes32 right) private pure returns (bytes32) {
        return sha256(abi.encodePacked(left, right));
    }
}
