// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @title ValidatorVault: holds ether that the protocol credits to validators' owners until a report collects it
/// @notice One instance is the withdrawal address of all validators, one the fee recipient of their blocks. Credits come
/// without a call. The withdrawal address may ask the consensus layer for exits (EIP-7002).
interface IValidatorVault {
    error Unauthorized(address caller, address needed);

    /// @notice A report named more than is here.
    error Insufficient(uint256 asked, uint256 held);

    error TooManyKeys(uint256 keys, uint256 asked);

    /// @notice This chain has no contract for withdrawal requests, or it refused.
    error NoExitContract(address expected);

    function pool() external view returns (address);

    /// @notice Sends `etherAmount` to the pool's `receiveVaultEther`. Pool only.
    function collect(uint256 etherAmount) external;

    /// @notice Deposits for validators whose withdrawal address is this vault: `msg.value / maxKeys` for each key that the
    /// pool's registry names; what is left goes back to the pool's `receiveVaultEther`. Pool only.
    /// @param first Whether the keys get their first deposit: the consensus layer looks at the signature of that one alone.
    /// @return count Keys deposited for, at most `maxKeys`.
    /// @dev Reverts with `TooManyKeys` where the registry gives more than it was asked for.
    function deposit(uint256 maxKeys, bool first) external payable returns (uint256 count);

    /// @notice Withdrawal credentials of type 0x01 with this address.
    function credentials() external view returns (bytes32);

    /// @notice What a withdrawal request costs in this block, wei.
    /// @dev Reverts with `NoExitContract`.
    function exitFee() external view returns (uint256 etherAmount);

    /// @notice Asks for the full exit of a validator; `msg.value` is the fee. The pool's registry only.
    /// @dev The consensus layer ignores requests for keys whose withdrawal address is another one.
    function requestExit(bytes calldata pubkey) external payable;
}
