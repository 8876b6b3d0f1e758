"""A connection to Redis, and a server of one's own."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis

from keel.chain.anvil import free_port
from keel.errors import KeelError

Redis = Any
"""A client: redis-py's types say of each answer that it may have to be awaited."""
_START_SECONDS = 20.0


class RedisAway(KeelError):
    """Nothing answers, or it isn't what journals need."""


def connect(url: str) -> Redis:
    """A client; raises `RedisAway` unless it answers and writes to disk before it does.

    What a keeper has written down must be there after the server's power fails.
    """
    client: Redis = redis.Redis.from_url(url, decode_responses=True, health_check_interval=15)
    try:
        found = client.config_get("append*")
    except redis.RedisError as failure:
        raise RedisAway(
            f"no Redis answers ({type(failure).__name__})", "check the URL and that it runs"
        ) from None
    if found.get("appendonly") != "yes" or found.get("appendfsync") != "always":
        raise RedisAway(
            "this Redis may forget what it has confirmed",
            "start it with --appendonly yes --appendfsync always",
        )
    return client


@contextmanager
def own_server(folder: Path, port: int = 0) -> Iterator[str]:
    """A `redis-server` below a folder, on this machine alone, as long as the block lasts: its URL.

    It takes up what it left there.
    """
    program = shutil.which("redis-server")
    if program is None:
        raise RedisAway("there is no redis-server", "install it: apt-get install redis-server")
    folder.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    settings = (
        f"--port {port} --bind 127.0.0.1 --appendonly yes --appendfsync always --daemonize no "
        f"--maxmemory-policy noeviction --loglevel warning --logfile redis.log"
    )
    process = subprocess.Popen([program, *settings.split(), "--save", ""], cwd=folder)
    try:
        url = f"redis://127.0.0.1:{port}/0"
        _await(url, process)
        yield url
    finally:
        process.terminate()
        process.wait()


def _await(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    client = redis.Redis.from_url(url)
    while True:
        try:
            client.ping()
            return
        except redis.RedisError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RedisAway("redis-server didn't start", "see redis.log beside it") from None
            time.sleep(0.02)
