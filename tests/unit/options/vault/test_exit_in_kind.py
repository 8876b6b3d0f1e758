from tests.fixtures.option_vault import DAY, UNLIMITED, WAD
from tests.fixtures.staking import ZERO, reverts


def leave(desk, shares, receiver=None, owner=None, sender=None):
    owner = owner or desk.depositor
    arguments = (shares, receiver or owner, owner)
    return desk.transact("exitInKind", *arguments, sender=sender or owner)


def overdue(desk):
    """Two depositors; a part was sold; the round is over, and nobody settles."""
    desk.open_round(3_000 * desk.unit, 1_000 * desk.unit)
    desk.claim_deposit()
    desk.claim_deposit(desk.other)
    desk.buy(desk.position["unsoldLongs"] // 2)
    desk.to(desk.due + 3 * DAY)
    return desk


def test_exit_in_kind__gives_a_part_of_everything(puts):
    overdue(puts)
    book, before = puts.position, puts.held(puts.depositor)
    event = puts.event(leave(puts, 3_000 * puts.unit), "ExitedInKind")
    assert event["assets"] == puts.held(puts.depositor) - before == book["idle"] * 3 // 4
    for bit, name, held in ((0, "longs", "unsoldLongs"), (1, "shorts", "shorts")):
        claims = puts.claims_of(puts.depositor, book["seriesId"] | bit)
        assert claims == event[name] == book[held] * 3 // 4
    after = puts.position
    assert after["shorts"] == book["shorts"] - event["shorts"]
    assert after["unsoldLongs"] == book["unsoldLongs"] - event["longs"]
    assert puts.call("totalSupply") == 1_000 * puts.unit
    assert puts.covered() == 0


def test_exit_in_kind__before_the_delay_is_over__reverts(calls):
    calls.open_round(30 * WAD)
    calls.claim_deposit()
    opens_at = calls.due + 3 * DAY
    calls.to(opens_at - 60)
    calls.at(opens_at - 1)
    with reverts("ExitNotOpen", opens_at, opens_at - 1):
        leave(calls, WAD)
    calls.at(opens_at)
    leave(calls, WAD)


def test_exit_in_kind__the_rest_is_rolled_once_there_is_a_price(calls):
    overdue(calls)
    leave(calls, 3_000 * WAD)
    due, feed = calls.due, calls.feed
    calls.own(calls.oracle, "settle", feed, due, calls.oracle.call("hintsFor", feed, due))
    calls.refresh()
    end = calls.roll()
    assert end["pricePerShare"] > WAD
    claims = calls.position["seriesId"]
    assert claims != 0
    assert calls.covered() == 0


def test_exit_in_kind__the_last_one_takes_all(calls):
    overdue(calls)
    leave(calls, 3_000 * WAD)
    leave(calls, 1_000 * WAD, owner=calls.other)
    book = calls.position
    assert (book["idle"], book["shorts"], book["unsoldLongs"]) == (0, 0, 0)
    calls.refresh()
    assert calls.roll()["pricePerShare"] == WAD


def test_exit_in_kind__of_nothing_or_to_nobody__reverts(calls):
    overdue(calls)
    with reverts("ZeroAmount"):
        leave(calls, 0)
    for receiver in (ZERO, calls.vault.address):
        with reverts("InvalidRecipient", receiver):
            leave(calls, WAD, receiver=receiver)
    with reverts("InsufficientBalance"):
        leave(calls, 3_000 * WAD + 1)


def test_exit_in_kind__by_allowance_or_as_an_operator(calls):
    overdue(calls)
    with reverts("InsufficientAllowance"):
        leave(calls, WAD, sender=calls.outsider)
    calls.transact("approve", calls.outsider, UNLIMITED, sender=calls.depositor)
    leave(calls, WAD, sender=calls.outsider)
    calls.transact("setOperator", calls.outsider, True, sender=calls.other)
    leave(calls, WAD, owner=calls.other, sender=calls.outsider)


def test_exit_in_kind__queued_shares_come_back_first(calls):
    overdue(calls)
    calls.request_redeem(3_000 * WAD)
    with reverts("InsufficientBalance"):
        leave(calls, 3_000 * WAD)
    arguments = (3_000 * WAD, calls.depositor, calls.depositor)
    calls.transact("cancelRedeemRequest", *arguments, sender=calls.depositor)
    leave(calls, 3_000 * WAD)
