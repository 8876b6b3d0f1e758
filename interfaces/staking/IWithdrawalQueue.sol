// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @title WithdrawalQueue: tickets for ether, first in, first out
/// @notice A request takes kETH (or wkETH) and gives an ERC-721 ticket with a *nominal* (its ether value at the request) and
/// its exact shares. Until a report finalises it the ticket earns nothing for its owner and bears losses: it pays
/// `min(nominal, exact shares x rate at finalisation)`. From then on nothing changes the claim. Lido's queue ABI.
///
/// UNITS
/// - Rates: ether per share, 27 decimals (`1e27` = 1 ether per 1e27 exact shares). `ether = exact shares x rate / 1e36`.
///
/// FINALISATION
/// - Between two losses the rate only rises, so in a *loss epoch* (a run of ids with rising request rates) the tickets that
///   are paid by rate, not nominal, are a suffix: one boundary and two sums settle any number of tickets. The caller may
///   name the boundaries; a wrong or missing hint costs a binary search, nothing else.
/// - What the burnt shares are worth beyond what is paid goes to the pool's unreleased gain.
///
/// ADVANCES: the stale-oracle escape
/// - Once no report has come for `ESCAPE_DELAY`, a ticket's own holder may take up to 90 % of what the ticket is worth at the last
///   rate from the pool's buffer, first come, but only what the tickets before it leave of the buffer at their nominals. Who
///   doesn't ask loses nothing by it.
/// - The ticket stays in its place and is finalised as any other; the claim pays what is left. A ticket is sold with its advance:
///   `presentValue`, `getClaimableEther` and `claimableNow` have it taken off, statuses and sums of nominals don't.
/// - While a report with a loss beyond the bounds waits for its second quorum (`IConsensusOracle.submitForConfirmation`), the
///   escape is closed, for at most `HOLD_LIMIT`; an oracle that answers nonsense, or not at all, holds nothing.
/// - Should the rate have fallen by more than 10 % when a report finalises such tickets, the advance of each comes back to the pool
///   by `clearAdvances` or its claim, as far as the ticket is worth it; the rest is part of the next report's loss. That is all
///   that others can lose by an advance.
///
/// LIVENESS
/// - Nothing here can be paused. A claim depends on no other contract, save that of an advance still to be cleared: on the pool.
///
/// KNOWN LIMITS
/// - A claimed ticket is burnt: its status keeps amounts and time, and names no owner.
/// - Tickets are not enumerable on chain; `getWithdrawalRequests` scans an id range for off-chain readers.
interface IWithdrawalQueue {
    /// @notice As Lido's.
    struct WithdrawalRequestStatus {
        /// Nominal in wei.
        uint256 amountOfStETH;
        /// 18 decimals, rounded down.
        uint256 amountOfShares;
        /// Zero once claimed.
        address owner;
        uint256 timestamp;
        bool isFinalized;
        bool isClaimed;
    }

    /// @notice As Lido's: an EIP-2612 signature of the caller for this contract.
    struct PermitInput {
        uint256 value;
        uint256 deadline;
        uint8 v;
        bytes32 r;
        bytes32 s;
    }

    /// @notice How tickets `previous lastRequestId + 1 … lastRequestId` are paid: nominal up to `boundaryId`, by `rateRay` after.
    struct Checkpoint {
        uint256 lastRequestId;
        uint256 boundaryId;
        uint256 rateRay;
    }

    /// @param amountOfShares 18 decimals, rounded down.
    event WithdrawalRequested(
        uint256 indexed requestId,
        address indexed requestor,
        address indexed owner,
        uint256 amountOfStETH,
        uint256 amountOfShares
    );

    /// @notice One checkpoint. `sharesToBurn` has 18 decimals, rounded down.
    event WithdrawalsFinalized(
        uint256 indexed from, uint256 indexed to, uint256 amountOfETHLocked, uint256 sharesToBurn, uint256 timestamp
    );

    event WithdrawalClaimed(
        uint256 indexed requestId, address indexed owner, address indexed receiver, uint256 amountOfETH
    );

    /// @notice `etherAmount` of the pool's buffer was paid on an unfinalised ticket.
    event AdvanceClaimed(
        uint256 indexed requestId, address indexed owner, address indexed receiver, uint256 etherAmount
    );

    /// @notice `etherAmount` that the tickets of this finalisation got in advance was taken off what the pool sent for them. Without
    /// this event their advances are to be cleared.
    event AdvancesNetted(uint256 etherAmount);

    /// @notice The pool has `returned` of an advance back; `shortfall` is the rest.
    event AdvanceCleared(uint256 indexed requestId, uint256 returned, uint256 shortfall);

    error Unauthorized(address caller, address needed);

    error AmountTooSmall(uint256 amount, uint256 minimum);

    error AmountTooLarge(uint256 amount, uint256 maximum);

    error EmptyBatch();

    error LengthMismatch(uint256 ids, uint256 hints);

    error NominalTooLow(uint256 nominal, uint256 minimum);

    error DeadlinePassed(uint256 deadline, uint256 timestamp);

    error RequestNotFound(uint256 requestId);

    error RequestNotFinalized(uint256 requestId);

    error RequestAlreadyClaimed(uint256 requestId);

    error NotOwnerOrApproved(address caller, uint256 requestId);

    error IdsNotSorted(uint256 previous, uint256 next);

    /// @notice `checkpointIndex` doesn't hold `requestId`.
    error WrongHint(uint256 requestId, uint256 checkpointIndex);

    error CheckpointRangeInvalid(uint256 firstIndex, uint256 lastIndex, uint256 lastCheckpointIndex);

    /// @notice Nothing to finalise up to `requestId`: already finalised, or not requested yet.
    error FinalizationRangeInvalid(uint256 requestId, uint256 lastFinalizedId, uint256 lastRequestId);

    error RequestTooYoung(uint256 requestId, uint256 requestedAt, uint256 latest);

    error EtherTransferFailed(address recipient, uint256 amount);

    /// @notice Closed until this time, and longer if a report comes or a loss is held.
    error EscapeClosed(uint256 opensAt);

    /// @notice A finalised ticket is claimed, not advanced.
    error RequestIsFinalized(uint256 requestId);

    /// @notice The ticket got all that the bound, the tickets before it and the buffer allow.
    error NothingToAdvance(uint256 requestId);

    error ZeroAddress();

    /* REQUESTS */

    /// @notice Queues `amounts` of kETH; nominals are the amounts. `owner` zero means the caller.
    /// @param amounts Wei, each 100 to 1,000 ether.
    /// @dev Reverts with `EmptyBatch`, `AmountTooSmall`, `AmountTooLarge`, and the token's errors.
    function requestWithdrawals(uint256[] calldata amounts, address owner)
        external
        returns (uint256[] memory requestIds);

    /// @notice Also checks the sum of the nominals and the time, both at the request.
    /// @dev Reverts with `NominalTooLow`, `DeadlinePassed`.
    function requestWithdrawals(uint256[] calldata amounts, address owner, uint256 minNominal, uint256 deadline)
        external
        returns (uint256[] memory requestIds);

    /// @notice Queues `amounts` of wkETH; nominals are their ether values now, rounded down.
    /// @dev The limits of 100 wei and 1,000 ether hold for the nominals.
    function requestWithdrawalsWstETH(uint256[] calldata amounts, address owner)
        external
        returns (uint256[] memory requestIds);

    function requestWithdrawalsWstETH(uint256[] calldata amounts, address owner, uint256 minNominal, uint256 deadline)
        external
        returns (uint256[] memory requestIds);

    /// @notice A permit that fails (used before, say) is ignored; the allowance then decides.
    function requestWithdrawalsWithPermit(uint256[] calldata amounts, address owner, PermitInput calldata permit)
        external
        returns (uint256[] memory requestIds);

    function requestWithdrawalsWstETHWithPermit(uint256[] calldata amounts, address owner, PermitInput calldata permit)
        external
        returns (uint256[] memory requestIds);

    /* CLAIMS */

    /// @notice Pays a finalised ticket to its owner; the caller is the owner or approved. Finds the hint itself.
    /// @dev Reverts with `RequestNotFound`, `RequestNotFinalized`, `RequestAlreadyClaimed`, `NotOwnerOrApproved`,
    /// `EtherTransferFailed`.
    function claimWithdrawal(uint256 requestId) external;

    /// @param hints Checkpoint index of each id, from `findCheckpointHints`.
    function claimWithdrawals(uint256[] calldata requestIds, uint256[] calldata hints) external;

    /// @notice Owner or approved may send the ether anywhere.
    function claimWithdrawalsTo(uint256[] calldata requestIds, uint256[] calldata hints, address recipient) external;

    /* ADVANCES */

    /// @notice Pays an advance on an unfinalised ticket to `recipient`: all that `claimableAdvance` says. The caller is the owner or
    /// approved.
    /// @return etherAmount Rounded down; more than zero.
    /// @dev Reverts with `ZeroAddress`, `RequestNotFound`, `RequestIsFinalized`, `NotOwnerOrApproved`, `EscapeClosed`,
    /// `NothingToAdvance`, `EtherTransferFailed`.
    function claimInAdvance(uint256 requestId, address recipient) external returns (uint256 etherAmount);

    /// @notice Gives the pool back the advances of finalised tickets that were not netted; the rest of each ticket stays with its
    /// owner. Anyone; tickets with nothing to clear are passed over.
    /// @param hints Checkpoint index of each id, from `findCheckpointHints`.
    /// @dev Reverts with `LengthMismatch`, `RequestNotFound`, `RequestNotFinalized`, `WrongHint`.
    function clearAdvances(uint256[] calldata requestIds, uint256[] calldata hints) external;

    /// @notice What `claimInAdvance` would pay now: `min(nominal, shares x rate) x ADVANCE_BPS / 10,000` less what the ticket got
    /// before, as far as the buffer reaches; zero while the escape is closed.
    function claimableAdvance(uint256 requestId) external view returns (uint256 etherAmount);

    /// @notice Ether advanced on the ticket, ever; for finalised and claimed ones too.
    function getAdvance(uint256 requestId) external view returns (uint256 etherAmount);

    /// @notice Ether of the pool that is out as advances: on unfinalised tickets, and on finalised ones still to be cleared.
    function etherLent() external view returns (uint256 etherAmount);

    /// @notice The escape is open from this time on, unless a report comes or a loss is held.
    function escapeOpensAt() external view returns (uint256 timestamp);

    /// @notice Seconds without a report after which the escape opens: seven frames of a day, so no frame or two without quorum, and
    /// long enough for the owner's remedies that take no delay.
    function ESCAPE_DELAY() external view returns (uint256);

    /// @notice Seconds for which a loss report that waits for its second quorum keeps the escape closed: two weeks for members to
    /// agree on what the chain shows to everybody.
    function HOLD_LIMIT() external view returns (uint256);

    /// @notice Most that a ticket gets in advance, in 1/10,000 of its value at the last rate. One quorum may report a loss of 3.4 %
    /// (1.101 of 32 ether) in 18 days; nearly three such losses may go unreported before others pay for an advance.
    function ADVANCE_BPS() external view returns (uint256);

    /* FINALISATION */

    /// @notice What `finalize` would return for the same arguments, without the check of age.
    function prefinalize(uint256 lastRequestId, uint256 rateRay, uint256[] calldata boundaryHints)
        external
        view
        returns (uint256 etherToLock, uint256 exactSharesToBurn, uint256 etherToSend);

    /// @notice Fixes the payment of all tickets up to `lastRequestId`. Pool only, inside a report: it burns the shares and
    /// sends the ether in the same call.
    /// @param rateRay Ether per share, 27 decimals, rounded down.
    /// @param latestRequest No ticket requested after this time is finalised.
    /// @param boundaryHints For each loss epoch in the batch, in order, the last id with a request rate at or below `rateRay`
    /// (the id before the epoch's first in the batch if there is none). Wrong or missing hints are searched for.
    /// @return etherToLock What the tickets are worth together; covers every claim and advance.
    /// @return exactSharesToBurn All shares of the tickets.
    /// @return etherToSend `etherToLock` less the advances that are netted: all on these tickets, or none.
    /// @dev Reverts with `Unauthorized`, `FinalizationRangeInvalid`, `RequestTooYoung`.
    function finalize(uint256 lastRequestId, uint256 rateRay, uint256 latestRequest, uint256[] calldata boundaryHints)
        external
        returns (uint256 etherToLock, uint256 exactSharesToBurn, uint256 etherToSend);

    /// @notice Takes the ether of a finalisation or an advance. Pool only.
    function receiveFinalizedEther() external payable;

    /// @notice The hints `finalize` wants.
    function findBoundaries(uint256 lastRequestId, uint256 rateRay) external view returns (uint256[] memory boundaryIds);

    /* VIEWS: Lido's ABI */

    function getWithdrawalStatus(uint256[] calldata requestIds)
        external
        view
        returns (WithdrawalRequestStatus[] memory statuses);

    /// @notice Ether each ticket pays now, its advance taken off; zero if not finalised or already claimed.
    function getClaimableEther(uint256[] calldata requestIds, uint256[] calldata hints)
        external
        view
        returns (uint256[] memory claimableEtherValues);

    /// @param requestIds Rising.
    /// @param firstIndex At least 1.
    /// @param lastIndex At most `getLastCheckpointIndex()`.
    /// @return hintIds Zero where the ticket isn't finalised within the range.
    function findCheckpointHints(uint256[] calldata requestIds, uint256 firstIndex, uint256 lastIndex)
        external
        view
        returns (uint256[] memory hintIds);

    function getLastCheckpointIndex() external view returns (uint256);

    function getLastRequestId() external view returns (uint256);

    function getLastFinalizedRequestId() external view returns (uint256);

    /// @notice Ether held for finalised, unclaimed tickets, and advances on them that were not netted and not yet cleared.
    function getLockedEtherAmount() external view returns (uint256);

    /// @notice Sum of the nominals of unfinalised tickets, whatever they got in advance.
    function unfinalizedStETH() external view returns (uint256);

    function unfinalizedRequestNumber() external view returns (uint256);

    function MIN_STETH_WITHDRAWAL_AMOUNT() external view returns (uint256);

    function MAX_STETH_WITHDRAWAL_AMOUNT() external view returns (uint256);

    /* VIEWS: value and position */

    /// @notice Unclaimed tickets of `owner` with ids in `[firstId, lastId]`; for off-chain readers.
    function getWithdrawalRequests(address owner, uint256 firstId, uint256 lastId)
        external
        view
        returns (uint256[] memory requestIds);

    /// @notice Sum of the nominals of unfinalised tickets before this one, whatever they got in advance; zero once finalised.
    function etherAhead(uint256 requestId) external view returns (uint256);

    /// @notice What the ticket would pay if it were finalised at the current rate, or pays if it is, in both cases
    /// with its advance taken off; zero once claimed.
    function presentValue(uint256 requestId) external view returns (uint256);

    /// @notice Seconds until the buffer, fed by `inflowPerDay` wei a day, reaches the ticket, if nothing else changes; zero
    /// once finalised. Frames and the minimum age are not counted.
    /// @return waitSeconds `type(uint256).max` if the buffer is short and nothing flows in.
    function estimatedWait(uint256 requestId, uint256 inflowPerDay) external view returns (uint256 waitSeconds);

    /// @notice Sum of `presentValue` over the finalised, unclaimed ones of `requestIds`.
    function claimableNow(uint256[] calldata requestIds) external view returns (uint256);

    /// @param index 1 to `getLastCheckpointIndex()`.
    function getCheckpoint(uint256 index) external view returns (Checkpoint memory);
}
