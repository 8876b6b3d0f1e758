// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

import {IBounded} from "../libraries/IBounded.sol";

/// @title RedemptionVault: WETH that waits in the withdrawal queue for those who won't
/// @notice Buys wkETH at its redemption value less a fee, redeems it through the withdrawal queue, and keeps the difference for
/// its depositors. An ERC-4626 vault of WETH; deposits and withdrawals from idle WETH are instant, other exits wait in line.
///
/// UNITS
/// - WETH, wkETH and ether in wei; vault shares have 24 decimals. Fees, parts and ratios are WAD. Times in seconds.
/// - *Nominal*: what the queue's ticket promises, the redemption value at the sale. Rates: ether per share, 27 decimals.
///
/// PRICE OF A SALE
/// - Nominal less the greatest of: `minFee`; `yearlyFee` for the time that the queue is expected to take; the discount in the
///   swap pool, by spot or average, whichever is worse. Rounded against the seller.
/// - The queue's time is `baseWait` plus what is queued beyond the pool's buffer, at `inflowPerDay`.
/// - `holdback` of the nominal is paid later: by the first operation that reaches it after a report whose reference slot is not
///   before the sale. What the ticket has lost till that operation is taken from it, whichever report told of it: its seller may
///   call `advance` too. Slashings are public hours before the report: what one quorum may report as a loss is thus the
///   seller's.
/// - Nominals bought between two reports are at most `frameCap` of the vault's assets: of those at the first operation after
///   the earlier one, or of today's if they are less. What is deposited counts from the next report on, and so a loan can't
///   lift the cap. A new vault buys nothing before the first report that follows its first deposit.
///
/// ASSETS
/// - Idle WETH, holdbacks not yet due, and tickets. A ticket is carried at what was paid for it until its holdback is settled.
///   From then on the difference to its nominal (less a wei, which it may fail to pay) accretes evenly over the time that its
///   nominal and those before it take at `inflowPerDay`: not over `baseWait`, but over a day at least. If the newest ticket
///   takes longer the rest accretes later: slower, and never back.
/// - Until then tickets count together: a loss lowers what they are carried at by what it takes beyond the holdbacks and beyond
///   what all of them cost less than they are worth.
/// - Afterwards a loss lowers what tickets count for, for good, as far as the rate falls below the highest of those at their
///   sales; what has not accreted bears it first. A ticket counts for no more than it pays, whoever looks when; what it pays
///   beyond is the vault's gain once it is claimed, and accretes over a day.
/// - What the queue has finalised loses nothing more once its holdback is settled, claimed or not.
/// - So the value of a share falls only by a reported loss, beyond a wei per ticket (REDEEM-1).
///
/// EXITS
/// - `withdraw` and `redeem` pay from idle WETH, if nobody waits. `requestExit` lines up; whatever WETH comes in pays those in
///   line first, in order and in parts, at the share's value of that time: waiting shares earn and lose like all others.
/// - While somebody waits, the vault buys nothing.
///
/// ROUNDING
/// - Against the caller, for those who stay.
///
/// TRUST
/// - WETH, StakingPool, WrappedStakedEther, WithdrawalQueue; StableSwapPool for the price of purchases, within `minFee` and the
///   cost of waiting, and for what it pays out. The owner: see the ROLES table in `contracts/README.md`.
///
/// LIVENESS
/// - No pause, and exits ask no price. To wind down, everybody calls `requestExit`: all WETH that comes in goes to them.
/// - Purchases stop while the last report is older than `maxReportAge`, while somebody waits, and while the swap pool has no
///   price.
///
/// UPKEEP
/// - Every operation first settles up to `MAX_STEPS` due holdbacks and up to as many paid tickets, in order; `advance` does
///   nothing else. Deposits wait until no paid ticket is left unclaimed.
/// - While tickets of its own are among those paid, an operation looks up at what rates the queue has finalised since the last
///   one: it does so once for each checkpoint. After more than `MAX_CHECKPOINTS` of them without an operation, `advance` is to
///   be called first, once for as many.
///
/// KNOWN LIMITS
/// - A loss beyond the holdback is the depositors', of at most `frameCap` of what the vault held, and of the tickets before.
/// - A sale is one ticket: 100 wei to 1,000 ether.
/// - Idle WETH is paid at today's value: who leaves before a report that tells of a loss leaves his part of it, on seasoned
///   tickets, to those who stay.
/// - Tickets of dust are settled and claimed one by one like others: spam of them delays the WETH of the tickets behind, and
///   deposits; it lowers what no ticket counts for, and stops no exit. Making one costs several times the gas of clearing it.
/// - What stays when all have left (roundings, what the last tickets had not accreted) is nobody's: who deposits next gets
///   shares of his own worth, less at most a millionth of what stayed.
/// - The holdback covers what the next report tells, not what is known to come later: the penalty that follows a slashing
///   by 18 days is the depositors'.
interface IRedemptionVault is IBounded {
    /// @notice What a vault is fixed to at deployment.
    struct Terms {
        address weth;
        address pool;
        address wketh;
        address queue;
        address swap;
        /// WAD: 0.0001 % to 5 %.
        uint256 minFee;
        /// WAD a year: up to 100 %.
        uint256 yearlyFee;
        /// WAD: up to 20 %. The loss that one quorum may report is 1.101 ether a validator: 3.45 %.
        uint256 holdback;
        /// WAD: up to 100 %.
        uint256 frameCap;
        /// Seconds: 1 hour to 30 days. At least a report's frame and the age that the queue asks of a ticket.
        uint256 baseWait;
        /// Seconds: 1 hour to 30 days.
        uint256 maxReportAge;
    }

    /// @notice What the vault holds and owes, as of now; all in wei.
    struct Position {
        /// WETH for exits and purchases.
        uint256 idle;
        /// WETH for holdbacks that are not due, held apart.
        uint256 reserved;
        /// Value of tickets whose holdback is not settled: what was paid for them, less losses.
        uint256 covered;
        /// Value of the other tickets.
        uint256 seasoned;
        /// Of their nominals, what has not accreted yet.
        uint256 unaccreted;
        /// WETH of settled exits, not part of the assets.
        uint256 owed;
    }

    /* EVENTS */

    /// @notice ERC-4626.
    event Deposit(address indexed sender, address indexed owner, uint256 assets, uint256 shares);

    /// @notice ERC-4626.
    event Withdraw(
        address indexed sender, address indexed receiver, address indexed owner, uint256 assets, uint256 shares
    );

    event Sold(
        address indexed seller,
        address indexed receiver,
        uint256 indexed requestId,
        uint256 shares,
        uint256 nominal,
        uint256 paid,
        uint256 heldBack
    );

    event BoughtFromPool(address indexed keeper, uint256 indexed requestId, uint256 nominal, uint256 cost);

    /// @notice `loss` is what the ticket had lost; `refund` was sent.
    event HoldbackSettled(uint256 indexed requestId, address indexed receiver, uint256 refund, uint256 loss);

    event TicketPaid(uint256 indexed requestId, uint256 etherAmount);

    event ExitRequested(uint256 indexed exitId, address indexed owner, address indexed receiver, uint256 shares);

    event ExitsSettled(uint256 shares, uint256 assets);

    event ExitPaid(uint256 indexed exitId, address indexed receiver, uint256 assets);

    event InflowSet(uint256 inflowPerDay);

    /* ERRORS */

    error ZeroAmount();

    error ZeroAddress();

    error Unauthorized(address caller, address needed);

    error AmountTooLarge(uint256 amount, uint256 maximum);

    error PriceTooLow(uint256 price, uint256 minimum);

    /// @notice The fee and the holdback leave nothing to pay now.
    error NothingToPay(uint256 price, uint256 heldBack);

    /// @notice The swap pool asks more than the tickets are worth less the cost of waiting.
    error DiscountTooSmall(uint256 cost, uint256 maximum);

    error FrameCapExceeded(uint256 nominal, uint256 room);

    error InsufficientIdle(uint256 needed, uint256 idle);

    /// @notice Shares in line come first.
    error ExitsPending(uint256 shares);

    /// @notice There is more to be done first than one operation does: `advance`.
    error TicketsWaiting();

    error ReportTooOld(uint256 refTimestamp, uint256 minimum);

    error UnknownExit(uint256 exitId);

    /* ERRORS: of token transfers */

    error TransferFailed();

    error TransferFromFailed();

    /* SALES */

    /// @notice Sells `shares` of wkETH for WETH: most of the price now, the holdback after the next report, both to `receiver`.
    /// @param minPrice Least sum of both, if nothing is lost.
    /// @return paid Sent now.
    /// @return heldBack To be sent later, less the ticket's loss.
    /// @dev Needs an allowance of wkETH. Reverts with `DeadlinePassed`, `ZeroAddress`, `TicketsWaiting`, `ExitsPending`,
    /// `ReportTooOld`, `PriceTooLow`, `NothingToPay`, `InsufficientIdle`, `FrameCapExceeded`, and with the errors of queue and
    /// swap pool.
    function sell(uint256 shares, uint256 minPrice, address receiver, uint256 deadline)
        external
        returns (uint256 paid, uint256 heldBack);

    /// @notice What `sell` would pay in this block, and what for; whether the vault has it is not looked at.
    function quoteSale(uint256 shares) external view returns (uint256 nominal, uint256 price, uint256 heldBack);

    /// @notice Swaps idle WETH for wkETH in the swap pool and queues it, if that costs at most the nominal less the greatest of
    /// `minFee`, the cost of waiting, and half the swap pool's average discount. For anyone: the vault's money, at its terms.
    /// @return nominal Of the ticket.
    /// @dev Reverts with `ZeroAmount`, `TicketsWaiting`, `ExitsPending`, `ReportTooOld`, `InsufficientIdle`,
    /// `FrameCapExceeded`, `DiscountTooSmall`.
    function buyFromPool(uint256 wethAmount) external returns (uint256 nominal);

    /* UPKEEP */

    /// @notice Settles due holdbacks, claims paid tickets, pays those in line; up to `MAX_STEPS` of the first two. After more
    /// than `MAX_CHECKPOINTS` it first catches up with the queue: every other operation reverts with `TicketsWaiting` till then.
    /// @dev For anyone. Each call does some of what is to be done, for a bounded amount of gas, and no pool, price or owner is
    /// asked.
    function advance() external;

    /* EXITS IN LINE */

    /// @notice Puts `shares` of the sender in line.
    /// @dev Reverts with `ZeroAmount`, `ZeroAddress`, `TicketsWaiting`, and if the sender has not as many.
    function requestExit(uint256 shares, address receiver) external returns (uint256 exitId);

    /// @notice Settles what it can of the line, and sends what is settled of an exit to its receiver. For anyone.
    /// @return assets Rounded down at both ends of what is paid: less than two wei a call are lost.
    /// @dev Reverts with `UnknownExit` if there is none, or it is paid in full; with `TicketsWaiting`.
    function claimExit(uint256 exitId) external returns (uint256 assets);

    /// @return receiver Zero once paid in full.
    /// @return pending Shares in line.
    /// @return claimable WETH that is settled: `claimExit` sends this, and what it settles itself.
    /// @dev As of the last operation: unlike other views it doesn't foresee the next one.
    function exitStatus(uint256 exitId) external view returns (address receiver, uint256 pending, uint256 claimable);

    /// @notice Shares in line, as of the last operation.
    function pendingExits() external view returns (uint256 shares);

    /* OWNER */

    /// @notice Ether a day that is expected to reach the queue: 1 to 1,000,000. It sets the price of waiting and the speed of
    /// accretion; what a share is worth already it can't change.
    function setInflow(uint256 newInflowPerDay) external;

    /* VIEWS: they revert while an operation is running */

    function position() external view returns (Position memory);

    /// @notice Tickets bought, whose holdback is settled, and paid; the order is the same in all three.
    function ticketCounts() external view returns (uint256 bought, uint256 settled, uint256 paid);

    /// @notice Nominals that may still be bought before the next report.
    function frameRoom() external view returns (uint256 nominal);

    /// @notice Seconds that the queue is expected to take for `nominal` more.
    function expectedWait(uint256 nominal) external view returns (uint256 waitSeconds);

    function inflowPerDay() external view returns (uint256 etherAmount);

    /// @notice Where prices come from, and what tells the vault's terms: an `IRedemptionPricer`.
    function pricer() external view returns (address);

    function MAX_STEPS() external view returns (uint256);

    function MAX_CHECKPOINTS() external view returns (uint256);

    /* ERC-4626 */

    function asset() external view returns (address);

    function totalAssets() external view returns (uint256 assets);

    function convertToShares(uint256 assets) external view returns (uint256 shares);

    function convertToAssets(uint256 shares) external view returns (uint256 assets);

    /// @notice Zero while more paid tickets wait than an operation claims.
    function maxDeposit(address receiver) external view returns (uint256 assets);

    function maxMint(address receiver) external view returns (uint256 shares);

    /// @notice Bounded by idle WETH; zero while somebody is in line.
    function maxWithdraw(address owner) external view returns (uint256 assets);

    /// @notice Likewise; zero for shares of less than a wei.
    function maxRedeem(address owner) external view returns (uint256 shares);

    function previewDeposit(uint256 assets) external view returns (uint256 shares);

    function previewMint(uint256 shares) external view returns (uint256 assets);

    function previewWithdraw(uint256 assets) external view returns (uint256 shares);

    function previewRedeem(uint256 shares) external view returns (uint256 assets);

    /// @dev These four revert with `ZeroAmount`, `ZeroAddress`, `TicketsWaiting`: deposits also while a paid ticket is left
    /// unclaimed. Deposits revert with `AmountTooLarge`; withdrawals with `ExitsPending`, `InsufficientIdle`.
    function deposit(uint256 assets, address receiver) external returns (uint256 shares);

    function mint(uint256 shares, address receiver) external returns (uint256 assets);

    function withdraw(uint256 assets, address receiver, address owner) external returns (uint256 shares);

    function redeem(uint256 shares, address receiver, address owner) external returns (uint256 assets);
}
