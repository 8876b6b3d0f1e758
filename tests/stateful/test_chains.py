"""The two chains of the machines do the same; what pyrevm keeps between calls does no harm."""

import pytest
import yaml

from keel.chain.contract import Call
from keel.chain.rpc import RpcError
from tests.machines.chain import AnvilChain, Refused
from tests.machines.driver import ROOT
from tests.machines.revm import SPEC, RevmChain

SENDER, OTHER = "0x" + "11" * 20, "0x" + "22" * 20
ETHER = 10**18
LATER = 1_800_000_000

ECHO = "365f5f37365ff3"  # returns its calldata
REFUSE = "365f5f37365ffd"  # reverts with its calldata
SPIN = "5b5f56"  # burns all gas
STORE = "5f355f55"  # storage[0] = calldata[0]
KEEP = "00"  # takes ether
TELL_BLOCK = "425f524360205260405ff3"  # returns timestamp and number
LOG = "5f3560205fa1"  # emits an event with calldata[0] as topic and a zero as data
MARK = "5f5c60015f5d5f5260205ff3"  # returns transient[0] and sets it to 1


@pytest.fixture(params=["anvil", "revm"])
def chain(request):
    chain = RevmChain()
    if request.param == "anvil":
        chain = AnvilChain(request.getfixturevalue("fast_rpc"))
    snapshot = chain.snapshot()
    chain.set_balance(SENDER, 100 * ETHER)
    yield chain
    chain.revert(snapshot)


def install(chain, runtime):
    code = f"61{len(runtime) // 2:04x}80600a5f395ff3{runtime}"
    transaction = {"from": SENDER, "data": "0x" + code, "value": "0x0", "gas": hex(10**6)}
    tx_hash = chain.rpc.call("eth_sendTransaction", transaction)
    return chain.rpc.receipt(tx_hash)["contractAddress"]


def word(value):
    return value.to_bytes(32, "big")


def test_transact__returns_what_the_call_does(chain):
    echo = install(chain, ECHO)
    assert chain.transact(SENDER, Call(echo, b"twelve bytes"), LATER) == b"twelve bytes"
    assert chain.timestamp == LATER


def test_transact__is_in_the_block_that_comes_next(chain):
    teller, number = install(chain, TELL_BLOCK), chain.block_number
    for later in (LATER, LATER + 1):
        number += 1
        answer = chain.transact(SENDER, Call(teller, b""), later)
        assert answer == word(later) + word(number)
        assert (chain.timestamp, chain.block_number) == (later, number)
        assert int(chain.receipt()["blockNumber"], 16) == number


@pytest.mark.parametrize(("code", "data", "reason"), [(REFUSE, b"why", b"why"), (SPIN, b"", b"")])
def test_transact__refused(chain, code, data, reason):
    contract = install(chain, code)
    before = chain.timestamp, chain.block_number
    with pytest.raises(Refused) as refusal:
        chain.transact(SENDER, Call(contract, data, ETHER), LATER)
    assert refusal.value.data == reason
    assert (chain.timestamp, chain.block_number) == before
    assert chain.balances([contract, SENDER])[0] == 0


def test_transact__transient_storage_is_cleared(chain):
    marker = install(chain, MARK)
    for later in (LATER, LATER + 1, LATER + 2):
        assert chain.transact(SENDER, Call(marker, b""), later) == word(0)


def test_read__many_views_at_a_time_in_their_order(chain):
    teller, echo = install(chain, TELL_BLOCK), install(chain, ECHO)
    views = ((echo, b"one"), (teller, b""), (echo, b""), (echo, bytes(100)))
    answer = chain.read(views, LATER)
    assert answer[:35] == b"one" + word(LATER)
    assert answer[67:] == bytes(100)


def test_read__one_reverts(chain):
    views = ((install(chain, ECHO), b"one"), (install(chain, REFUSE), b"two"))
    with pytest.raises(Refused):
        chain.read(views, LATER)


def test_storage__slots_of_several_contracts_in_their_order(chain):
    one, two = install(chain, STORE), install(chain, STORE)
    chain.transact(SENDER, Call(one, word(5)), LATER)
    chain.set_storage(two, 2**200, 2**255)
    assert chain.storage([(two, 2**200), (one, 0), (two, 0), (one, 1)]) == [2**255, 5, 0, 0]


def test_revert__undoes_calls_and_what_was_set_by_hand(chain):
    keeper, store = install(chain, KEEP), install(chain, STORE)
    chain.set_balance(OTHER, 3)
    chain.transact(SENDER, Call(keeper, b"", 7), LATER)
    chain.transact(SENDER, Call(store, word(1)), LATER + 1)
    before = chain.balances([SENDER, keeper, OTHER]), chain.timestamp, chain.block_number
    for _ in range(2):
        snapshot = chain.snapshot()
        chain.set_balance(keeper, 1)
        chain.transact(SENDER, Call(keeper, b"", 2 * ETHER), LATER + 2)
        chain.set_balance(keeper, 50)
        chain.set_balance(OTHER, 0)
        chain.set_storage(store, 0, 9)
        chain.revert(snapshot)
        after = chain.balances([SENDER, keeper, OTHER]), chain.timestamp, chain.block_number
        assert after == before
        assert chain.storage([(store, 0)]) == [1]


def test_receipt__logs_are_those_of_the_last_call(chain):
    logger, echo = install(chain, LOG), install(chain, ECHO)
    chain.transact(SENDER, Call(logger, word(77)), LATER)
    chain.read(((echo, b""),), LATER + 100)
    (log,) = chain.receipt()["logs"]
    assert log["address"].lower() == logger.lower()
    assert [int(topic, 16) for topic in log["topics"]] == [77]
    assert log["data"] == "0x" + bytes(32).hex()


def test_revm__has_the_fork_that_contracts_are_compiled_for():
    config = yaml.safe_load((ROOT / "ape-config.yaml").read_text())
    assert config["solidity"]["evm_version"] == SPEC.lower()
    assert SPEC.capitalize() == SPEC  # else pyrevm takes another fork


def test_in_process_node__says_what_it_has_not():
    with pytest.raises(RpcError, match="not in this process"):
        RevmChain().rpc.call("eth_feeHistory")
