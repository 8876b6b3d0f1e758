// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {SafeCastLib} from "solady/src/utils/SafeCastLib.sol";
import {SafeTransferLib} from "solady/src/utils/SafeTransferLib.sol";
import {IWETH} from "../../interfaces/external/IWETH.sol";
import {IRedemptionPricer} from "../../interfaces/liquidity/IRedemptionPricer.sol";
import {IRedemptionVault} from "../../interfaces/liquidity/IRedemptionVault.sol";
import {IStakingPool} from "../../interfaces/staking/IStakingPool.sol";
import {IWithdrawalQueue} from "../../interfaces/staking/IWithdrawalQueue.sol";
import {Bounds} from "../libraries/Bounds.sol";
import {RedemptionMath} from "../libraries/RedemptionMath.sol";
import {SharesMath} from "../libraries/SharesMath.sol";
import {TicketMarks} from "../libraries/TicketMarks.sol";
import {RedemptionBook} from "./RedemptionBook.sol";
import {RedemptionPricer} from "./RedemptionPricer.sol";

/// @title The vault's tickets: what was paid for them, what they are worth, what comes of them
/// @dev CARRYING: in sums, so that no operation walks over all tickets. A ticket is *covered* until its holdback is settled, and
/// *seasoned* from then on. Both kinds are in order of purchase, which is the queue's order too.
/// @dev COVERED tickets are carried at cost, together at no more than they are worth beyond their refunds: what some cost less
/// makes up for what others lose. They are marked in two sets: those that the swap pool sold have no holdback, and fall earlier.
/// @dev SEASONED tickets are marked at what they were worth when the holdback was settled, but for a wei of rounding that the
/// queue may keep. They count for their marks less what has not accreted.
/// @dev RIPE tickets are those seasoned ones that the queue has finalised: no rate moves what they pay.
/// @dev RATES: marks fall to each rate that an operation sees, and before that to those at which the queue finalised tickets, one
/// checkpoint after the other, whose tickets then are ripe. So a ticket pays no less than its mark, whoever looked when, and no
/// loss falls on what was paid before it.
abstract contract RedemptionLedger is RedemptionBook {
    using RedemptionMath for uint256;
    using TicketMarks for TicketMarks.Marks;
    using SafeTransferLib for address;

    /// @inheritdoc IRedemptionVault
    uint256 public constant MAX_CHECKPOINTS = 32;

    /// @dev A gain over a ticket's mark, and the rest of one that is due, accretes over this time at least.
    uint256 private constant MIN_ACCRETION = 1 days;

    /// @dev Longer waits count as this: whatever queue and owner say, and however often, dates fit their 40 bits.
    uint256 private constant MAX_WAIT = 3_650 days;

    /// @dev The queue may pay a ticket a wei less than its nominal.
    uint256 private constant QUEUE_ROUNDING = 1;

    /* IMMUTABLES */

    address internal immutable WETH;
    IStakingPool internal immutable POOL;
    address internal immutable WKETH;
    IWithdrawalQueue internal immutable QUEUE;
    address internal immutable SWAP;
    IRedemptionPricer internal immutable PRICER;
    uint256 private immutable FRAME_CAP;
    uint256 private immutable MAX_REPORT_AGE;

    /* STORAGE */

    /// @dev What the stack says in this block.
    struct World {
        uint256 rateRay;
        uint256 refTimestamp;
        uint256 appliedAt;
        uint256 lastFinalizedId;
        uint256 lastCheckpoint;
    }

    /// @inheritdoc IRedemptionVault
    uint256 public inflowPerDay;

    /* CONSTRUCTOR */

    constructor(Terms memory fixedTerms) {
        require(
            fixedTerms.weth != address(0) && fixedTerms.pool != address(0) && fixedTerms.wketh != address(0)
                && fixedTerms.queue != address(0) && fixedTerms.swap != address(0),
            ZeroAddress()
        );
        Bounds.check(fixedTerms.minFee, 0.000001e18, 0.05e18);
        Bounds.check(fixedTerms.yearlyFee, 0, 1e18);
        Bounds.check(fixedTerms.holdback, 0, 0.2e18);
        Bounds.check(fixedTerms.frameCap, 0, 1e18);
        Bounds.check(fixedTerms.baseWait, 1 hours, 30 days);
        Bounds.check(fixedTerms.maxReportAge, 1 hours, 30 days);
        WETH = fixedTerms.weth;
        POOL = IStakingPool(payable(fixedTerms.pool));
        WKETH = fixedTerms.wketh;
        QUEUE = IWithdrawalQueue(fixedTerms.queue);
        SWAP = fixedTerms.swap;
        PRICER = new RedemptionPricer(fixedTerms);
        FRAME_CAP = fixedTerms.frameCap;
        MAX_REPORT_AGE = fixedTerms.maxReportAge;
    }

    receive() external payable {
        require(msg.sender == address(QUEUE), Unauthorized(msg.sender, address(QUEUE)));
    }

    /* ADVANCING */

    /// @dev What operations begin with: the book as of now, the stack, and what is to be done.
    function _advanced() internal view returns (Book memory book, World memory world, Steps memory steps) {
        _catchUp(book, world, steps, MAX_CHECKPOINTS);
        require(!_isBehind(book, world), TicketsWaiting());
    }

    /// @dev What views begin with.
    function _foreseen() internal view returns (Book memory book) {
        World memory world;
        Steps memory steps;
        _catchUp(book, world, steps, type(uint256).max);
    }

    /// @dev Holdbacks wait until all checkpoints have been looked at: what is settled joins marks of today. They are settled at
    /// what their tickets are worth, before the sum of covered tickets falls to what is left of their marks: so what some cost
    /// less makes up for others whatever their order, and who advances in parts changes nothing.
    function _catchUp(Book memory book, World memory world, Steps memory steps, uint256 checkpoints) internal view {
        _load(book);
        _look(world);
        _accrete(book, world);
        uint256 lowest = _followQueue(book, world, checkpoints);
        bool level = !_isBehind(book, world);
        if (level) lowest = FixedPointMathLib.min(lowest, world.rateRay);
        book.sold.fallTo(lowest);
        book.fromPool.fallTo(lowest);
        if (level) {
            _fall(book, world.rateRay);
            _settle(book, world, steps);
            book.carried = FixedPointMathLib.min(book.carried, book.sold.sum + book.fromPool.sum);
        }
        _claim(book, steps);
        _startFrame(book, world);
    }

    /// @dev Whether operations refuse until somebody has advanced the book further.
    function _isBehind(Book memory book, World memory world) internal pure returns (bool) {
        return book.checkpoint < world.lastCheckpoint;
    }

    /// @dev Claims and refunds: what advancing the book found to be done.
    function _carryOut(Steps memory steps) internal {
        uint256 claimed;
        for (uint256 i; i < steps.claimCount; ++i) {
            claimed += steps.payments[i];
            emit TicketPaid(steps.claims[i], steps.payments[i]);
            QUEUE.claimWithdrawal(steps.claims[i]);
        }
        if (claimed != 0) IWETH(WETH).deposit{value: claimed}();
        for (uint256 i; i < steps.settledCount; ++i) {
            Ticket memory ticket = steps.settled[i];
            if (ticket.receiver == address(0)) continue;
            emit HoldbackSettled(ticket.requestId, ticket.receiver, steps.refunds[i], steps.losses[i]);
            if (steps.refunds[i] != 0) WETH.safeTransfer(ticket.receiver, steps.refunds[i]);
        }
    }

    function _look(World memory world) private view {
        (uint256 totalEther, uint256 totalShares) = POOL.exchangeRate();
        world.rateRay = SharesMath.rateRayDown(totalEther, totalShares);
        (world.refTimestamp, world.appliedAt) = POOL.lastReport();
        world.lastFinalizedId = QUEUE.getLastFinalizedRequestId();
        world.lastCheckpoint = QUEUE.getLastCheckpointIndex();
    }

    /// @dev Counts what has accreted since, at the pace of then.
    function _accrete(Book memory book, World memory world) private view {
        book.unaccreted = book.unaccreted.unaccretedUp(book.accretedAt, book.accretionEnd, block.timestamp);
        book.accretedAt = block.timestamp;
        _putOff(book, world);
    }

    /// @dev If the newest ticket is expected later than before, so is all that has not accreted.
    function _putOff(Book memory book, World memory world) internal view {
        if (book.paid == book.bought) return;
        uint256 newest = _tickets[book.bought - 1].requestId;
        if (newest <= world.lastFinalizedId) return;
        uint256 due = _dueIn(QUEUE.estimatedWait(newest, inflowPerDay));
        if (due <= book.newestDue) return;
        if (book.unaccreted != 0) {
            uint256 end = book.accretionEnd + due - book.newestDue;
            book.accretionEnd = FixedPointMathLib.min(end, block.timestamp + MAX_WAIT);
        }
        book.newestDue = due;
    }

    function _dueIn(uint256 wait) private view returns (uint256 timestamp) {
        return block.timestamp + FixedPointMathLib.min(wait, MAX_WAIT);
    }

    /// @dev Meets `checkpoints` new ones at most, each in its turn: marks fall to its rate, and its tickets are ripe.
    /// @return lowest Of those that hold covered tickets.
    function _followQueue(Book memory book, World memory world, uint256 checkpoints)
        private
        view
        returns (uint256 lowest)
    {
        lowest = type(uint256).max;
        if (!_isFinalized(book, world, book.ripened)) {
            book.checkpoint = world.lastCheckpoint;
            return lowest;
        }
        for (; checkpoints != 0 && _isBehind(book, world); --checkpoints) {
            IWithdrawalQueue.Checkpoint memory checkpoint = QUEUE.getCheckpoint(++book.checkpoint);
            if (book.ripened < book.settled && _tickets[book.ripened].requestId <= checkpoint.lastRequestId) {
                _fall(book, checkpoint.rateRay);
                _ripen(book, checkpoint.lastRequestId);
            }
            if (book.settled < book.bought && _tickets[book.settled].requestId <= checkpoint.lastRequestId) {
                lowest = FixedPointMathLib.min(lowest, checkpoint.rateRay);
            }
        }
    }

    /// @dev Whether there is a ticket at `position` of which the queue has decided what it pays.
    function _isFinalized(Book memory book, World memory world, uint256 position) private view returns (bool) {
        return position < book.bought && _tickets[position].requestId <= world.lastFinalizedId;
    }

    /// @dev Seasoned tickets up to an id keep their marks from here on, whatever the rate does. The search takes a step for each
    /// doubling of their number.
    function _ripen(Book memory book, uint256 lastRequestId) private view {
        (uint256 low, uint256 high) = (book.ripened, book.settled);
        while (low < high) {
            uint256 middle = FixedPointMathLib.avg(low, high);
            if (_tickets[middle].requestId <= lastRequestId) low = middle + 1;
            else high = middle;
        }
        uint160 units;
        unchecked {
            // Sums are kept modulo 2^160, and what is in the set has less than that.
            units = _unitsUpTo(low) - _unitsUpTo(book.ripened);
        }
        book.ripe += book.seasoned.leave(units);
        book.ripened = low;
        if (low == book.settled) book.seasoned.empty();
    }

    function _unitsUpTo(uint256 position) private view returns (uint160) {
        return position == 0 ? 0 : _tickets[position - 1].units;
    }

    /// @dev What a fall of the rate has taken from the marks: for good, though it may rise again before they are paid. What
    /// has not accreted bears it first.
    function _fall(Book memory book, uint256 rateRay) private pure {
        book.unaccreted = FixedPointMathLib.zeroFloorSub(book.unaccreted, book.seasoned.fallTo(rateRay));
    }

    /// @dev Settles the holdbacks that a report has covered: refunds them less what their ticket has lost.
    function _settle(Book memory book, World memory world, Steps memory steps) private view {
        uint160 units = _unitsUpTo(book.settled);
        while (steps.settledCount < MAX_STEPS && book.settled < book.bought) {
            Ticket memory ticket = _tickets[book.settled];
            if (ticket.soldAt > world.refTimestamp) return;
            uint256 step = steps.settledCount++;
            uint256 worth = QUEUE.presentValue(ticket.requestId);
            uint256 loss = ticket.nominal - worth;
            uint256 refund = FixedPointMathLib.zeroFloorSub(ticket.heldBack, loss);
            (steps.settled[step], steps.refunds[step], steps.losses[step]) = (ticket, refund, loss);
            book.reserved -= ticket.heldBack;
            book.idle = book.idle + ticket.heldBack - refund;

            uint256 mark = FixedPointMathLib.zeroFloorSub(worth, QUEUE_ROUNDING);
            uint256 before = _uncover(book, ticket, worth - refund);
            uint256 gain = FixedPointMathLib.zeroFloorSub(mark, before + refund);
            _addUnaccreted(book, gain, QUEUE.estimatedWait(ticket.requestId, inflowPerDay));
            unchecked {
                // Modulo 2^160; a ticket has less.
                units += uint160(_season(book, world, ticket, mark));
            }
            ticket.units = units;
            if (book.settled == book.bought) {
                book.sold.empty();
                book.fromPool.empty();
                book.carried = 0;
            }
        }
    }

    /// @dev Takes a ticket out of its set.
    /// @param worth Beyond its refund.
    /// @return before What it was carried at: its cost, or more if that is more than the others are worth, but never more than
    /// it is worth itself.
    function _uncover(Book memory book, Ticket memory ticket, uint256 worth) private pure returns (uint256 before) {
        _coveredWith(book, ticket).leave(ticket.units);
        uint256 least = FixedPointMathLib.zeroFloorSub(book.carried, book.sold.sum + book.fromPool.sum);
        before = FixedPointMathLib.min(FixedPointMathLib.max(ticket.cost, least), worth);
        before = FixedPointMathLib.min(before, book.carried);
        book.carried -= before;
    }

    /// @dev If the queue has finalised it, then all before it too: it is ripe at once.
    /// @return units Of the seasoned.
    function _season(Book memory book, World memory world, Ticket memory ticket, uint256 mark)
        private
        pure
        returns (uint256 units)
    {
        ++book.settled;
        if (ticket.requestId > world.lastFinalizedId) {
            return book.seasoned.join(mark, FixedPointMathLib.min(ticket.rateRay, world.rateRay));
        }
        book.ripe += mark;
        ++book.ripened;
    }

    /// @dev The set of covered tickets that this one is in.
    function _coveredWith(Book memory book, Ticket memory ticket) private pure returns (TicketMarks.Marks memory) {
        return ticket.receiver == address(0) ? book.fromPool : book.sold;
    }

    function _addUnaccreted(Book memory book, uint256 amount, uint256 wait) private view {
        if (amount == 0) return;
        uint256 unaccreted = book.unaccreted;
        uint256 left = FixedPointMathLib.zeroFloorSub(book.accretionEnd, block.timestamp);
        wait = FixedPointMathLib.clamp(wait, MIN_ACCRETION, MAX_WAIT);
        book.accretionEnd = unaccreted.meanEndUp(left, amount, wait, block.timestamp);
        book.unaccreted = unaccreted + amount;
    }

    /// @dev Claims ripe tickets, in order. What one pays beyond the marks of all of them accretes over a day.
    function _claim(Book memory book, Steps memory steps) private view {
        for (; steps.claimCount < MAX_STEPS && book.paid < book.ripened; ++book.paid) {
            uint256 requestId = _tickets[book.paid].requestId;
            uint256 payment = QUEUE.presentValue(requestId);
            uint256 step = steps.claimCount++;
            (steps.claims[step], steps.payments[step]) = (requestId, payment);
            uint256 mark = FixedPointMathLib.min(payment, book.ripe);
            book.ripe -= mark;
            book.idle = book.idle + payment;
            _addUnaccreted(book, payment - mark, 0);
        }
    }

    /* ASSETS */

    /// @dev Of an advanced book.
    function _assets(Book memory book) internal pure returns (uint256) {
        uint256 gross = book.idle + book.reserved + book.carried + book.seasoned.sum + book.ripe;
        return FixedPointMathLib.zeroFloorSub(gross, book.unaccreted);
    }

    /// @dev Whether the queue has paid tickets that the steps of one operation did not reach.
    function _ticketsWait(Book memory book, World memory world) internal view returns (bool) {
        return _isFinalized(book, world, book.paid);
    }

    /* PURCHASES */

    function _checkFrame(Book memory book, World memory world, uint256 nominal) internal view {
        uint256 minimum = FixedPointMathLib.zeroFloorSub(block.timestamp, MAX_REPORT_AGE);
        require(world.refTimestamp >= minimum, ReportTooOld(world.refTimestamp, minimum));
        uint256 room = _frameRoom(book);
        require(nominal <= room, FrameCapExceeded(nominal, room));
        book.boughtInFrame = book.boughtInFrame + nominal;
    }

    /// @dev Of what was there when the count began and still is: else a loan would lift the cap for as long as a sale takes.
    function _frameRoom(Book memory book) internal view returns (uint256) {
        uint256 assets = FixedPointMathLib.min(_assets(book), book.frameAssets);
        return FixedPointMathLib.zeroFloorSub(assets.partDown(FRAME_CAP), book.boughtInFrame);
    }

    /// @dev Starts the count anew if a report has come.
    function _startFrame(Book memory book, World memory world) private pure {
        if (book.frame == world.appliedAt) return;
        book.frame = world.appliedAt;
        book.boughtInFrame = 0;
        book.frameAssets = _assets(book);
    }

    /// @dev Turns wkETH that is here into a ticket, covered from now on. Changes the book's tickets, not its WETH.
    /// @param ticket With receiver (zero if the swap pool sold), nominal, cost, and what is held back.
    function _queueTicket(Book memory book, World memory world, uint256 shares, Ticket memory ticket) internal {
        book.newestDue = _dueIn(PRICER.expectedWait(ticket.nominal, inflowPerDay));
        uint256 worth = FixedPointMathLib.zeroFloorSub(ticket.nominal, ticket.heldBack + QUEUE_ROUNDING);
        uint256 top = TicketMarks.topUp(world.rateRay, worth, ticket.nominal);
        ticket.units = SafeCastLib.toUint160(_coveredWith(book, ticket).join(worth, top));
        book.carried += ticket.cost;
        uint256[] memory amounts = new uint256[](1);
        amounts[0] = shares;
        ticket.requestId = SafeCastLib.toUint40(QUEUE.requestWithdrawalsWstETH(amounts, address(this))[0]);
        ticket.soldAt = SafeCastLib.toUint40(block.timestamp);
        ticket.rateRay = SafeCastLib.toUint96(world.rateRay);
        _tickets[book.bought++] = ticket;
    }
}
