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
/// LIVENESS
/// - Nothing here can be paused. A claim depends on no other contract.
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

    /* FINALISATION */

    /// @notice What `finalize` would return for the same arguments, without the check of age.
    function prefinalize(uint256 lastRequestId, uint256 rateRay, uint256[] calldata boundaryHints)
        external
        view
        returns (uint256 etherToLock, uint256 exactSharesToBurn);

    /// @notice Fixes the payment of all tickets up to `lastRequestId`. Pool only, inside a report: it burns the shares and
    /// sends the ether in the same call.
    /// @param rateRay Ether per share, 27 decimals, rounded down.
    /// @param latestRequest No ticket requested after this time is finalised.
    /// @param boundaryHints For each loss epoch in the batch, in order, the last id with a request rate at or below `rateRay`
    /// (the id before the epoch's first in the batch if there is none). Wrong or missing hints are searched for.
    /// @return etherToLock What the tickets pay together; covers every claim.
    /// @return exactSharesToBurn All shares of the tickets.
    /// @dev Reverts with `Unauthorized`, `FinalizationRangeInvalid`, `RequestTooYoung`.
    function finalize(uint256 lastRequestId, uint256 rateRay, uint256 latestRequest, uint256[] calldata boundaryHints)
        external
        returns (uint256 etherToLock, uint256 exactSharesToBurn);

    /// @notice Takes the ether of a finalisation. Pool only.
    function receiveFinalizedEther() external payable;

    /// @notice The hints `finalize` wants.
    function findBoundaries(uint256 lastRequestId, uint256 rateRay) external view returns (uint256[] memory boundaryIds);

    /* VIEWS: Lido's ABI */

    function getWithdrawalStatus(uint256[] calldata requestIds)
        external
        view
        returns (WithdrawalRequestStatus[] memory statuses);

    /// @notice Ether each ticket pays now; zero if not finalised or already claimed.
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

    /// @notice Ether held for finalised, unclaimed tickets.
    function getLockedEtherAmount() external view returns (uint256);

    /// @notice Sum of the nominals of unfinalised tickets.
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

    /// @notice Sum of the nominals of unfinalised tickets before this one; zero once finalised.
    function etherAhead(uint256 requestId) external view returns (uint256);

    /// @notice What the ticket would pay if it were finalised at the current rate, or pays if it is; zero once claimed.
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
