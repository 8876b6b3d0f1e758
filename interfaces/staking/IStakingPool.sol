// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

import {IBounded} from "../libraries/IBounded.sol";
import {IStakedEther} from "./IStakedEther.sol";
import {OperatorLoss, Report} from "./Report.sol";

/// @title StakingPool: takes ether, stakes it, and is the token of its claim (kETH)
/// @notice `submit` mints kETH at the exchange rate; reports of the consensus oracle move the rate; the withdrawal queue
/// turns kETH back into ether.
///
/// ASSETS
/// - Gross assets = buffered ether + consensus-layer balance + deposits in flight + advances on withdrawal tickets - carried gain.
///   Ether enters the ledger by `submit` and by reports alone; ether forced into the contract is never counted.
/// - Pooled ether (the token supply) = gross assets - unreleased gain.
///
/// GAINS
/// - A report's gain, less the fee, is locked and released linearly over `RELEASE_PERIOD`: no step to buy before.
/// - The fee is recognised at once and minted as shares at the current rate, which doesn't fall by it.
/// - A gain above the checker's bound is carried to later reports.
///
/// LOSSES
/// - In the report itself, in this order: the bonds of the operators that the report names, the insurance fund, gains that
///   the report brings or earlier ones carried, the unreleased gain, the rate. Bonds and fund pay by burning their shares.
///
/// TRUST
/// - The oracle's quorum, inside the bounds of `ReportChecker`; see the ROLES table in `contracts/README.md`.
///
/// LIVENESS
/// - `pause` stops `submit` and deposits to validators. Transfers, withdrawal requests, claims and reports go on.
/// - Without reports for a week, holders of withdrawal tickets get advances from the buffer: see `IWithdrawalQueue`.
interface IStakingPool is IBounded, IStakedEther {
    /// @notice The parts of the stack that know the pool and that the pool must know; set once.
    struct Wiring {
        /// Its shares are burnt when a report finalises tickets; never changes.
        address withdrawalQueue;
        /// Replaceable, with delay.
        address oracle;
        /// Replaceable, with delay.
        address checker;
        /// Replaceable, with delay.
        address registry;
        /// Replaceable, with delay.
        address insurance;
    }

    /// @notice One recipient of the protocol fee.
    struct FeeShare {
        address recipient;
        /// Part of a gain, in 1/10,000.
        uint16 feeBps;
    }

    /// @notice Where the pool's ether is; all in wei.
    struct Balances {
        uint256 buffered;
        /// As last reported, and what settled advances have fallen short of since: a loss of the next report.
        uint256 consensusLayer;
        /// Deposited, not yet seen by a report.
        uint256 inFlight;
        /// Reported gains above the bound, to be recognised by later reports.
        uint256 carriedGain;
        /// Part of gross assets not yet released into the rate.
        uint256 unreleasedGain;
    }

    event Submitted(address indexed sender, uint256 amount, address referral);

    /// @notice As Lido's: shares with 18 decimals, rounded down.
    event TokenRebased(
        uint256 indexed reportTimestamp,
        uint256 timeElapsed,
        uint256 preTotalShares,
        uint256 preTotalEther,
        uint256 postTotalShares,
        uint256 postTotalEther,
        uint256 sharesMintedAsFees
    );

    /// @notice What a report's gain did to the ledger.
    /// @param gain Gross of the report's loss.
    /// @param recognised Part of `gain` and of the carried gain that was recognised now, fee included.
    /// @param fee Value of the shares minted as fee.
    event GainReported(uint256 indexed refSlot, uint256 gain, uint256 recognised, uint256 fee, uint256 carriedGain);

    /// @notice `loss = fromBonds + fromInsurance + fromNewGain + fromUnreleasedGain + fromRate`, wei.
    /// @param fromNewGain From this report's gain and what earlier ones carried.
    event LossReported(
        uint256 indexed refSlot,
        uint256 loss,
        uint256 fromBonds,
        uint256 fromInsurance,
        uint256 fromNewGain,
        uint256 fromUnreleasedGain,
        uint256 fromRate
    );

    /// @notice What a report moved from the vaults into the buffer.
    event VaultsCollected(uint256 withdrawals, uint256 rewards);

    /// @notice `count` keys got `etherAmount` together: 1 ether each at first, 31 when they are funded.
    event ValidatorsDeposited(uint256 count, uint256 etherAmount);

    event StakingPaused(address indexed by);

    event StakingResumed(address indexed by);

    event StakeLimitSet(uint256 maxStakeLimit, uint256 refillPeriod);

    event FeesSet(FeeShare[3] fees);

    event GuardianSet(address indexed guardian);

    event DepositorSet(address indexed depositor);

    /// @notice `role` is "oracle", "checker", "registry" or "insurance"; the change may be accepted from `readyAt` on.
    event ReplacementProposed(bytes32 indexed role, address indexed candidate, uint256 readyAt);

    event ReplacementRevoked(bytes32 indexed role, address indexed candidate);

    event Replaced(bytes32 indexed role, address indexed previous, address indexed current);

    event Wired(Wiring wiring);

    error ZeroAmount();

    error ZeroAddress();

    /// @notice Ether came with calldata that names no function.
    error UnknownCall();

    error StakingIsPaused();

    error StakeLimitExceeded(uint256 asked, uint256 limit);

    error Unauthorized(address caller, address needed);

    error AlreadyWired();

    error BootstrapTooSmall(uint256 given, uint256 minimum);

    /// @notice The registry's key set changed since the depositor looked.
    error NonceChanged(uint256 expected, uint256 current);

    /// @notice The deposit contract's root changed since the depositor looked: somebody deposited, perhaps with our key.
    error DepositRootChanged(bytes32 expected, bytes32 current);

    /// @notice No whole deposit fits into the ether at hand, or the registry gave none of the `keys` that it was asked for.
    error NothingToDeposit(uint256 depositableEther, uint256 keys);

    error NotReady(uint256 readyAt, uint256 timestamp);

    error NothingProposed(bytes32 role);

    /// @notice Not "oracle", "checker", "registry" or "insurance".
    error UnknownRole(bytes32 role);

    /// @notice The report finalises more than the buffer holds.
    error BufferShort(uint256 needed, uint256 buffered);

    /// @notice A pool without ether has no rate; such a report can't be applied.
    error LossExceedsAssets(uint256 loss, uint256 assets);

    /* STAKING */

    /// @notice Stakes `msg.value`; mints `toSharesDown(msg.value)` exact shares to the sender.
    /// @param referral For the event alone.
    /// @return shares Minted shares, 18 decimals, rounded down.
    /// @dev Reverts with `StakingIsPaused`, `ZeroAmount`, `StakeLimitExceeded`.
    function submit(address referral) external payable returns (uint256 shares);

    /// @notice Plain ether is `submit(address(0))`.
    receive() external payable;

    /// @notice Ether that may be staked now; zero while paused. The limit refills linearly to its maximum.
    function getCurrentStakeLimit() external view returns (uint256 etherAmount);

    function isStakingPaused() external view returns (bool);

    /* VALIDATORS */

    /// @notice Makes first deposits of 1 ether each for up to `maxKeys` keys, as far as the registry's keys reach and
    /// `getDepositableEther` holds 32 ether for each of them and 31 for each that waits to be funded. Depositor only.
    /// @param depositRoot Of the deposit contract when the depositor looked for deposits with foreign credentials.
    /// @param registryNonce Of the registry then; `type(uint256).max` takes whatever keys come: strangers can change the nonce
    /// with each block, and bonds answer for first deposits.
    /// @dev Reverts with `Unauthorized`, `StakingIsPaused`, `DepositRootChanged`, `NonceChanged`, `NothingToDeposit`.
    function depositValidators(uint256 maxKeys, bytes32 depositRoot, uint256 registryNonce)
        external
        returns (uint256 count);

    /// @notice Deposits the other 31 ether for up to `maxKeys` keys that the oracle has confirmed. Anyone may.
    /// @dev Reverts with `StakingIsPaused`, `NothingToDeposit`.
    function fundValidators(uint256 maxKeys) external returns (uint256 count);

    /// @notice Buffered ether beyond what unfinalised withdrawal requests ask for.
    function getDepositableEther() external view returns (uint256 etherAmount);

    /// @notice 0x01 credentials of the withdrawal vault.
    function withdrawalCredentials() external view returns (bytes32);

    /* REPORTS */

    /// @notice Applies a report: collects the vaults, recognises gain or loss, mints fees, finalises withdrawals.
    /// @param losses What bonds are to pay.
    /// @param reportHash What the members voted on; the checker asks for it where a loss needs a second quorum.
    /// @param refTimestamp Time of the reference slot.
    /// @param boundaryHints See `IWithdrawalQueue.finalize`; may be empty.
    /// @dev Reverts with `Unauthorized` and with the errors of checker, vaults and queue.
    function handleReport(
        Report calldata report,
        OperatorLoss[] calldata losses,
        bytes32 reportHash,
        uint256 refTimestamp,
        uint256[] calldata boundaryHints
    ) external;

    /// @notice Where the vaults send what a report collects from them.
    /// @dev Reverts with `Unauthorized` for others.
    function receiveVaultEther() external payable;

    /// @notice Sends buffered ether to the queue, for an advance; it stays an asset. Queue only.
    /// @dev Reverts with `Unauthorized`, and if the buffer is short.
    function payAdvance(uint256 etherAmount) external;

    /// @notice Takes an advance back into the buffer; what is lost of it, `shortfall`, is part of the next report's loss. Queue only.
    /// @dev Reverts with `Unauthorized`.
    function recoverAdvance(uint256 shortfall) external payable;

    /// @notice Reference time of the last report and the time it was applied; feeds judge staleness by it.
    function lastReport() external view returns (uint256 refTimestamp, uint256 appliedAt);

    /* LEDGER */

    function getBalances() external view returns (Balances memory);

    /// @notice What the last report that lowered the rate by a loss left of it, and when; zeros if there was none.
    /// @return rateWad Ether per share, rounded down; the rate hasn't been below it since.
    /// @return time Seconds.
    /// @return count How many such reports there were.
    function confirmedLoss() external view returns (uint256 rateWad, uint256 time, uint256 count);

    /// @return etherAmount Rounded up.
    function getUnreleasedGain() external view returns (uint256 etherAmount);

    /// @notice As Lido's `getBeaconStat`: deposited and reported validators, last reported balance.
    function getBeaconStat()
        external
        view
        returns (uint256 depositedValidators, uint256 beaconValidators, uint256 beaconBalance);

    /// @notice Sum of all fee shares, in 1/10,000.
    function getFee() external view returns (uint256 feeBps);

    /* ADMIN */

    /// @notice Names the other parts of the stack, once. Owner only.
    function wire(Wiring calldata wiring) external;

    /// @notice Guardian or owner.
    function pause() external;

    /// @notice Owner.
    function resume() external;

    /// @param maxStakeLimit At most 1,000,000 ether; zero lets nothing in.
    /// @param refillPeriod Seconds from empty to full; 1 minute to 30 days.
    function setStakeLimit(uint256 maxStakeLimit, uint256 refillPeriod) external;

    /// @notice At most 2,000 together; operators, treasury, insurance. A part of 0 bps may name no recipient.
    function setFees(FeeShare[3] calldata fees) external;

    function setGuardian(address newGuardian) external;

    function setDepositor(address newDepositor) external;

    /// @notice The oracle, checker, registry or insurance fund in force.
    function part(bytes32 role) external view returns (address);

    function withdrawalQueue() external view returns (address);

    function withdrawalVault() external view returns (address);

    function rewardsVault() external view returns (address);

    function depositContract() external view returns (address);

    function guardian() external view returns (address);

    function depositor() external view returns (address);

    function getFees() external view returns (FeeShare[3] memory);

    /// @notice Starts the delay of `REPLACEMENT_DELAY` for a new oracle, checker, registry or insurance fund.
    function proposeReplacement(bytes32 role, address candidate) external;

    function revokeReplacement(bytes32 role) external;

    /// @notice Owner, once the delay is over.
    function acceptReplacement(bytes32 role) external;
}
