// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

import {IStakingPool} from "../../interfaces/staking/IStakingPool.sol";
import {Bounds} from "../libraries/Bounds.sol";

/// @title Who may do what in the staking pool, and how that changes
/// @dev ROLES: owner (two-step), guardian (pauses), depositor (stakes the buffer), oracle, checker, registry and
/// insurance fund (contracts; each replaced by the owner after `REPLACEMENT_DELAY`), withdrawal queue (set once). Worst effects: `contracts/README.md`.
abstract contract PoolRoles is IStakingPool, Ownable2Step {
    struct Part {
        address current;
        address candidate;
        uint40 readyAt;
    }

    bytes32 internal constant ORACLE = "oracle";
    bytes32 internal constant CHECKER = "checker";
    bytes32 internal constant REGISTRY = "registry";
    bytes32 internal constant INSURANCE = "insurance";

    /// @notice Longer than the exit through the queue of a calm week takes, so that who disagrees can leave.
    uint256 public constant REPLACEMENT_DELAY = 7 days;

    uint256 private constant MAX_FEE_BPS = 2_000;

    /* STORAGE */

    mapping(bytes32 role => Part) private _parts;

    /// @inheritdoc IStakingPool
    address public withdrawalQueue;

    /// @inheritdoc IStakingPool
    address public guardian;

    /// @inheritdoc IStakingPool
    address public depositor;

    FeeShare[3] internal _fees;

    /* CONSTRUCTOR */

    constructor(address owner) Ownable(owner) {}

    /* PARTS */

    /// @inheritdoc IStakingPool
    function wire(Wiring calldata wiring) external onlyOwner {
        require(withdrawalQueue == address(0), AlreadyWired());
        require(wiring.withdrawalQueue != address(0), ZeroAddress());
        withdrawalQueue = wiring.withdrawalQueue;
        _replace(ORACLE, wiring.oracle);
        _replace(CHECKER, wiring.checker);
        _replace(REGISTRY, wiring.registry);
        _replace(INSURANCE, wiring.insurance);
        emit Wired(wiring);
    }

    /// @inheritdoc IStakingPool
    function proposeReplacement(bytes32 role, address candidate) external onlyOwner {
        require(_parts[role].current != address(0), UnknownRole(role));
        require(candidate != address(0), ZeroAddress());
        uint256 readyAt = block.timestamp + REPLACEMENT_DELAY;
        (_parts[role].candidate, _parts[role].readyAt) = (candidate, uint40(readyAt));
        emit ReplacementProposed(role, candidate, readyAt);
    }

    /// @inheritdoc IStakingPool
    function revokeReplacement(bytes32 role) external onlyOwner {
        emit ReplacementRevoked(role, _takeCandidate(role));
    }

    /// @inheritdoc IStakingPool
    function acceptReplacement(bytes32 role) external onlyOwner {
        uint256 readyAt = _parts[role].readyAt;
        address candidate = _takeCandidate(role);
        require(block.timestamp >= readyAt, NotReady(readyAt, block.timestamp));
        _replace(role, candidate);
    }

    function _takeCandidate(bytes32 role) private returns (address candidate) {
        candidate = _parts[role].candidate;
        require(candidate != address(0), NothingProposed(role));
        delete _parts[role].candidate;
        delete _parts[role].readyAt;
    }

    function _replace(bytes32 role, address current) private {
        require(current != address(0), ZeroAddress());
        emit Replaced(role, _parts[role].current, current);
        _parts[role].current = current;
    }

    /// @inheritdoc IStakingPool
    function part(bytes32 role) public view returns (address) {
        return _parts[role].current;
    }

    /* ROLES AND FEES */

    /// @inheritdoc IStakingPool
    function setGuardian(address newGuardian) external onlyOwner {
        guardian = newGuardian;
        emit GuardianSet(newGuardian);
    }

    /// @inheritdoc IStakingPool
    function setDepositor(address newDepositor) external onlyOwner {
        depositor = newDepositor;
        emit DepositorSet(newDepositor);
    }

    /// @inheritdoc IStakingPool
    function setFees(FeeShare[3] calldata fees) external onlyOwner {
        _setFees(fees);
    }

    function _setFees(FeeShare[3] memory fees) internal {
        uint256 total;
        for (uint256 i; i < fees.length; ++i) {
            require(fees[i].feeBps == 0 || fees[i].recipient != address(0), ZeroAddress());
            total += fees[i].feeBps;
            _fees[i] = fees[i];
        }
        Bounds.check(total, 0, MAX_FEE_BPS);
        emit FeesSet(fees);
    }

    /// @inheritdoc IStakingPool
    function getFees() external view returns (FeeShare[3] memory) {
        return _fees;
    }

    /// @inheritdoc IStakingPool
    function getFee() external view returns (uint256) {
        return uint256(_fees[0].feeBps) + _fees[1].feeBps + _fees[2].feeBps;
    }
}
