// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {SafeCastLib} from "solady/src/utils/SafeCastLib.sol";
import {SafeTransferLib} from "solady/src/utils/SafeTransferLib.sol";
import {IRedemptionVault} from "../../interfaces/liquidity/IRedemptionVault.sol";
import {IStableSwapPool} from "../../interfaces/liquidity/IStableSwapPool.sol";
import {Bounds} from "../libraries/Bounds.sol";
import {RedemptionMath} from "../libraries/RedemptionMath.sol";
import {RedemptionExits} from "./RedemptionExits.sol";
import {RedemptionLedger} from "./RedemptionLedger.sol";

/// @title RedemptionVault
/// @dev UNITS, PRICE, ASSETS, EXITS, TRUST, LIVENESS: see the interface.
/// @dev ACCOUNTING: by the book. No balance is read, so that gifts and forced ether move no price.
/// @dev REENTRANCY: one lock over all operations, and views revert while it is held. All that is called are parts of the stack
/// and WETH; nobody's code runs but the queue's payment to this contract.
/// @dev LIVENESS: no pause. To wind down, everybody calls `requestExit`; nothing can stop it.
contract RedemptionVault is RedemptionExits, Ownable2Step {
    using RedemptionMath for uint256;
    using SafeTransferLib for address;

    uint256 private constant MIN_INFLOW = 1 ether;
    uint256 private constant MAX_INFLOW = 1_000_000 ether;

    /// @dev More than all ether there is, and small enough for every product of the ledger.
    uint256 private constant MAX_ASSETS = type(uint96).max;

    /* CONSTRUCTOR */

    constructor(Terms memory fixedTerms, uint256 initialInflowPerDay, address initialOwner)
        RedemptionLedger(fixedTerms)
        Ownable(initialOwner)
    {
        _setInflow(initialInflowPerDay);
        WKETH.safeApprove(address(QUEUE), type(uint256).max);
        WETH.safeApprove(SWAP, type(uint256).max);
    }

    /* OWNER */

    /// @inheritdoc IRedemptionVault
    function setInflow(uint256 newInflowPerDay) external nonReentrant onlyOwner {
        (Book memory book, World memory world, Steps memory steps) = _advanced();
        _serveLine(book);
        _setInflow(newInflowPerDay);
        _putOff(book, world);
        _store(book, steps);
        _carryOut(steps);
    }

    function _setInflow(uint256 newInflowPerDay) private {
        Bounds.check(newInflowPerDay, MIN_INFLOW, MAX_INFLOW);
        inflowPerDay = newInflowPerDay;
        emit InflowSet(newInflowPerDay);
    }

    /* UPKEEP */

    /// @inheritdoc IRedemptionVault
    function advance() external nonReentrant {
        Book memory book;
        World memory world;
        Steps memory steps;
        _catchUp(book, world, steps, MAX_CHECKPOINTS);
        if (!_isBehind(book, world)) _serveLine(book);
        _store(book, steps);
        _carryOut(steps);
    }

    /* SALES */

    /// @inheritdoc IRedemptionVault
    function sell(uint256 shares, uint256 minPrice, address receiver, uint256 deadline)
        external
        nonReentrant
        returns (uint256 paid, uint256 heldBack)
    {
        require(block.timestamp <= deadline, DeadlinePassed(deadline, block.timestamp));
        require(receiver != address(0), ZeroAddress());
        (Book memory book, World memory world, Steps memory steps) = _advanced();
        _checkLine();
        Ticket memory ticket = _sale(book, world, shares, minPrice);
        ticket.receiver = receiver;
        (paid, heldBack) = (ticket.cost, ticket.heldBack);

        WKETH.safeTransferFrom(msg.sender, address(this), shares);
        _queueTicket(book, world, shares, ticket);
        _store(book, steps);
        emit Sold(msg.sender, receiver, ticket.requestId, shares, ticket.nominal, paid, heldBack);
        _carryOut(steps);
        WETH.safeTransfer(receiver, paid);
    }

    /// @dev Prices a sale, and sets its WETH aside.
    function _sale(Book memory book, World memory world, uint256 shares, uint256 minPrice)
        private
        view
        returns (Ticket memory ticket)
    {
        (uint256 nominal, uint256 price, uint256 heldBack) = PRICER.sale(shares, inflowPerDay);
        require(price >= minPrice, PriceTooLow(price, minPrice));
        require(price > heldBack, NothingToPay(price, heldBack));
        require(price <= book.idle, InsufficientIdle(price, book.idle));
        _checkFrame(book, world, nominal);
        book.idle -= price;
        book.reserved += heldBack;
        ticket.nominal = SafeCastLib.toUint80(nominal);
        ticket.cost = SafeCastLib.toUint80(price - heldBack);
        ticket.heldBack = SafeCastLib.toUint80(heldBack);
    }

    /// @inheritdoc IRedemptionVault
    function quoteSale(uint256 shares)
        external
        view
        nonReadReentrant
        returns (uint256 nominal, uint256 price, uint256 heldBack)
    {
        return PRICER.sale(shares, inflowPerDay);
    }

    function _checkLine() private view {
        uint256 pending = _pending();
        require(pending == 0, ExitsPending(pending));
    }

    /// @inheritdoc IRedemptionVault
    function buyFromPool(uint256 wethAmount) external nonReentrant returns (uint256 nominal) {
        require(wethAmount != 0, ZeroAmount());
        (Book memory book, World memory world, Steps memory steps) = _advanced();
        _checkLine();
        require(wethAmount <= book.idle, InsufficientIdle(wethAmount, book.idle));
        // What is idle may be among what is still to be claimed.
        _carryOut(steps);
        uint256 shares = IStableSwapPool(SWAP).exchange(0, 1, wethAmount, 0);
        uint256 maximum;
        (nominal, maximum) = PRICER.purchase(shares, inflowPerDay);
        require(wethAmount <= maximum, DiscountTooSmall(wethAmount, maximum));
        _checkFrame(book, world, nominal);

        book.idle -= wethAmount;
        Ticket memory ticket;
        ticket.nominal = SafeCastLib.toUint80(nominal);
        ticket.cost = SafeCastLib.toUint80(wethAmount);
        _queueTicket(book, world, shares, ticket);
        _store(book, steps);
        emit BoughtFromPool(msg.sender, ticket.requestId, nominal, wethAmount);
    }

    /* ERC-4626 */

    /// @inheritdoc IRedemptionVault
    function deposit(uint256 assets, address receiver) external nonReentrant returns (uint256 shares) {
        (Book memory book, World memory world, Steps memory steps) = _advanced();
        shares = assets.bounded().toSharesDown(_assets(book), totalSupply());
        _deposit(book, world, steps, assets, shares, receiver);
    }

    /// @inheritdoc IRedemptionVault
    function mint(uint256 shares, address receiver) external nonReentrant returns (uint256 assets) {
        (Book memory book, World memory world, Steps memory steps) = _advanced();
        assets = shares.bounded().toAssetsUp(_assets(book), totalSupply());
        _deposit(book, world, steps, assets, shares, receiver);
    }

    function _deposit(
        Book memory book,
        World memory world,
        Steps memory steps,
        uint256 assets,
        uint256 shares,
        address receiver
    ) private {
        require(assets != 0 && shares != 0, ZeroAmount());
        _checkRecipient(receiver);
        require(!_ticketsWait(book, world), TicketsWaiting());
        uint256 room = MAX_ASSETS - _assets(book);
        require(assets <= room, AmountTooLarge(assets, room));
        room = RedemptionMath.MAX_SHARES - totalSupply();
        require(shares <= room, AmountTooLarge(shares, room));

        book.idle = book.idle + assets;
        _mint(receiver, shares);
        emit Deposit(msg.sender, receiver, assets, shares);
        _serveLine(book);
        _store(book, steps);
        _carryOut(steps);
        WETH.safeTransferFrom(msg.sender, address(this), assets);
    }

    /// @inheritdoc IRedemptionVault
    function withdraw(uint256 assets, address receiver, address owner) external nonReentrant returns (uint256 shares) {
        (Book memory book,, Steps memory steps) = _advanced();
        shares = assets.bounded().toSharesUp(_assets(book), totalSupply());
        _withdraw(book, steps, assets, shares, receiver, owner);
    }

    /// @inheritdoc IRedemptionVault
    function redeem(uint256 shares, address receiver, address owner) external nonReentrant returns (uint256 assets) {
        (Book memory book,, Steps memory steps) = _advanced();
        assets = shares.bounded().toAssetsDown(_assets(book), totalSupply());
        _withdraw(book, steps, assets, shares, receiver, owner);
    }

    function _withdraw(
        Book memory book,
        Steps memory steps,
        uint256 assets,
        uint256 shares,
        address receiver,
        address owner
    ) private {
        require(assets != 0 && shares != 0, ZeroAmount());
        require(receiver != address(0), ZeroAddress());
        _checkLine();
        require(assets <= book.idle, InsufficientIdle(assets, book.idle));
        if (msg.sender != owner) _spendAllowance(owner, msg.sender, shares);

        book.idle -= assets;
        _burn(owner, shares);
        _store(book, steps);
        emit Withdraw(msg.sender, receiver, owner, assets, shares);
        _carryOut(steps);
        WETH.safeTransfer(receiver, assets);
    }

    /// @inheritdoc IRedemptionVault
    function asset() external view returns (address) {
        return WETH;
    }

    /// @inheritdoc IRedemptionVault
    function totalAssets() public view nonReadReentrant returns (uint256) {
        Book memory book = _foreseen();
        return _assets(book);
    }

    /// @inheritdoc IRedemptionVault
    function convertToShares(uint256 assets) public view returns (uint256) {
        return assets.toSharesDown(totalAssets(), totalSupply());
    }

    /// @inheritdoc IRedemptionVault
    function convertToAssets(uint256 shares) public view returns (uint256) {
        return shares.toAssetsDown(totalAssets(), totalSupply());
    }

    /// @inheritdoc IRedemptionVault
    function maxDeposit(address) external view nonReadReentrant returns (uint256 assets) {
        (assets,) = _room();
    }

    /// @inheritdoc IRedemptionVault
    function maxMint(address) external view nonReadReentrant returns (uint256 shares) {
        (, shares) = _room();
    }

    /// @dev The most that a deposit may bring, and what a mint may make: each is within the bound of the other.
    function _room() private view returns (uint256 assets, uint256 shares) {
        (Book memory book, World memory world) = _next();
        if (_isBehind(book, world) || _ticketsWait(book, world)) return (0, 0);
        (uint256 total, uint256 supply) = (_assets(book), totalSupply());
        (assets, shares) = (MAX_ASSETS - total, RedemptionMath.MAX_SHARES - supply);
        return (
            FixedPointMathLib.min(assets, shares.toAssetsDown(total, supply)),
            FixedPointMathLib.min(shares, assets.toSharesDown(total, supply))
        );
    }

    /// @inheritdoc IRedemptionVault
    function maxWithdraw(address owner) external view nonReadReentrant returns (uint256) {
        (uint256 idle, uint256 total) = _instant();
        return FixedPointMathLib.min(idle, balanceOf(owner).toAssetsDown(total, totalSupply()));
    }

    /// @inheritdoc IRedemptionVault
    function maxRedeem(address owner) external view nonReadReentrant returns (uint256) {
        (uint256 idle, uint256 total) = _instant();
        uint256 supply = totalSupply();
        uint256 shares = FixedPointMathLib.min(balanceOf(owner), idle.toSharesDown(total, supply));
        return shares.toAssetsDown(total, supply) == 0 ? 0 : shares;
    }

    /// @dev As far as the next operation would see.
    function _next() private view returns (Book memory book, World memory world) {
        Steps memory steps;
        _catchUp(book, world, steps, MAX_CHECKPOINTS);
    }

    /// @dev What may be withdrawn at once, and the assets.
    function _instant() private view returns (uint256 idle, uint256 total) {
        (Book memory book, World memory world) = _next();
        return (_pending() == 0 && !_isBehind(book, world) ? book.idle : 0, _assets(book));
    }

    /// @inheritdoc IRedemptionVault
    function previewDeposit(uint256 assets) external view returns (uint256) {
        return convertToShares(assets);
    }

    /// @inheritdoc IRedemptionVault
    function previewMint(uint256 shares) external view returns (uint256) {
        return shares.toAssetsUp(totalAssets(), totalSupply());
    }

    /// @inheritdoc IRedemptionVault
    function previewWithdraw(uint256 assets) external view returns (uint256) {
        return assets.toSharesUp(totalAssets(), totalSupply());
    }

    /// @inheritdoc IRedemptionVault
    function previewRedeem(uint256 shares) external view returns (uint256) {
        return convertToAssets(shares);
    }

    /* VIEWS */

    /// @inheritdoc IRedemptionVault
    function position() external view nonReadReentrant returns (Position memory) {
        Book memory book = _foreseen();
        return Position({
            idle: book.idle,
            reserved: book.reserved,
            covered: book.carried,
            seasoned: book.seasoned.sum + book.ripe,
            unaccreted: book.unaccreted,
            owed: book.owed
        });
    }

    /// @inheritdoc IRedemptionVault
    function ticketCounts() external view nonReadReentrant returns (uint256 bought, uint256 settled, uint256 paid) {
        Book memory book;
        _load(book);
        return (book.bought, book.settled, book.paid);
    }

    /// @inheritdoc IRedemptionVault
    function frameRoom() external view nonReadReentrant returns (uint256) {
        Book memory book = _foreseen();
        return _frameRoom(book);
    }

    /// @inheritdoc IRedemptionVault
    function expectedWait(uint256 nominal) external view nonReadReentrant returns (uint256) {
        return PRICER.expectedWait(nominal, inflowPerDay);
    }

    /// @inheritdoc IRedemptionVault
    function pricer() external view returns (address) {
        return address(PRICER);
    }
}
