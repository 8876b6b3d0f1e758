// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {ERC20} from "solady/src/tokens/ERC20.sol";
import {IERC20PermitERC1271} from "../../interfaces/libraries/IERC20PermitERC1271.sol";
import {PermitLib} from "./PermitLib.sol";

/// @title Solady's ERC20 with permits of contracts, without Permit2's standing allowance
/// @dev NONCES are kept here, not in Solady's slots: its own permit is replaced in full.
/// @dev TRANSFERS to the zero address and to the token itself revert. Minting is the heir's business.
/// @dev KNOWN LIMITS: an account with code signs by ERC-1271 alone, a delegated EOA (EIP-7702) included.
abstract contract ERC20PermitERC1271 is ERC20, IERC20PermitERC1271 {
    /* STORAGE */

    mapping(address owner => uint256 nonce) private _nonces;

    /* TRANSFERS */

    function transfer(address to, uint256 amount) public virtual override returns (bool) {
        _checkRecipient(to);
        return super.transfer(to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) public virtual override returns (bool) {
        _checkRecipient(to);
        return super.transferFrom(from, to, amount);
    }

    function _checkRecipient(address to) internal view {
        require(to != address(0) && to != address(this), InvalidRecipient(to));
    }

    /* PERMITS */

    /// @notice EIP-2612: as the form with `bytes signature`, which is `r`, `s`, `v` put together.
    function permit(address owner, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        public
        virtual
        override
    {
        _permit(owner, spender, value, deadline, abi.encodePacked(r, s, v));
    }

    /// @inheritdoc IERC20PermitERC1271
    function permit(address owner, address spender, uint256 value, uint256 deadline, bytes calldata signature)
        external
        virtual
    {
        _permit(owner, spender, value, deadline, signature);
    }

    /// @notice The nonce that `owner`'s next permit must carry.
    function nonces(address owner) public view virtual override returns (uint256) {
        return _nonces[owner];
    }

    function _permit(address owner, address spender, uint256 value, uint256 deadline, bytes memory signature) private {
        uint256 nonce = _nonces[owner]++;
        PermitLib.verify(DOMAIN_SEPARATOR(), owner, spender, value, nonce, deadline, signature);
        _approve(owner, spender, value);
    }

    function _givePermit2InfiniteAllowance() internal pure override returns (bool) {
        return false;
    }
}
