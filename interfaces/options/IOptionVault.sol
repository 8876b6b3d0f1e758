// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

import {IERC7540Deposit} from "../external/IERC7540Deposit.sol";
import {IERC7540Operator} from "../external/IERC7540Operator.sol";
import {IERC7540Redeem} from "../external/IERC7540Redeem.sol";
import {IERC7575} from "../external/IERC7575.sol";
import {IBounded} from "../libraries/IBounded.sol";

/// @title OptionVault: one token, written against once a week
/// @notice Depositors' tokens back options that are sold in an auction: covered calls, cash-secured puts or covers against a
/// depeg, as the pricer says. An ERC-7540 vault: requests wait for the end of the round, claims are instant.
///
/// UNITS
/// - Assets in the token's units (6 to 18 decimals). Shares have the token's decimals and begin at a price of one. Prices per
///   share in WAD: assets = shares x price / 1e18. Fees are parts of 10,000. Times are unix seconds.
///
/// ROUNDS
/// - A round ends at a Friday 08:00 UTC. From then on anybody may call `roll`, which settles the round's options, takes fees,
///   fixes the round's price per share, serves all that was requested during the round at that price, and opens the next one:
///   picks a strike, mints pairs with all assets, and puts the longs on auction. What is unsold at its end is burned with its
///   shorts.
/// - Where the next round cannot be opened (stale volatility or spot, no room in the clearing house) everything else has been
///   done; assets wait, and anybody may try again with `startRound` until `MIN_LIFE` before the round's end. No management fee
///   is taken for a round without options.
///
/// REQUESTS
/// - `requestId` is the round. A controller has at most one round's requests of each kind: a new one first claims what an
///   earlier round left, to the controller. All of a round's requests get one price, whatever anybody else does (VAULT-2).
/// - Until the round is rolled a request can be taken back: `cancelDepositRequest`, `cancelRedeemRequest`.
///
/// FEES, at the end of a round with options, of what it held before them (never of pending deposits)
/// - Management: a part a year, from the round's start to its expiry; a late `roll` costs nothing. Performance: a part of what
///   lies above the highest price per share so far. Both rounded down.
///
/// EXITS
/// - Anybody can end a round. If it cannot be ended for `EXIT_DELAY` after it is due, because there is no settlement price,
///   `exitInKind` gives holders their part of idle assets, of short claims and of unsold longs, to settle when that comes. Who
///   leaves so pays no fee for the round.
///
/// ROUNDING
/// - Down in all that is paid: less than a unit for a claim. Price per share down: less than 1e-18 for a unit of shares.
///
/// ACCOUNTING
/// - By the book; balances are not read, so gifts move no price.
///   idle assets = price per share x shares + dust, dust below one unit per share (VAULT-1), apart from what is pending,
///   reserved for claims, or a fee.
/// - A round's price is below the last one only by a settlement's loss or by fees (VAULT-3).
///
/// TRUST
/// - Token (no fee on transfer, no rebase), clearing house, pricer. The owner sets the cap and who gets the fees: see the ROLES
///   table in `contracts/README.md`.
///
/// LIVENESS
/// - No pause. To wind down, the owner sets the cap to zero, and holders call `requestRedeem`.
///
/// KNOWN LIMITS
/// - One high-water mark for all: who deposits below it pays no performance fee up to it.
/// - Once the price is below `MIN_PRICE` deposits are given back, and the vault takes none.
interface IOptionVault is IBounded, IERC7540Operator, IERC7540Deposit, IERC7540Redeem, IERC7575 {
    /// @notice What a vault is fixed to at deployment.
    struct Terms {
        address asset;
        address clearing;
        address pricer;
        /// Parts of 10,000: up to 500 a year.
        uint16 managementFeeBps;
        /// Parts of 10,000: up to 3,000.
        uint16 performanceFeeBps;
        /// Seconds: 10 minutes to 1 day.
        uint32 auctionDuration;
        /// WAD: above 1, up to 10.
        uint64 startMultiple;
        /// Token units: of one request; at least 1.
        uint96 minDeposit;
    }

    /// @notice All that the vault holds and owes.
    struct Position {
        /// The round that requests are made in.
        uint256 round;
        /// When it may be rolled.
        uint256 due;
        /// Long claim's id of the options that are running; zero without.
        uint256 seriesId;
        /// When they were written.
        uint256 writtenAt;
        /// Claims held.
        uint256 shorts;
        uint256 unsoldLongs;
        /// Token units: at hand for the shares; owed to the fee receiver; deposits of this round; set aside for claims.
        uint256 idle;
        uint256 fees;
        uint256 pendingDeposits;
        uint256 reserved;
        /// Shares to be redeemed at the end of this round.
        uint256 queuedShares;
        /// Assets of all shares when the round began.
        uint256 locked;
        /// WAD.
        uint256 highWaterMark;
    }

    /* EVENTS */

    /// @notice `round` is over: `gross` is what its shares had before fees.
    event Rolled(
        uint256 indexed round,
        uint256 pricePerShare,
        uint256 gross,
        uint256 managementFee,
        uint256 performanceFee,
        uint256 deposited,
        uint256 redeemed
    );
    event RoundStarted(
        uint256 indexed round, uint256 indexed seriesId, uint256 strikeWad, uint256 expiry, uint256 amount
    );
    /// @notice The next round could not be opened; `reason` is the refusal.
    event RoundNotStarted(uint256 indexed round, bytes reason);
    /// @notice `amount` unsold pairs were burned for `collateral`.
    event AuctionClosed(uint256 indexed seriesId, uint256 amount, uint256 collateral);
    event DepositCancelled(
        address indexed controller, address indexed receiver, uint256 indexed requestId, uint256 assets
    );
    event RedeemCancelled(
        address indexed controller, address indexed receiver, uint256 indexed requestId, uint256 shares
    );
    event ExitedInKind(
        address indexed owner, address indexed receiver, uint256 shares, uint256 assets, uint256 shorts, uint256 longs
    );
    event DepositCapSet(uint256 cap);
    event FeeReceiverSet(address indexed receiver);
    event FeesCollected(address indexed receiver, uint256 assets);

    /* ERRORS */

    error ZeroAddress();
    error ZeroAmount();
    error InvalidDecimals(uint256 decimals);
    /// @notice The pricer's feed is of another oracle than that by which the clearing house settles.
    error OracleMismatch(address priced, address settled);
    /// @notice The caller is neither `controller` (or owner) nor an operator.
    error NotOperator(address controller, address caller);
    error DepositTooSmall(uint256 assets, uint256 minimum);
    error DepositCapExceeded(uint256 assets, uint256 room);
    /// @notice More than can be claimed, or taken back.
    error AmountTooLarge(uint256 amount, uint256 maximum);
    error VaultWoundDown(uint256 pricePerShare);
    error RoundNotOver(uint256 due, uint256 timestamp);
    error RoundAlreadyStarted(uint256 seriesId);
    error TooLateToStart(uint256 due, uint256 timestamp);
    error NothingToWrite();
    error AuctionStillOpen(uint256 endsAt, uint256 timestamp);
    error ExitNotOpen(uint256 opensAt, uint256 timestamp);
    /// @notice ERC-7540: previews have no meaning where requests wait.
    error PreviewNotSupported();
    error OnlySelf();

    /* ROUNDS */

    /// @notice Ends the round, serves its requests, opens the next one. Anyone, from `due` on.
    /// @dev Reverts while the running series has no settlement price.
    function roll() external returns (uint256 pricePerShare);

    /// @notice Opens the round where `roll` could not. Anyone, until `MIN_LIFE` before it is due.
    function startRound() external;

    /// @notice Writes what the clearing house had no room for when the round began, as far as it has by now, and adds it to the
    /// lot. Anyone, while the auction is open: who took the room for the time of a roll has gained nothing.
    /// @return amount Options added; not zero.
    function extendLot() external returns (uint256 amount);

    /// @notice Options that assets backed when the round began, and that are not written yet; zero unless an auction is open.
    function unwritten() external view returns (uint256);

    /// @notice Burns what the auction left unsold with its shorts. Anyone, after the auction's end; `roll` does it too.
    function closeAuction() external returns (uint256 collateral);

    /* REQUESTS */

    /// @notice Takes `assets` of the caller's request (or of one that made the caller an operator) back to `receiver`; before
    /// its round is rolled, or after it has been refused (see `MIN_PRICE`).
    function cancelDepositRequest(uint256 assets, address receiver, address controller) external;

    /// @notice Takes `shares` of a request back to `receiver`, before its round is rolled.
    function cancelRedeemRequest(uint256 shares, address receiver, address controller) external;

    /// @notice Burns `shares` of `owner` for their part of everything, in kind. Anyone for himself, as an operator or with an
    /// allowance, once the round is `EXIT_DELAY` overdue.
    /// @return assets Idle tokens, rounded down as the others.
    /// @return shorts Short claims.
    /// @return longs Unsold long claims.
    function exitInKind(uint256 shares, address receiver, address owner)
        external
        returns (uint256 assets, uint256 shorts, uint256 longs);

    /* OWNER AND FEES */

    /// @notice Owner only: the most that shares and pending deposits may be worth when a deposit is requested.
    function setDepositCap(uint256 newCap) external;

    /// @notice Owner only.
    function setFeeReceiver(address newReceiver) external;

    /// @notice Pays the fees to their receiver. Anyone.
    function collectFees() external returns (uint256 assets);

    /* VIEWS */

    function position() external view returns (Position memory);

    /// @notice The price at which `round` was settled (WAD); zero before, and for a round that lost everything.
    function priceOfRound(uint256 round) external view returns (uint256);

    function depositCap() external view returns (uint256);

    function feeReceiver() external view returns (address);

    function terms() external view returns (Terms memory);

    /// @notice Seconds that a round's options live at least.
    function MIN_LIFE() external view returns (uint256);

    /// @notice Seconds after `due` from which `exitInKind` is open if the round has not been rolled.
    function EXIT_DELAY() external view returns (uint256);

    /// @notice Below this price per share (WAD) deposits are given back.
    function MIN_PRICE() external view returns (uint256);

    /// @notice ERC-165.
    function supportsInterface(bytes4 interfaceId) external view returns (bool);
}
