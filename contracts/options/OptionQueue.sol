// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {SafeCastLib} from "solady/src/utils/SafeCastLib.sol";
import {SafeTransferLib} from "solady/src/utils/SafeTransferLib.sol";
import {IERC7540Deposit} from "../../interfaces/external/IERC7540Deposit.sol";
import {IERC7540Operator} from "../../interfaces/external/IERC7540Operator.sol";
import {IERC7540Redeem} from "../../interfaces/external/IERC7540Redeem.sol";
import {IERC7575} from "../../interfaces/external/IERC7575.sol";
import {IOptionVault} from "../../interfaces/options/IOptionVault.sol";
import {ERC20PermitERC1271} from "../libraries/ERC20PermitERC1271.sol";
import {TransientGuard} from "../libraries/TransientGuard.sol";

/// @title The vault's requests: who waits for which round, and what he may claim
/// @dev UNITS, REQUESTS, ROUNDING: see the interface.
/// @dev CARRYING: a round's requests in two sums, its price once. Shares of served deposits and queued shares are the vault's
/// own balance, so that a claim is a transfer.
/// @dev WIDTHS: the cap is below 2^96 and no deposit is served below `MIN_PRICE`, so a round mints less than 2^107 shares.
abstract contract OptionQueue is IOptionVault, ERC20PermitERC1271, TransientGuard {
    using FixedPointMathLib for uint256;
    using SafeTransferLib for address;

    uint256 internal constant ONE = 1e18;

    /// @inheritdoc IOptionVault
    uint256 public constant MIN_PRICE = 0.001e18;

    /* IMMUTABLES */

    address internal immutable ASSET;
    uint256 internal immutable MIN_DEPOSIT;
    uint8 private immutable DECIMALS;

    /* STORAGE: the open round */

    /// @dev Round 0 is never open: ERC-7540 gives that id another meaning.
    struct Queue {
        uint32 round;
        uint104 deposits;
        uint120 shares;
    }

    Queue internal _queue;

    /// @dev `locked`: assets of all shares when the round began.
    struct Limits {
        uint104 cap;
        uint104 locked;
    }

    Limits internal _limits;

    /// @dev Assets at hand for the shares, and set aside for claims; when the round may be rolled.
    uint104 internal _idle;
    uint104 internal _reserved;
    uint40 internal _due;

    /* STORAGE: requests */

    struct DepositOf {
        uint32 round;
        uint104 assets;
    }

    struct RedeemOf {
        uint32 round;
        uint120 shares;
    }

    mapping(uint256 round => uint256 priceWad) internal _priceOf;
    mapping(address controller => DepositOf request) private _depositOf;
    mapping(address controller => RedeemOf request) private _redeemOf;

    /// @inheritdoc IERC7540Operator
    mapping(address controller => mapping(address operator => bool)) public isOperator;

    /* STORAGE: the shares' token */

    string private _name;
    string private _symbol;

    /* CONSTRUCTOR */

    constructor(
        address token,
        uint8 tokenDecimals,
        uint256 minDeposit,
        string memory shareName,
        string memory shareSymbol
    ) {
        ASSET = token;
        DECIMALS = tokenDecimals;
        MIN_DEPOSIT = minDeposit;
        (_name, _symbol) = (shareName, shareSymbol);
        _queue.round = 1;
    }

    /* OPERATORS */

    /// @inheritdoc IERC7540Operator
    function setOperator(address operator, bool approved) external returns (bool) {
        isOperator[msg.sender][operator] = approved;
        emit OperatorSet(msg.sender, operator, approved);
        return true;
    }

    function _checkOperator(address controller) private view {
        require(msg.sender == controller || isOperator[controller][msg.sender], NotOperator(controller, msg.sender));
    }

    /// @dev ERC-7540: shares move by an operator, or by an allowance.
    function _spend(address owner, uint256 shares) internal {
        if (msg.sender != owner && !isOperator[owner][msg.sender]) _spendAllowance(owner, msg.sender, shares);
    }

    /* DEPOSITS */

    /// @inheritdoc IERC7540Deposit
    function requestDeposit(uint256 assets, address controller, address owner)
        external
        nonReentrant
        returns (uint256 requestId)
    {
        _checkOperator(owner);
        _checkRecipient(controller);
        require(assets >= MIN_DEPOSIT, DepositTooSmall(assets, MIN_DEPOSIT));
        Queue memory queue = _queue;
        Limits memory limits = _limits;
        uint256 room = uint256(limits.cap).zeroFloorSub(uint256(limits.locked) + queue.deposits);
        require(assets <= room, DepositCapExceeded(assets, room));
        DepositOf memory request = _depositOf[controller];
        if (request.round != queue.round) {
            _checkLastPrice(queue.round);
            if (request.assets != 0) {
                _checkOperator(controller);
                _claimOldDeposit(controller, request);
            }
            request = DepositOf(queue.round, 0);
        }

        // Below the room, which has 96 bits.
        request.assets += uint104(assets);
        _depositOf[controller] = request;
        _queue.deposits = queue.deposits + uint104(assets);
        emit DepositRequest(controller, owner, queue.round, msg.sender, assets);
        ASSET.safeTransferFrom(owner, address(this), assets);
        return queue.round;
    }

    /// @dev Nobody deposits into what is as good as lost. Once is enough for a controller's round.
    function _checkLastPrice(uint256 round) private view {
        if (round == 1) return;
        uint256 price = _priceOf[round - 1];
        require(price >= MIN_PRICE, VaultWoundDown(price));
    }

    /// @dev What was refused goes back, what was served goes out as shares; less than one is left to the others.
    function _claimOldDeposit(address controller, DepositOf memory request) private {
        uint256 price = _priceOf[request.round];
        if (price < MIN_PRICE) {
            _reserved -= request.assets;
            emit DepositCancelled(controller, controller, request.round, request.assets);
            ASSET.safeTransfer(controller, request.assets);
            return;
        }
        uint256 shares = _toSharesDown(request.assets, price);
        emit Deposit(controller, controller, request.assets, shares);
        _transfer(address(this), controller, shares);
    }

    /// @inheritdoc IOptionVault
    function cancelDepositRequest(uint256 assets, address receiver, address controller) external nonReentrant {
        _checkOperator(controller);
        require(receiver != address(0), ZeroAddress());
        require(assets != 0, ZeroAmount());
        DepositOf memory request = _depositOf[controller];
        bool isPending = request.round == _queue.round;
        bool isBack = isPending || _priceOf[request.round] < MIN_PRICE;
        uint256 most = isBack ? request.assets : 0;
        require(assets <= most, AmountTooLarge(assets, most));

        _depositOf[controller].assets = uint104(most - assets);
        if (isPending) _queue.deposits -= uint104(assets);
        else _reserved -= uint104(assets);
        emit DepositCancelled(controller, receiver, request.round, assets);
        ASSET.safeTransfer(receiver, assets);
    }

    /// @inheritdoc IERC7540Deposit
    function pendingDepositRequest(uint256 requestId, address controller)
        external
        view
        nonReadReentrant
        returns (uint256)
    {
        DepositOf memory request = _depositOf[controller];
        return request.round == requestId && requestId == _queue.round ? request.assets : 0;
    }

    /// @inheritdoc IERC7540Deposit
    function claimableDepositRequest(uint256 requestId, address controller)
        external
        view
        nonReadReentrant
        returns (uint256 assets)
    {
        if (_depositOf[controller].round == requestId) (assets,) = _claimableDeposit(controller);
    }

    /// @inheritdoc IERC7540Deposit
    function deposit(uint256 assets, address receiver, address controller)
        public
        nonReentrant
        returns (uint256 shares)
    {
        _checkOperator(controller);
        (uint256 most, uint256 price) = _claimableDeposit(controller);
        shares = price == 0 ? 0 : _toSharesDown(assets, price);
        require(assets <= most, AmountTooLarge(assets, most));
        _claimDeposit(assets, shares, most, receiver, controller);
    }

    /// @inheritdoc IERC7540Deposit
    function mint(uint256 shares, address receiver, address controller) public nonReentrant returns (uint256 assets) {
        _checkOperator(controller);
        (uint256 most, uint256 price) = _claimableDeposit(controller);
        uint256 mostShares = price == 0 ? 0 : _toSharesDown(most, price);
        require(shares <= mostShares, AmountTooLarge(shares, mostShares));
        assets = _toAssetsUp(shares, price);
        _claimDeposit(assets, shares, most, receiver, controller);
    }

    function _claimDeposit(uint256 assets, uint256 shares, uint256 most, address receiver, address controller) private {
        require(assets != 0 && shares != 0, ZeroAmount());
        _checkRecipient(receiver);
        _depositOf[controller].assets = uint104(most - assets);
        emit Deposit(controller, receiver, assets, shares);
        _transfer(address(this), receiver, shares);
    }

    /// @dev Nothing while the round is open, and where its deposits were refused.
    function _claimableDeposit(address controller) private view returns (uint256 assets, uint256 price) {
        DepositOf memory request = _depositOf[controller];
        if (request.round == _queue.round) return (0, 0);
        price = _priceOf[request.round];
        return price < MIN_PRICE ? (0, 0) : (request.assets, price);
    }

    /// @inheritdoc IERC7575
    function deposit(uint256 assets, address receiver) external returns (uint256 shares) {
        return deposit(assets, receiver, msg.sender);
    }

    /// @inheritdoc IERC7575
    function mint(uint256 shares, address receiver) external returns (uint256 assets) {
        return mint(shares, receiver, msg.sender);
    }

    /* REDEMPTION */

    /// @inheritdoc IERC7540Redeem
    function requestRedeem(uint256 shares, address controller, address owner)
        external
        nonReentrant
        returns (uint256 requestId)
    {
        _checkRecipient(controller);
        require(shares != 0, ZeroAmount());
        _spend(owner, shares);
        Queue memory queue = _queue;
        RedeemOf memory request = _redeemOf[controller];
        if (request.round != queue.round) {
            if (request.shares != 0) {
                _checkOperator(controller);
                _claimOldRedeem(controller, request);
            }
            request = RedeemOf(queue.round, 0);
        }

        // First, because it refuses what the owner doesn't have.
        _transfer(owner, address(this), shares);
        request.shares = SafeCastLib.toUint120(request.shares + shares);
        _redeemOf[controller] = request;
        _queue.shares = SafeCastLib.toUint120(queue.shares + shares);
        emit RedeemRequest(controller, owner, queue.round, msg.sender, shares);
        return queue.round;
    }

    function _claimOldRedeem(address controller, RedeemOf memory request) private {
        uint256 assets = _toAssetsDown(request.shares, _priceOf[request.round]);
        _reserved -= uint104(assets);
        emit Withdraw(msg.sender, controller, controller, assets, request.shares);
        ASSET.safeTransfer(controller, assets);
    }

    /// @inheritdoc IOptionVault
    function cancelRedeemRequest(uint256 shares, address receiver, address controller) external nonReentrant {
        _checkOperator(controller);
        require(shares != 0, ZeroAmount());
        _checkRecipient(receiver);
        RedeemOf memory request = _redeemOf[controller];
        uint256 most = request.round == _queue.round ? request.shares : 0;
        require(shares <= most, AmountTooLarge(shares, most));

        _redeemOf[controller].shares = uint120(most - shares);
        _queue.shares -= uint120(shares);
        emit RedeemCancelled(controller, receiver, request.round, shares);
        _transfer(address(this), receiver, shares);
    }

    /// @inheritdoc IERC7540Redeem
    function pendingRedeemRequest(uint256 requestId, address controller)
        external
        view
        nonReadReentrant
        returns (uint256)
    {
        RedeemOf memory request = _redeemOf[controller];
        return request.round == requestId && requestId == _queue.round ? request.shares : 0;
    }

    /// @inheritdoc IERC7540Redeem
    function claimableRedeemRequest(uint256 requestId, address controller)
        external
        view
        nonReadReentrant
        returns (uint256 shares)
    {
        if (_redeemOf[controller].round == requestId) (shares,) = _claimableRedeem(controller);
    }

    /// @inheritdoc IERC7575
    function redeem(uint256 shares, address receiver, address controller)
        external
        nonReentrant
        returns (uint256 assets)
    {
        _checkOperator(controller);
        (uint256 most, uint256 price) = _claimableRedeem(controller);
        require(shares <= most, AmountTooLarge(shares, most));
        assets = _toAssetsDown(shares, price);
        _claimRedeem(assets, shares, most, receiver, controller);
    }

    /// @inheritdoc IERC7575
    function withdraw(uint256 assets, address receiver, address controller)
        external
        nonReentrant
        returns (uint256 shares)
    {
        _checkOperator(controller);
        (uint256 most, uint256 price) = _claimableRedeem(controller);
        uint256 mostAssets = _toAssetsDown(most, price);
        require(assets <= mostAssets, AmountTooLarge(assets, mostAssets));
        shares = price == 0 ? 0 : _toSharesUp(assets, price);
        _claimRedeem(assets, shares, most, receiver, controller);
    }

    function _claimRedeem(uint256 assets, uint256 shares, uint256 most, address receiver, address controller) private {
        require(shares != 0, ZeroAmount());
        require(receiver != address(0), ZeroAddress());
        _redeemOf[controller].shares = uint120(most - shares);
        _reserved -= uint104(assets);
        emit Withdraw(msg.sender, receiver, controller, assets, shares);
        ASSET.safeTransfer(receiver, assets);
    }

    function _claimableRedeem(address controller) private view returns (uint256 shares, uint256 price) {
        RedeemOf memory request = _redeemOf[controller];
        if (request.round == _queue.round) return (0, 0);
        return (request.shares, _priceOf[request.round]);
    }

    /* CONVERSIONS */

    /// @dev Rounds down, so that shares of many claims are never more than those of their sum.
    function _toSharesDown(uint256 assets, uint256 price) internal pure returns (uint256) {
        return assets.mulDiv(ONE, price);
    }

    function _toSharesUp(uint256 assets, uint256 price) private pure returns (uint256) {
        return assets.mulDivUp(ONE, price);
    }

    /// @dev Rounds down, so that what many claims pay is never more than what their sum is worth.
    function _toAssetsDown(uint256 shares, uint256 price) internal pure returns (uint256) {
        return shares.mulDiv(price, ONE);
    }

    function _toAssetsUp(uint256 shares, uint256 price) internal pure returns (uint256) {
        return shares.mulDivUp(price, ONE);
    }

    /// @dev Of the last round that was settled; one before any.
    function _lastPrice() private view returns (uint256) {
        uint256 round = _queue.round;
        return round == 1 ? ONE : _priceOf[round - 1];
    }

    /* VIEWS: ERC-7575 */

    /// @inheritdoc IERC7575
    function asset() external view returns (address) {
        return ASSET;
    }

    /// @inheritdoc IERC7575
    function share() external view returns (address) {
        return address(this);
    }

    /// @notice All shares at the last round's price; what options have brought or cost since shows at the next one.
    function totalAssets() external view nonReadReentrant returns (uint256) {
        return _toAssetsDown(totalSupply(), _lastPrice());
    }

    /// @notice At the last round's price; zero where that is zero.
    function convertToShares(uint256 assets) external view nonReadReentrant returns (uint256) {
        uint256 price = _lastPrice();
        return price == 0 ? 0 : _toSharesDown(assets, price);
    }

    /// @notice At the last round's price.
    function convertToAssets(uint256 shares) external view nonReadReentrant returns (uint256) {
        return _toAssetsDown(shares, _lastPrice());
    }

    /// @notice What `controller` may claim of its deposit.
    function maxDeposit(address controller) external view nonReadReentrant returns (uint256 assets) {
        (assets,) = _claimableDeposit(controller);
    }

    /// @notice What `controller` may claim of its deposit, in shares.
    function maxMint(address controller) external view nonReadReentrant returns (uint256) {
        (uint256 assets, uint256 price) = _claimableDeposit(controller);
        return price == 0 ? 0 : _toSharesDown(assets, price);
    }

    /// @notice What `controller` may claim of its redemption.
    function maxWithdraw(address controller) external view nonReadReentrant returns (uint256) {
        (uint256 shares, uint256 price) = _claimableRedeem(controller);
        return _toAssetsDown(shares, price);
    }

    /// @notice What `controller` may claim of its redemption, in shares.
    function maxRedeem(address controller) external view nonReadReentrant returns (uint256 shares) {
        (shares,) = _claimableRedeem(controller);
    }

    /// @notice Reverts, as ERC-7540 asks.
    function previewDeposit(uint256) external pure returns (uint256) {
        revert PreviewNotSupported();
    }

    /// @notice Reverts, as ERC-7540 asks.
    function previewMint(uint256) external pure returns (uint256) {
        revert PreviewNotSupported();
    }

    /// @notice Reverts, as ERC-7540 asks.
    function previewWithdraw(uint256) external pure returns (uint256) {
        revert PreviewNotSupported();
    }

    /// @notice Reverts, as ERC-7540 asks.
    function previewRedeem(uint256) external pure returns (uint256) {
        revert PreviewNotSupported();
    }

    /// @inheritdoc IOptionVault
    function priceOfRound(uint256 round) external view returns (uint256) {
        return _priceOf[round];
    }

    /// @inheritdoc IOptionVault
    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == 0x01ffc9a7 || interfaceId == type(IERC7540Operator).interfaceId
            || interfaceId == type(IERC7575).interfaceId || interfaceId == type(IERC7540Deposit).interfaceId
            || interfaceId == type(IERC7540Redeem).interfaceId;
    }

    /* VIEWS: ERC-20 */

    function name() public view override returns (string memory) {
        return _name;
    }

    function symbol() public view override returns (string memory) {
        return _symbol;
    }

    function decimals() public view override returns (uint8) {
        return DECIMALS;
    }
}
