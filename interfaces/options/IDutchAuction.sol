// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @title DutchAuction: a lot of long claims, cheaper by the second, never below the model's price
/// @notice A price per option that falls in a straight line from a multiple of the reserve to the reserve. Whoever pays it gets
/// as much as he wants, while it lasts.
///
/// RESERVE
/// - The pricer's, at the spot, volatility and time to expiry of the second of the sale. A reserve that is fixed at the start
///   would be an option given away on the auction's hours: buyers would wait for the spot to move their way. So a sale needs a
///   fresh spot and a fresh volatility; without them nothing is sold.
///
/// UNITS
/// - Amounts of claims: 18 decimals. Prices: WAD of the collateral token's unit for 1e18 claims. Premium: token units.
///
/// ROUNDING
/// - Prices and premiums up, against the buyer: by at most a unit of the token for each sale.
///
/// TRUST
/// - Bidding for its own lot harms no depositor: what is paid is theirs.
interface IDutchAuction {
    /// @notice The lot on sale.
    struct Lot {
        /// Id of the claims; zero without a lot: before the first, and from the end of a round to the next.
        uint256 id;
        uint256 unsold;
        uint40 startedAt;
        /// Sales are possible before it.
        uint40 endsAt;
    }

    event AuctionStarted(uint256 indexed id, uint256 amount, uint256 endsAt);
    event LotExtended(uint256 indexed id, uint256 amount);
    event Bought(
        uint256 indexed id,
        address indexed buyer,
        address indexed receiver,
        uint256 amount,
        uint256 premium,
        uint256 priceWad
    );

    error AuctionNotOpen(uint256 endsAt, uint256 timestamp);
    error PurchaseTooLate(uint256 deadline, uint256 timestamp);
    /// @notice The price per option is above what the buyer allows.
    error PriceTooHigh(uint256 priceWad, uint256 maximum);
    /// @notice Fewer are left than the buyer wants at least, or none.
    error TooFewLeft(uint256 unsold, uint256 minimum);

    /// @notice Buys up to `amount` claims, paying in the collateral token; fewer if fewer are left.
    /// @param minAmount Reverts rather than buying fewer; at least one unit is bought.
    /// @param maxPriceWad Most that the buyer pays for 1e18 claims (WAD of the token).
    /// @param receiver Of the claims.
    /// @param deadline Last second at which the purchase may be made.
    /// @return bought Claims.
    /// @return premium Token units taken from the caller.
    function buy(uint256 amount, uint256 minAmount, uint256 maxPriceWad, address receiver, uint256 deadline)
        external
        returns (uint256 bought, uint256 premium);

    /* VIEWS */

    /// @notice The price of 1e18 claims now, rounded up. Reverts where `buy` would for want of an auction, spot or volatility.
    function askPrice() external view returns (uint256 priceWad);

    /// @notice Premium for `amount` claims now, rounded up.
    function premiumFor(uint256 amount) external view returns (uint256 premium);

    function lot() external view returns (Lot memory);

    /// @notice Seconds that sales last.
    function auctionDuration() external view returns (uint256);

    /// @notice WAD; the first price over the reserve.
    function startMultiple() external view returns (uint256);
}
