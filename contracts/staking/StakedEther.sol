// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {EIP712} from "solady/src/utils/EIP712.sol";

import {IStakedEther} from "../../interfaces/staking/IStakedEther.sol";
import {PermitLib} from "../libraries/PermitLib.sol";
import {SharesMath} from "../libraries/SharesMath.sol";

/// @title kETH: the rebasing token of a staking pool
/// @dev UNITS: `shares` are exact shares (27 decimals) here; the 18-decimal ones of Lido's ABI are `shares18`.
/// @dev ROUNDING: see the interface; each conversion names its direction.
/// @dev REENTRANCY: no external call but ERC-1271's static one, made after the nonce is spent.
abstract contract StakedEther is IStakedEther, EIP712 {
    using SharesMath for uint256;

    /* STORAGE */

    mapping(address account => uint256 exactShares) private _sharesOf;

    /// @inheritdoc IStakedEther
    mapping(address owner => mapping(address spender => uint256 etherAmount)) public override allowance;

    /// @inheritdoc IStakedEther
    mapping(address owner => uint256 nonce) public override nonces;

    /* TO BE GIVEN BY THE POOL */

    /// @dev Pooled ether and exact shares; neither is ever zero.
    function _exchangeRate() internal view virtual returns (uint256 totalEther, uint256 totalShares);

    /* ERC-20 */

    /// @inheritdoc IStakedEther
    function approve(address spender, uint256 etherAmount) external returns (bool) {
        _approve(msg.sender, spender, etherAmount);
        return true;
    }

    /// @inheritdoc IStakedEther
    function transfer(address to, uint256 etherAmount) external returns (bool) {
        _transfer(msg.sender, to, etherAmount);
        return true;
    }

    /// @inheritdoc IStakedEther
    function transferFrom(address from, address to, uint256 etherAmount) external returns (bool) {
        _spendAllowance(from, etherAmount);
        _transfer(from, to, etherAmount);
        return true;
    }

    /// @inheritdoc IStakedEther
    function transferFromBatch(address from, address to, uint256[] calldata etherAmounts)
        external
        returns (uint256[] memory exactShares, uint256 totalEther, uint256 totalShares)
    {
        (totalEther, totalShares) = _exchangeRate();
        exactShares = new uint256[](etherAmounts.length);
        uint256 etherSum;
        uint256 sharesSum;
        for (uint256 i; i < etherAmounts.length; ++i) {
            uint256 etherAmount = etherAmounts[i].bounded();
            uint256 shares = etherAmount.toSharesUp(totalEther, totalShares);
            exactShares[i] = shares;
            unchecked {
                // Calldata has fewer than 2^64 amounts, each below 2^128.
                etherSum += etherAmount;
                sharesSum += shares;
            }
        }
        _spendAllowance(from, etherSum);
        _moveShares(from, to, sharesSum, etherSum);
    }

    function _approve(address owner, address spender, uint256 etherAmount) private {
        allowance[owner][spender] = etherAmount;
        emit Approval(owner, spender, etherAmount);
    }

    function _spendAllowance(address owner, uint256 etherAmount) private {
        uint256 allowed = allowance[owner][msg.sender];
        if (allowed == type(uint256).max) return;
        require(etherAmount <= allowed, AllowanceExceeded(owner, msg.sender, etherAmount, allowed));
        unchecked {
            allowance[owner][msg.sender] = allowed - etherAmount;
        }
    }

    function _transfer(address from, address to, uint256 etherAmount) private {
        (uint256 totalEther, uint256 totalShares) = _exchangeRate();
        _moveShares(from, to, etherAmount.bounded().toSharesUp(totalEther, totalShares), etherAmount);
    }

    /// @dev No check of `from`: the zero address holds no shares and signs nothing.
    function _moveShares(address from, address to, uint256 shares, uint256 etherAmount) private {
        require(to != address(0) && to != address(this), InvalidRecipient(to));
        uint256 held = _sharesOf[from];
        require(shares <= held, BalanceExceeded(from, shares, held));
        unchecked {
            // The sum of all balances is the total, which fits.
            _sharesOf[from] = held - shares;
            _sharesOf[to] += shares;
        }
        emit Transfer(from, to, etherAmount);
        emit TransferShares(from, to, shares.toShares18Down());
    }

    /// @dev The caller adds `shares` to the total.
    function _mintShares(address to, uint256 shares, uint256 etherAmount) internal {
        unchecked {
            _sharesOf[to] += shares;
        }
        emit Transfer(address(0), to, etherAmount);
        emit TransferShares(address(0), to, shares.toShares18Down());
    }

    /// @dev The caller takes `shares` from the total.
    function _burnShares(address from, uint256 shares, uint256 etherAmount) internal {
        uint256 held = _sharesOf[from];
        require(shares <= held, BalanceExceeded(from, shares, held));
        unchecked {
            _sharesOf[from] = held - shares;
        }
        emit Transfer(from, address(0), etherAmount);
        emit SharesBurnt(from, etherAmount, shares);
    }

    /* EIP-2612 */

    /// @inheritdoc IStakedEther
    function permit(address owner, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
    {
        uint256 nonce = nonces[owner]++;
        PermitLib.verify(_domainSeparator(), owner, spender, value, nonce, deadline, abi.encodePacked(r, s, v));
        _approve(owner, spender, value);
    }

    /// @inheritdoc IStakedEther
    function DOMAIN_SEPARATOR() external view returns (bytes32) {
        return _domainSeparator();
    }

    function _domainNameAndVersion() internal pure override returns (string memory, string memory) {
        return ("Keel Staked Ether", "1");
    }

    /* SHARES: Lido's ABI */

    /// @inheritdoc IStakedEther
    function transferShares(address to, uint256 shares18) external returns (uint256 etherAmount) {
        uint256 shares = shares18.toExact();
        etherAmount = toEtherDown(shares);
        _moveShares(msg.sender, to, shares, etherAmount);
    }

    /// @inheritdoc IStakedEther
    function transferSharesFrom(address from, address to, uint256 shares18) external returns (uint256 etherAmount) {
        (uint256 totalEther, uint256 totalShares) = _exchangeRate();
        return _transferSharesFrom(from, to, shares18.toExact(), totalEther, totalShares);
    }

    /// @inheritdoc IStakedEther
    function transferWholeSharesFrom(address from, address to, uint256 etherAmount)
        external
        returns (uint256 shares18)
    {
        (uint256 totalEther, uint256 totalShares) = _exchangeRate();
        shares18 = etherAmount.bounded().toSharesDown(totalEther, totalShares).toShares18Down();
        _transferSharesFrom(from, to, shares18 * SharesMath.EXACT_PER_SHARE, totalEther, totalShares);
    }

    function _transferSharesFrom(address from, address to, uint256 shares, uint256 totalEther, uint256 totalShares)
        private
        returns (uint256 etherAmount)
    {
        _spendAllowance(from, shares.toAllowance(totalEther, totalShares));
        etherAmount = shares.toEtherDown(totalEther, totalShares);
        _moveShares(from, to, shares, etherAmount);
    }

    /// @inheritdoc IStakedEther
    function sharesOf(address account) external view returns (uint256) {
        return _sharesOf[account].toShares18Down();
    }

    /// @inheritdoc IStakedEther
    function getTotalShares() external view returns (uint256) {
        (, uint256 totalShares) = _exchangeRate();
        return totalShares.toShares18Down();
    }

    /// @inheritdoc IStakedEther
    function getTotalPooledEther() public view returns (uint256 totalEther) {
        (totalEther,) = _exchangeRate();
    }

    /// @inheritdoc IStakedEther
    function getSharesByPooledEth(uint256 etherAmount) external view returns (uint256) {
        return toSharesDown(etherAmount).toShares18Down();
    }

    /// @inheritdoc IStakedEther
    function getPooledEthByShares(uint256 shares18) external view returns (uint256) {
        return toEtherDown(shares18.toExact());
    }

    /// @inheritdoc IStakedEther
    function getPooledEthBySharesRoundUp(uint256 shares18) external view returns (uint256) {
        return toEtherUp(shares18.toExact());
    }

    /* SHARES: exact */

    /// @inheritdoc IStakedEther
    function exactSharesOf(address account) external view returns (uint256) {
        return _sharesOf[account];
    }

    /// @inheritdoc IStakedEther
    function exchangeRate() external view returns (uint256, uint256) {
        return _exchangeRate();
    }

    /// @inheritdoc IStakedEther
    function toSharesDown(uint256 etherAmount) public view returns (uint256) {
        (uint256 totalEther, uint256 totalShares) = _exchangeRate();
        return etherAmount.bounded().toSharesDown(totalEther, totalShares);
    }

    /// @inheritdoc IStakedEther
    function toSharesUp(uint256 etherAmount) external view returns (uint256) {
        (uint256 totalEther, uint256 totalShares) = _exchangeRate();
        return etherAmount.bounded().toSharesUp(totalEther, totalShares);
    }

    /// @inheritdoc IStakedEther
    function toEtherDown(uint256 shares) public view returns (uint256) {
        (uint256 totalEther, uint256 totalShares) = _exchangeRate();
        return shares.bounded().toEtherDown(totalEther, totalShares);
    }

    /// @inheritdoc IStakedEther
    function toEtherUp(uint256 shares) public view returns (uint256) {
        (uint256 totalEther, uint256 totalShares) = _exchangeRate();
        return shares.bounded().toEtherUp(totalEther, totalShares);
    }

    /* METADATA */

    /// @inheritdoc IStakedEther
    function name() external pure returns (string memory) {
        return "Keel Staked Ether";
    }

    /// @inheritdoc IStakedEther
    function symbol() external pure returns (string memory) {
        return "kETH";
    }

    /// @inheritdoc IStakedEther
    function decimals() external pure returns (uint8) {
        return 18;
    }

    /// @inheritdoc IStakedEther
    function totalSupply() external view returns (uint256) {
        return getTotalPooledEther();
    }

    /// @inheritdoc IStakedEther
    function balanceOf(address account) external view returns (uint256) {
        return toEtherDown(_sharesOf[account]);
    }
}
