// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ERC6909} from "@openzeppelin/contracts/token/ERC6909/ERC6909.sol";

/// @title Who holds which claims
/// @dev ERC-6909: OpenZeppelin's, because Solady's takes ether in its transfers and approvals. Where balances are is ours.
/// @dev STORAGE: an account's longs and shorts of a series are one word, longs in its lower half, so that who writes pairs to
/// himself pays for one. Of neither claim there are ever 2^128: the heir sees to that when it mints.
abstract contract OptionClaims is ERC6909 {
    /// @dev The bit of an id that tells a short claim.
    uint256 internal constant SHORT = 1;

    mapping(address owner => mapping(uint256 id => uint256 word)) private _held;

    function balanceOf(address owner, uint256 claimId) public view override returns (uint256) {
        return _claimsIn(_held[owner][claimId & ~SHORT], claimId);
    }

    /// @dev As OpenZeppelin's.
    function _update(address from, address to, uint256 claimId, uint256 amount) internal virtual override {
        uint256 id = claimId & ~SHORT;
        if (from != address(0)) {
            uint256 word = _held[from][id];
            uint256 balance = _claimsIn(word, claimId);
            require(amount <= balance, ERC6909InsufficientBalance(from, balance, amount, claimId));
            _held[from][id] = word - _inWord(amount, claimId);
        }
        if (to != address(0)) _held[to][id] += _inWord(amount, claimId);
        emit Transfer(msg.sender, from, to, claimId, amount);
    }

    function _claimsIn(uint256 word, uint256 claimId) private pure returns (uint256) {
        if (claimId & SHORT == 0) return uint128(word);
        return word >> 128; // division: of a word, into its halves
    }

    /// @dev Where `_claimsIn` finds it.
    function _inWord(uint256 amount, uint256 claimId) private pure returns (uint256) {
        return claimId & SHORT == 0 ? amount : amount << 128;
    }

    /// @notice Claims have 18 decimals, whatever their collateral has.
    function decimals(uint256) external pure returns (uint8) {
        return 18;
    }
}
