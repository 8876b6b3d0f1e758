// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {LibBytes} from "solady/src/utils/LibBytes.sol";
import {SafeCastLib} from "solady/src/utils/SafeCastLib.sol";

import {IDepositContract} from "../../interfaces/external/IDepositContract.sol";
import {IOperatorRegistry} from "../../interfaces/staking/IOperatorRegistry.sol";
import {Report} from "../../interfaces/staking/Report.sol";
import {IReportChecker} from "../../interfaces/staking/IReportChecker.sol";
import {IStakingPool} from "../../interfaces/staking/IStakingPool.sol";
import {IValidatorVault} from "../../interfaces/staking/IValidatorVault.sol";
import {IWithdrawalQueue} from "../../interfaces/staking/IWithdrawalQueue.sol";
import {DepositData} from "../libraries/DepositData.sol";
import {LinearMath} from "../libraries/LinearMath.sol";
import {SharesMath} from "../libraries/SharesMath.sol";
import {PoolRoles} from "./PoolRoles.sol";
import {StakedEther} from "./StakedEther.sol";
import {ValidatorVault} from "./ValidatorVault.sol";

/// @title StakingPool
/// @dev UNITS: wei, and exact shares with 27 decimals; `shares18` are those of Lido's ABI.
/// @dev LEDGER: `grossEther = buffered + clBalance + inFlight - carriedGain`; pooled ether = gross - unreleased gain.
/// `balanceOf(this)` is never read.
/// @dev ROUNDING: minted shares down, the unreleased gain up, fees down: the rate never falls but by a loss.
/// @dev REENTRANCY: the pool calls only its own parts and the deposit contract; none of them calls strangers. Parts are
/// named by the owner, with delay. No function sends ether to a stranger.
/// @dev LIVENESS: `pause` stops `submit` and deposits. Nothing stops transfers, requests, reports and claims. To wind the
/// pool down: pause, exit all validators, report, finalise, claim.
/// @dev KNOWN LIMITS: a loss of all assets can't be applied: there would be no rate.
contract StakingPool is StakedEther, PoolRoles {
    using SafeCastLib for uint256;
    using SharesMath for uint256;

    /// @notice A report's gain enters the rate over this time: the interval of reports.
    uint256 public constant RELEASE_PERIOD = 1 days;

    uint256 public constant DEPOSIT_SIZE = 32 ether;

    /// @notice Least value of the stake that the constructor burns, so that the rate always has a denominator.
    uint256 public constant MIN_BOOTSTRAP = 0.01 ether;

    address public constant BOOTSTRAP_HOLDER = 0x000000000000000000000000000000000000dEaD;

    uint256 public constant MAX_STAKE_LIMIT = 1_000_000 ether;

    uint64 private constant DEPOSIT_SIZE_GWEI = 32e9;

    /* IMMUTABLES */

    IDepositContract private immutable DEPOSIT_CONTRACT;
    IValidatorVault private immutable WITHDRAWAL_VAULT;
    IValidatorVault private immutable REWARDS_VAULT;

    /* STORAGE: each struct is one slot; the first two change with every `submit`, the third is read by it */

    struct Totals {
        uint128 exactShares;
        uint128 grossEther;
    }

    struct Intake {
        uint96 buffered;
        uint96 limitLevel;
        uint40 limitUpdatedAt;
        bool paused;
    }

    struct Schedule {
        uint88 lockedGain;
        uint40 releaseEnd;
        uint96 maxStakeLimit;
        uint24 refillPeriod;
    }

    struct ConsensusLayer {
        uint96 balance;
        uint96 inFlight;
        uint32 validators;
        uint32 exitedValidators;
    }

    struct Reporting {
        uint96 depositedEther;
        uint88 carriedGain;
        uint32 refTimestamp;
        uint40 appliedAt;
    }

    Totals private _totals;
    Intake private _intake;
    Schedule private _schedule;
    ConsensusLayer private _consensusLayer;
    Reporting private _reporting;

    /// @inheritdoc IStakingPool
    uint256 public lossCount;

    /* CONSTRUCTOR */

    /// @notice Stakes `msg.value` for a dead address at 1 ether = 1e27 exact shares.
    constructor(address owner, address depositContract_) payable PoolRoles(owner) {
        require(msg.value >= MIN_BOOTSTRAP, BootstrapTooSmall(msg.value, MIN_BOOTSTRAP));
        require(depositContract_ != address(0), ZeroAddress());
        DEPOSIT_CONTRACT = IDepositContract(depositContract_);
        WITHDRAWAL_VAULT = new ValidatorVault();
        REWARDS_VAULT = new ValidatorVault();
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
        require(nonce == registryNonce, NonceChanged(registryNonce, nonce));

        uint256 depositable = getDepositableEther();
        uint256 affordable = LinearMath.wholeUnits(depositable, DEPOSIT_SIZE);
        (bytes memory pubkeys, bytes memory signatures) = registry.allocate(maxKeys < affordable ? maxKeys : affordable);
        count = LinearMath.wholeUnits(pubkeys.length, DepositData.PUBKEY_LENGTH);
        require(count != 0 && count <= affordable, NothingToDeposit(depositable, count));

        uint256 etherAmount = count * DEPOSIT_SIZE;
        _intake.buffered -= etherAmount.toUint96();
        _consensusLayer.inFlight += etherAmount.toUint96();
        _reporting.depositedEther += etherAmount.toUint96();
        emit ValidatorsDeposited(count, etherAmount);
        for (uint256 i; i < count; ++i) {
            _deposit(_nth(pubkeys, i, DepositData.PUBKEY_LENGTH), _nth(signatures, i, DepositData.SIGNATURE_LENGTH));
        }
    }

    function _nth(bytes memory items, uint256 index, uint256 length) private pure returns (bytes memory) {
        return LibBytes.slice(items, index * length, (index + 1) * length);
    }

    function _deposit(bytes memory pubkey, bytes memory signature) private {
        bytes32 credentials = withdrawalCredentials();
        DEPOSIT_CONTRACT.deposit{value: DEPOSIT_SIZE}(
            pubkey,
            abi.encodePacked(credentials),
            signature,
            DepositData.depositDataRoot(pubkey, credentials, signature, DEPOSIT_SIZE_GWEI)
        );
    }

    /// @inheritdoc IStakingPool
    function getDepositableEther() public view returns (uint256) {
        uint256 queued = IWithdrawalQueue(withdrawalQueue).unfinalizedStETH();
        return _intake.buffered > queued ? _intake.buffered - queued : 0;
    }

    /// @inheritdoc IStakingPool
    function withdrawalCredentials() public view returns (bytes32) {
        return bytes32(uint256(1) << 248 | uint160(address(WITHDRAWAL_VAULT)));
    }

    /* REPORTS */

    /// @inheritdoc IStakingPool
    function handleReport(
        Report calldata report,
        bytes32 reportHash,
        uint256 refTimestamp,
        uint256[] calldata boundaryHints
    ) external {
        require(msg.sender == part(ORACLE), Unauthorized(msg.sender, part(ORACLE)));
        (uint256 preEther, uint256 preShares) = _exchangeRate();
        uint256 previousRefTimestamp = _reporting.refTimestamp;
        (uint256 gain, uint256 loss) = _gainOrLoss(report);
        (uint256 maxGain, uint256 latestRequest) =
            IReportChecker(part(CHECKER)).check(report, _checkerContext(reportHash, refTimestamp, preEther, gain, loss));

        _recordPosition(report, refTimestamp);
        uint256 feeShares;
        if (loss == 0) feeShares = _recogniseGain(report.refSlot, gain, maxGain, preEther, preShares);
        else _recogniseLoss(report.refSlot, loss);
        _collectVaults(report);
        if (report.lastRequestId != 0) _finalizeRequests(report.lastRequestId, latestRequest, boundaryHints);

        (uint256 postEther, uint256 postShares) = _exchangeRate();
        emit TokenRebased(
            refTimestamp,
            refTimestamp - previousRefTimestamp,
            preShares.toShares18Down(),
            preEther,
            postShares.toShares18Down(),
            postEther,
            feeShares.toShares18Down()
        );
    }

    function _gainOrLoss(Report calldata report) private view returns (uint256 gain, uint256 loss) {
        uint256 present = uint256(report.clBalance.toUint96()) + report.withdrawalVaultBalance.toUint96()
            + report.rewardsVaultBalance.toUint96() + _depositsSeen();
        uint256 expected = uint256(_consensusLayer.balance) + report.depositsSeen.toUint96();
        if (present >= expected) gain = present - expected;
        else loss = expected - present;
    }

    function _depositsSeen() private view returns (uint256) {
        return _reporting.depositedEther - _consensusLayer.inFlight;
    }

    function _checkerContext(bytes32 reportHash, uint256 refTimestamp, uint256 preEther, uint256 gain, uint256 loss)
        private
        view
        returns (IReportChecker.Context memory)
    {
        return IReportChecker.Context({
            reportHash: reportHash,
            refTimestamp: refTimestamp,
            previousRefTimestamp: _reporting.refTimestamp,
            pooledEther: preEther,
            validators: _consensusLayer.validators,
            exitedValidators: _consensusLayer.exitedValidators,
            depositedValidators: LinearMath.wholeUnits(_reporting.depositedEther, DEPOSIT_SIZE),
            depositedEther: _reporting.depositedEther,
            depositsSeen: _depositsSeen(),
            gain: gain,
            loss: loss
        });
    }

    function _recordPosition(Report calldata report, uint256 refTimestamp) private {
        _consensusLayer = ConsensusLayer({
            balance: report.clBalance.toUint96(),
            inFlight: (_reporting.depositedEther - report.depositsSeen).toUint96(),
            validators: report.validators.toUint32(),
            exitedValidators: report.exitedValidators.toUint32()
        });
        _reporting.refTimestamp = refTimestamp.toUint32();
        _reporting.appliedAt = uint40(block.timestamp);
    }

    /// @dev Shares of the fee are minted at the rate before the gain, and the fee's ether joins them: the rate stays. The
    /// rest of the gain is locked.
    function _recogniseGain(uint256 refSlot, uint256 gain, uint256 maxGain, uint256 preEther, uint256 preShares)
        private
        returns (uint256 feeShares)
    {
        uint256 available = gain + _reporting.carriedGain;
        uint256 recognised = available < maxGain ? available : maxGain;
        _reporting.carriedGain = (available - recognised).toUint88();

        uint256 fee;
        for (uint256 i; i < _fees.length; ++i) {
            FeeShare memory share = _fees[i];
            uint256 part_ = LinearMath.bpsDown(recognised, share.feeBps);
            if (part_ == 0) continue;
            uint256 shares = part_.toSharesDown(preEther, preShares);
            _mintShares(share.recipient, shares, part_);
            fee += part_;
            feeShares += shares;
        }
        _totals.exactShares = (preShares + feeShares).toUint128();
        _totals.grossEther += recognised.toUint128();
        _lock(getUnreleasedGain() + recognised - fee);
        emit GainReported(refSlot, gain, recognised, fee, _reporting.carriedGain);
    }

    function _recogniseLoss(uint256 refSlot, uint256 loss) private {
        uint256 unreleased = getUnreleasedGain();
        uint256 fromCarried = _min(loss, _reporting.carriedGain);
        uint256 fromUnreleased = _min(loss - fromCarried, unreleased);
        uint256 fromGross = loss - fromCarried;
        uint256 gross = _totals.grossEther;
        require(fromGross < gross, LossExceedsAssets(loss, gross));

        _reporting.carriedGain -= fromCarried.toUint88();
        _totals.grossEther = uint128(gross - fromGross);
        _lock(unreleased - fromUnreleased);
        if (fromGross != fromUnreleased) ++lossCount;
        emit LossReported(refSlot, loss, fromCarried, fromUnreleased, fromGross - fromUnreleased);
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
        (uint256 etherToLock, uint256 sharesToBurn) =
            queue.finalize(lastRequestId, rateRay, latestRequest, boundaryHints);
        uint256 buffered = _intake.buffered;
        require(etherToLock <= buffered, BufferShort(etherToLock, buffered));
        uint256 worth = sharesToBurn.toEtherDown(totalEther, totalShares);

        _intake.buffered = uint96(buffered - etherToLock);
        _totals.grossEther -= uint128(etherToLock);
        _totals.exactShares -= uint128(sharesToBurn);
        _burnShares(address(queue), sharesToBurn, worth);
        _lock(getUnreleasedGain() + worth - etherToLock);
        queue.receiveFinalizedEther{value: etherToLock}();
    }

    function _lock(uint256 gain) private {
        _schedule.lockedGain = gain.toUint88();
        _schedule.releaseEnd = uint40(block.timestamp + RELEASE_PERIOD);
    }

    /// @inheritdoc IStakingPool
    function lastReport() external view returns (uint256 refTimestamp, uint256 appliedAt) {
        return (_reporting.refTimestamp, _reporting.appliedAt);
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
        require(maxStakeLimit <= MAX_STAKE_LIMIT, OutOfBounds(maxStakeLimit, 0, MAX_STAKE_LIMIT));
        require(refillPeriod >= 1 minutes && refillPeriod <= 30 days, OutOfBounds(refillPeriod, 1 minutes, 30 days));
        _schedule.maxStakeLimit = uint96(maxStakeLimit);
        _schedule.refillPeriod = uint24(refillPeriod);
        emit StakeLimitSet(maxStakeLimit, refillPeriod);
    }

    /* VIEWS */

    function _exchangeRate() internal view override returns (uint256 totalEther, uint256 totalShares) {
        totalShares = _totals.exactShares;
        unchecked {
            // What is locked is part of the gross assets.
            totalEther = _totals.grossEther - getUnreleasedGain();
        }
    }

    /// @inheritdoc IStakingPool
    function getUnreleasedGain() public view returns (uint256) {
        return LinearMath.remainingUp(_schedule.lockedGain, _schedule.releaseEnd, RELEASE_PERIOD, block.timestamp);
    }

    /// @inheritdoc IStakingPool
    function getBalances() external view returns (Balances memory) {
        return Balances({
            buffered: _intake.buffered,
            consensusLayer: _consensusLayer.balance,
            inFlight: _consensusLayer.inFlight,
            carriedGain: _reporting.carriedGain,
            unreleasedGain: getUnreleasedGain()
        });
    }

    /// @inheritdoc IStakingPool
    function getBeaconStat() external view returns (uint256, uint256, uint256) {
        return (
            LinearMath.wholeUnits(_reporting.depositedEther, DEPOSIT_SIZE),
            _consensusLayer.validators,
            _consensusLayer.balance
        );
    }

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
