// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @title LiquidityGauge: stake LP tokens, earn what distributors stream
/// @notice Up to eight reward tokens, each streamed evenly to those who stake, by the size of their stake. A stake is not a
/// token and can't be moved: who staked unstakes.
///
/// UNITS
/// - Stakes and rewards in the smallest unit of their token. Times in seconds; dates in seconds since the epoch.
/// - *Clock*: the seconds during which at least `MIN_STAKED` was staked. Streams run by the clock, not by the calendar.
///
/// NOBODY STAKED
/// - Below `MIN_STAKED` in all (2^32, four billionths of an LP token) the clock stands still, and every stream with it. What is
///   not streamed then is streamed later: nothing is lost, and who stakes first is paid for no second before.
///
/// ROUNDING
/// - A stake's part is rounded down at each of its checkpoints: less than 1 unit of each reward token stays behind. Nothing
///   else does: what can't be divided among the stakes in one second stays in the stream for the next.
///
/// STREAMS
/// - `fund` adds to what is still to be streamed and may put off the end. It never lowers the rate, nor brings the end
///   forward: a stream that was promised can't be stretched by dust, nor poured out within a day for whoever has staked the
///   most by then, not even by its own distributor. What has been funded can't be taken back.
/// - What counts is what arrives: a token that takes a fee on transfer streams the rest.
///
/// REWARD TOKENS
/// - Staking and unstaking call none of them; `claim` calls one. `claimAll` gives each `PAYMENT_GAS` and goes on without those
///   that revert, return false, or burn it all: theirs stays owed. No token can hold up the others or the exit.
/// - A token whose balances shrink by themselves can't pay the last to claim. One that lies harms those that claim it alone.
///
/// GAS
/// - A user's action costs the same however long ago the last one was, and however many stake. `claim` touches one token's
///   three slots, the other actions those of each token on the list, and there are at most `MAX_REWARDS`.
///
/// TRUST
/// - The LP token: it moves exactly the amount asked, or reverts. The owner and distributors: see the ROLES table in
///   `contracts/README.md`; they can neither touch stakes nor what is funded.
///
/// LIVENESS
/// - Nothing pauses. To wind down, stop funding: streams end, stakers leave by `unstake`, and `claim` works for ever.
///
/// KNOWN LIMITS
/// - A reward token can't be taken off the list: some stake may not have been settled since. Its stream just ends.
/// - While nobody stakes, unstreamed rewards wait. If nobody ever stakes again, they stay.
/// - A token's fundings sum to less than 2^96, 79 billion tokens of 18 decimals. So do all stakes.
/// - Tokens sent here without a call belong to nobody.
interface ILiquidityGauge {
    /* EVENTS */

    event Staked(address indexed sender, address indexed receiver, uint256 amount);

    event Unstaked(address indexed account, address indexed receiver, uint256 amount);

    event RewardPaid(address indexed account, address indexed token, address indexed receiver, uint256 amount);

    /// @notice `claimAll` could not pay this: it stays owed.
    event RewardHeldBack(address indexed account, address indexed token, address indexed receiver, uint256 amount);

    event RewardAdded(address indexed token, address indexed distributor);

    event DistributorSet(address indexed token, address indexed distributor);

    /// @notice `received` was added to the stream, which now runs for `duration` seconds of the clock.
    event Funded(address indexed token, address indexed distributor, uint256 received, uint256 duration);

    /* ERRORS */

    error ZeroAmount();

    error ZeroAddress();

    /// @notice Neither nobody nor this gauge can be sent anything.
    error InvalidReceiver(address receiver);

    error InsufficientStake(uint256 asked, uint256 staked);

    /// @notice All stakes, or all fundings of one token, would pass 2^96 - 1.
    error AmountTooLarge(uint256 amount, uint256 maximum);

    /// @notice `account` may not do this; `distributor`, or the owner where it may, can.
    error NotDistributor(address account, address distributor);

    /// @notice No contract is there.
    error NotAToken(address token);

    error UnknownReward(address token);

    error RewardExists(address token);

    error TooManyRewards(uint256 maximum);

    error DurationOutOfBounds(uint256 duration, uint256 minimum, uint256 maximum);

    /// @notice Over `duration` the rate would be lower than before; `longest` keeps it.
    error RateWouldFall(uint256 duration, uint256 longest);

    /// @notice The transfer brought nothing.
    error NothingReceived(address token);

    /// @notice A token's `transfer` failed.
    error TransferFailed();

    /// @notice A token's `transferFrom` failed: for want of balance, of allowance, or by its own refusal.
    error TransferFromFailed();

    /* STAKES */

    /// @notice Stakes `amount` of the sender's LP tokens for `receiver`.
    /// @dev Needs an allowance. Reverts with `ZeroAmount`, `InvalidReceiver`, `AmountTooLarge`.
    function stake(uint256 amount, address receiver) external;

    /// @notice Takes `amount` of the sender's stake out and sends it to `receiver`. Calls no reward token: rewards stay owed.
    /// @dev Reverts with `ZeroAmount`, `InvalidReceiver`, `InsufficientStake`.
    function unstake(uint256 amount, address receiver) external;

    /* REWARDS */

    /// @notice Sends what the sender is owed of one token to `receiver`.
    /// @return amount What was sent; zero, and no transfer, if nothing is owed.
    /// @dev Reverts with `UnknownReward`, `InvalidReceiver`, and if the transfer fails.
    function claim(address token, address receiver) external returns (uint256 amount);

    /// @notice As `claim` for every token; one that fails within `PAYMENT_GAS` is left out and stays owed.
    /// @return amounts What was sent, in the order of `rewardTokens`.
    /// @dev Warning: with too little gas every token fails. Nothing is lost then, nothing is paid either.
    function claimAll(address receiver) external returns (uint256[] memory amounts);

    /* DISTRIBUTORS */

    /// @notice Adds `amount` of the sender's tokens to the stream, and lets all that is in it run out after `duration` seconds
    /// of the clock from now, or when it would have ended anyway if that is later. Only for the token's distributor.
    /// @param duration `MIN_DURATION` to `MAX_DURATION`.
    /// @return received What arrived, and was added.
    /// @dev Needs an allowance. Reverts with `UnknownReward`, `NotDistributor`, `ZeroAmount`, `DurationOutOfBounds`,
    /// `NothingReceived`, `AmountTooLarge`, `RateWouldFall`.
    function fund(address token, uint256 amount, uint256 duration) external returns (uint256 received);

    /// @notice Names who may fund. For the distributor and the owner.
    /// @dev Reverts with `UnknownReward`, `NotDistributor`, `ZeroAddress`.
    function setDistributor(address token, address newDistributor) external;

    /* OWNER */

    /// @notice Puts a token on the list, for good. The LP token itself may be one.
    /// @dev Reverts with `ZeroAddress`, `NotAToken`, `RewardExists`, `TooManyRewards`.
    function addReward(address token, address distributor) external;

    /* VIEWS: they revert while an operation is running */

    /// @notice What `account` could claim of `token` now.
    function earned(address account, address token) external view returns (uint256 amount);

    function stakeOf(address account) external view returns (uint256 amount);

    function totalStaked() external view returns (uint256 amount);

    /// @notice Seconds so far in which at least `MIN_STAKED` was staked.
    function clock() external view returns (uint256 timeStaked);

    /// @notice The stream of a token, as of now.
    /// @return distributor Who may fund.
    /// @return remaining Still to be streamed, rounded up.
    /// @return duration Seconds of the clock until it ends.
    /// @return funded All that was ever added.
    function streamOf(address token)
        external
        view
        returns (address distributor, uint256 remaining, uint256 duration, uint256 funded);

    function rewardTokens() external view returns (address[] memory tokens);

    function lpToken() external view returns (address);

    /* CONSTANTS */

    function MAX_REWARDS() external view returns (uint256);

    function MIN_STAKED() external view returns (uint256);

    function MIN_DURATION() external view returns (uint256);

    function MAX_DURATION() external view returns (uint256);

    function PAYMENT_GAS() external view returns (uint256);
}
