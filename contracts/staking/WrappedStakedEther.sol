// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IStakingPool} from "../../interfaces/staking/IStakingPool.sol";
import {IWrappedStakedEther} from "../../interfaces/staking/IWrappedStakedEther.sol";
import {ERC20PermitERC1271} from "../libraries/ERC20PermitERC1271.sol";
import {SharesMath} from "../libraries/SharesMath.sol";

/// @title wkETH
/// @dev UNITS: `shares` are wkETH units, 18 decimals: 1e9 exact shares of the pool each.
/// @dev ROUNDING: see the interface. What the wrapper holds is never less than the supply stands for (STAKE-4).
/// @dev REENTRANCY: calls the pool alone, which calls nobody.
/// @dev LIVENESS: no owner, no pause.
contract WrappedStakedEther is IWrappedStakedEther, ERC20PermitERC1271 {
    using SharesMath for uint256;

    IStakingPool private immutable POOL;

    constructor(address pool) {
        POOL = IStakingPool(payable(pool));
    }

    /* wstETH */

    /// @inheritdoc IWrappedStakedEther
    function wrap(uint256 etherAmount) external returns (uint256 shares) {
        shares = POOL.transferWholeSharesFrom(msg.sender, address(this), etherAmount);
        require(shares != 0, ZeroAmount());
        _mint(msg.sender, shares);
    }

    /// @inheritdoc IWrappedStakedEther
    function wrapShares(uint256 shares) external returns (uint256 etherAmount) {
        require(shares != 0, ZeroAmount());
        etherAmount = POOL.transferSharesFrom(msg.sender, address(this), shares);
        _mint(msg.sender, shares);
    }

    /// @inheritdoc IWrappedStakedEther
    function unwrap(uint256 shares) external returns (uint256 etherAmount) {
        require(shares != 0, ZeroAmount());
        _burn(msg.sender, shares);
        return POOL.transferShares(msg.sender, shares);
    }

    /// @inheritdoc IWrappedStakedEther
    receive() external payable {
        uint256 shares = POOL.submit{value: msg.value}(address(0));
        require(shares != 0, ZeroAmount());
        _mint(msg.sender, shares);
    }

    /// @inheritdoc IWrappedStakedEther
    function getWstETHByStETH(uint256 etherAmount) external view returns (uint256) {
        return convertToShares(etherAmount);
    }

    /// @inheritdoc IWrappedStakedEther
    function getStETHByWstETH(uint256 shares) external view returns (uint256) {
        return convertToAssets(shares);
    }

    /// @inheritdoc IWrappedStakedEther
    function stEthPerToken() external view returns (uint256) {
        return convertToAssets(1 ether);
    }

    /// @inheritdoc IWrappedStakedEther
    function tokensPerStEth() external view returns (uint256) {
        return convertToShares(1 ether);
    }

    /// @inheritdoc IWrappedStakedEther
    function getRate() external view returns (uint256) {
        // As `convertToAssets(1 ether)`, for less gas: pools ask at every quote.
        (uint256 totalEther, uint256 totalShares) = POOL.exchangeRate();
        return SharesMath.EXACT_PER_ETHER.toEtherDown(totalEther, totalShares);
    }

    /// @inheritdoc IWrappedStakedEther
    function confirmedLoss() external view returns (uint256 rateWad, uint256 time) {
        (rateWad, time,) = POOL.confirmedLoss();
    }

    /// @inheritdoc IWrappedStakedEther
    function stETH() external view returns (address) {
        return address(POOL);
    }

    /* ERC-4626 */

    /// @inheritdoc IWrappedStakedEther
    function deposit(uint256 assets, address receiver) external returns (uint256 shares) {
        shares = previewDeposit(assets);
        _deposit(assets, shares, receiver);
    }

    /// @inheritdoc IWrappedStakedEther
    function mint(uint256 shares, address receiver) external returns (uint256 assets) {
        assets = previewMint(shares);
        _deposit(assets, shares, receiver);
    }

    function _deposit(uint256 assets, uint256 shares, address receiver) private {
        require(shares != 0, ZeroAmount());
        _checkRecipient(receiver);
        POOL.transferFrom(msg.sender, address(this), assets);
        _mint(receiver, shares);
        emit Deposit(msg.sender, receiver, assets, shares);
    }

    /// @inheritdoc IWrappedStakedEther
    function withdraw(uint256 assets, address receiver, address owner) external returns (uint256 shares) {
        shares = previewWithdraw(assets);
        _withdraw(assets, shares, receiver, owner);
    }

    /// @inheritdoc IWrappedStakedEther
    function redeem(uint256 shares, address receiver, address owner) external returns (uint256 assets) {
        assets = previewRedeem(shares);
        _withdraw(assets, shares, receiver, owner);
    }

    function _withdraw(uint256 assets, uint256 shares, address receiver, address owner) private {
        require(shares != 0, ZeroAmount());
        if (msg.sender != owner) _spendAllowance(owner, msg.sender, shares);
        _burn(owner, shares);
        POOL.transfer(receiver, assets);
        emit Withdraw(msg.sender, receiver, owner, assets, shares);
    }

    /// @inheritdoc IWrappedStakedEther
    function asset() external view returns (address) {
        return address(POOL);
    }

    /// @inheritdoc IWrappedStakedEther
    function totalAssets() external view returns (uint256) {
        return convertToAssets(totalSupply());
    }

    /// @inheritdoc IWrappedStakedEther
    function convertToShares(uint256 assets) public view returns (uint256) {
        return POOL.getSharesByPooledEth(assets);
    }

    /// @inheritdoc IWrappedStakedEther
    function convertToAssets(uint256 shares) public view returns (uint256) {
        return POOL.getPooledEthByShares(shares);
    }

    /// @inheritdoc IWrappedStakedEther
    function maxDeposit(address) external pure returns (uint256) {
        return SharesMath.MAX_AMOUNT;
    }

    /// @inheritdoc IWrappedStakedEther
    function maxMint(address) external pure returns (uint256) {
        return SharesMath.MAX_AMOUNT.toShares18Down();
    }

    /// @inheritdoc IWrappedStakedEther
    function maxWithdraw(address owner) external view returns (uint256) {
        return convertToAssets(balanceOf(owner));
    }

    /// @inheritdoc IWrappedStakedEther
    function maxRedeem(address owner) external view returns (uint256) {
        return balanceOf(owner);
    }

    /// @inheritdoc IWrappedStakedEther
    function previewDeposit(uint256 assets) public view returns (uint256) {
        return convertToShares(assets);
    }

    /// @inheritdoc IWrappedStakedEther
    function previewMint(uint256 shares) public view returns (uint256) {
        return POOL.getPooledEthBySharesRoundUp(shares);
    }

    /// @inheritdoc IWrappedStakedEther
    function previewWithdraw(uint256 assets) public view returns (uint256) {
        return POOL.toSharesUp(assets).toShares18Up();
    }

    /// @inheritdoc IWrappedStakedEther
    function previewRedeem(uint256 shares) public view returns (uint256) {
        return convertToAssets(shares);
    }

    /* METADATA */

    function name() public pure override returns (string memory) {
        return "Keel Wrapped Staked Ether";
    }

    function symbol() public pure override returns (string memory) {
        return "wkETH";
    }
}
