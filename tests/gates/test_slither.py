import json

from gates import slither

POOL = """// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

contract Pool {
    function take(address payable anyone) external {
        selfdestruct(anyone);
    }
}
"""


def test_slither__finding__fails_unless_excluded_for_a_reason(checkout, write):
    write("contracts/staking/Pool.sol", POOL)
    write(".ci/slither.json", "{}")
    report = slither.slither(checkout)
    assert report.covered == 1
    (problem,) = report.problems
    assert problem.startswith("suicidal Pool.take: ")

    write(".ci/slither.json", json.dumps({"suicidal Pool.take": "meant"}))
    assert slither.slither(checkout).passed


def test_slither__exclusion_of_nothing__fails(checkout, write):
    write("contracts/staking/Pool.sol", POOL.replace("selfdestruct(anyone)", "anyone"))
    write(".ci/slither.json", json.dumps({"suicidal": "meant"}))
    assert slither.slither(checkout).problems == (".ci/slither.json: suicidal excludes nothing",)
