// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @title StableSwapPool: WETH against wkETH around the redemption rate
/// @notice Curve StableSwap-NG's two-coin pool, its arithmetic and its ABI, and its own LP token: ERC-20 with EIP-2612
/// permits of EOAs and ERC-1271 contracts. Clients that speak to a StableSwap-NG pool speak to this one.
///
/// COINS
/// - Coin 0 is WETH, coin 1 has a redemption rate in ether (wkETH). Both have 18 decimals, return true or nothing, and
///   move exactly the amount asked: a coin that takes a fee on transfer or rebases would break the accounting.
/// - A reserve is at most 2^96 - 1 wei.
///
/// UNITS
/// - Coin amounts in wei, LP amounts with 18 decimals. Rates, prices and virtual price are WAD.
/// - Fees and shares of fees have 1e10 for 100 %. A has thousandths (`amplification_unrounded`), of which NG's ABI shows
///   hundredths, rounded down (`A_precise`).
/// - *Scaled* amounts are coin amounts times their rate: wei of ether at redemption. D is the invariant of scaled reserves.
///
/// QUOTES
/// - `get_dy`, `get_dx`, `calc_token_amount` and `calc_withdraw_one_coin` return exactly what the same call would do in the
///   same block, and revert with the error with which it would revert.
///
/// ROUNDING
/// - Against the caller: what is paid out is rounded down, what is burned up, fees up. D per LP token falls by no trade.
/// - `remove_liquidity` pays each coin's share rounded down: at most 1 wei of each stays behind for the others.
///
/// RATE
/// - `stored_rates()[1]` is brought up to date by the first operation of a block that uses it, and stands for the block.
/// - One step is at most the base fee, or 4 bp, for each block since the last one, at most five: trading around a step does
///   not pay, and a false rate costs little. A larger fall is believed at once if the source has confirmed a
///   loss since the last trade, and no further down than that loss went.
/// - A source that reverts, or answers outside 0.1 to 10 ether, leaves the last rate standing: trades go on around it,
///   since the price floats with the reserves as it does under a live rate, and holders keep their way out.
///
/// FEES
/// - NG's: the base fee in balance, up to `offpeg_fee_multiplier` times that off it. If the pool was deployed `directional`,
///   an operation that does not raise the skew (ratio of scaled reserves) pays the base fee alone.
/// - `admin_fee` of each fee belongs to the fee receiver. Anyone may have it sent there.
///
/// LIMITS
/// - A swap that raises the skew must end at or below 10,000.
/// - The whole supply leaves by `remove_liquidity` alone.
///
/// ORACLES
/// - Price: scaled coin 0 per scaled coin 1; multiply by the rate for WETH per wkETH. The last price is kept between 0.5
///   and 2. Averages advance once per timestamp, by what stood until then.
///
/// DIFFERENCES FROM STABLESWAP-NG
/// - Not there: `version`, `salt`, `set_ma_exp_time` (windows are fixed). `permit` returns nothing, and its domain is that of
///   EIP-2612: name, version "1", chain, this address.
/// - Fees are rounded up: who computes NG's `get_dy` by itself may be a wei too high. A directional pool pays more than NG's
///   formula where a trade restores balance.
/// - `remove_liquidity` leaves admin fees where they are, unless asked. Errors are custom ones.
/// - The first deposit sets the last price, as all others do: NG's leaves that of before.
///
/// TRUST
/// - The owner: see the ROLES table in `contracts/README.md`. The rate's source, within the bound.
///
/// LIVENESS
/// - Nothing pauses. `remove_liquidity` asks neither the rate nor the invariant.
///
/// KNOWN LIMITS
/// - With reserves of a few wei rounding outweighs everything; whoever deposits first should deposit more than dust, and
///   every depositor should name a minimum.
/// - Coins sent here without a call belong to whoever next calls `exchange_received`.
interface IStableSwapPool {
    /* EVENTS: as in StableSwap-NG */

    event TokenExchange(
        address indexed buyer, int128 sold_id, uint256 tokens_sold, int128 bought_id, uint256 tokens_bought
    );

    event AddLiquidity(
        address indexed provider, uint256[] token_amounts, uint256[] fees, uint256 invariant, uint256 token_supply
    );

    event RemoveLiquidity(address indexed provider, uint256[] token_amounts, uint256[] fees, uint256 token_supply);

    event RemoveLiquidityOne(
        address indexed provider, int128 token_id, uint256 token_amount, uint256 coin_amount, uint256 token_supply
    );

    event RemoveLiquidityImbalance(
        address indexed provider, uint256[] token_amounts, uint256[] fees, uint256 invariant, uint256 token_supply
    );

    /// @dev Both as A times 100, rounded down.
    event RampA(uint256 old_A, uint256 new_A, uint256 initial_time, uint256 future_time);

    event StopRampA(uint256 A, uint256 t);

    event ApplyNewFee(uint256 fee, uint256 offpeg_fee_multiplier);

    /* EVENTS: the house's */

    event AdminFeesWithdrawn(address indexed receiver, uint256 amount0, uint256 amount1);

    event FeeReceiverSet(address indexed feeReceiver);

    /* ERRORS: arguments */

    error ZeroAmount();

    error ZeroAddress();

    /// @notice The result would round to nothing.
    error AmountTooSmall();

    /// @notice A reserve would pass 2^96 - 1.
    error AmountTooLarge(uint256 amount, uint256 maximum);

    /// @notice Not 0 and 1, in either order.
    error InvalidCoins(int128 i, int128 j);

    error InvalidCoin(int128 i);

    error InvalidIndex(uint256 i);

    /// @notice A list of amounts that has not two entries.
    error InvalidLength(uint256 length);

    /* ERRORS: limits of the caller */

    error SlippageExceeded(uint256 got, uint256 minimum);

    error MaximumExceeded(uint256 needed, uint256 maximum);

    /// @notice `exchange_received` found less than announced.
    error NotReceived(uint256 received, uint256 announced);

    /* ERRORS: state of the pool */

    error EmptyPool();

    /// @notice One scaled reserve is, or would become, zero.
    error EmptyReserve();

    /// @notice Reserves so far apart that the other one is beyond all bounds.
    error ReserveOutOfRange(uint256 reserve, uint256 invariant);

    error InsufficientReserve(uint256 needed, uint256 available);

    error FirstDepositNeedsBothCoins();

    /// @notice The last LP tokens can only leave by `remove_liquidity`.
    error UseRemoveLiquidity(uint256 lpAmount, uint256 totalSupply);

    /// @notice The swap would raise the skew above 10,000; scaled reserves that it would end at.
    error SkewAboveFence(uint256 sold, uint256 bought);

    error RateUnavailable();

    /* ERRORS: parameters */

    error AOutOfBounds(uint256 a, uint256 minimum, uint256 maximum);

    error RampTooSoon(uint256 timestamp, uint256 earliest);

    error RampTooShort(uint256 futureTime, uint256 earliest);

    error RampTooLong(uint256 futureTime, uint256 latest);

    /// @notice More than tenfold; both as A times 1,000.
    error RampTooSteep(uint256 currentAmp, uint256 futureAmp);

    error FeeOutOfBounds(uint256 fee, uint256 minimum, uint256 maximum);

    /// @notice The multiplier is above a hundredfold, or base fee times multiplier above 5 %.
    error OffpegFeeTooHigh(uint256 fee, uint256 offpegFeeMultiplier);

    error InvalidWindow(uint256 window);

    error SameCoin(address coin);

    /* ERRORS: of token transfers */

    error TransferFailed();

    error TransferFromFailed();

    /* SWAPS */

    /// @notice Sells `dx` of coin `i` for coin `j`, sent to the caller.
    /// @param min_dy Least amount of `j` to accept.
    /// @return dy Amount of `j`, rounded down.
    function exchange(int128 i, int128 j, uint256 dx, uint256 min_dy) external returns (uint256 dy);

    function exchange(int128 i, int128 j, uint256 dx, uint256 min_dy, address receiver) external returns (uint256 dy);

    /// @param deadline Last timestamp (seconds) at which to execute.
    function exchange_before(uint256 deadline, int128 i, int128 j, uint256 dx, uint256 min_dy, address receiver)
        external
        returns (uint256 dy);

    /// @notice Sells what was sent here before the call, at least `dx` of coin `i`.
    /// @dev Warning: everything above the reserve is sold, whoever sent it. Send and call in one transaction.
    function exchange_received(int128 i, int128 j, uint256 dx, uint256 min_dy) external returns (uint256 dy);

    function exchange_received(int128 i, int128 j, uint256 dx, uint256 min_dy, address receiver)
        external
        returns (uint256 dy);

    /// @notice Buys at least `dy` of coin `j` for the least `dx` of coin `i` that pays it, see `get_dx`.
    /// @param max_dx Most to sell.
    /// @return dx Amount of `i` sold. What it buys, `dy` or a few wei more, goes to `receiver`.
    function exchange_exact_out(uint256 deadline, int128 i, int128 j, uint256 dy, uint256 max_dx, address receiver)
        external
        returns (uint256 dx);

    /* LIQUIDITY */

    /// @notice Deposits `amounts` and mints LP tokens. The first deposit needs both coins and is free of fees.
    /// @param amounts Of coin 0 and coin 1.
    /// @return minted LP tokens, rounded down.
    function add_liquidity(uint256[] calldata amounts, uint256 min_mint_amount) external returns (uint256 minted);

    function add_liquidity(uint256[] calldata amounts, uint256 min_mint_amount, address receiver)
        external
        returns (uint256 minted);

    function add_liquidity_before(
        uint256 deadline,
        uint256[] calldata amounts,
        uint256 min_mint_amount,
        address receiver
    ) external returns (uint256 minted);

    /// @notice Burns `burn_amount` LP tokens for their share of both reserves. Always possible, and free of fees.
    /// @return amounts Of coin 0 and coin 1, rounded down.
    /// @dev Does not send admin fees along, unlike NG's: `withdraw_admin_fees` or `claim_admin_fees` does.
    function remove_liquidity(uint256 burn_amount, uint256[] calldata min_amounts)
        external
        returns (uint256[] memory amounts);

    function remove_liquidity(uint256 burn_amount, uint256[] calldata min_amounts, address receiver)
        external
        returns (uint256[] memory amounts);

    function remove_liquidity(
        uint256 burn_amount,
        uint256[] calldata min_amounts,
        address receiver,
        bool claim_admin_fees
    ) external returns (uint256[] memory amounts);

    function remove_liquidity_before(
        uint256 deadline,
        uint256 burn_amount,
        uint256[] calldata min_amounts,
        address receiver
    ) external returns (uint256[] memory amounts);

    /// @notice Burns `burn_amount` LP tokens for coin `i` alone.
    /// @return received Amount of coin `i`, rounded down.
    function remove_liquidity_one_coin(uint256 burn_amount, int128 i, uint256 min_received)
        external
        returns (uint256 received);

    function remove_liquidity_one_coin(uint256 burn_amount, int128 i, uint256 min_received, address receiver)
        external
        returns (uint256 received);

    function remove_liquidity_one_coin_before(
        uint256 deadline,
        uint256 burn_amount,
        int128 i,
        uint256 min_received,
        address receiver
    ) external returns (uint256 received);

    /// @notice Withdraws exactly `amounts` and burns as many LP tokens as that takes.
    /// @return burned LP tokens, rounded up.
    function remove_liquidity_imbalance(uint256[] calldata amounts, uint256 max_burn_amount)
        external
        returns (uint256 burned);

    function remove_liquidity_imbalance(uint256[] calldata amounts, uint256 max_burn_amount, address receiver)
        external
        returns (uint256 burned);

    function remove_liquidity_imbalance_before(
        uint256 deadline,
        uint256[] calldata amounts,
        uint256 max_burn_amount,
        address receiver
    ) external returns (uint256 burned);

    /* QUOTES */

    function get_dy(int128 i, int128 j, uint256 dx) external view returns (uint256 dy);

    /// @notice The least `dx` for which `exchange` pays at least `dy`; no smaller one does.
    /// @dev The minimum rests on `getY` never rising with its argument. That holds where the reserves exceed a few wei.
    function get_dx(int128 i, int128 j, uint256 dy) external view returns (uint256 dx);

    /// @notice LP tokens that depositing `amounts` mints, or that withdrawing them burns.
    function calc_token_amount(uint256[] calldata amounts, bool is_deposit) external view returns (uint256 lpAmount);

    function calc_withdraw_one_coin(uint256 burn_amount, int128 i) external view returns (uint256 received);

    /// @notice Fee rate for an infinitesimal swap of coin `i` for coin `j`.
    function dynamic_fee(int128 i, int128 j) external view returns (uint256 fee);

    /* ORACLES: `i` is 0 in all of them */

    /// @notice D per LP token. Rises with fees; falls by losses, by the rate's bounded step, and while A ramps down.
    function get_virtual_price() external view returns (uint256 priceWad);

    /// @notice Lower bound of an LP token's value in WETH at the average price: D per LP token x min(1, `price_oracle`).
    /// @dev Needs no live rate. At an outside price p <= 1 reserves x + p y are worth at least p (x + y) >= p D.
    function lp_price() external view returns (uint256 priceWad);

    /// @notice Average market price of coin 1 over its redemption rate now: below 1 is a discount.
    /// @dev `price_oracle` x the rate of the last trade / the source's rate. Reverts if the source fails.
    function market_ratio() external view returns (uint256 ratioWad);

    /// @notice Price at the reserves as they stand, not capped.
    function get_p(uint256 i) external view returns (uint256 priceWad);

    function last_price(uint256 i) external view returns (uint256 priceWad);

    /// @notice The average as of the last trade.
    function ema_price(uint256 i) external view returns (uint256 priceWad);

    /// @notice The average as of now.
    function price_oracle(uint256 i) external view returns (uint256 priceWad);

    /// @notice The average of D as of now.
    function D_oracle() external view returns (uint256 d);

    /// @notice Time constant of the price average, seconds: its half-life over ln 2.
    function ma_exp_time() external view returns (uint256);

    function D_ma_time() external view returns (uint256);

    /// @notice When the price average was last advanced, and when that of D (from bit 128).
    function ma_last_time() external view returns (uint256);

    /* STATE */

    function N_COINS() external view returns (uint256);

    function coins(uint256 i) external view returns (address);

    /// @notice Whom the pool asks for the rate of coin 1.
    function rate_source() external view returns (address);

    /// @notice Rates that an operation in this block would use.
    function stored_rates() external view returns (uint256[] memory ratesWad);

    /// @notice Reserve of a coin, without admin balances.
    function balances(uint256 i) external view returns (uint256);

    function get_balances() external view returns (uint256[] memory);

    /// @notice What the fee receiver may have sent to it.
    function admin_balances(uint256 i) external view returns (uint256);

    function totalSupply() external view returns (uint256);

    function A() external view returns (uint256);

    /// @notice A times 100, rounded down: exact but amid a ramp.
    function A_precise() external view returns (uint256);

    /// @notice A times 1,000, as trades take it.
    function amplification_unrounded() external view returns (uint256);

    function initial_A() external view returns (uint256);

    function future_A() external view returns (uint256);

    function initial_A_time() external view returns (uint256);

    function future_A_time() external view returns (uint256);

    function fee() external view returns (uint256);

    function offpeg_fee_multiplier() external view returns (uint256);

    function admin_fee() external view returns (uint256);

    function directional() external view returns (bool);

    function fee_receiver() external view returns (address);

    /* FEE RECEIVER */

    /// @notice Sends all admin balances to the fee receiver. Anyone may call.
    function withdraw_admin_fees() external;

    /* OWNER */

    /// @notice Moves A linearly to `future_A` until `future_time`: at least a day from now and after the last ramp began,
    /// at most tenfold either way.
    function ramp_A(uint256 future_A, uint256 future_time) external;

    /// @notice Stops a ramp where it is.
    function stop_ramp_A() external;

    /// @param new_fee From 0.0001 % to 1 %.
    /// @param new_offpeg_fee_multiplier At most a hundred, and such that the fee far off balance is 5 % at most.
    function set_new_fee(uint256 new_fee, uint256 new_offpeg_fee_multiplier) external;

    function set_fee_receiver(address new_fee_receiver) external;
}
