// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ERC20PermitERC1271} from "../libraries/ERC20PermitERC1271.sol";
import {CallbackMock} from "./CallbackMock.sol";

/// @title RateTokenMock
/// @notice A token with a redemption rate that tests set or break, mintable by anyone, that can call out on transfers.
contract RateTokenMock is ERC20PermitERC1271 {
    /// @notice How `getRate` answers.
    enum Mode {
        Rate,
        Revert,
        NoData,
        Burn
    }

    error RateBroken();

    Mode public mode;
    /// @notice Called after each transfer, unless it is zero.
    CallbackMock public hook;
    /// @notice What is told of a loss beside the rate: the rate after it (WAD), and when.
    uint256 private _left;
    uint256 private _time;
    uint256 private _rate = 1e18;

    function setRate(uint256 newRate) external {
        _rate = newRate;
    }

    function setConfirmedLoss(uint256 left, uint256 time) external {
        (_left, _time) = (left, time);
    }

    function setMode(Mode newMode) external {
        mode = newMode;
    }

    function setHook(CallbackMock newHook) external {
        hook = newHook;
    }

    function _afterTokenTransfer(address, address, uint256) internal override {
        if (address(hook) != address(0)) hook.fire();
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function confirmedLoss() external view returns (uint256 rateWad, uint256 time) {
        return (_left, _time);
    }

    function getRate() external view returns (uint256) {
        if (mode == Mode.Rate) return _rate;
        require(mode != Mode.Revert, RateBroken());
        if (mode == Mode.Burn) {
            while (gasleft() > 0) {}
        }
        assembly ("memory-safe") {
            return(0, 0)
        }
    }

    function name() public pure override returns (string memory) {
        return "Rate token";
    }

    function symbol() public pure override returns (string memory) {
        return "RATE";
    }
}
