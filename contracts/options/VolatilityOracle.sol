// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {ISettlementOracle} from "../../interfaces/options/ISettlementOracle.sol";
import {IVolatilityOracle} from "../../interfaces/options/IVolatilityOracle.sol";
import {BlackScholes} from "../libraries/BlackScholes.sol";
import {Bounds} from "../libraries/Bounds.sol";
import {VolatilityMath} from "../libraries/VolatilityMath.sol";

/// @title VolatilityOracle
/// @dev UNITS, QUORUM, BOUNDS, FRESHNESS, TRUST: see the interface.
/// @dev ROUNDING: means, roots and steps down, so that no step is above its bound.
/// @dev REENTRANCY: calls only the settlement oracle's view.
contract VolatilityOracle is IVolatilityOracle, Ownable2Step {
    using FixedPointMathLib for uint256;

    uint256 private constant WAD = 1e18;

    /// @dev Of submissions, of the last price and of the last update.
    uint256 private constant MAX_AGE = 1 days;

    /// @dev Less than a day, so that a daily caller is never late; long enough that a year's volatility is not one hour's.
    uint256 private constant MIN_SPACING = 20 hours;

    /// @dev Medians sort by insertion.
    uint256 private constant MAX_MEMBERS = 15;

    uint256 private constant MAX_VOLATILITY = 10e18;
    uint256 private constant MAX_INTENSITY = 10e18;
    uint256 private constant MAX_LOSS = 0.99e18;
    uint256 private constant MAX_RATE = 1e18;

    /* IMMUTABLES */

    ISettlementOracle private immutable SETTLEMENT;
    bytes32 private immutable FEED;
    uint256 private immutable QUORUM;
    uint256 private immutable REALISED_FACTOR;
    uint256 private immutable WEIGHT;
    uint256 private immutable MAX_MOVE;
    /// @dev ln(1 + maxMove), WAD: steps of the logarithm add up whatever their number.
    uint256 private immutable LOG_MOVE;
    uint64 private immutable LEAST_VOLATILITY;
    uint64 private immutable MOST_VOLATILITY;
    uint64 private immutable INTENSITY_STEP;
    uint64 private immutable LOSS_STEP;
    uint64 private immutable RATE_STEP;

    /* STORAGE: members */

    struct Submission {
        Values submitted;
        uint40 at;
    }

    address[] private _members;
    mapping(address member => Submission submission) private _submissions;

    /* STORAGE: values */

    Values private _values;

    /// @dev The feed's last recorded price, at most the pricing kernel's largest.
    uint112 private _price;
    uint40 private _observedAt;
    uint40 private _updatedAt;

    /// @dev Mean of a year's squared log returns, WAD.
    uint256 private _variance;

    /* CONSTRUCTOR */

    /// @dev No price is asked yet: an oracle may be there before its feed is. Its values are stale until a price has been
    /// recorded, and a quorum has spoken.
    /// @param initial Taken as if the quorum had said so yesterday, and the feed had moved so ever since.
    constructor(Terms memory fixedTerms, address[] memory initialMembers, Values memory initial, address initialOwner)
        Ownable(initialOwner)
    {
        uint256 count = initialMembers.length;
        Bounds.check(count, 1, MAX_MEMBERS);
        uint256 half = count / 2; // division: of a count, down
        Bounds.check(fixedTerms.quorum, half + 1, count);
        Bounds.check(fixedTerms.realisedFactor, 0.5e18, 3e18);
        Bounds.check(fixedTerms.weight, 0.01e18, 0.5e18);
        Bounds.check(fixedTerms.maxMove, 0.01e18, 1e18);
        Bounds.check(fixedTerms.minVolatility, 0.001e18, MAX_VOLATILITY);
        Bounds.check(fixedTerms.maxVolatility, fixedTerms.minVolatility, MAX_VOLATILITY);
        Bounds.check(fixedTerms.intensityStep, 0, MAX_INTENSITY);
        Bounds.check(fixedTerms.lossStep, 0, MAX_LOSS);
        Bounds.check(fixedTerms.rateStep, 0, MAX_RATE);
        SETTLEMENT = ISettlementOracle(fixedTerms.settlement);
        FEED = fixedTerms.feed;
        QUORUM = fixedTerms.quorum;
        REALISED_FACTOR = fixedTerms.realisedFactor;
        WEIGHT = fixedTerms.weight;
        MAX_MOVE = fixedTerms.maxMove;
        LOG_MOVE = VolatilityMath.logOfMoveDown(fixedTerms.maxMove);
        LEAST_VOLATILITY = fixedTerms.minVolatility;
        MOST_VOLATILITY = fixedTerms.maxVolatility;
        INTENSITY_STEP = fixedTerms.intensityStep;
        LOSS_STEP = fixedTerms.lossStep;
        RATE_STEP = fixedTerms.rateStep;

        for (uint256 i; i < count; ++i) {
            _checkNewMember(initialMembers[i]);
            _members.push(initialMembers[i]);
            emit MemberReplaced(address(0), initialMembers[i]);
        }
        Bounds.check(initial.volatility, fixedTerms.minVolatility, fixedTerms.maxVolatility);
        _checkRisks(initial);
        _values = initial;
        _variance = uint256(initial.volatility).mulWad(initial.volatility);
    }

    /* MEMBERS */

    /// @inheritdoc IVolatilityOracle
    function submit(Values calldata submitted) external {
        require(_isMember(msg.sender), NotMember(msg.sender));
        Bounds.check(submitted.volatility, LEAST_VOLATILITY, MOST_VOLATILITY);
        _checkRisks(submitted);
        _submissions[msg.sender] = Submission(submitted, uint40(block.timestamp));
        emit Submitted(msg.sender, submitted);

        if (block.timestamp >= _observedAt + MIN_SPACING) {
            // A feed that is stale must not keep a member from being heard.
            try SETTLEMENT.latestPrice(FEED) returns (uint256 price, uint256) {
                _record(price);
            } catch {}
        }
        _updateIfQuorum();
    }

    /// @inheritdoc IVolatilityOracle
    function replaceMember(address previous, address member) external onlyOwner {
        _checkNewMember(member);
        uint256 count = _members.length;
        for (uint256 i; i < count; ++i) {
            if (_members[i] != previous) continue;
            _members[i] = member;
            delete _submissions[previous];
            emit MemberReplaced(previous, member);
            return;
        }
        revert NotMember(previous);
    }

    function _isMember(address account) private view returns (bool) {
        uint256 count = _members.length;
        for (uint256 i; i < count; ++i) {
            if (_members[i] == account) return true;
        }
        return false;
    }

    function _checkNewMember(address member) private view {
        require(member != address(0), ZeroAddress());
        require(!_isMember(member), AlreadyMember(member));
    }

    function _checkRisks(Values memory risks) private pure {
        Bounds.check(risks.intensity, 0, MAX_INTENSITY);
        Bounds.check(risks.loss, 0, MAX_LOSS);
        Bounds.check(risks.rate, 0, MAX_RATE);
    }

    /* REALISED VOLATILITY */

    /// @inheritdoc IVolatilityOracle
    function observe() external {
        uint256 earliest = _observedAt + MIN_SPACING;
        require(block.timestamp >= earliest, ObservationTooEarly(earliest, block.timestamp));
        (uint256 price,) = SETTLEMENT.latestPrice(FEED);
        _record(price);
        _updateIfQuorum();
    }

    /// @dev A longer gap weighs more, in proportion, up to all.
    function _record(uint256 price) private {
        price = price.min(BlackScholes.MAX_AMOUNT);
        // The first price is no return.
        if (_price != 0) {
            uint256 elapsed = block.timestamp - _observedAt;
            uint256 sample = VolatilityMath.squaredReturnDown(price, _price, elapsed);
            _variance = VolatilityMath.meanDown(_variance, sample, WEIGHT, elapsed);
        }
        _price = uint112(price);
        _observedAt = uint40(block.timestamp);
        emit Observed(price, realisedVolatility());
    }

    /// @inheritdoc IVolatilityOracle
    function realisedVolatility() public view returns (uint256) {
        return (_variance * WAD).sqrt();
    }

    /* VALUES */

    /// @inheritdoc IVolatilityOracle
    function update() external {
        (Values memory asked, uint256 fresh) = _medians();
        require(fresh >= QUORUM, NoQuorum(fresh, QUORUM));
        _moveTowards(asked);
    }

    function _updateIfQuorum() private {
        (Values memory asked, uint256 fresh) = _medians();
        if (fresh >= QUORUM) _moveTowards(asked);
    }

    /// @dev After a silence the values move by no more than a day's bound.
    function _moveTowards(Values memory asked) private {
        uint256 elapsed = (block.timestamp - _updatedAt).min(1 days);
        Values memory last = _values;
        uint256 realised = realisedVolatility();
        uint256 volatility = realised.mulWad(REALISED_FACTOR).max(asked.volatility);
        uint256 factor = VolatilityMath.growthDown(LOG_MOVE, elapsed);
        volatility =
            volatility.clamp(uint256(last.volatility).divWadUp(factor), uint256(last.volatility).mulWad(factor));
        // The values are within 64 bits: volatility by its bounds, the others because last and asked are.
        Values memory moved = Values({
            volatility: uint64(volatility.clamp(LEAST_VOLATILITY, MOST_VOLATILITY)),
            intensity: _stepped(last.intensity, asked.intensity, INTENSITY_STEP, elapsed),
            loss: _stepped(last.loss, asked.loss, LOSS_STEP, elapsed),
            rate: _stepped(last.rate, asked.rate, RATE_STEP, elapsed)
        });
        _values = moved;
        _updatedAt = uint40(block.timestamp);
        emit Updated(moved, realised);
    }

    function _stepped(uint256 last, uint256 asked, uint256 dailyStep, uint256 elapsed) private pure returns (uint64) {
        uint256 step = VolatilityMath.inDaysDown(dailyStep, elapsed);
        return uint64(asked.clamp(last.zeroFloorSub(step), last + step));
    }

    /* QUORUM */

    /// @inheritdoc IVolatilityOracle
    function consensus() external view returns (Values memory asked) {
        uint256 fresh;
        (asked, fresh) = _medians();
        require(fresh >= QUORUM, NoQuorum(fresh, QUORUM));
    }

    /// @dev The upper medians of the last day's submissions, and how many there are.
    function _medians() private view returns (Values memory medians, uint256 fresh) {
        uint256 count = _members.length;
        uint256[] memory volatilities = new uint256[](count);
        uint256[] memory intensities = new uint256[](count);
        uint256[] memory losses = new uint256[](count);
        uint256[] memory rates = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            Submission storage submission = _submissions[_members[i]];
            if (submission.at + MAX_AGE < block.timestamp) continue;
            Values memory submitted = submission.submitted;
            _insert(volatilities, fresh, submitted.volatility);
            _insert(intensities, fresh, submitted.intensity);
            _insert(losses, fresh, submitted.loss);
            _insert(rates, fresh, submitted.rate);
            ++fresh;
        }
        if (fresh == 0) return (medians, 0);
        uint256 middle = fresh / 2; // division: of a count, down
        medians = Values({
            volatility: uint64(volatilities[middle]),
            intensity: uint64(intensities[middle]),
            loss: uint64(losses[middle]),
            rate: uint64(rates[middle])
        });
    }

    /// @dev Into the first `length` of `sorted`, which ascend.
    function _insert(uint256[] memory sorted, uint256 length, uint256 value) private pure {
        while (length != 0 && sorted[length - 1] > value) {
            sorted[length] = sorted[length - 1];
            --length;
        }
        sorted[length] = value;
    }

    /* VIEWS */

    /// @inheritdoc IVolatilityOracle
    function values() external view returns (Values memory) {
        uint256 oldest = FixedPointMathLib.min(_updatedAt, _observedAt);
        require(block.timestamp <= oldest + MAX_AGE, VolatilityStale(oldest, block.timestamp));
        return _values;
    }

    /// @inheritdoc IVolatilityOracle
    function lastValues() external view returns (Values memory latest, uint256 updatedAt, uint256 observedAt) {
        return (_values, _updatedAt, _observedAt);
    }

    /// @inheritdoc IVolatilityOracle
    function submissionOf(address member) external view returns (Values memory submitted, uint256 submittedAt) {
        Submission storage submission = _submissions[member];
        return (submission.submitted, submission.at);
    }

    /// @inheritdoc IVolatilityOracle
    function members() external view returns (address[] memory) {
        return _members;
    }

    /// @inheritdoc IVolatilityOracle
    function terms() external view returns (Terms memory) {
        return Terms({
            settlement: address(SETTLEMENT),
            feed: FEED,
            quorum: QUORUM,
            realisedFactor: REALISED_FACTOR,
            weight: WEIGHT,
            maxMove: MAX_MOVE,
            minVolatility: LEAST_VOLATILITY,
            maxVolatility: MOST_VOLATILITY,
            intensityStep: INTENSITY_STEP,
            lossStep: LOSS_STEP,
            rateStep: RATE_STEP
        });
    }
}
