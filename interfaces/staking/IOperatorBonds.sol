// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

import {IBounded} from "../libraries/IBounded.sol";
import {OperatorLoss} from "./Report.sol";

/// @title Bonds and rewards of operators
/// @notice A bond is kETH held as exact shares (27 decimals): it earns like any other stake, and falls with it. The
/// operators' part of the fee is split evenly over the validators that are funded and not settled, and joins their
/// operators' bonds. What a bond holds beyond `requiredBond` may be withdrawn.
///
/// ROUNDING
/// - The worth of a bond down; shares for a loss or penalty up. What doesn't split evenly waits for the next rewards.
/// - Bonds come in exact shares and go, for withdrawals and penalties, in whole 18-decimal ones of 1e9 exact shares.
///
/// ACCOUNTING
/// - kETH that is sent here without `depositBond` is a reward of all operators.
///
/// TRUST
/// - The registry, which created this contract, says how many keys an operator has to answer for, how many validators earn,
///   and whom to charge a penalty; the pool names losses; the owner sets terms within bounds.
interface IOperatorBonds is IBounded {
    /// @notice Amounts in wei.
    struct BondTerms {
        /// For the first key of an operator: `MIN_KEY_BOND` to 32 ether.
        uint96 firstKeyBond;
        /// For each further key: `MIN_KEY_BOND` to 32 ether.
        uint96 furtherKeyBond;
    }

    /// @notice Amounts in wei, each at most `MAX_PENALTY`.
    struct PenaltyTerms {
        uint64 lateExit;
        uint64 underperformed;
        uint64 slashed;
    }

    enum Penalty {
        LateExit,
        Underperformed,
        Slashed
    }

    event BondDeposited(uint256 indexed operatorId, address indexed from, uint256 exactShares);

    event BondWithdrawn(uint256 indexed operatorId, address indexed to, uint256 exactShares);

    /// @notice The operators' part of the fee since the last time.
    event RewardsShared(uint256 exactShares, uint256 validators);

    /// @notice A reported loss was paid from a bond by burning shares.
    /// @param loss As reported; `covered` is the part that the bond paid. Wei.
    event LossCharged(uint256 indexed operatorId, uint256 loss, uint256 covered, uint256 exactShares);

    /// @notice A penalty went from a bond to the insurance fund.
    /// @param etherAmount As the terms say; `exactShares` is what was left to take of it.
    event PenaltyCharged(
        uint256 indexed operatorId, uint256 indexed index, Penalty why, uint256 etherAmount, uint256 exactShares
    );

    event BondTermsSet(BondTerms terms);

    event PenaltyTermsSet(PenaltyTerms terms);

    error ZeroAmount();

    /// @notice The bond isn't worth what its keys need.
    error BondTooSmall(uint256 operatorId, uint256 worth, uint256 required);

    /// @notice The report must list each operator once, in ascending order; `position` is the first that isn't.
    error LossesUnsorted(uint256 position, uint256 operatorId);

    error Unauthorized(address caller, address needed);

    error OperatorNotFound(uint256 operatorId);

    /// @notice Adds `etherAmount` of the sender's kETH to a bond; needs an allowance. Anyone may.
    /// @return exactShares What the bond grew by.
    function depositBond(uint256 operatorId, uint256 etherAmount) external returns (uint256 exactShares);

    /// @notice Stakes `msg.value` and adds it to a bond. Anyone may.
    /// @return exactShares What the bond grew by.
    function stakeBond(uint256 operatorId) external payable returns (uint256 exactShares);

    /// @notice Takes what the bond holds beyond what its keys need. The operator's manager only.
    /// @param shares18 In 18-decimal shares; `type(uint256).max` takes all that is free.
    /// @return taken 18-decimal shares.
    /// @dev Reverts with `BondTooSmall`. A key's part is free once it is removed unused, rejected, or settled: the report that
    /// shows its last loss comes before the news that it is settled.
    function withdrawBond(uint256 operatorId, uint256 shares18, address to) external returns (uint256 taken);

    /// @notice Sets how many validators of an operator earn from now on. Registry only.
    function setEarning(uint256 operatorId, uint256 validators) external;

    /// @notice Moves a penalty, or what the bond holds of it, to the insurance fund. Registry only.
    /// @param index Of the key that it is charged for.
    function charge(uint256 operatorId, uint256 index, Penalty why) external;

    /// @notice Pays reported losses from the bonds: the pool burns what this returns. Pool only.
    /// @return exactShares Shares of this contract to burn.
    /// @return covered Wei of the losses that they pay for.
    function coverLosses(OperatorLoss[] calldata losses) external returns (uint256 exactShares, uint256 covered);

    /// @notice A bond with its rewards until now.
    /// @return exactShares 27 decimals.
    /// @return worth Wei at the pool's rate, rounded down.
    function getBond(uint256 operatorId) external view returns (uint256 exactShares, uint256 worth);

    /// @notice How many keys a bond covers.
    function coverable(uint256 operatorId) external view returns (uint256 keys);

    /// @notice Validators of an operator, and of all, that share the rewards.
    function earning(uint256 operatorId) external view returns (uint256 validators, uint256 all);

    function registry() external view returns (address);

    /// @notice Wei that `keys` keys need which are neither settled nor rejected.
    function requiredBond(uint256 keys) external view returns (uint256 etherAmount);

    function getBondTerms() external view returns (BondTerms memory);

    function getPenaltyTerms() external view returns (PenaltyTerms memory);

    /// @notice Owner only. Higher terms stop withdrawals and new deposits of whom they leave short, nothing else.
    function setBondTerms(BondTerms calldata terms) external;

    /// @notice Owner only.
    function setPenaltyTerms(PenaltyTerms calldata terms) external;
}
