// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @notice What one operator's validators lost by its fault.
struct OperatorLoss {
    uint256 operatorId;
    /// Wei, gross of the gains of the same validators; not zero.
    uint256 etherAmount;
}

/// @notice What the consensus layer looked like at one reference slot; members of the oracle vote on
/// `keccak256(abi.encode(report))`. All amounts in wei.
/// @dev Growth of the frame = `clBalance + withdrawalVaultBalance + rewardsVaultBalance` less the previous
/// `clBalance` less the growth of `depositsSeen`. With the sum of the operators' losses L: loss = the greater of L and the
/// negative growth; gain = growth + loss.
struct Report {
    /// Last slot of the frame before the current one.
    uint256 refSlot;
    /// Validators of the pool that ever appeared on the consensus layer; never falls.
    uint256 validators;
    /// Of these, how many have exited; never falls.
    uint256 exitedValidators;
    /// Sum of the balances of the pool's validators, deposits still pending on the consensus layer included.
    uint256 clBalance;
    /// Cumulative ether of the pool's deposits that `clBalance` knows of (or once did); never falls.
    uint256 depositsSeen;
    /// Balance of the withdrawal vault at the reference slot; collected into the buffer by the report.
    uint256 withdrawalVaultBalance;
    /// Balance of the rewards vault (tips, block rewards) at the reference slot; collected likewise.
    uint256 rewardsVaultBalance;
    /// Withdrawal requests up to this id are finalised with the report; zero for none.
    uint256 lastRequestId;
    /// `keccak256(abi.encode(KeyNews[]))` of the news about single keys, which follow in a call of their own; zero for none. The
    /// hash of an empty list lets it be known that nothing happened: an exit is late by news from after it was due. A key costs
    /// about 70,000 gas; what doesn't fit into a transaction belongs into later news.
    bytes32 registryHash;
    /// `keccak256(abi.encode(OperatorLoss[]))` of the losses that bonds are to pay, ascending by operator; zero for none.
    /// A line costs about 50,000 gas. What doesn't fit may be told with a later report: the bonds then pay what holders bore
    /// before, to whom it is a gain.
    bytes32 lossesHash;
}

/// @notice What happened to a key on the consensus layer.
enum KeyEvent {
    /// Of all deposits for the key, whoever made them, the first with a valid signature names the pool's withdrawal credentials: the
    /// rest may follow.
    Confirmed,
    /// It doesn't, and never will: the pool's first deposit is lost.
    Rejected,
    /// An exit epoch is set.
    Exiting,
    /// The balance has been withdrawn: no more gain or loss can come from this validator.
    Settled,
    Slashed,
    /// Below what the oracle's members agreed to expect of a validator.
    Underperformed
}

struct KeyNews {
    uint32 operatorId;
    uint32 index;
    KeyEvent what;
}
