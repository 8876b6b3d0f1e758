// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

import {IHashConsensus} from "../../interfaces/staking/IHashConsensus.sol";
import {LinearMath} from "../libraries/LinearMath.sol";

/// @title HashConsensus
/// @dev UNITS: slots of 12 seconds, seconds.
/// @dev ROLES: the owner adds and removes members; a member votes.
/// @dev VARIANTS of a frame are few (at most one per member), so they are searched in order; their storage is reused.
/// @dev LIVENESS: no pause. The owner ends it by removing members down to one it controls: say so when you give it away.
contract HashConsensus is IHashConsensus, Ownable2Step {
    uint256 public constant SECONDS_PER_SLOT = 12;

    uint256 public immutable GENESIS_TIME;
    uint256 public immutable SLOTS_PER_FRAME;

    /* STORAGE */

    struct Voting {
        uint64 refSlot;
        uint32 variants;
        /// 1-based; zero while there is no quorum.
        uint32 agreed;
        uint32 quorum;
        /// The last slot whose hash was acted on; for heirs.
        uint64 consumedSlot;
    }

    struct Member {
        /// 1-based position in `_members`.
        uint32 position;
        uint64 votedSlot;
        /// 1-based.
        uint32 variant;
    }

    Voting private _voting;
    address[] private _members;
    mapping(address account => Member) private _memberOf;
    mapping(uint256 variant => bytes32 reportHash) private _hashes;
    mapping(uint256 variant => uint256 votes) private _support;

    /* CONSTRUCTOR */

    constructor(address owner, uint256 genesisTime, uint256 slotsPerFrame) Ownable(owner) {
        require(genesisTime <= block.timestamp && slotsPerFrame != 0, BadFrame(genesisTime, slotsPerFrame));
        GENESIS_TIME = genesisTime;
        SLOTS_PER_FRAME = slotsPerFrame;
    }

    /* MEMBERS */

    /// @inheritdoc IHashConsensus
    function addMember(address member, uint256 newQuorum) external onlyOwner {
        require(member != address(0), ZeroAddress());
        require(_memberOf[member].position == 0, AlreadyMember(member));
        _members.push(member);
        uint256 count = _members.length;
        _memberOf[member] = Member(uint32(count), 0, 0);
        emit MemberAdded(member, count, newQuorum);
        _setQuorum(newQuorum);
    }

    /// @inheritdoc IHashConsensus
    function removeMember(address member, uint256 newQuorum) external onlyOwner {
        Member memory removed = _memberOf[member];
        require(removed.position != 0, NotMember(member));
        address last = _members[_members.length - 1];
        _members[removed.position - 1] = last;
        _memberOf[last].position = removed.position;
        _members.pop();
        delete _memberOf[member];
        if (_votes(removed.votedSlot)) --_support[removed.variant];
        emit MemberRemoved(member, _members.length, newQuorum);
        _setQuorum(newQuorum);
    }

    /// @inheritdoc IHashConsensus
    function setQuorum(uint256 newQuorum) external onlyOwner {
        _setQuorum(newQuorum);
    }

    /// @dev A lower quorum may be one that a variant has already.
    function _setQuorum(uint256 newQuorum) private {
        uint256 count = _members.length;
        require(newQuorum <= count && 2 * newQuorum > count, QuorumOutOfBounds(newQuorum, count));
        _voting.quorum = uint32(newQuorum);
        emit QuorumSet(newQuorum, count);
        if (!_votes(_voting.refSlot)) return;
        for (uint256 variant = 1; variant <= _voting.variants; ++variant) {
            if (_support[variant] >= newQuorum) return _agree(variant);
        }
    }

    /// @dev Does a vote about this slot still count: is it the one being voted on, without quorum yet?
    function _votes(uint256 refSlot) private view returns (bool) {
        return refSlot != 0 && refSlot == _voting.refSlot && refSlot == _currentRefSlot() && _voting.agreed == 0;
    }

    /* VOTES */

    /// @inheritdoc IHashConsensus
    function vote(uint256 refSlot, bytes32 reportHash) external {
        Member memory member = _memberOf[msg.sender];
        require(member.position != 0, NotMember(msg.sender));
        require(reportHash != bytes32(0), ZeroHash());
        uint256 current = _currentRefSlot();
        require(refSlot == current, WrongRefSlot(refSlot, current));
        if (_voting.refSlot != refSlot) (_voting.refSlot, _voting.variants, _voting.agreed) = (uint64(refSlot), 0, 0);
        require(_voting.agreed == 0, AlreadyAgreed(refSlot, _hashes[_voting.agreed]));

        if (member.votedSlot == refSlot) {
            require(_hashes[member.variant] != reportHash, DuplicateVote(msg.sender, reportHash));
            --_support[member.variant];
        }
        uint256 variant = _variantOf(reportHash);
        _memberOf[msg.sender] = Member(member.position, uint64(refSlot), uint32(variant));
        uint256 support = ++_support[variant];
        emit Voted(refSlot, msg.sender, reportHash);
        if (support >= _voting.quorum) _agree(variant);
    }

    /// @dev Takes the place of a variant without votes, if there is one: whoever changes its mind adds none.
    function _variantOf(bytes32 reportHash) private returns (uint256 variant) {
        uint256 variants = _voting.variants;
        uint256 vacant;
        for (variant = 1; variant <= variants; ++variant) {
            if (_hashes[variant] == reportHash) return variant;
            if (vacant == 0 && _support[variant] == 0) vacant = variant;
        }
        if (vacant != 0) variant = vacant;
        else (_voting.variants, _support[variant]) = (uint32(variant), 0);
        _hashes[variant] = reportHash;
    }

    function _agree(uint256 variant) private {
        _voting.agreed = uint32(variant);
        emit ConsensusReached(_voting.refSlot, _hashes[variant], _support[variant]);
    }

    /// @dev Notes that the agreed hash of `refSlot` was acted on.
    function _consume(uint256 refSlot) internal {
        _voting.consumedSlot = uint64(refSlot);
    }

    function _consumedSlot() internal view returns (uint256) {
        return _voting.consumedSlot;
    }

    /* VIEWS */

    /// @inheritdoc IHashConsensus
    function getCurrentFrame() public view returns (uint256 refSlot, uint256 refTimestamp, uint256 deadline) {
        refSlot = _currentRefSlot();
        refTimestamp = GENESIS_TIME + refSlot * SECONDS_PER_SLOT;
        deadline = refTimestamp + (SLOTS_PER_FRAME + 1) * SECONDS_PER_SLOT;
    }

    function _currentRefSlot() private view returns (uint256) {
        uint256 frameSeconds = SLOTS_PER_FRAME * SECONDS_PER_SLOT;
        uint256 frame = LinearMath.wholeUnits(block.timestamp - GENESIS_TIME, frameSeconds);
        require(frame != 0, NoFrameYet(GENESIS_TIME + frameSeconds, block.timestamp));
        return frame * SLOTS_PER_FRAME - 1;
    }

    /// @inheritdoc IHashConsensus
    function consensusHash(uint256 refSlot) public view returns (bytes32) {
        return _voting.refSlot == refSlot ? _hashes[_voting.agreed] : bytes32(0);
    }

    /// @inheritdoc IHashConsensus
    function getVariants() external view returns (bytes32[] memory reportHashes, uint256[] memory support) {
        uint256 count = _voting.refSlot == _currentRefSlot() ? _voting.variants : 0;
        reportHashes = new bytes32[](count);
        support = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            (reportHashes[i], support[i]) = (_hashes[i + 1], _support[i + 1]);
        }
    }

    /// @inheritdoc IHashConsensus
    function getMembers() external view returns (address[] memory) {
        return _members;
    }

    /// @inheritdoc IHashConsensus
    function isMember(address account) external view returns (bool) {
        return _memberOf[account].position != 0;
    }

    /// @inheritdoc IHashConsensus
    function quorum() external view returns (uint256) {
        return _voting.quorum;
    }
}
