// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title PegMarketMock
/// @notice What an oracle asks of a StableSwap pool, as tests set it.
contract PegMarketMock {
    struct State {
        uint256 balance0;
        uint256 balance1;
        /// Of coin 1, WAD.
        uint256 rate;
        /// A x 1,000.
        uint256 amp;
        uint256 averageD;
        uint256 averagePrice;
    }

    error MarketBroken();

    bool public broken;
    uint256 private _ratio = 1e18;
    /// @dev Zero: the average.
    uint256 private _price;
    State private _state;

    function setRatio(uint256 newRatio) external {
        _ratio = newRatio;
    }

    function setPrice(uint256 newPrice) external {
        _price = newPrice;
    }

    function setBroken(bool newBroken) external {
        broken = newBroken;
    }

    function setState(State calldata newState) external {
        _state = newState;
    }

    function market_ratio() external view returns (uint256) {
        require(!broken, MarketBroken());
        return _ratio;
    }

    function get_balances() external view returns (uint256[] memory) {
        return _pair(_state.balance0, _state.balance1);
    }

    function stored_rates() external view returns (uint256[] memory) {
        return _pair(1e18, _state.rate);
    }

    function amplification_unrounded() external view returns (uint256) {
        return _state.amp;
    }

    function D_oracle() external view returns (uint256) {
        return _state.averageD;
    }

    function price_oracle(uint256) external view returns (uint256) {
        return _state.averagePrice;
    }

    function get_p(uint256) external view returns (uint256) {
        return _price == 0 ? _state.averagePrice : _price;
    }

    function _pair(uint256 first, uint256 second) private pure returns (uint256[] memory pair) {
        pair = new uint256[](2);
        (pair[0], pair[1]) = (first, second);
    }
}
