// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @title kETH: rebasing ERC-20 over shares
/// @notice A balance is `shares x pooled ether / total shares`, rounded down: it grows with every block while gains are
/// released and falls with a reported loss. ERC-20, EIP-2612 (EOA and ERC-1271 signers) and the share functions of Lido's
/// stETH, selector for selector.
///
/// UNITS
/// - ether amounts: wei.
/// - *exact shares*: 27 decimals, what the ledger holds. A wei is about 1e9 exact shares, so each wei is representable.
/// - *shares* in the functions of Lido's ABI: 18 decimals, 1 share = 1e9 exact shares, rounded down where they are read.
///
/// ROUNDING
/// - `transfer` and `transferFrom` move the exact shares of the amount rounded **up**: the recipient's balance grows by the
///   amount, or 1 wei more; the sender's falls by the amount, or 1 wei more. Sending the whole balance always works.
/// - `transferShares` moves exactly what it says.
/// - Share transfers on behalf of others spend the smallest allowance with which `transferFrom` could move as much.
///
/// LIMITS
/// - Amounts and exact shares from 2^128 on revert with `AmountTooLarge(amount, maximum)`, in views too.
///
/// KNOWN LIMITS
/// - The events `Transfer` and `TransferShares` carry the ether value and the 18-decimal shares, both rounded down;
///   `exactSharesOf` is the ledger.
interface IStakedEther {
    /// @notice Ether value moved, rounded down. Mints come from the zero address, burns go there.
    event Transfer(address indexed from, address indexed to, uint256 value);

    /// @notice The same movement in 18-decimal shares, rounded down.
    event TransferShares(address indexed from, address indexed to, uint256 sharesValue);

    event Approval(address indexed owner, address indexed spender, uint256 value);

    /// @notice Shares left the supply; the ether behind them left with them or stayed for the others, as the caller says.
    /// @param etherAmount Value of the shares just before, rounded down.
    /// @param exactShares 27 decimals.
    event SharesBurnt(address indexed account, uint256 etherAmount, uint256 exactShares);

    /// @notice The zero address and the token itself can't hold kETH.
    error InvalidRecipient(address recipient);

    error BalanceExceeded(address account, uint256 exactSharesNeeded, uint256 exactSharesHeld);

    error AllowanceExceeded(address owner, address spender, uint256 needed, uint256 allowed);

    /* ERC-20 */

    function name() external view returns (string memory);

    function symbol() external view returns (string memory);

    function decimals() external view returns (uint8);

    /// @notice Equals `getTotalPooledEther()`.
    function totalSupply() external view returns (uint256 etherAmount);

    /// @return etherAmount Rounded down.
    function balanceOf(address account) external view returns (uint256 etherAmount);

    function allowance(address owner, address spender) external view returns (uint256 etherAmount);

    /// @notice An allowance of `type(uint256).max` is never spent.
    function approve(address spender, uint256 etherAmount) external returns (bool);

    /// @notice Moves `etherAmount`; see ROUNDING.
    /// @dev Reverts with `InvalidRecipient`, `BalanceExceeded`.
    function transfer(address to, uint256 etherAmount) external returns (bool);

    /// @dev Reverts with `AllowanceExceeded`, `InvalidRecipient`, `BalanceExceeded`.
    function transferFrom(address from, address to, uint256 etherAmount) external returns (bool);

    /// @notice As many `transferFrom` calls, one after the other, with one pair of events for the sum.
    /// @return exactShares What each amount moved: its exact shares, rounded up.
    /// @return totalEther With `totalShares` the exchange rate that held.
    function transferFromBatch(address from, address to, uint256[] calldata etherAmounts)
        external
        returns (uint256[] memory exactShares, uint256 totalEther, uint256 totalShares);

    /* EIP-2612 */

    function nonces(address owner) external view returns (uint256);

    function DOMAIN_SEPARATOR() external view returns (bytes32);

    /// @notice Sets an allowance by signature. A contract's signature is checked by ERC-1271 on `r || s || v`.
    /// @dev Reverts with `DeadlinePassed`, `InvalidSignature` (see `IERC20PermitERC1271`). Whoever sees the signature may submit it first: callers that
    /// permit and act in one transaction should ignore a failing permit and let the allowance decide.
    function permit(address owner, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external;

    /* SHARES: Lido's ABI, 18 decimals */

    /// @return shares Rounded down.
    function sharesOf(address account) external view returns (uint256 shares);

    /// @return shares Rounded down.
    function getTotalShares() external view returns (uint256 shares);

    /// @notice All ether that belongs to holders: gross assets less the gain still locked.
    function getTotalPooledEther() external view returns (uint256 etherAmount);

    /// @return shares Rounded down.
    function getSharesByPooledEth(uint256 etherAmount) external view returns (uint256 shares);

    /// @notice `getPooledEthByShares(1e18)` is the exchange rate every stETH adapter reads.
    /// @return etherAmount Rounded down.
    function getPooledEthByShares(uint256 shares) external view returns (uint256 etherAmount);

    /// @return etherAmount Rounded up.
    function getPooledEthBySharesRoundUp(uint256 shares) external view returns (uint256 etherAmount);

    /// @notice Moves exactly `shares` x 1e9 exact shares.
    /// @return etherAmount Their value, rounded down.
    function transferShares(address to, uint256 shares) external returns (uint256 etherAmount);

    /// @return etherAmount Their value, rounded down; the allowance spent is the smallest with which `transferFrom` moves
    /// as much: the value of one exact share less, rounded up.
    function transferSharesFrom(address from, address to, uint256 shares) external returns (uint256 etherAmount);

    /// @notice Moves as many whole 18-decimal shares as `etherAmount` holds, for tokens that count in them.
    /// @return shares Rounded down, so that no more than `etherAmount` leaves.
    function transferWholeSharesFrom(address from, address to, uint256 etherAmount) external returns (uint256 shares);

    /* SHARES: exact, 27 decimals */

    function exactSharesOf(address account) external view returns (uint256 exactShares);

    /// @notice Numerator and denominator of the exchange rate: `etherAmount / exactShares`.
    function exchangeRate() external view returns (uint256 etherAmount, uint256 exactShares);

    function toSharesDown(uint256 etherAmount) external view returns (uint256 exactShares);

    function toSharesUp(uint256 etherAmount) external view returns (uint256 exactShares);

    function toEtherDown(uint256 exactShares) external view returns (uint256 etherAmount);

    function toEtherUp(uint256 exactShares) external view returns (uint256 etherAmount);
}
