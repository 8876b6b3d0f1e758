// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {LibBytes} from "solady/src/utils/LibBytes.sol";

import {IDepositContract} from "../../interfaces/external/IDepositContract.sol";
import {IOperatorRegistry} from "../../interfaces/staking/IOperatorRegistry.sol";
import {IStakingPool} from "../../interfaces/staking/IStakingPool.sol";
import {IValidatorVault} from "../../interfaces/staking/IValidatorVault.sol";
import {DepositData} from "../libraries/DepositData.sol";
import {LinearMath} from "../libraries/LinearMath.sol";

/// @title ValidatorVault
/// @dev Created by the pool's constructor: the creator is the pool, for good.
/// @dev ACCOUNTING: what is here counts when a report says so, not before. Deposits pass through in one call.
contract ValidatorVault is IValidatorVault {
    /// @notice The system contract of EIP-7002.
    address public constant WITHDRAWAL_REQUESTS = 0x00000961Ef480Eb55e80D19ad83579A64c007002;

    IStakingPool private immutable POOL;
    IDepositContract private immutable DEPOSIT_CONTRACT;

    constructor(IDepositContract depositContract) {
        POOL = IStakingPool(payable(msg.sender));
        DEPOSIT_CONTRACT = depositContract;
    }

    receive() external payable {}

    modifier onlyPool() {
        require(msg.sender == address(POOL), Unauthorized(msg.sender, address(POOL)));
        _;
    }

    /// @inheritdoc IValidatorVault
    function pool() external view returns (address) {
        return address(POOL);
    }

    /// @inheritdoc IValidatorVault
    function collect(uint256 etherAmount) external onlyPool {
        require(etherAmount <= address(this).balance, Insufficient(etherAmount, address(this).balance));
        POOL.receiveVaultEther{value: etherAmount}();
    }

    /* DEPOSITS */

    /// @inheritdoc IValidatorVault
    function deposit(uint256 maxKeys, bool first) external payable onlyPool returns (uint256 count) {
        IOperatorRegistry registry = IOperatorRegistry(POOL.part("registry"));
        bytes memory pubkeys;
        bytes memory signatures;
        if (first) (pubkeys, signatures) = registry.allocate(maxKeys);
        else pubkeys = registry.fund(maxKeys);
        count = LinearMath.wholeUnits(pubkeys.length, DepositData.PUBKEY_LENGTH);
        require(count <= maxKeys, TooManyKeys(count, maxKeys));

        uint256 each = LinearMath.wholeUnits(msg.value, maxKeys);
        bytes memory signature = new bytes(DepositData.SIGNATURE_LENGTH);
        for (uint256 i; i < count; ++i) {
            bytes memory pubkey = _nth(pubkeys, i, DepositData.PUBKEY_LENGTH);
            if (first) signature = _nth(signatures, i, DepositData.SIGNATURE_LENGTH);
            bytes32 root = DepositData.depositDataRoot(pubkey, credentials(), signature, each);
            DEPOSIT_CONTRACT.deposit{value: each}(pubkey, abi.encodePacked(credentials()), signature, root);
        }
        if (count != maxKeys) POOL.receiveVaultEther{value: msg.value - count * each}();
    }

    function _nth(bytes memory items, uint256 index, uint256 length) private pure returns (bytes memory) {
        return LibBytes.slice(items, index * length, (index + 1) * length);
    }

    /// @inheritdoc IValidatorVault
    function credentials() public view returns (bytes32) {
        return bytes32(uint256(1) << 248 | uint160(address(this)));
    }

    /* EXITS */

    /// @inheritdoc IValidatorVault
    function exitFee() external view returns (uint256) {
        (bool answered, bytes memory fee) = WITHDRAWAL_REQUESTS.staticcall("");
        require(answered && fee.length == 32, NoExitContract(WITHDRAWAL_REQUESTS));
        return abi.decode(fee, (uint256));
    }

    /// @inheritdoc IValidatorVault
    function requestExit(bytes calldata pubkey) external payable {
        address registry = POOL.part("registry");
        require(msg.sender == registry, Unauthorized(msg.sender, registry));
        // The amount of 8 zero bytes asks for the whole balance.
        (bool accepted,) = WITHDRAWAL_REQUESTS.call{value: msg.value}(abi.encodePacked(pubkey, bytes8(0)));
        require(accepted, NoExitContract(WITHDRAWAL_REQUESTS));
    }
}
