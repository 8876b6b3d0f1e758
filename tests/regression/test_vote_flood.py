"""A member that votes for ever new hashes, so that the votes of the others cost ever more gas."""

from keel.chain.reports import hash_report, report_data
from tests.fixtures.staking import report_of

FLOOD = 60


def test_variants__cost_the_honest_no_more(staking):
    """A hash that nobody stands by any more makes room for the next one."""
    oracle, flooder, honest = staking.stack.oracle, staking.members[0], staking.members[1:4]

    def cost(slot, report_hash):
        staking.vote(slot, report_hash, honest[:1])  # opens the frame, or pays for the variant
        receipt = oracle.transact("vote", slot, report_hash, sender=honest[1])
        return int(receipt["gasUsed"], 16)

    slot, _reference = staking.next_frame()
    report = report_of(slot)
    snapshot = staking.rpc.snapshot()
    quiet = cost(slot, hash_report(report))
    staking.rpc.revert(snapshot)

    for number in range(1, FLOOD + 1):
        oracle.transact("vote", slot, number.to_bytes(32, "big"), sender=flooder)
    hashes, support = oracle.call("getVariants")
    assert (hashes, support) == ((FLOOD.to_bytes(32, "big"),), (1,))
    assert cost(slot, hash_report(report)) < quiet + 10_000
    oracle.transact("vote", slot, hash_report(report), sender=honest[2])
    assert oracle.call("consensusHash", slot) == hash_report(report)
    oracle.transact("submitReport", *report_data(report), [], sender=flooder)


def test_variants__are_one_per_member_at_most(staking):
    oracle = staking.stack.oracle
    slot, _reference = staking.next_frame()
    for turn in range(3):
        for position, member in enumerate(staking.members):
            vote = (turn * 10 + position + 1).to_bytes(32, "big")
            oracle.transact("vote", slot, vote, sender=member)
    hashes, support = oracle.call("getVariants")
    assert len(set(hashes)) == len(staking.members)
    assert set(support) == {1}
