// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @title wkETH: kETH with a fixed balance
/// @notice One unit is one 18-decimal share of the pool, always: balances stay, their value grows. wstETH's ABI, ERC-4626
/// with kETH as the asset, EIP-2612 (EOA and ERC-1271), and `getRate()` for pools and lending markets.
///
/// UNITS
/// - `assets`: wei of kETH. `shares`: wkETH units, 18 decimals = 1e9 exact shares each.
///
/// ROUNDING
/// - `wrap` moves the exact shares of what it mints: at most 2 wei of the offered kETH stay with the sender. `unwrap` moves
///   exactly the shares it burns.
/// - `deposit` and `withdraw` move exactly `assets`; what is less than a unit stays in the wrapper, for nobody.
/// - ERC-4626: previews and conversions round as the standard says, against the caller.
///
/// ACCOUNTING
/// - By supply alone. kETH sent here without a call backs nothing and moves no price.
interface IWrappedStakedEther {
    error ZeroAmount();

    /* wstETH */

    /// @notice Wraps up to `etherAmount` of the sender's kETH.
    /// @return shares Minted: the 18-decimal shares of the amount, rounded down.
    /// @dev Needs an allowance of kETH. Reverts with `ZeroAmount` if nothing would be minted.
    function wrap(uint256 etherAmount) external returns (uint256 shares);

    /// @notice Wraps exactly `shares` 18-decimal shares of kETH.
    /// @return etherAmount Their value, rounded down.
    function wrapShares(uint256 shares) external returns (uint256 etherAmount);

    /// @notice Burns `shares` and moves exactly these shares of kETH to the sender.
    /// @return etherAmount Their value, rounded down: what arrives, or 1 wei less than the balance grows by.
    function unwrap(uint256 shares) external returns (uint256 etherAmount);

    /// @notice Stakes the ether and wraps the result for the sender.
    /// @dev Reverts with `ZeroAmount` if nothing would be minted, and with the errors of `IStakingPool.submit`.
    receive() external payable;

    /// @return shares Rounded down.
    function getWstETHByStETH(uint256 etherAmount) external view returns (uint256 shares);

    /// @return etherAmount Rounded down.
    function getStETHByWstETH(uint256 shares) external view returns (uint256 etherAmount);

    /// @notice Value of 1e18 wkETH in wei.
    function stEthPerToken() external view returns (uint256 etherAmount);

    /// @notice wkETH for 1e18 wei of kETH.
    function tokensPerStEth() external view returns (uint256 shares);

    function stETH() external view returns (address);

    /// @notice Ether per wkETH, WAD; equals `stEthPerToken()`. The form that Balancer and Curve pools read.
    function getRate() external view returns (uint256 rateWad);

    /// @notice As `StakingPool.confirmedLoss`: pools that bound the rate's steps believe a fall that comes with one.
    function confirmedLoss() external view returns (uint256 rateWad, uint256 time);

    /* ERC-4626 */

    event Deposit(address indexed sender, address indexed owner, uint256 assets, uint256 shares);

    event Withdraw(
        address indexed sender, address indexed receiver, address indexed owner, uint256 assets, uint256 shares
    );

    function asset() external view returns (address);

    function totalAssets() external view returns (uint256 assets);

    function convertToShares(uint256 assets) external view returns (uint256 shares);

    function convertToAssets(uint256 shares) external view returns (uint256 assets);

    /// @notice Whoever has so much kETH: what the pool's arithmetic takes.
    function maxDeposit(address receiver) external view returns (uint256 assets);

    function maxMint(address receiver) external view returns (uint256 shares);

    function maxWithdraw(address owner) external view returns (uint256 assets);

    function maxRedeem(address owner) external view returns (uint256 shares);

    function previewDeposit(uint256 assets) external view returns (uint256 shares);

    function previewMint(uint256 shares) external view returns (uint256 assets);

    function previewWithdraw(uint256 assets) external view returns (uint256 shares);

    function previewRedeem(uint256 shares) external view returns (uint256 assets);

    function deposit(uint256 assets, address receiver) external returns (uint256 shares);

    function mint(uint256 shares, address receiver) external returns (uint256 assets);

    function withdraw(uint256 assets, address receiver, address owner) external returns (uint256 shares);

    function redeem(uint256 shares, address receiver, address owner) external returns (uint256 assets);
}
