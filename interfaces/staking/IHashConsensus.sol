// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @title HashConsensus: members agree on one hash per frame
/// @notice Time is cut into frames of `slotsPerFrame` slots. In each frame the members vote on a hash about its reference
/// slot: the last slot of the frame before. The first hash with `quorum` votes is the frame's, for good.
///
/// VOTES
/// - A member may change its vote until there is a quorum.
/// - Members and quorum may change during a vote: a removed member's vote is withdrawn, and a lower quorum takes effect at
///   once. The quorum is always more than half.
///
/// LIVENESS
/// - A frame without quorum is lost; the next one starts afresh and its report covers both.
interface IHashConsensus {
    event MemberAdded(address indexed member, uint256 members, uint256 quorum);

    event MemberRemoved(address indexed member, uint256 members, uint256 quorum);

    event QuorumSet(uint256 quorum, uint256 members);

    event Voted(uint256 indexed refSlot, address indexed member, bytes32 reportHash);

    event ConsensusReached(uint256 indexed refSlot, bytes32 reportHash, uint256 support);

    error NotMember(address caller);

    error AlreadyMember(address member);

    error ZeroAddress();

    error ZeroHash();

    error BadFrame(uint256 genesisTime, uint256 slotsPerFrame);

    /// @notice The chain is younger than one frame.
    error NoFrameYet(uint256 firstFrameAt, uint256 timestamp);

    /// @notice Stale, or from the future.
    error WrongRefSlot(uint256 given, uint256 current);

    /// @notice The member voted for this hash in this frame already.
    error DuplicateVote(address member, bytes32 reportHash);

    error AlreadyAgreed(uint256 refSlot, bytes32 reportHash);

    /// @notice Must be more than half of the members and no more than all.
    error QuorumOutOfBounds(uint256 quorum, uint256 members);

    /// @notice Votes for `reportHash` about the current frame's reference slot.
    /// @dev Reverts with `NotMember`, `ZeroHash`, `WrongRefSlot`, `AlreadyAgreed`, `DuplicateVote`.
    function vote(uint256 refSlot, bytes32 reportHash) external;

    /// @return refSlot What this frame's votes are about.
    /// @return refTimestamp When that slot began.
    /// @return deadline First second of the next frame.
    function getCurrentFrame() external view returns (uint256 refSlot, uint256 refTimestamp, uint256 deadline);

    /// @return reportHash Zero unless a quorum agreed about exactly this slot and no later one has been voted on.
    function consensusHash(uint256 refSlot) external view returns (bytes32 reportHash);

    /// @notice The hashes voted for about the current frame's reference slot, with their votes.
    function getVariants() external view returns (bytes32[] memory reportHashes, uint256[] memory support);

    function getMembers() external view returns (address[] memory);

    function isMember(address account) external view returns (bool);

    function quorum() external view returns (uint256);

    /// @notice Owner only; the quorum that holds from now on is part of each change.
    function addMember(address member, uint256 newQuorum) external;

    function removeMember(address member, uint256 newQuorum) external;

    function setQuorum(uint256 newQuorum) external;
}
