// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {LibCall} from "solady/src/utils/LibCall.sol";
import {SafeCastLib} from "solady/src/utils/SafeCastLib.sol";
import {SafeTransferLib} from "solady/src/utils/SafeTransferLib.sol";
import {ILiquidityGauge} from "../../interfaces/liquidity/ILiquidityGauge.sol";
import {RewardStreams} from "../libraries/RewardStreams.sol";
import {TransientGuard} from "../libraries/TransientGuard.sol";

/// @title LiquidityGauge
/// @dev UNITS, ROUNDING, STREAMS, REWARD TOKENS, TRUST, KNOWN LIMITS: see the interface.
/// @dev STORAGE: the ledger is one slot, a stream two, an account's checkpoint of a token one.
/// @dev ACCOUNTING: by the ledger. Balances are read by `fund` alone, before and after a transfer.
/// @dev REENTRANCY: one lock over all operations, and views revert while it is held; calls out come after the effects, but
/// for the transfer that `fund` measures.
/// @dev LIVENESS: no pause. To wind down, stop funding; nothing can stop `unstake`.
contract LiquidityGauge is ILiquidityGauge, Ownable2Step, TransientGuard {
    using RewardStreams for RewardStreams.Stream;
    using RewardStreams for RewardStreams.Checkpoint;
    using SafeTransferLib for address;

    /// @inheritdoc ILiquidityGauge
    uint256 public constant MAX_REWARDS = 8;
    /// @inheritdoc ILiquidityGauge
    uint256 public constant MIN_STAKED = RewardStreams.MIN_STAKED;
    /// @inheritdoc ILiquidityGauge
    /// @dev A day: no stream is short enough to be caught by a stake of a few blocks.
    uint256 public constant MIN_DURATION = 1 days;
    /// @inheritdoc ILiquidityGauge
    uint256 public constant MAX_DURATION = 4 * 365 days;
    /// @inheritdoc ILiquidityGauge
    /// @dev Several times what a token's transfer takes, and eight of them fit a block many times.
    uint256 public constant PAYMENT_GAS = 300_000;

    /* IMMUTABLES */

    address private immutable LP_TOKEN;

    /* STORAGE: stakes */

    struct Ledger {
        uint96 staked;
        /// Seconds in which at least `MIN_STAKED` was staked, up to `time`.
        uint48 clock;
        uint48 time;
        uint8 rewardCount;
    }

    Ledger private _ledger;
    mapping(address account => uint256 amount) private _stakes;

    /* STORAGE: rewards, by their position on the list */

    struct Reward {
        address token;
        uint96 funded;
        address distributor;
    }

    mapping(uint256 position => Reward reward) private _rewards;
    mapping(uint256 position => RewardStreams.Stream stream) private _streams;
    mapping(address account => mapping(uint256 position => RewardStreams.Checkpoint checkpoint)) private _checkpoints;
    /// @dev Counted from 1: zero is a token that is not on the list.
    mapping(address token => uint256 number) private _numbers;

    /* CONSTRUCTOR */

    constructor(address lp, address initialOwner) Ownable(initialOwner) {
        require(lp.code.length != 0, NotAToken(lp));
        LP_TOKEN = lp;
        _ledger.time = SafeCastLib.toUint48(block.timestamp);
    }

    /* MODIFIERS */

    modifier sendingTo(address receiver) {
        require(receiver != address(0) && receiver != address(this), InvalidReceiver(receiver));
        _;
    }

    /* OWNER */

    /// @inheritdoc ILiquidityGauge
    function addReward(address token, address distributor) external onlyOwner {
        require(distributor != address(0), ZeroAddress());
        require(token.code.length != 0, NotAToken(token));
        require(_numbers[token] == 0, RewardExists(token));
        uint256 position = _ledger.rewardCount;
        require(position < MAX_REWARDS, TooManyRewards(MAX_REWARDS));
        _ledger.rewardCount += 1;
        _numbers[token] = position + 1;
        _rewards[position] = Reward(token, 0, distributor);
        emit RewardAdded(token, distributor);
    }

    /* STAKES */

    /// @inheritdoc ILiquidityGauge
    function stake(uint256 amount, address receiver) external nonReentrant sendingTo(receiver) {
        require(amount != 0, ZeroAmount());
        Ledger memory ledger = _settled(receiver);
        uint256 room = RewardStreams.MAX_AMOUNT - ledger.staked;
        require(amount <= room, AmountTooLarge(amount, room));

        _stakes[receiver] += amount;
        ledger.staked = SafeCastLib.toUint96(ledger.staked + amount);
        _ledger = ledger;
        emit Staked(msg.sender, receiver, amount);
        LP_TOKEN.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @inheritdoc ILiquidityGauge
    function unstake(uint256 amount, address receiver) external nonReentrant sendingTo(receiver) {
        require(amount != 0, ZeroAmount());
        uint256 staked = _stakes[msg.sender];
        require(amount <= staked, InsufficientStake(amount, staked));
        Ledger memory ledger = _settled(msg.sender);

        _stakes[msg.sender] = staked - amount;
        ledger.staked = SafeCastLib.toUint96(ledger.staked - amount);
        _ledger = ledger;
        emit Unstaked(msg.sender, receiver, amount);
        LP_TOKEN.safeTransfer(receiver, amount);
    }

    /// @dev Brings every stream and the account's part of it up to now: a must before a stake changes.
    /// @return ledger Up to now; the caller stores it.
    function _settled(address account) private returns (Ledger memory ledger) {
        ledger = _ledger;
        ledger.clock = SafeCastLib.toUint48(_clockOf(ledger));
        ledger.time = SafeCastLib.toUint48(block.timestamp);
        for (uint256 position = 0; position < ledger.rewardCount; ++position) {
            _settle(account, position, ledger);
        }
    }

    /// @dev One stream and the account's part of it. The ledger need not be stored after: no stake has changed.
    function _settle(address account, uint256 position, Ledger memory ledger) private returns (uint256 owed) {
        uint256 integral = _advance(position, ledger).integral;
        RewardStreams.Checkpoint memory checkpoint = _checkpoints[account][position];
        owed = checkpoint.owedDown(integral, _stakes[account]);
        if (checkpoint.integral != integral) {
            _checkpoints[account][position] =
                RewardStreams.Checkpoint(SafeCastLib.toUint160(integral), SafeCastLib.toUint96(owed));
        }
    }

    function _advance(uint256 position, Ledger memory ledger) private returns (RewardStreams.Stream memory stream) {
        stream = _streams[position];
        uint256 updated = stream.updated;
        stream = stream.advanced(_clockOf(ledger), ledger.staked);
        if (stream.updated != updated) _streams[position] = stream;
    }

    /// @dev The clock now, from a ledger that may be of any time since a stake last changed.
    function _clockOf(Ledger memory ledger) private view returns (uint256) {
        if (ledger.staked < MIN_STAKED) return ledger.clock;
        return ledger.clock + (block.timestamp - ledger.time);
    }

    /* REWARDS */

    /// @inheritdoc ILiquidityGauge
    function claim(address token, address receiver) external nonReentrant sendingTo(receiver) returns (uint256 amount) {
        uint256 position = _positionOf(token);
        amount = _collect(position, _ledger);
        if (amount == 0) return 0;
        emit RewardPaid(msg.sender, token, receiver, amount);
        token.safeTransfer(receiver, amount);
    }

    /// @inheritdoc ILiquidityGauge
    function claimAll(address receiver) external nonReentrant sendingTo(receiver) returns (uint256[] memory amounts) {
        Ledger memory ledger = _ledger;
        amounts = new uint256[](ledger.rewardCount);
        for (uint256 position = 0; position < amounts.length; ++position) {
            uint256 amount = _collect(position, ledger);
            if (amount == 0) continue;
            address token = _rewards[position].token;
            if (_tryPay(token, receiver, amount)) {
                amounts[position] = amount;
                emit RewardPaid(msg.sender, token, receiver, amount);
            } else {
                _checkpoints[msg.sender][position].owed = SafeCastLib.toUint96(amount);
                emit RewardHeldBack(msg.sender, token, receiver, amount);
            }
        }
    }

    /// @dev What the sender is owed; nothing is, afterwards.
    function _collect(uint256 position, Ledger memory ledger) private returns (uint256 amount) {
        amount = _settle(msg.sender, position, ledger);
        if (amount != 0) _checkpoints[msg.sender][position].owed = 0;
    }

    /// @dev A transfer that can take neither the call nor all its gas with it.
    function _tryPay(address token, address receiver, uint256 amount) private returns (bool) {
        (bool done, bool tooLong, bytes memory answer) =
            LibCall.tryCall(token, 0, PAYMENT_GAS, 32, abi.encodeCall(IERC20.transfer, (receiver, amount)));
        if (!done || tooLong) return false;
        return answer.length == 0 ? token.code.length != 0 : answer.length == 32 && uint256(bytes32(answer)) == 1;
    }

    /* DISTRIBUTORS */

    /// @inheritdoc ILiquidityGauge
    function fund(address token, uint256 amount, uint256 duration) external nonReentrant returns (uint256 received) {
        uint256 position = _positionOf(token);
        Reward storage reward = _rewards[position];
        require(msg.sender == reward.distributor, NotDistributor(msg.sender, reward.distributor));
        require(amount != 0, ZeroAmount());
        require(
            duration >= MIN_DURATION && duration <= MAX_DURATION,
            DurationOutOfBounds(duration, MIN_DURATION, MAX_DURATION)
        );
        received = _pull(token, amount);
        uint256 room = RewardStreams.MAX_AMOUNT - reward.funded;
        require(received <= room, AmountTooLarge(received, room));

        Ledger memory ledger = _ledger;
        (RewardStreams.Stream memory stream, uint256 longest) =
            _advance(position, ledger).extended(_clockOf(ledger), received, duration);
        require(duration <= longest, RateWouldFall(duration, longest));
        _streams[position] = stream;
        reward.funded = SafeCastLib.toUint96(reward.funded + received);
        emit Funded(token, msg.sender, received, stream.end - stream.updated);
    }

    /// @dev What arrives counts, whatever the token says. The lock is held: nothing here can change meanwhile.
    function _pull(address token, uint256 amount) private returns (uint256) {
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), amount);
        uint256 held = token.balanceOf(address(this));
        require(held > before, NothingReceived(token));
        return held - before;
    }

    /// @inheritdoc ILiquidityGauge
    function setDistributor(address token, address newDistributor) external nonReentrant {
        Reward storage reward = _rewards[_positionOf(token)];
        require(
            msg.sender == reward.distributor || msg.sender == owner(), NotDistributor(msg.sender, reward.distributor)
        );
        require(newDistributor != address(0), ZeroAddress());
        reward.distributor = newDistributor;
        emit DistributorSet(token, newDistributor);
    }

    function _positionOf(address token) private view returns (uint256) {
        uint256 number = _numbers[token];
        require(number != 0, UnknownReward(token));
        return number - 1;
    }

    /* VIEWS */

    /// @inheritdoc ILiquidityGauge
    function earned(address account, address token) external view nonReadReentrant returns (uint256) {
        uint256 position = _positionOf(token);
        return _checkpoints[account][position].owedDown(_streamNow(position).integral, _stakes[account]);
    }

    /// @inheritdoc ILiquidityGauge
    function streamOf(address token)
        external
        view
        nonReadReentrant
        returns (address distributor, uint256 remaining, uint256 duration, uint256 funded)
    {
        uint256 position = _positionOf(token);
        Reward memory reward = _rewards[position];
        RewardStreams.Stream memory stream = _streamNow(position);
        uint256 clockNow = _clockOf(_ledger);
        duration = stream.end > clockNow ? stream.end - clockNow : 0;
        return (reward.distributor, stream.remainingUp(), duration, reward.funded);
    }

    function _streamNow(uint256 position) private view returns (RewardStreams.Stream memory) {
        Ledger memory ledger = _ledger;
        return _streams[position].advanced(_clockOf(ledger), ledger.staked);
    }

    /// @inheritdoc ILiquidityGauge
    function stakeOf(address account) external view nonReadReentrant returns (uint256) {
        return _stakes[account];
    }

    /// @inheritdoc ILiquidityGauge
    function totalStaked() external view nonReadReentrant returns (uint256) {
        return _ledger.staked;
    }

    /// @inheritdoc ILiquidityGauge
    function clock() external view nonReadReentrant returns (uint256) {
        return _clockOf(_ledger);
    }

    /// @inheritdoc ILiquidityGauge
    function rewardTokens() external view returns (address[] memory tokens) {
        tokens = new address[](_ledger.rewardCount);
        for (uint256 position = 0; position < tokens.length; ++position) {
            tokens[position] = _rewards[position].token;
        }
    }

    /// @inheritdoc ILiquidityGauge
    function lpToken() external view returns (address) {
        return LP_TOKEN;
    }
}
