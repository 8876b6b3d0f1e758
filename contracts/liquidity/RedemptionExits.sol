// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {SafeCastLib} from "solady/src/utils/SafeCastLib.sol";
import {SafeTransferLib} from "solady/src/utils/SafeTransferLib.sol";
import {IRedemptionVault} from "../../interfaces/liquidity/IRedemptionVault.sol";
import {ERC20PermitERC1271} from "../libraries/ERC20PermitERC1271.sol";
import {RedemptionMath} from "../libraries/RedemptionMath.sol";
import {TransientGuard} from "../libraries/TransientGuard.sol";
import {RedemptionLedger} from "./RedemptionLedger.sol";

/// @title The vault's shares, and the line of those who leave
/// @dev LINE: shares in line are counted from the first ever. A settlement takes as many from its front as there is WETH for,
/// at one price, and notes both sums: a stretch. An exit is a range of the line, and is paid by the stretches it lies in. No
/// operation walks over exits or stretches; a claim searches for the ends of its range.
/// @dev Shares in line are held by this contract and burnt when they are settled.
abstract contract RedemptionExits is RedemptionLedger, ERC20PermitERC1271, TransientGuard {
    using RedemptionMath for uint256;
    using SafeTransferLib for address;

    /* STORAGE */

    /// @dev Sums from the first exit ever to the end of a settlement.
    struct Stretch {
        uint128 shares;
        uint128 assets;
    }

    struct Exit {
        address receiver;
        /// The range of the line that is still to be paid.
        uint128 from;
        uint128 to;
    }

    Stretch[] private _stretches;
    Exit[] private _exits;
    /// @dev Shares that ever came in line.
    uint256 private _lineEnd;

    /* CONSTRUCTOR */

    constructor() {
        _stretches.push(Stretch(0, 0));
    }

    /* LINE */

    /// @inheritdoc IRedemptionVault
    function requestExit(uint256 shares, address receiver) external nonReentrant returns (uint256 exitId) {
        require(shares != 0, ZeroAmount());
        require(receiver != address(0), ZeroAddress());
        (Book memory book,, Steps memory steps) = _advanced();
        _transfer(msg.sender, address(this), shares);
        uint256 from = _lineEnd;
        _lineEnd = from + shares;
        exitId = _exits.length;
        _exits.push(Exit(receiver, SafeCastLib.toUint128(from), SafeCastLib.toUint128(from + shares)));
        emit ExitRequested(exitId, msg.sender, receiver, shares);
        _serveLine(book);
        _store(book, steps);
        _carryOut(steps);
    }

    /// @dev Pays those in line from what is idle.
    function _serveLine(Book memory book) internal {
        uint256 shares = _pending();
        if (shares == 0 || book.idle == 0) return;
        uint256 total = _assets(book);
        uint256 supply = totalSupply();
        uint256 assets = shares.toAssetsDown(total, supply);
        if (assets > book.idle) {
            assets = book.idle;
            shares = assets.toSharesUp(total, supply);
        }
        Stretch memory last = _lastStretch();
        _stretches.push(
            Stretch(SafeCastLib.toUint128(last.shares + shares), SafeCastLib.toUint128(last.assets + assets))
        );
        book.idle -= assets;
        book.owed += assets;
        _burn(address(this), shares);
        emit ExitsSettled(shares, assets);
    }

    function _pending() internal view returns (uint256) {
        return _lineEnd - _lastStretch().shares;
    }

    function _lastStretch() private view returns (Stretch memory) {
        return _stretches[_stretches.length - 1];
    }

    /// @inheritdoc IRedemptionVault
    function claimExit(uint256 exitId) external nonReentrant returns (uint256 assets) {
        require(exitId < _exits.length && _exits[exitId].receiver != address(0), UnknownExit(exitId));
        (Book memory book,, Steps memory steps) = _advanced();
        _serveLine(book);
        Exit memory exit = _exits[exitId];
        uint256 to = FixedPointMathLib.min(exit.to, _lastStretch().shares);
        if (to > exit.from) assets = _between(exit.from, to);
        book.owed -= assets;
        _store(book, steps);
        if (to == exit.to) delete _exits[exitId];
        else if (to > exit.from) _exits[exitId].from = SafeCastLib.toUint128(to);
        if (assets != 0) emit ExitPaid(exitId, exit.receiver, assets);
        _carryOut(steps);
        if (assets != 0) WETH.safeTransfer(exit.receiver, assets);
    }

    /// @dev What the settled part of the line from `from` to `to` is paid, rounded down.
    function _between(uint256 from, uint256 to) private view returns (uint256) {
        (Stretch memory before, Stretch memory upTo) = _stretchOf(to);
        uint256 end =
            before.assets + (to - before.shares).stretchDown(upTo.assets - before.assets, upTo.shares - before.shares);
        if (from == 0) return end;
        (before, upTo) = _stretchOf(from);
        uint256 start =
            before.assets + (from - before.shares).stretchUp(upTo.assets - before.assets, upTo.shares - before.shares);
        return FixedPointMathLib.zeroFloorSub(end, start);
    }

    /// @dev The stretch that ends at `place` or is the first to end beyond it, and the one before; `place` is settled, not 0.
    function _stretchOf(uint256 place) private view returns (Stretch memory, Stretch memory) {
        uint256 low = 1;
        uint256 high = _stretches.length - 1;
        while (low < high) {
            uint256 middle = FixedPointMathLib.avg(low, high);
            if (_stretches[middle].shares >= place) high = middle;
            else low = middle + 1;
        }
        return (_stretches[low - 1], _stretches[low]);
    }

    /// @inheritdoc IRedemptionVault
    function exitStatus(uint256 exitId)
        external
        view
        nonReadReentrant
        returns (address receiver, uint256 pending, uint256 claimable)
    {
        if (exitId >= _exits.length) return (address(0), 0, 0);
        Exit memory exit = _exits[exitId];
        uint256 settled = _lastStretch().shares;
        uint256 to = FixedPointMathLib.min(exit.to, settled);
        if (to > exit.from) claimable = _between(exit.from, to);
        pending = exit.to - FixedPointMathLib.clamp(settled, exit.from, exit.to);
        return (exit.receiver, pending, claimable);
    }

    /// @inheritdoc IRedemptionVault
    function pendingExits() external view nonReadReentrant returns (uint256) {
        return _pending();
    }

    /* SHARES */

    function decimals() public pure override returns (uint8) {
        return 24;
    }

    function name() public pure override returns (string memory) {
        return "Keel Redemption Vault";
    }

    function symbol() public pure override returns (string memory) {
        return "krvETH";
    }
}
