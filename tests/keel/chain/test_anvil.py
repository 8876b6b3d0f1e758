"""The node as a child process."""

import os
import subprocess
import sys
import time

import pytest

from keel.chain.anvil import Anvil, AnvilFailed
from keel.chain.rpc import NodeUnreachable, Rpc, RpcError


def test_anvil__answers_and_stops():
    with Anvil() as anvil:
        rpc = Rpc(anvil.url)
        assert rpc.chain_id == 31337
        assert rpc.batch([("eth_chainId", ()), ("eth_blockNumber", ())]) == ["0x7a69", "0x0"]
    with pytest.raises(NodeUnreachable):
        rpc.call("eth_chainId")


def test_anvil__port_in_use__reverts():
    with Anvil() as anvil, pytest.raises(AnvilFailed, match=f"port {anvil.port} is in use"):
        Anvil(anvil.port).__enter__()


def test_anvil__unknown_option__reverts():
    with pytest.raises(AnvilFailed, match="anvil stopped at once"):
        Anvil(0, "--no-such-option").__enter__()


def test_anvil__missing__reverts(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(AnvilFailed, match="not on PATH"):
        Anvil().__enter__()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of a parent's death")
def test_anvil__dies_with_a_killed_parent():
    script = (
        "from keel.chain.anvil import Anvil\nimport time\n"
        "a = Anvil().__enter__()\nprint(a.url, flush=True)\ntime.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    url = parent.stdout.readline().strip()
    assert Rpc(url).chain_id == 31337
    os.kill(parent.pid, 9)
    parent.wait()
    for _ in range(600):
        try:
            Rpc(url, timeout=1).call("eth_chainId")
        except NodeUnreachable:
            return
        time.sleep(0.1)
    pytest.fail("anvil outlived its parent")


def test_rpc__error_carries_code_and_method():
    with Anvil() as anvil, pytest.raises(RpcError, match="eth_nonsense failed") as refusal:
        Rpc(anvil.url).call("eth_nonsense")
    assert refusal.value.code == -32601
