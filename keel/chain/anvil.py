"""A real Anvil as a child process that never outlives its parent."""

import ctypes
import shutil
import signal
import socket
import subprocess
import sys
import time
from types import TracebackType
from typing import Self

from keel.chain.rpc import NodeUnreachable, Rpc
from keel.errors import KeelError

_START_SECONDS = 20.0
_STOP_SECONDS = 30.0
"""It may have a state to write."""
_PR_SET_PDEATHSIG = 1


class AnvilFailed(KeelError):
    """Anvil is missing, its port is taken, or it died at the start."""


class Anvil:
    """Anvil on a port of its own; a context manager.

    Parameters
    ----------
    port : int, optional
        0 takes a free one.
    options : str
        Further command-line options.
    """

    def __init__(self, port: int = 0, *options: str, host: str = "127.0.0.1") -> None:
        self.host = host
        self.port = port or free_port()
        self.url = f"http://{host}:{self.port}"
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start, and wait until it answers."""
        binary = shutil.which("anvil")
        if binary is None:
            raise AnvilFailed("anvil is not on PATH", "run through make, or `source .ci/env.sh`")
        if _is_open(self.host, self.port):
            raise AnvilFailed(f"port {self.port} is in use", "choose another with --port")
        command = [binary, "--host", self.host, "--port", str(self.port), "--silent"]
        self._process = subprocess.Popen(
            [*command, *self._options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )
        try:
            self._await_answer()
        except BaseException:
            self.stop()
            raise
        return self

    def _await_answer(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                stderr = self._process.stderr
                said = stderr.read().decode(errors="replace").strip() if stderr else ""
                raise AnvilFailed(
                    f"anvil stopped at once: {said.splitlines()[-1] if said else 'no message'}",
                    "run `anvil` by hand to see why",
                )
            try:
                Rpc(self.url, timeout=5.0).call("eth_chainId")
                return
            except NodeUnreachable:
                time.sleep(0.02)
        raise AnvilFailed(f"anvil did not answer within {_START_SECONDS:.0f} s", "try again")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()

    def restart(self) -> None:
        """End, and start again on the same port; with `--state` the chain goes on."""
        self.stop()
        self.__enter__()

    def stop(self) -> None:
        """End the process; does nothing if it has ended."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stderr:
            process.stderr.close()


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def free_port() -> int:
    """A free port, which the system gives to nobody else for a minute.

    A connection that its server's side ended keeps the port from those who ask for any, not from
    a server that names it.
    """
    with socket.socket() as server, socket.socket() as client:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", 0))
        server.listen(1)
        client.connect(server.getsockname())
        server.accept()[0].close()
        port: int = server.getsockname()[1]
        return port


def _is_open(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((host, port)) == 0
