// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

/// @title Sums over the first entries of a sparse list
/// @notice A Fenwick tree: node `i` holds the sum of the `lowest bit of i` entries that end with entry `i`. It grows by
/// doubling, so reading and writing cost as many steps as the highest index written has bits.
library PrefixSums {
    struct Tree {
        /// Highest index that has a node; a power of two, or zero before the first entry.
        uint256 capacity;
        mapping(uint256 index => uint256 sum) nodes;
    }

    /// @param index At least 1.
    function add(Tree storage tree, uint256 index, uint256 amount) internal {
        uint256 capacity = tree.capacity;
        if (index > capacity) {
            uint256 total = tree.nodes[capacity];
            if (capacity == 0) capacity = 1;
            while (capacity < index) {
                if (total != 0) tree.nodes[capacity] = total;
                capacity *= 2;
            }
            // The root of the old tree is the sum of all entries: so are the new nodes above it.
            if (total != 0) tree.nodes[capacity] = total;
            tree.capacity = capacity;
        }
        for (; index <= capacity; index += _lowestBit(index)) {
            tree.nodes[index] += amount;
        }
    }

    /// @notice Sum of the entries 1 … `index`.
    function upTo(Tree storage tree, uint256 index) internal view returns (uint256 sum) {
        if (index > tree.capacity) index = tree.capacity;
        for (; index != 0; index -= _lowestBit(index)) {
            sum += tree.nodes[index];
        }
    }

    function _lowestBit(uint256 index) private pure returns (uint256) {
        unchecked {
            return index & (0 - index);
        }
    }
}
