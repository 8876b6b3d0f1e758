"""The JSON-RPC client against a server that answers as it is told."""

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from keel.chain.rpc import NodeBehind, NodeUnreachable, Rpc, RpcError


@contextmanager
def server(answer):
    """Serve `answer(body)`; the list yielded holds the headers that came."""
    seen = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.append({name.lower(): value for name, value in self.headers.items()})
            text = answer(json.loads(body)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as running:
        Thread(target=running.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{running.server_port}", seen
        running.shutdown()


def test_call__sends_json_and_the_password_of_the_address():
    with server(lambda body: json.dumps({"id": body["id"], "result": "0x1"})) as (host, seen):
        assert Rpc(f"http://me:secret@{host}").chain_id == 1
    assert seen[0]["content-type"] == "application/json"
    assert seen[0]["authorization"] == "Basic bWU6c2VjcmV0"


def test_batch__answers_in_any_order():
    def answer(body):
        assert [call["method"] for call in body] == ["a", "b"]
        return json.dumps([{"id": call["id"], "result": call["method"]} for call in body[::-1]])

    with server(answer) as (host, _):
        assert Rpc(f"http://{host}").batch([("a", []), ("b", [])]) == ["a", "b"]


def test_call__refused__reverts():
    def answer(body):
        return json.dumps({"id": body["id"], "error": {"code": 3, "message": "no", "data": "0x01"}})

    with server(answer) as (host, _), pytest.raises(RpcError, match="eth_call failed: no") as seen:
        Rpc(f"http://{host}").call("eth_call")
    assert (seen.value.code, seen.value.data) == (3, b"\x01")


@pytest.mark.parametrize(
    ("error", "reverted"),
    [
        ({"code": 3, "message": "execution reverted: no", "data": "0x08c379a0"}, True),
        ({"code": 3, "message": "no"}, True),
        ({"code": -32000, "message": "execution reverted"}, True),
        ({"code": -32015, "message": "VM execution error", "data": "0x01"}, True),
        ({"code": -32000, "message": "insufficient funds for gas * price + value"}, False),
        ({"code": -32601, "message": "the method does not exist"}, False),
    ],
)
def test_call__refused__by_the_contract_or_by_the_node(error, reverted):
    with (
        server(lambda body: json.dumps({"id": body["id"], "error": error})) as (host, _),
        pytest.raises(RpcError) as seen,
    ):
        Rpc(f"http://{host}").call("eth_call")
    assert seen.value.is_revert == reverted


def test_call__no_json__reverts():
    with (
        server(lambda _: "<html>") as (host, _),
        pytest.raises(NodeUnreachable, match="JSONDecodeError"),
    ):
        Rpc(f"http://{host}").call("eth_chainId")


def test_call__nobody_listens__reverts():
    with pytest.raises(NodeUnreachable, match="no node answers"):
        Rpc("http://127.0.0.1:1").call("eth_chainId")


@pytest.mark.parametrize(
    "text", ['{"error": "slow down"}', '{"message": "slow down"}', '["slow down"]', '"slow down"']
)
def test_call__refused_in_another_form__reverts(text):
    with server(lambda _: text) as (host, _), pytest.raises(RpcError, match="slow down"):
        Rpc(f"http://{host}").call("eth_chainId")


@pytest.mark.parametrize(
    "text",
    ['{"id": null, "error": {"code": -32600, "message": "too many"}}', '"too many"'],
)
def test_batch__refused_as_a_whole__reverts(text):
    with server(lambda _: text) as (host, _), pytest.raises(RpcError, match="too many") as seen:
        Rpc(f"http://{host}").batch([("a", []), ("b", [])])
    assert seen.value.method == "a batch"


def test_batch__one_left_out__reverts():
    def answer(body):
        return json.dumps([{"id": body[0]["id"], "result": "a"}])

    with server(answer) as (host, _), pytest.raises(RpcError, match="b failed"):
        Rpc(f"http://{host}").batch([("a", []), ("b", [])])


def test_block__that_the_node_has_not_got__reverts():
    """One of several behind an address may lag behind the one that named it."""

    def answer(body):
        return json.dumps({"id": body["id"], "result": None})

    with server(answer) as (host, _), pytest.raises(NodeBehind, match="hasn't got block 0x7 yet"):
        Rpc(f"http://{host}").block("0x7")
