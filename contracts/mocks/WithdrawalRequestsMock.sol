// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title WithdrawalRequestsMock
/// @dev In place of the system contract of EIP-7002: an empty call returns the fee; 56 bytes are a request, of whose sender,
/// key and amount the real one logs the same bytes. The fee of the real one rises with the requests of a block.
contract WithdrawalRequestsMock {
    uint256 private constant FEE = 7;
    uint256 private constant REQUEST_LENGTH = 56;

    error Refused(uint256 length, uint256 value);

    fallback(bytes calldata input) external payable returns (bytes memory) {
        if (input.length == 0) return abi.encode(FEE);
        require(input.length == REQUEST_LENGTH && msg.value >= FEE, Refused(input.length, msg.value));
        bytes memory request = abi.encodePacked(msg.sender, input);
        assembly ("memory-safe") {
            log0(add(request, 32), mload(request))
        }
        return "";
    }
}
