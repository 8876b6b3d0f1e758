"""Nonces, replacements, reorganisations and crashes: each payment arrives once."""

import pytest

from keel.chain.rpc import Rpc
from keel.chain.signer import KeySigner
from keel.keepers.action import GWEI, Limits
from keel.keepers.journal import State
from keel.keepers.outbox import (
    FeesTooHigh,
    JournalInUse,
    KeyInUse,
    OtherKey,
    lock_journal,
    lock_key,
)
from keel.keepers.supervisor import devnet_key


class Killed(BaseException):
    """The process ends here."""


class DyingRpc(Rpc):
    """Ends the process before, or after, its nth call."""

    def __init__(self, url, calls, *, after):
        super().__init__(url)
        self._left, self._after = calls, after

    def call(self, method, *params):
        self._left -= 1
        if self._left == 0 and not self._after:
            raise Killed
        answer = super().call(method, *params)
        if self._left == 0:
            raise Killed
        return answer


def live(sending):
    """One process, from its start: it sends, and follows what it sent."""
    sending.reopen()
    while True:
        if sending.journal.latest("pay") is None:
            sending.send()
        sending.settle()


def _only(outcomes):
    (outcome,) = outcomes
    return outcome


def test_send__is_mined_once_and_known_as_done(sending):
    sending.send()
    assert sending.settle() == []
    sending.mine()
    assert _only(sending.settle()).state is State.DONE
    assert sending.settle() == []
    assert sending.paid == 1


def test_send__several__take_nonces_in_a_row(sending):
    first = sending.nonce
    assert [sending.send(f"pay {n}").nonce for n in range(3)] == [first, first + 1, first + 2]
    sending.mine()
    assert [outcome.state for outcome in sending.settle()] == [State.DONE] * 3
    assert sending.paid == 3


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("calls", range(1, 9))
def test_send__killed_at_any_call__pays_once_or_not_at_all(sending, calls, after):
    sending.rpc = DyingRpc(sending.rpc.url, calls, after=after)
    with pytest.raises(Killed):
        live(sending)
    begun = sending.journal.latest("pay") is not None
    sending.rpc = Rpc(sending.rpc.url)
    sending.reopen()
    sending.settle()
    sending.mine()
    sending.settle()
    assert sending.paid == begun
    if begun:
        assert sending.journal.latest("pay").state is State.DONE


def test_settle__node_lost_it__sends_the_same_bytes_again(sending):
    sent = sending.send()
    sending.rpc.call("anvil_dropTransaction", sent.hash)
    sending.settle()
    sending.mine()
    assert _only(sending.settle()).state is State.DONE
    assert sending.rpc.call("eth_getTransactionReceipt", sent.hash)["status"] == "0x1"


def test_settle__stuck__is_replaced_with_higher_fees_under_its_nonce(sending):
    sent = sending.send()
    sending.rpc.call("anvil_dropTransaction", sent.hash)  # so that blocks come without it
    sending.mine(sending.limits.stuck_blocks)
    sending.settle()
    first, second = sending.journal.sent(sent.sender, sent.nonce)
    for fee in ("maxFeePerGas", "maxPriorityFeePerGas"):
        assert second.fields[fee] * 100 >= first.fields[fee] * (100 + sending.limits.bump_percent)
    sending.mine()
    assert _only(sending.settle()).state is State.DONE
    assert sending.paid == 1


def test_settle__stuck_at_the_ceiling__waits_under_it(sending):
    sending.limits = Limits(confirmations=3, max_fee_per_gas=4 * GWEI)
    sending.reopen()
    sent = sending.send(valid_blocks=1_000)
    for _ in range(30):
        sending.rpc.call("anvil_dropTransaction", sent.hash)
        sending.mine(sending.limits.stuck_blocks)
        sending.settle()
        sent = sending.journal.sent(sent.sender, sent.nonce)[-1]
    group = sending.journal.sent(sent.sender, sent.nonce)
    assert max(each.fields["maxFeePerGas"] for each in group) <= 4 * GWEI
    sending.mine()
    sending.settle()
    assert sending.paid == 1


def test_settle__too_late__is_cancelled_and_pays_nothing(sending):
    sent = sending.send(valid_blocks=2)
    sending.rpc.call("anvil_dropTransaction", sent.hash)
    sending.mine(3)
    sending.settle()
    sending.mine()
    outcome = _only(sending.settle())
    assert outcome.state is State.CANCELLED
    assert sending.paid == 0
    assert sending.nonce == sent.nonce + 1


def test_settle__too_late_and_lost_at_the_ceiling__is_cancelled_all_the_same(sending):
    """No higher fee is to be had: then not the late one goes out again."""
    sent = sending.send(valid_blocks=2)
    sending.limits = Limits(confirmations=3, max_fee_per_gas=sent.fields["maxFeePerGas"])
    sending.reopen()
    sending.rpc.call("anvil_dropTransaction", sent.hash)
    sending.mine(3)
    sending.settle()
    sending.mine()
    assert _only(sending.settle()).state is State.CANCELLED
    assert sending.paid == 0
    assert sending.nonce == sent.nonce + 1


def test_settle__too_late_at_the_ceiling__waits_where_the_node_has_it(sending):
    """A second one at the same fees would be refused."""
    sent = sending.send(valid_blocks=2)
    sending.limits = Limits(confirmations=3, max_fee_per_gas=sent.fields["maxFeePerGas"])
    sending.reopen()
    sending.rpc.call("anvil_dropTransaction", sent.hash)
    sending.mine(3)
    sending.outbox._broadcast(sent)
    sending.settle()
    assert [each.hash for each in sending.journal.sent(sent.sender, sent.nonce)] == [sent.hash]


def test_settle__of_another_key__goes_by_the_nonces_of_that(sending):
    """As after a reorganisation, when the keeper was given another key meanwhile."""
    before = sending.rpc.snapshot()
    sent = sending.send()
    sending.mine()
    assert _only(sending.settle()).state is State.DONE
    sending.signer = KeySigner(devnet_key("settler")[1])
    sending.rpc.set_balance(sending.signer.address, 10**18)
    sending.reopen()
    sending.rpc.revert(before)
    for _ in range(2 * sending.limits.stuck_blocks):
        sending.rpc.call("anvil_dropTransaction", sent.hash)
        sending.mine()  # another branch, without it
        sending.settle()
    assert [each.hash for each in sending.journal.sent(sent.sender, sent.nonce)] == [sent.hash]
    assert sending.journal.sent(sending.signer.address, sent.nonce) == []
    sending.mine()
    assert _only(sending.settle()).state is State.DONE
    assert sending.paid == 1


def test_outbox__with_another_key_while_something_is_on_its_way__reverts(sending):
    """It could neither replace that nor tell by its own nonces what became of it."""
    sent = sending.send()
    own, sending.signer = sending.signer, KeySigner(devnet_key("settler")[1])
    with pytest.raises(OtherKey, match=f"transactions of {sent.sender} are still on their way"):
        sending.reopen()
    sending.mine()
    sending.signer = own
    sending.reopen()
    sending.settle()
    sending.signer = KeySigner(devnet_key("settler")[1])
    sending.reopen()
    assert sending.paid == 1


def test_settle__reorganised__is_open_again_and_arrives_once(sending):
    before = sending.rpc.snapshot()
    sent = sending.send()
    sending.mine()
    assert _only(sending.settle()).state is State.DONE
    sending.rpc.revert(before)
    sending.mine(2)  # another branch, longer, without it
    assert sending.paid == 0
    outcome = sending.settle()[0]
    assert (outcome.state, outcome.detail) == (State.SENT, "dropped by a reorganisation")
    sending.mine()
    assert _only(sending.settle()).state is State.DONE
    assert sending.paid == 1
    assert sending.nonce == sent.nonce + 1


def test_settle__reorganised_while_down__is_seen_by_the_next_process(sending):
    before = sending.rpc.snapshot()
    sending.send()
    sending.mine()
    sending.settle()
    sending.rpc.revert(before)
    sending.mine(2)
    sending.reopen()
    sending.settle()
    sending.mine()
    sending.settle()
    assert sending.paid == 1


def test_settle__nonce_taken_by_a_stranger__is_told_once_it_is_deep(sending):
    sent = sending.send()
    sending.rpc.call("anvil_dropTransaction", sent.hash)
    sending.rpc.call("eth_sendTransaction", {"from": sent.sender, "to": sent.sender})
    sending.mine()
    assert sending.settle() == []  # perhaps a receipt comes yet
    sending.mine(sending.limits.confirmations)
    outcome = _only(sending.settle())
    assert (outcome.state, outcome.detail) == (
        State.CANCELLED, "its nonce went to a transaction that isn't ours",
    )  # fmt: skip
    assert sending.paid == 0


def test_fees__above_the_ceiling__reverts(sending):
    sending.limits = Limits(max_fee_per_gas=GWEI)
    sending.reopen()
    with pytest.raises(FeesTooHigh):
        sending.send()
    assert sending.journal.attempts() == []


def test_lock_key__held__reverts(tmp_path):
    lock_key(tmp_path, "0xAb")
    with pytest.raises(KeyInUse, match="another keeper signs for 0xaB"):
        lock_key(tmp_path, "0xaB")
    lock_key(tmp_path, "0xcd")


def test_lock_journal__held__reverts(tmp_path):
    """Two keys are no two journals: each would follow what the other has sent."""
    lock_journal(tmp_path / "settler.sqlite")
    with pytest.raises(JournalInUse, match="another process keeps the journal of settler"):
        lock_journal(tmp_path / "settler.sqlite")
    lock_journal(tmp_path / "settler-2.sqlite")
