// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

import {IBounded} from "../libraries/IBounded.sol";
import {IOperatorKeys} from "./IOperatorKeys.sol";
import {KeyNews} from "./Report.sol";

/// @title OperatorRegistry: who runs the validators, with which keys, and what they answer with
/// @notice Anyone joins, posts a bond and offers keys. Deposits go to the operator with the fewest validators; exits are
/// asked of poor performers first, then of the operator with the most.
///
/// DEPOSITS
/// - A key gets 1 ether first. Its operator's bond covers that ether: a deposit whose credentials or signature turn out wrong
///   is a loss of that operator. The other 31 ether follow when the oracle has seen the first on the consensus layer.
/// - Cap: with V validators and N operators, no operator gets beyond `max(2, ceil(V / 100), ceil(2 V / N))`, V with the
///   new one. N counts operators with validators or with keys to allocate; who was asked to exit counts for neither. Where few operators have keys the cap may stop
///   deposits: the ether waits in the buffer, where it serves exits, until others join.
///
/// EXITS
/// - A request is an event. From `exitPeriod` on it is late: the penalty may be charged, and anyone who pays the fee of
///   EIP-7002 may trigger the exit. Both are also open to the exit manager at once.
///
/// TRUST
/// - The oracle's quorum says what happens to keys; the exit manager whom to ask; the owner sets terms within bounds.
///
/// LIVENESS
/// - News that came too late, or that the members got wrong, are told with the next frame's report.
/// - Each allocated key costs a number of steps that grows with the logarithm of the number of operators. Operators in line whose
///   bond fell short are passed over on the way, one by one: `refresh`, which anyone may call, takes them out before.
/// - A search for keys that can exit ends after 64 that can't: then the next operator is asked. Beyond it the exit manager has
///   `triggerExits`.
///
/// KNOWN LIMITS
/// - Who offers another's public key keeps it from the other, at the price of a bond and of the first deposit if it is used.
/// - A new registry knows nothing of the old one's keys and bonds: let the validators settle, or report no operator losses.
interface IOperatorRegistry is IBounded, IOperatorKeys {
    struct Operator {
        /// Adds and removes keys, withdraws what is free of the bond in `IOperatorBonds`.
        address manager;
        /// The owner lets it have no more first deposits.
        bool stopped;
        /// Deposits may go to it now, as far as keys, bond and cap reach.
        bool offering;
        /// Slashed, underperformed three times, or with a bond below what is required: asked to exit first.
        bool poor;
        /// Keys added and not removed.
        uint256 keys;
        /// Of these, with a first deposit, in order.
        uint256 predeposited;
        /// Predeposited, confirmed or funded, and not asked to exit.
        uint256 validators;
        /// Of these, funded.
        uint256 active;
        /// Keys that need a bond: all but settled and rejected ones.
        uint256 bonded;
        /// Times it underperformed since it was last pardoned.
        uint256 strikes;
    }

    struct Totals {
        /// Predeposited, confirmed or funded, and not asked to exit.
        uint256 validators;
        /// Operators with validators or keys to allocate.
        uint256 operators;
    }

    event OperatorAdded(uint256 indexed operatorId, string name, address indexed manager);

    event OperatorStopped(uint256 indexed operatorId, bool stopped);

    event OperatorPardoned(uint256 indexed operatorId);

    event ManagerSet(uint256 indexed operatorId, address indexed manager);

    /// @notice The operator must exit this validator within `exitPeriod`.
    event ExitRequested(uint256 indexed operatorId, uint256 indexed index, bytes pubkey);

    /// @notice The withdrawal address asked for the exit (EIP-7002).
    event ExitTriggered(uint256 indexed operatorId, uint256 indexed index, bytes pubkey);

    event NewsApplied(uint256 indexed refSlot, uint256 count);

    event ExitManagerSet(address indexed exitManager);

    event ExitPeriodSet(uint256 exitPeriod);

    error Unauthorized(address caller, address needed);

    error ZeroAddress();

    /// @notice The bond covers fewer keys than the operator would have to answer for.
    error BondTooSmall(uint256 operatorId, uint256 coverable, uint256 keys);

    error OperatorNotFound(uint256 operatorId);

    error TooFewUnusedKeys(uint256 asked, uint256 unused);

    error NewsNotNewer(uint256 refSlot, uint256 lastRefSlot);

    /// @notice No exit was asked for, the time isn't over, or no news have come from after it.
    error NotLate(uint256 operatorId, uint256 index, uint256 lateFrom);

    error AlreadyCharged(uint256 operatorId, uint256 index);

    error ExitNotAllowed(uint256 operatorId, uint256 index);

    error FeeTooLow(uint256 given, uint256 needed);

    /* ALLOCATION */

    /// @notice Takes up to `maxKeys` unused keys for a first deposit: least-filled operator first, the lower id among equals,
    /// as far as bond and cap reach. The pool's withdrawal vault only.
    /// @return pubkeys 48 bytes each, concatenated.
    /// @return signatures 96 bytes each, concatenated, in the same order.
    function allocate(uint256 maxKeys) external returns (bytes memory pubkeys, bytes memory signatures);

    /// @notice Takes up to `maxKeys` confirmed keys, in the order of their confirmation. The withdrawal vault only.
    /// @return pubkeys 48 bytes each, concatenated.
    function fund(uint256 maxKeys) external returns (bytes memory pubkeys);

    /// @notice Changes whenever the set of keys does that `allocate` may return.
    function nonce() external view returns (uint256);

    /// @notice The most validators that one operator may have, of `validators` over `operators`.
    function capOf(uint256 validators, uint256 operators) external pure returns (uint256);

    /* OPERATORS AND KEYS */

    /// @notice Anyone may join; deposits need keys and a bond.
    function addOperator(string calldata name, address manager) external returns (uint256 operatorId);

    /// @notice Offers keys; the bond must be there. Manager only.
    /// @param pubkeys 48 bytes each, concatenated.
    /// @param signatures Of the deposit message with the pool's withdrawal credentials and 1 ether; 96 bytes each.
    /// @dev Reverts with `Unauthorized`, `NoKeys`, `KeyLengthMismatch`, `DuplicateKey`, `BondTooSmall`.
    function addKeys(uint256 operatorId, bytes calldata pubkeys, bytes calldata signatures) external;

    /// @notice Takes back the last `count` unused keys. Manager or owner.
    function removeKeys(uint256 operatorId, uint256 count) external;

    /// @notice Puts an operator in line whose bond covers a key again, takes one out whose doesn't. Anyone may; whatever
    /// changes a bond does it too.
    function refresh(uint256 operatorId) external;

    /// @notice The manager itself.
    function setManager(uint256 operatorId, address newManager) external;

    /// @notice No more first deposits; keys that have one are funded all the same, or their ether could never exit. Validators, bond and
    /// rewards stay. Owner only.
    function stopOperator(uint256 operatorId, bool stopped) external;

    /// @notice Forgets strikes and slashings. Owner only.
    function pardon(uint256 operatorId) external;

    /* EXITS AND NEWS */

    /// @notice Asks for up to `count` exits: of poor performers first, then of the operator with the most active validators,
    /// its oldest key first. Exit manager only.
    /// @return requested How many were asked for.
    function requestExits(uint256 count) external returns (uint256 requested);

    /// @notice Lets the withdrawal vault ask the consensus layer for the exits (EIP-7002), for its fee; what is left of
    /// `msg.value` comes back. The exit manager for any funded key; anyone once an exit is late; a manager for its own keys.
    /// @dev Reverts with `WrongKeyStatus`, `ExitNotAllowed`, `FeeTooLow`, and with the vault's
    /// `NoExitContract`.
    function triggerExits(uint256 operatorId, uint256[] calldata indices) external payable;

    /// @notice Charges for an exit that was asked for `exitPeriod` before the last news and isn't under way. Anyone.
    function chargeLateExit(uint256 operatorId, uint256 index) external;

    /// @notice What the oracle saw. The pool's oracle only.
    function applyNews(uint256 refSlot, uint256 refTimestamp, KeyNews[] calldata news) external;

    /// @notice Slot and time of the last news.
    function lastNews() external view returns (uint256 refSlot, uint256 refTimestamp);

    function setExitManager(address newExitManager) external;

    /// @param newExitPeriod Seconds an operator has for an exit it was asked for: 1 to 30 days. Owner only.
    function setExitPeriod(uint256 newExitPeriod) external;

    function exitManager() external view returns (address);

    function exitPeriod() external view returns (uint256);

    /* VIEWS */

    /// @notice The `IOperatorBonds` of this registry's operators.
    function bonds() external view returns (address);

    function operatorCount() external view returns (uint256);

    /// @dev Reverts with `OperatorNotFound`.
    function managerOf(uint256 operatorId) external view returns (address);

    /// @notice Keys of an operator that need a bond: all but removed, settled and rejected ones.
    function bondedKeys(uint256 operatorId) external view returns (uint256);

    /// @notice Keys with a first deposit that are still to be funded: 31 ether each.
    function awaitingKeys() external view returns (uint256);

    /// @dev Reverts with `OperatorNotFound`.
    function getOperator(uint256 operatorId) external view returns (Operator memory);

    /// @notice As given when it joined: nobody checked it.
    function nameOf(uint256 operatorId) external view returns (string memory);

    function getTotals() external view returns (Totals memory);
}
