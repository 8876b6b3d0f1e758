// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCastLib} from "solady/src/utils/SafeCastLib.sol";

import {IDepositContract} from "../../interfaces/external/IDepositContract.sol";
import {IInsuranceFund} from "../../interfaces/staking/IInsuranceFund.sol";
import {IOperatorBonds} from "../../interfaces/staking/IOperatorBonds.sol";
import {IOperatorRegistry} from "../../interfaces/staking/IOperatorRegistry.sol";
import {OperatorLoss, Report} from "../../interfaces/staking/Report.sol";
import {IReportChecker} from "../../interfaces/staking/IReportChecker.sol";
import {IStakingPool} from "../../interfaces/staking/IStakingPool.sol";
import {IValidatorVault} from "../../interfaces/staking/IValidatorVault.sol";
import {IWithdrawalQueue} from "../../interfaces/staking/IWithdrawalQueue.sol";
import {Bounds} from "../libraries/Bounds.sol";
import {LinearMath} from "../libraries/LinearMath.sol";
import {SharesMath} from "../libraries/SharesMath.sol";
import {PoolLedger} from "./PoolLedger.sol";
import {PoolRoles} from "./PoolRoles.sol";
import {ValidatorVault} from "./ValidatorVault.sol";

/// @title StakingPool
/// @dev UNITS: wei, and exact shares with 27 decimals; `shares18` are those of Lido's ABI.
/// @dev ROUNDING: minted shares down, the unreleased gain up, fees down: the rate never falls but by a loss.
/// @dev REENTRANCY: the pool calls only its own parts and the deposit contract; none of them calls strangers. Parts are
/// named by the owner, with delay. No function sends ether to a stranger.
/// @dev LIVENESS: `pause` stops `submit` and deposits. Nothing stops transfers, requests, reports and claims. To wind the
/// pool down: pause, exit all validators, report, finalise, claim.
/// @dev KNOWN LIMITS: a loss of all assets can't be applied: there would be no rate.
contract StakingPool is PoolLedger {
    using SafeCastLib for uint256;
    using SharesMath for uint256;

    /// @dev Of a key's first deposit; the rest follows when the oracle has seen whose it became.
    uint256 private constant FIRST_DEPOSIT = 1 ether;

    uint256 private constant FURTHER_DEPOSIT = 31 ether;

    /// @dev Least value of the stake that the constructor burns, so that the rate always has a denominator.
    uint256 private constant MIN_BOOTSTRAP = 0.01 ether;

    address private constant BOOTSTRAP_HOLDER = 0x000000000000000000000000000000000000dEaD;

    uint256 private constant MAX_STAKE_LIMIT = 1_000_000 ether;

    /* IMMUTABLES */

    IDepositContract private immutable DEPOSIT_CONTRACT;
    IValidatorVault private immutable WITHDRAWAL_VAULT;
    IValidatorVault private immutable REWARDS_VAULT;

    /* CONSTRUCTOR */

    /// @notice Stakes `msg.value` for a dead address at 1 ether = 1e27 exact shares.
    constructor(address owner, address depositContract_) payable PoolRoles(owner) {
        require(msg.value >= MIN_BOOTSTRAP, BootstrapTooSmall(msg.value, MIN_BOOTSTRAP));
        require(depositContract_ != address(0), ZeroAddress());
        DEPOSIT_CONTRACT = IDepositContract(depositContract_);
        WITHDRAWAL_VAULT = new ValidatorVault(DEPOSIT_CONTRACT);
        REWARDS_VAULT = new ValidatorVault(DEPOSIT_CONTRACT);
        _reporting.refTimestamp = uint32(block.timestamp);
        _reporting.appliedAt = uint40(block.timestamp);
        _setStakeLimit(150_000 ether, 1 days);
        _intake.limitLevel = 150_000 ether;

        uint256 shares = msg.value * SharesMath.EXACT_PER_SHARE;
        _totals = Totals(shares.toUint128(), msg.value.toUint128());
        _intake.buffered = msg.value.toUint96();
        _mintShares(BOOTSTRAP_HOLDER, shares, msg.value);
    }

    /* STAKING */

    /// @inheritdoc IStakingPool
    receive() external payable {
        _submit(address(0));
    }

    fallback() external payable {
        revert UnknownCall();
    }

    /// @inheritdoc IStakingPool
    function submit(address referral) external payable returns (uint256) {
        return _submit(referral).toShares18Down();
    }

    function _submit(address referral) private returns (uint256 shares) {
        require(!_intake.paused, StakingIsPaused());
        require(msg.value != 0, ZeroAmount());
        uint256 limit = _stakeLimit();
        require(msg.value <= limit, StakeLimitExceeded(msg.value, limit));
        (uint256 totalEther, uint256 totalShares) = _exchangeRate();
        shares = msg.value.toSharesDown(totalEther, totalShares);
        uint128 newTotalShares = (totalShares + shares).toUint128();

        unchecked {
            // `msg.value` is at most a limit below 2^96; the sums are below all the ether there is.
            _intake.buffered += uint96(msg.value);
            _intake.limitLevel = uint96(limit - msg.value);
            _intake.limitUpdatedAt = uint40(block.timestamp);
            _totals.grossEther += uint128(msg.value);
            _totals.exactShares = newTotalShares;
        }

        emit Submitted(msg.sender, msg.value, referral);
        _mintShares(msg.sender, shares, shares.toEtherDown(totalEther, totalShares));
    }

    /// @inheritdoc IStakingPool
    function getCurrentStakeLimit() external view returns (uint256) {
        return _intake.paused ? 0 : _stakeLimit();
    }

    function _stakeLimit() private view returns (uint256) {
        unchecked {
            return LinearMath.refilledDown(
                _intake.limitLevel,
                _schedule.maxStakeLimit,
                _schedule.refillPeriod,
                block.timestamp - _intake.limitUpdatedAt
            );
        }
    }

    /// @inheritdoc IStakingPool
    function isStakingPaused() external view returns (bool) {
        return _intake.paused;
    }

    /* VALIDATORS */

    /// @inheritdoc IStakingPool
    function depositValidators(uint256 maxKeys, bytes32 depositRoot, uint256 registryNonce)
        external
        returns (uint256 count)
    {
        require(msg.sender == depositor, Unauthorized(msg.sender, depositor));
        require(!_intake.paused, StakingIsPaused());
        IOperatorRegistry registry = IOperatorRegistry(part(REGISTRY));
        bytes32 root = DEPOSIT_CONTRACT.get_deposit_root();
        require(root == depositRoot, DepositRootChanged(depositRoot, root));
        uint256 nonce = registry.nonce();
        require(nonce == registryNonce || registryNonce == type(uint256).max, NonceChanged(registryNonce, nonce));

        uint256 depositable = getDepositableEther();
        uint256 kept = registry.awaitingKeys() * FURTHER_DEPOSIT;
        uint256 free = depositable > kept ? depositable - kept : 0;
        uint256 affordable = LinearMath.wholeUnits(free, FIRST_DEPOSIT + FURTHER_DEPOSIT);
        count = _deposit(_min(maxKeys, affordable), FIRST_DEPOSIT, depositable);
        _reporting.depositedValidators += uint32(count);
    }

    /// @inheritdoc IStakingPool
    function fundValidators(uint256 maxKeys) external returns (uint256 count) {
        require(!_intake.paused, StakingIsPaused());
        uint256 depositable = getDepositableEther();
        uint256 affordable = LinearMath.wholeUnits(depositable, FURTHER_DEPOSIT);
        return _deposit(_min(maxKeys, affordable), FURTHER_DEPOSIT, depositable);
    }

    /// @dev The ledger follows the deposits: registry, vault and deposit contract call no stranger.
    function _deposit(uint256 maxKeys, uint256 each, uint256 depositable) private returns (uint256 count) {
        require(maxKeys != 0, NothingToDeposit(depositable, 0));
        count = WITHDRAWAL_VAULT.deposit{value: maxKeys * each}(maxKeys, each == FIRST_DEPOSIT);
        require(count != 0, NothingToDeposit(depositable, maxKeys));
        uint256 etherAmount = count * each;
        _intake.buffered -= uint96(etherAmount);
        _consensusLayer.inFlight += uint96(etherAmount);
        _reporting.depositedGwei += SafeCastLib.toUint64(LinearMath.wholeUnits(etherAmount, 1 gwei));
        emit ValidatorsDeposited(count, etherAmount);
    }

    /// @inheritdoc IStakingPool
    function getDepositableEther() public view returns (uint256) {
        uint256 queued = IWithdrawalQueue(withdrawalQueue).unfinalizedStETH();
        return _intake.buffered > queued ? _intake.buffered - queued : 0;
    }

    /// @inheritdoc IStakingPool
    function withdrawalCredentials() external view returns (bytes32) {
        return WITHDRAWAL_VAULT.credentials();
    }

    /* REPORTS */

    /// @inheritdoc IStakingPool
    function handleReport(
        Report calldata report,
        OperatorLoss[] calldata losses,
        bytes32 reportHash,
        uint256 refTimestamp,
        uint256[] calldata boundaryHints
    ) external {
        require(msg.sender == part(ORACLE), Unauthorized(msg.sender, part(ORACLE)));
        (uint256 preEther, uint256 preShares) = _exchangeRate();
        IReportChecker.Context memory context = _contextOf(report, losses, reportHash, refTimestamp, preEther);
        (uint256 maxGain, uint256 latestRequest) = IReportChecker(part(CHECKER)).check(context);

        _recordPosition(report, refTimestamp, context.depositedEther);
        uint256 spent;
        if (context.loss != 0) spent = _recogniseLoss(report.refSlot, losses, context.gain, context.loss);
        uint256 feeShares = _recogniseGain(report.refSlot, context.gain, maxGain, spent);
        _collectVaults(report);
        if (report.lastRequestId != 0) _finalizeRequests(report.lastRequestId, latestRequest, boundaryHints);

        (uint256 postEther, uint256 postShares) = _exchangeRate();
        emit TokenRebased(
            refTimestamp,
            refTimestamp - context.previousRefTimestamp,
            preShares.toShares18Down(),
            preEther,
            postShares.toShares18Down(),
            postEther,
            feeShares.toShares18Down()
        );
    }

    function _contextOf(
        Report calldata report,
        OperatorLoss[] calldata losses,
        bytes32 reportHash,
        uint256 refTimestamp,
        uint256 preEther
    ) private view returns (IReportChecker.Context memory context) {
        ConsensusLayer memory before = _consensusLayer;
        Reporting memory reporting = _reporting;
        context.reportHash = reportHash;
        context.refSlot = report.refSlot;
        context.validators = report.validators;
        context.exitedValidators = report.exitedValidators;
        context.depositsSeen = report.depositsSeen;
        context.refTimestamp = refTimestamp;
        context.previousRefTimestamp = reporting.refTimestamp;
        context.pooledEther = preEther;
        context.previousValidators = before.validators;
        context.previousExitedValidators = before.exitedValidators;
        context.depositedValidators = reporting.depositedValidators;
        context.depositedEther = uint256(reporting.depositedGwei) * 1 gwei;
        context.previousDepositsSeen = context.depositedEther - before.inFlight;
        uint256 expected = uint256(before.balance) + report.depositsSeen.toUint96();
        (context.gain, context.loss) = _gainAndLoss(report, losses, expected, context.previousDepositsSeen);
    }

    /// @dev Each gross of the other: what operators lost by their fault is a loss, whatever others gained.
    function _gainAndLoss(
        Report calldata report,
        OperatorLoss[] calldata losses,
        uint256 expected,
        uint256 previousDepositsSeen
    ) private pure returns (uint256 gain, uint256 loss) {
        uint256 present = uint256(report.clBalance.toUint96()) + report.withdrawalVaultBalance.toUint96()
            + report.rewardsVaultBalance.toUint96() + previousDepositsSeen;
        for (uint256 i; i < losses.length; ++i) {
            loss += losses[i].etherAmount;
        }
        if (present + loss >= expected) return (present + loss - expected, loss);
        return (0, expected - present);
    }

    function _recordPosition(Report calldata report, uint256 refTimestamp, uint256 depositedEther) private {
        _consensusLayer = ConsensusLayer({
            balance: report.clBalance.toUint96(),
            inFlight: (depositedEther - report.depositsSeen).toUint96(),
            validators: report.validators.toUint32(),
            exitedValidators: report.exitedValidators.toUint32()
        });
        _reporting.refTimestamp = refTimestamp.toUint32();
        _reporting.appliedAt = uint40(block.timestamp);
    }

    /// @dev Shares of the fee are minted at the rate before the gain, and the fee's ether joins them: the rate stays. The
    /// rest of the gain is locked.
    /// @param spent Part of the new and the carried gain that paid for a loss.
    function _recogniseGain(uint256 refSlot, uint256 gain, uint256 maxGain, uint256 spent)
        private
        returns (uint256 feeShares)
    {
        uint256 available = gain + _reporting.carriedGain - spent;
        uint256 recognised = _min(available, maxGain);
        uint256 carried = available - recognised;
        _reporting.carriedGain = carried.toUint88();

        (uint256 totalShares, uint256 gross) = (_totals.exactShares, _totals.grossEther);
        uint256 unreleased = getUnreleasedGain();
        uint256 totalEther = gross - unreleased;
        uint256 fee;
        for (uint256 i; i < _fees.length; ++i) {
            FeeShare memory share = _fees[i];
            uint256 part_ = LinearMath.bpsDown(recognised, share.feeBps);
            if (part_ == 0) continue;
            uint256 shares = part_.toSharesDown(totalEther, totalShares);
            _mintShares(share.recipient, shares, part_);
            fee += part_;
            feeShares += shares;
        }
        _totals = Totals((totalShares + feeShares).toUint128(), (gross + recognised).toUint128());
        _lock(unreleased + recognised - fee);
        emit GainReported(refSlot, gain, recognised, fee, carried);
    }

    /// @dev Bonds and fund burn shares worth what they pay: the rate stays. What is left of a gain is recognised.
    /// @return fromNewGain What this gain and carried ones pay.
    function _recogniseLoss(uint256 refSlot, OperatorLoss[] calldata losses, uint256 gain, uint256 loss)
        private
        returns (uint256 fromNewGain)
    {
        uint256 left = loss;
        uint256 fromBonds;
        if (losses.length != 0) {
            address bonds = IOperatorRegistry(part(REGISTRY)).bonds();
            (uint256 shares, uint256 covered) = IOperatorBonds(bonds).coverLosses(losses);
            fromBonds = _burnCover(bonds, shares, covered, left);
            left -= fromBonds;
        }
        uint256 fromInsurance;
        if (left != 0) {
            IInsuranceFund fund = IInsuranceFund(part(INSURANCE));
            (uint256 shares, uint256 covered) = fund.cover(left);
            fromInsurance = _burnCover(address(fund), shares, covered, left);
            left -= fromInsurance;
        }
        uint256 unreleased = getUnreleasedGain();
        fromNewGain = _min(left, gain + _reporting.carriedGain);
        uint256 fromUnreleased = _min(left - fromNewGain, unreleased);
        uint256 fromRate = left - fromNewGain - fromUnreleased;
        require(left - fromNewGain < _totals.grossEther, LossExceedsAssets(loss, _totals.grossEther));

        _totals.grossEther -= uint128(left - fromNewGain);
        _lock(unreleased - fromUnreleased);
        if (fromRate != 0) _noteLoss();
        emit LossReported(refSlot, loss, fromBonds, fromInsurance, fromNewGain, fromUnreleased, fromRate);
    }

    /// @dev A part can't cover more than the shares it gives are worth, nor more than is left.
    function _burnCover(address from, uint256 shares, uint256 covered, uint256 left) private returns (uint256) {
        (uint256 totalEther, uint256 totalShares) = _exchangeRate();
        uint256 worth = shares.bounded().toEtherDown(totalEther, totalShares);
        covered = _min(covered, _min(worth, left));
        _burnShares(from, shares, worth);
        _totals.exactShares -= uint128(shares);
        _totals.grossEther -= uint128(covered);
        return covered;
    }

    function _collectVaults(Report calldata report) private {
        _intake.buffered += (report.withdrawalVaultBalance + report.rewardsVaultBalance).toUint96();
        if (report.withdrawalVaultBalance != 0) WITHDRAWAL_VAULT.collect(report.withdrawalVaultBalance);
        if (report.rewardsVaultBalance != 0) REWARDS_VAULT.collect(report.rewardsVaultBalance);
        emit VaultsCollected(report.withdrawalVaultBalance, report.rewardsVaultBalance);
    }

    /// @inheritdoc IStakingPool
    function receiveVaultEther() external payable {
        require(
            msg.sender == address(WITHDRAWAL_VAULT) || msg.sender == address(REWARDS_VAULT),
            Unauthorized(msg.sender, address(WITHDRAWAL_VAULT))
        );
    }

    /// @dev Tickets are paid by the rate rounded down and never more than their shares' worth; the difference joins the
    /// unreleased gain, so that the rate doesn't move.
    function _finalizeRequests(uint256 lastRequestId, uint256 latestRequest, uint256[] calldata boundaryHints) private {
        IWithdrawalQueue queue = IWithdrawalQueue(withdrawalQueue);
        (uint256 totalEther, uint256 totalShares) = _exchangeRate();
        uint256 rateRay = SharesMath.rateRayDown(totalEther, totalShares);
        (uint256 etherToLock, uint256 sharesToBurn, uint256 etherToSend) =
            queue.finalize(lastRequestId, rateRay, latestRequest, boundaryHints);
        uint256 buffered = _intake.buffered;
        require(etherToSend <= buffered, BufferShort(etherToSend, buffered));
        uint256 worth = sharesToBurn.toEtherDown(totalEther, totalShares);

        _intake.buffered = uint96(buffered - etherToSend);
        _totals.grossEther -= uint128(etherToLock);
        _totals.exactShares -= uint128(sharesToBurn);
        _burnShares(address(queue), sharesToBurn, worth);
        _lock(getUnreleasedGain() + worth - etherToLock);
        queue.receiveFinalizedEther{value: etherToSend}();
    }

    /* ADVANCES */

    /// @inheritdoc IStakingPool
    function payAdvance(uint256 etherAmount) external {
        require(msg.sender == withdrawalQueue, Unauthorized(msg.sender, withdrawalQueue));
        _intake.buffered -= etherAmount.toUint96();
        IWithdrawalQueue(msg.sender).receiveFinalizedEther{value: etherAmount}();
    }

    /// @inheritdoc IStakingPool
    function recoverAdvance(uint256 shortfall) external payable {
        require(msg.sender == withdrawalQueue, Unauthorized(msg.sender, withdrawalQueue));
        _intake.buffered += msg.value.toUint96();
        // The next report's balance is measured against this one: the shortfall shows there as a loss.
        _consensusLayer.balance += shortfall.toUint96();
    }

    /* ADMIN */

    /// @inheritdoc IStakingPool
    function pause() external {
        require(msg.sender == guardian || msg.sender == owner(), Unauthorized(msg.sender, guardian));
        _intake.paused = true;
        emit StakingPaused(msg.sender);
    }

    /// @inheritdoc IStakingPool
    function resume() external onlyOwner {
        _intake.paused = false;
        emit StakingResumed(msg.sender);
    }

    /// @inheritdoc IStakingPool
    function setStakeLimit(uint256 maxStakeLimit, uint256 refillPeriod) external onlyOwner {
        _intake.limitLevel = _min(_stakeLimit(), maxStakeLimit).toUint96();
        _intake.limitUpdatedAt = uint40(block.timestamp);
        _setStakeLimit(maxStakeLimit, refillPeriod);
    }

    function _setStakeLimit(uint256 maxStakeLimit, uint256 refillPeriod) private {
        Bounds.check(maxStakeLimit, 0, MAX_STAKE_LIMIT);
        Bounds.check(refillPeriod, 1 minutes, 30 days);
        _schedule.maxStakeLimit = uint96(maxStakeLimit);
        _schedule.refillPeriod = uint24(refillPeriod);
        emit StakeLimitSet(maxStakeLimit, refillPeriod);
    }

    /* VIEWS */

    /// @inheritdoc IStakingPool
    function withdrawalVault() external view returns (address) {
        return address(WITHDRAWAL_VAULT);
    }

    /// @inheritdoc IStakingPool
    function rewardsVault() external view returns (address) {
        return address(REWARDS_VAULT);
    }

    /// @inheritdoc IStakingPool
    function depositContract() external view returns (address) {
        return address(DEPOSIT_CONTRACT);
    }

    function _min(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
