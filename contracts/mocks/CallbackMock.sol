// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title CallbackMock
/// @notice An account that, whenever it is paid or told to, makes the calls it was armed with, and notes how they went.
contract CallbackMock {
    struct Call {
        address target;
        bytes data;
    }

    struct Outcome {
        bool done;
        bytes result;
    }

    error Refused();

    /// @notice Whether ether is refused.
    bool public refuses;

    Call[] private _calls;
    Outcome[] private _outcomes;
    bool private _firing;

    function setRefuses(bool newRefuses) external {
        refuses = newRefuses;
    }

    /// @notice Replaces the calls, and forgets how the last ones went.
    function arm(Call[] calldata calls) external {
        delete _calls;
        delete _outcomes;
        for (uint256 k = 0; k < calls.length; ++k) {
            _calls.push(calls[k]);
        }
    }

    /// @notice Calls `target` as this account; reverts as it does.
    function act(address target, uint256 value, bytes calldata data) external payable {
        (bool done, bytes memory result) = target.call{value: value}(data);
        if (!done) {
            assembly ("memory-safe") {
                revert(add(result, 0x20), mload(result))
            }
        }
    }

    receive() external payable {
        require(!refuses, Refused());
        fire();
    }

    /// @notice Makes the calls; those that lead back here are not followed.
    function fire() public {
        if (_firing) return;
        _firing = true;
        for (uint256 k = 0; k < _calls.length; ++k) {
            (bool done, bytes memory result) = _calls[k].target.call(_calls[k].data);
            _outcomes.push(Outcome(done, result));
        }
        _firing = false;
    }

    function outcomes() external view returns (Outcome[] memory) {
        return _outcomes;
    }
}
