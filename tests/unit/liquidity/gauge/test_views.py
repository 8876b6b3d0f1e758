from tests.fixtures.gauge import ETHER, WEEK
from tests.fixtures.staking import reverts


def test_earned__equals_what_a_claim_in_the_same_block_pays(gauge):
    gauge.stake(12_345_678_901_234_567)
    gauge.stake(98_765_432_109_876_543, gauge.other)
    gauge.fund(777_777_777_777_777)
    for elapsed in (1, 7, 1_000, WEEK):
        gauge.wait(elapsed)
        for account in (gauge.staker, gauge.other):
            token = gauge.tokens[0].address
            assert gauge.call("claim", token, account, sender=account) == gauge.earned(account)


def test_views__token_not_on_the_list__reverts(gauge):
    with reverts("UnknownReward", gauge.lp.address):
        gauge.call("earned", gauge.staker, gauge.lp.address)
    with reverts("UnknownReward", gauge.lp.address):
        gauge.call("streamOf", gauge.lp.address)


def test_stream_of__remaining_and_owed_cover_what_was_funded(gauge):
    gauge.stake(3)
    gauge.stake(ETHER, gauge.other)
    gauge.fund(10**6 + 1)
    for _ in range(5):
        gauge.wait(WEEK // 6)
        owed = gauge.earned() + gauge.earned(gauge.other)
        _, remaining, _, funded = gauge.stream()
        assert funded - 2 <= owed + remaining <= funded + 1


def test_clock__counts_only_while_staked(gauge):
    gauge.wait(1_000)
    assert gauge.call("clock") == 0
    gauge.stake()
    gauge.wait(1_000)
    gauge.at(1)
    gauge.unstake()
    gauge.wait(1_000)
    assert gauge.call("clock") == 1_001
    gauge.stake()
    gauge.wait(10)
    assert gauge.call("clock") == 1_011
