// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeTransferLib} from "solady/src/utils/SafeTransferLib.sol";
import {IStableSwapPool} from "../../interfaces/liquidity/IStableSwapPool.sol";
import {StableSwapTrades} from "../libraries/StableSwapTrades.sol";
import {StableSwapAdmin} from "./StableSwapAdmin.sol";
import {StableSwapLedger} from "./StableSwapLedger.sol";
import {StableSwapViews} from "./StableSwapViews.sol";

/// @title StableSwapPool
/// @dev UNITS, ROUNDING, RATE, FEES, LIMITS: see the interface.
/// @dev ACCOUNTING: by stored reserves. Balances of coins are read by `exchange_received` alone, and never set a price.
/// @dev REENTRANCY: every operation holds one lock and calls out after its effects; views revert while it is held.
/// @dev LIVENESS: no pause. To wind down, let everybody leave by `remove_liquidity`; nothing can stop them.
contract StableSwapPool is StableSwapViews {
    using SafeTransferLib for address;
    using StableSwapTrades for StableSwapTrades.Market;

    /* STORAGE */

    string private _name;
    string private _symbol;

    /* CONSTRUCTOR */

    constructor(Deployment memory deployment) StableSwapLedger(deployment) StableSwapAdmin(deployment) {
        _name = deployment.name;
        _symbol = deployment.symbol;
    }

    /* MODIFIERS */

    modifier before(uint256 deadline) {
        require(block.timestamp <= deadline, DeadlinePassed(deadline, block.timestamp));
        _;
    }

    /* SWAPS */

    /// @inheritdoc IStableSwapPool
    function exchange(int128 i, int128 j, uint256 dx, uint256 min_dy) external returns (uint256) {
        return _exchange(i, j, dx, min_dy, msg.sender);
    }

    /// @inheritdoc IStableSwapPool
    function exchange(int128 i, int128 j, uint256 dx, uint256 min_dy, address receiver) external returns (uint256) {
        return _exchange(i, j, dx, min_dy, receiver);
    }

    /// @inheritdoc IStableSwapPool
    function exchange_before(uint256 deadline, int128 i, int128 j, uint256 dx, uint256 min_dy, address receiver)
        external
        before(deadline)
        returns (uint256)
    {
        return _exchange(i, j, dx, min_dy, receiver);
    }

    function _exchange(int128 i, int128 j, uint256 dx, uint256 min_dy, address receiver)
        private
        nonReentrant
        returns (uint256)
    {
        uint256 sold = _soldCoin(i, j);
        require(dx != 0, ZeroAmount());
        StableSwapTrades.Market memory market = _touchedMarket();
        StableSwapTrades.Swap memory outcome = market.swap(sold, dx);
        _settle(market, outcome, sold, dx, min_dy, receiver);
        _pull(sold, dx);
        _push(1 - sold, outcome.dy, receiver);
        return outcome.dy;
    }

    /// @inheritdoc IStableSwapPool
    function exchange_received(int128 i, int128 j, uint256 dx, uint256 min_dy) external returns (uint256) {
        return _exchangeReceived(i, j, dx, min_dy, msg.sender);
    }

    /// @inheritdoc IStableSwapPool
    function exchange_received(int128 i, int128 j, uint256 dx, uint256 min_dy, address receiver)
        external
        returns (uint256)
    {
        return _exchangeReceived(i, j, dx, min_dy, receiver);
    }

    function _exchangeReceived(int128 i, int128 j, uint256 dx, uint256 min_dy, address receiver)
        private
        nonReentrant
        returns (uint256)
    {
        uint256 sold = _soldCoin(i, j);
        require(dx != 0, ZeroAmount());
        uint256 received = _surplus(sold);
        require(received >= dx, NotReceived(received, dx));
        StableSwapTrades.Market memory market = _touchedMarket();
        StableSwapTrades.Swap memory outcome = market.swap(sold, received);
        _settle(market, outcome, sold, received, min_dy, receiver);
        _push(1 - sold, outcome.dy, receiver);
        return outcome.dy;
    }

    /// @inheritdoc IStableSwapPool
    function exchange_exact_out(uint256 deadline, int128 i, int128 j, uint256 dy, uint256 max_dx, address receiver)
        external
        nonReentrant
        before(deadline)
        returns (uint256 dx)
    {
        uint256 sold = _soldCoin(i, j);
        StableSwapTrades.Market memory market = _touchedMarket();
        dx = QUOTER.getDx(market, sold, dy);
        require(dx <= max_dx, MaximumExceeded(dx, max_dx));
        StableSwapTrades.Swap memory outcome = market.swap(sold, dx);
        _settle(market, outcome, sold, dx, dy, receiver);
        _pull(sold, dx);
        _push(1 - sold, outcome.dy, receiver);
    }

    /// @dev Effects of a swap.
    function _settle(
        StableSwapTrades.Market memory market,
        StableSwapTrades.Swap memory outcome,
        uint256 sold,
        uint256 dx,
        uint256 min_dy,
        address receiver
    ) private {
        require(outcome.dy >= min_dy, SlippageExceeded(outcome.dy, min_dy));
        _checkRecipient(receiver);
        unchecked {
            // `swap` bounds `dx` by the room above the balance, and what leaves by the balance.
            if (sold == 0) {
                market.balance0 += dx;
                market.balance1 -= outcome.dy + outcome.adminFee;
                _addAdminFees(0, outcome.adminFee);
            } else {
                market.balance1 += dx;
                market.balance0 -= outcome.dy + outcome.adminFee;
                _addAdminFees(outcome.adminFee, 0);
            }
        }
        _storeReserves(market);
        _recordPrice(outcome.x0, outcome.x1, outcome.d, market.amp);
        emit TokenExchange(msg.sender, int128(int256(sold)), dx, int128(int256(1 - sold)), outcome.dy);
    }

    /* LIQUIDITY: in */

    /// @inheritdoc IStableSwapPool
    function add_liquidity(uint256[] calldata amounts, uint256 min_mint_amount) external returns (uint256) {
        return _addLiquidity(amounts, min_mint_amount, msg.sender);
    }

    /// @inheritdoc IStableSwapPool
    function add_liquidity(uint256[] calldata amounts, uint256 min_mint_amount, address receiver)
        external
        returns (uint256)
    {
        return _addLiquidity(amounts, min_mint_amount, receiver);
    }

    /// @inheritdoc IStableSwapPool
    function add_liquidity_before(
        uint256 deadline,
        uint256[] calldata amounts,
        uint256 min_mint_amount,
        address receiver
    ) external before(deadline) returns (uint256) {
        return _addLiquidity(amounts, min_mint_amount, receiver);
    }

    function _addLiquidity(uint256[] calldata amounts, uint256 min_mint_amount, address receiver)
        private
        nonReentrant
        returns (uint256)
    {
        (uint256 amount0, uint256 amount1) = _pair(amounts);
        StableSwapTrades.Market memory market = _touchedMarket();
        market.totalSupply = _lpSupply();
        StableSwapTrades.Change memory change = market.deposit(amount0, amount1);
        require(change.lpAmount >= min_mint_amount, SlippageExceeded(change.lpAmount, min_mint_amount));
        _checkRecipient(receiver);

        unchecked {
            // `deposit` bounds the amounts by the room above the balances, and fees by the new balances.
            (uint256 adminFee0, uint256 adminFee1) =
                (StableSwapTrades.adminShare(change.fee0), StableSwapTrades.adminShare(change.fee1));
            market.balance0 += amount0 - adminFee0;
            market.balance1 += amount1 - adminFee1;
            _addAdminFees(adminFee0, adminFee1);
        }
        _storeReserves(market);
        _recordPrice(change.x0, change.x1, change.d, market.amp);
        if (market.totalSupply == 0) _restartInvariant(change.d);
        _mint(receiver, change.lpAmount);
        emit AddLiquidity(
            msg.sender, amounts, _list(change.fee0, change.fee1), change.d, market.totalSupply + change.lpAmount
        );
        _pull(0, amount0);
        _pull(1, amount1);
        return change.lpAmount;
    }

    /* LIQUIDITY: out */

    /// @inheritdoc IStableSwapPool
    function remove_liquidity(uint256 burn_amount, uint256[] calldata min_amounts) external returns (uint256[] memory) {
        return _removeLiquidity(burn_amount, min_amounts, msg.sender, false);
    }

    /// @inheritdoc IStableSwapPool
    function remove_liquidity(uint256 burn_amount, uint256[] calldata min_amounts, address receiver)
        external
        returns (uint256[] memory)
    {
        return _removeLiquidity(burn_amount, min_amounts, receiver, false);
    }

    /// @inheritdoc IStableSwapPool
    function remove_liquidity(
        uint256 burn_amount,
        uint256[] calldata min_amounts,
        address receiver,
        bool claim_admin_fees
    ) external returns (uint256[] memory) {
        return _removeLiquidity(burn_amount, min_amounts, receiver, claim_admin_fees);
    }

    /// @inheritdoc IStableSwapPool
    function remove_liquidity_before(
        uint256 deadline,
        uint256 burn_amount,
        uint256[] calldata min_amounts,
        address receiver
    ) external before(deadline) returns (uint256[] memory) {
        return _removeLiquidity(burn_amount, min_amounts, receiver, false);
    }

    /// @dev Asks neither the rate nor the invariant: nothing but the coins themselves can stop it.
    function _removeLiquidity(
        uint256 burn_amount,
        uint256[] calldata min_amounts,
        address receiver,
        bool claimAdminFees
    ) private nonReentrant returns (uint256[] memory) {
        require(burn_amount != 0, ZeroAmount());
        (uint256 minimum0, uint256 minimum1) = _pair(min_amounts);
        _checkRecipient(receiver);
        uint256 supply = _lpSupply();
        _burn(msg.sender, burn_amount);
        (uint256 amount0, uint256 amount1) = _takeShare(burn_amount, supply);
        require(amount0 >= minimum0, SlippageExceeded(amount0, minimum0));
        require(amount1 >= minimum1, SlippageExceeded(amount1, minimum1));

        uint256[] memory removed = _list(amount0, amount1);
        emit RemoveLiquidity(msg.sender, removed, new uint256[](0), supply - burn_amount);
        _push(0, amount0, receiver);
        _push(1, amount1, receiver);
        if (claimAdminFees) _withdrawAdminFees();
        return removed;
    }

    /// @inheritdoc IStableSwapPool
    function remove_liquidity_one_coin(uint256 burn_amount, int128 i, uint256 min_received) external returns (uint256) {
        return _removeLiquidityOneCoin(burn_amount, i, min_received, msg.sender);
    }

    /// @inheritdoc IStableSwapPool
    function remove_liquidity_one_coin(uint256 burn_amount, int128 i, uint256 min_received, address receiver)
        external
        returns (uint256)
    {
        return _removeLiquidityOneCoin(burn_amount, i, min_received, receiver);
    }

    /// @inheritdoc IStableSwapPool
    function remove_liquidity_one_coin_before(
        uint256 deadline,
        uint256 burn_amount,
        int128 i,
        uint256 min_received,
        address receiver
    ) external before(deadline) returns (uint256) {
        return _removeLiquidityOneCoin(burn_amount, i, min_received, receiver);
    }

    function _removeLiquidityOneCoin(uint256 burn_amount, int128 i, uint256 min_received, address receiver)
        private
        nonReentrant
        returns (uint256)
    {
        uint256 coin = _coin(i);
        StableSwapTrades.Market memory market = _touchedMarket();
        market.totalSupply = _lpSupply();
        StableSwapTrades.Swap memory outcome = market.oneCoinExit(burn_amount, coin);
        require(outcome.dy >= min_received, SlippageExceeded(outcome.dy, min_received));
        _checkRecipient(receiver);

        _burn(msg.sender, burn_amount);
        unchecked {
            // `oneCoinExit` takes both out of what lies between the balance and a lower one.
            if (coin == 0) {
                market.balance0 -= outcome.dy + outcome.adminFee;
                _addAdminFees(outcome.adminFee, 0);
            } else {
                market.balance1 -= outcome.dy + outcome.adminFee;
                _addAdminFees(0, outcome.adminFee);
            }
        }
        _storeReserves(market);
        _recordPrice(outcome.x0, outcome.x1, outcome.d, market.amp);
        emit RemoveLiquidityOne(msg.sender, i, burn_amount, outcome.dy, market.totalSupply - burn_amount);
        _push(coin, outcome.dy, receiver);
        return outcome.dy;
    }

    /// @inheritdoc IStableSwapPool
    function remove_liquidity_imbalance(uint256[] calldata amounts, uint256 max_burn_amount)
        external
        returns (uint256)
    {
        return _removeLiquidityImbalance(amounts, max_burn_amount, msg.sender);
    }

    /// @inheritdoc IStableSwapPool
    function remove_liquidity_imbalance(uint256[] calldata amounts, uint256 max_burn_amount, address receiver)
        external
        returns (uint256)
    {
        return _removeLiquidityImbalance(amounts, max_burn_amount, receiver);
    }

    /// @inheritdoc IStableSwapPool
    function remove_liquidity_imbalance_before(
        uint256 deadline,
        uint256[] calldata amounts,
        uint256 max_burn_amount,
        address receiver
    ) external before(deadline) returns (uint256) {
        return _removeLiquidityImbalance(amounts, max_burn_amount, receiver);
    }

    function _removeLiquidityImbalance(uint256[] calldata amounts, uint256 max_burn_amount, address receiver)
        private
        nonReentrant
        returns (uint256)
    {
        (uint256 amount0, uint256 amount1) = _pair(amounts);
        StableSwapTrades.Market memory market = _touchedMarket();
        market.totalSupply = _lpSupply();
        StableSwapTrades.Change memory change = market.imbalancedWithdrawal(amount0, amount1);
        require(change.lpAmount <= max_burn_amount, MaximumExceeded(change.lpAmount, max_burn_amount));
        _checkRecipient(receiver);

        _burn(msg.sender, change.lpAmount);
        unchecked {
            // `imbalancedWithdrawal` bounds amounts and fees together by the balances.
            (uint256 adminFee0, uint256 adminFee1) =
                (StableSwapTrades.adminShare(change.fee0), StableSwapTrades.adminShare(change.fee1));
            market.balance0 -= amount0 + adminFee0;
            market.balance1 -= amount1 + adminFee1;
            _addAdminFees(adminFee0, adminFee1);
        }
        _storeReserves(market);
        _recordPrice(change.x0, change.x1, change.d, market.amp);
        emit RemoveLiquidityImbalance(
            msg.sender, amounts, _list(change.fee0, change.fee1), change.d, market.totalSupply - change.lpAmount
        );
        _push(0, amount0, receiver);
        _push(1, amount1, receiver);
        return change.lpAmount;
    }

    /* COINS */

    function _pull(uint256 coin, uint256 amount) private {
        if (amount != 0) _token(coin).safeTransferFrom(msg.sender, address(this), amount);
    }

    function _push(uint256 coin, uint256 amount, address receiver) private {
        if (amount != 0) _token(coin).safeTransfer(receiver, amount);
    }

    /// @dev What lies here beyond reserves and admin balances.
    function _surplus(uint256 coin) private view returns (uint256) {
        uint256 accounted =
            coin == 0 ? _reserves.balance0() + _adminBalances.balance0 : _reserves.balance1() + _adminBalances.balance1;
        return _token(coin).balanceOf(address(this)) - accounted;
    }

    function _token(uint256 coin) private view returns (address) {
        return coin == 0 ? COIN_0 : COIN_1;
    }

    /* METADATA */

    function name() public view override returns (string memory) {
        return _name;
    }

    function symbol() public view override returns (string memory) {
        return _symbol;
    }
}
