// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ERC20} from "solady/src/tokens/ERC20.sol";
import {CallbackMock} from "./CallbackMock.sol";

/// @title RewardTokenMock
/// @notice A token mintable by anyone, whose transfers can fail in every way known, take a fee, or call out.
contract RewardTokenMock is ERC20 {
    /// @notice How transfers go.
    enum Mode {
        Plain,
        /// Moves, and returns nothing, as USDT does.
        Silent,
        Revert,
        /// Moves nothing and returns false.
        ReturnFalse,
        /// Moves nothing and returns true.
        Lie,
        BurnGas,
        /// Reverts with more data than a caller would want to copy.
        Bomb,
        /// Takes a tenth on the way.
        TakeFee
    }

    error TokenBroken();

    uint256 private constant BOMB_SIZE = 100_000;

    Mode public mode;
    /// @notice Called after each transfer, unless it is zero.
    CallbackMock public hook;

    function setMode(Mode newMode) external {
        mode = newMode;
    }

    function setHook(CallbackMock newHook) external {
        hook = newHook;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    /// @notice Takes from a balance, as a rebase after a loss does.
    function shrink(address account, uint256 amount) external {
        _burn(account, amount);
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        if (!_moves()) return mode == Mode.Lie;
        super.transfer(to, amount);
        _afterwards(to, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        if (!_moves()) return mode == Mode.Lie;
        super.transferFrom(from, to, amount);
        _afterwards(to, amount);
        return true;
    }

    function _moves() private view returns (bool) {
        require(mode != Mode.Revert, TokenBroken());
        if (mode == Mode.BurnGas) {
            while (gasleft() > 0) {}
        }
        if (mode == Mode.Bomb) {
            assembly ("memory-safe") {
                revert(0, BOMB_SIZE)
            }
        }
        return mode != Mode.ReturnFalse && mode != Mode.Lie;
    }

    function _afterwards(address to, uint256 amount) private {
        if (mode == Mode.TakeFee) _burn(to, amount / 10);
        if (address(hook) != address(0)) hook.fire();
        if (mode == Mode.Silent) {
            assembly ("memory-safe") {
                return(0, 0)
            }
        }
    }

    function name() public pure override returns (string memory) {
        return "Reward token";
    }

    function symbol() public pure override returns (string memory) {
        return "REWARD";
    }
}
