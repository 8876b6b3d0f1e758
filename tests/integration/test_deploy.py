"""Deployment as a library: complete, repeatable, resumable."""

import pytest
from eth_utils import keccak

from keel.chain.deploy import deploy_stack
from keel.chain.deployer import Deployer, created_address
from keel.chain.manifest import Manifest, ManifestMismatch
from keel.chain.rpc import Rpc
from keel.chain.sender import NodeSender
from keel.chain.stack import Stack
from keel.errors import KeelError


class Interrupted(Exception):
    pass


class FlakySender(NodeSender):
    """Sends `left` transactions, then the process dies just after the next one was sent."""

    left = 10**9

    def send(self, to, data, value):
        receipt = super().send(to, data, value)
        type(self).left -= 1
        if type(self).left < 0:
            raise Interrupted
        return receipt


@pytest.fixture
def undone(chain):
    with chain.isolate():
        yield


def test_deploy__wires_every_part(stack, stack_config):
    assert stack.pool.call("withdrawalQueue").lower() == stack.queue.address.lower()
    for role, part in (
        (b"oracle", stack.oracle),
        (b"checker", stack.checker),
        (b"registry", stack.registry),
    ):
        assert stack.pool.call("part", role.ljust(32, b"\0")).lower() == part.address.lower()
    assert stack.checker.call("lossConfirmer").lower() == stack.loss_confirmer.address.lower()
    assert stack.oracle.call("quorum") == stack_config.quorum
    assert len(stack.oracle.call("getMembers")) == len(stack_config.members)
    assert stack.pool.call("totalSupply") == stack_config.bootstrap
    assert stack.gauge.call("lpToken").lower() == stack.swap.address.lower()
    assert stack.redemption.call("asset").lower() == stack.weth.address.lower()
    assert stack.redemption.call("inflowPerDay") == stack_config.redemption.inflow_per_day


def test_deploy__manifest_is_true_and_second_run_sends_nothing(
    rpc, artifacts, owner, stack_config, tmp_path, undone
):
    path = tmp_path / "local.json"
    sender = NodeSender(rpc, str(owner.address))
    deploy_stack(Deployer(rpc, artifacts, sender, path=path), stack_config)
    manifest = Manifest.load(path)
    assert len(manifest.contracts) == 26
    for entry in manifest.contracts.values():
        assert "0x" + keccak(rpc.code(entry.address)).hex() == entry.runtime_hash

    sent = []
    again = Deployer(
        rpc, artifacts, sender, path=path, progress=lambda name, receipt: sent.append(receipt)
    )
    deploy_stack(again, stack_config)
    assert sent == [None] * len(sent)
    assert (
        Stack.load(rpc, artifacts, path).pool.address == manifest.contracts["StakingPool"].address
    )


def test_deploy__resumes_after_dying_at_any_transaction(
    rpc, artifacts, owner, stack_config, tmp_path, undone
):
    """Each run may send one transaction and dies without having heard of its receipt."""
    path = tmp_path / "local.json"
    runs = 0
    while True:
        FlakySender.left = 0
        runs += 1
        try:
            sender = FlakySender(rpc, str(owner.address))
            stack = deploy_stack(Deployer(rpc, artifacts, sender, path=path), stack_config)
            break
        except Interrupted:
            assert runs < 60
    first = int(rpc.call("eth_getTransactionCount", str(owner.address), "latest"), 16)
    assert runs > 20
    assert stack.pool.call("withdrawalQueue").lower() == stack.queue.address.lower()
    deploy_stack(
        Deployer(rpc, artifacts, NodeSender(rpc, str(owner.address)), path=path), stack_config
    )
    assert int(rpc.call("eth_getTransactionCount", str(owner.address), "latest"), 16) == first


def test_deploy__contract_that_a_reorganisation_dropped__is_created_again(
    rpc, artifacts, owner, stack_config, tmp_path, undone
):
    """The last one: a reorganisation drops what came after, too."""
    path = tmp_path / "local.json"
    sender = NodeSender(rpc, str(owner.address))
    before = deploy_stack(Deployer(rpc, artifacts, sender, path=path), stack_config)
    dropped = before.redemption.address
    rpc.call("anvil_setCode", dropped, "0x")
    sent = []
    again = Deployer(
        rpc,
        artifacts,
        sender,
        path=path,
        progress=lambda name, receipt: receipt and sent.append(name),
    )
    stack = deploy_stack(again, stack_config)
    assert sent == ["RedemptionVault"]
    assert stack.redemption.address != dropped
    assert stack.redemption.call("decimals") == 24


class RpcBehind(Rpc):
    """An address of several nodes: who is asked last hasn't heard yet what another has mined."""

    nonces, codes = 0, 0
    """By how many it is behind; how many times yet it has no code."""

    def call(self, method, *params):
        answer = super().call(method, *params)
        if method == "eth_getTransactionCount" and params[1] == "latest":
            return hex(int(answer, 16) - self.nonces)
        if method == "eth_getCode" and self.codes:
            self.codes -= 1
            return "0x"
        return answer


class RefusedSender(NodeSender):
    """Whose transaction, under the nonce of the one before, no node takes."""

    def send(self, to, data, value):
        raise KeelError("nonce too low")


def test_create__node_behind_and_a_run_that_ended__takes_no_other_contract_for_its_own(
    rpc, artifacts, owner, tmp_path, undone
):
    path, behind = tmp_path / "local.json", RpcBehind(rpc.url)
    one = Deployer(behind, artifacts, NodeSender(rpc, str(owner.address)), path=path)
    first = one.create("first", "WETHMock")
    two = Deployer(behind, artifacts, RefusedSender(rpc, str(owner.address)), path=path)
    behind.nonces = 1
    with pytest.raises(KeelError, match="nonce too low"):
        two.create("second", "PriceFeedMock", 8, "ETH / USD", str(owner.address))
    again = Deployer(rpc, artifacts, NodeSender(rpc, str(owner.address)), path=path)
    second = again.create("second", "PriceFeedMock", 8, "ETH / USD", str(owner.address))
    assert second.address != first.address
    assert second.call("decimals") == 8


def test_create__node_behind__writes_down_where_the_contract_came_from(
    rpc, artifacts, owner, undone
):
    behind = RpcBehind(rpc.url)
    deployer = Deployer(behind, artifacts, NodeSender(rpc, str(owner.address)))
    deployer.create("first", "WETHMock")
    behind.nonces, behind.codes = 1, 2
    made = deployer.create("second", "WETHMock")
    entry = deployer.manifest.contracts["second"]
    assert created_address(entry.creator, entry.nonce) == made.address.lower()
    assert entry.runtime_hash == "0x" + keccak(rpc.code(made.address)).hex()


def test_deploy__other_chain__reverts(rpc, artifacts, owner, stack_config, tmp_path):
    path = tmp_path / "local.json"
    Manifest(path, chain_id=1, genesis="0x00", commit="none").save()
    with pytest.raises(ManifestMismatch, match=r"another chain \(id 1\)"):
        Deployer(rpc, artifacts, NodeSender(rpc, str(owner.address)), path=path)


def test_deploy__not_a_manifest__reverts(tmp_path):
    path = tmp_path / "local.json"
    path.write_text("{}")
    with pytest.raises(KeelError, match="not a deployment manifest"):
        Manifest.load(path)
