"""Keepers over a real redis-server: leases, fences, triggers, and workers killed at random."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from random import Random
from threading import Event, Thread

import pytest

from keel.chain.anvil import Anvil
from keel.chain.rpc import Rpc
from keel.keepers.action import Action
from keel.keepers.journal import State
from keel.keepers.scale.connection import RedisAway, connect
from keel.keepers.scale.lease import Fenced, take
from keel.keepers.scale.redis_journal import RedisJournal
from keel.keepers.scale.triggers import Herald, Triggers
from keel.keepers.supervisor import devnet_key
from tests.keel.keepers.paying import FIRST, PAYERS, PREFIX, TARGET, make_worker

BLOCKS = 250
WORKERS = 2
KILLS = 12


def make_action(key="key"):
    return Action(key=key, contract="pool", function="f", what="does", why="a test")


# Leases and fences


def test_lease__one_holder_at_a_time_and_each_with_a_higher_token(redis):
    first = take(redis, "key", 60_000)
    assert take(redis, "key", 60_000) is None
    first.release()
    second = take(redis, "key", 60_000)
    assert second.token == first.token + 1
    assert not first.renew()
    first.release()  # of what it lost: nothing happens
    assert second.renew()


def test_lease__not_renewed__runs_out(redis):
    assert take(redis, "key", 50)
    time.sleep(0.1)
    assert take(redis, "key", 60_000)


def test_journal__holder_that_was_overtaken__writes_nothing_more(redis):
    lease = take(redis, "key", 50)
    late = RedisJournal(lease, "keeper")
    late.begin(make_action("mine"), "me", 0, 1)
    time.sleep(0.1)
    late.keep("a", 1)  # late, but nobody has come meanwhile
    journal = RedisJournal(take(redis, "key", 60_000), "keeper")

    def send():
        with late.atomic():
            late.begin(make_action("other"), "me", 1, 1)
            late.remember("0x1", b"raw", {"nonce": 1}, "me", block=1, cancels=False)

    with pytest.raises(Fenced):
        send()
    with pytest.raises(Fenced):
        late.keep("a", 2)
    assert journal.recall("a") == 1
    assert [attempt.key for attempt in journal.attempts()] == ["mine"]
    assert journal.sent("me", 1) == []


def test_journal__overtaken_between_check_and_write__writes_nothing(redis):
    lease = take(redis, "key", 60_000)
    late = RedisJournal(lease, "keeper")
    commit = late._redis.pipeline

    def overtaken(**settings):
        pipe = commit(**settings)
        begin = pipe.multi

        def multi():
            redis.incr(lease.fence)
            begin()

        pipe.multi = multi
        return pipe

    class Slow:
        pipeline = staticmethod(overtaken)

    late._redis = Slow()
    with pytest.raises(Fenced):
        late.keep("a", 1)
    assert redis.hgetall("keeper:memory") == {}


def test_connect__server_that_may_forget__is_refused(redis, redis_url):
    redis.config_set("appendfsync", "everysec")
    try:
        with pytest.raises(RedisAway, match="forget"):
            connect(redis_url)
    finally:
        redis.config_set("appendfsync", "always")


# Triggers


def test_triggers__told_twice__are_there_once(redis):
    triggers = Triggers(redis, "chain")
    triggers.prepare("poker")
    triggers.prepare("poker")
    assert [triggers.add("poker", block) for block in (5, 5, 6, 4)] == [True, False, True, False]
    assert [block for _each, block in triggers.take("poker")] == [5, 6]
    assert triggers.waiting("poker") == 2


def test_triggers__taken_and_not_acknowledged__come_first_for_the_next(redis):
    triggers = Triggers(redis, "chain")
    triggers.prepare("poker")
    triggers.add("poker", 5)
    taken = triggers.take("poker")
    triggers.add("poker", 6)
    assert triggers.take("poker") == taken
    assert triggers.done("poker", [taken[0][0]]) == 1
    assert [block for _each, block in triggers.take("poker")] == [6]


# Workers


def test_workers__share_the_keys_and_take_over(redis, redis_url, tmp_path):
    with Anvil(0, "--no-mining") as anvil:
        one, two = (
            make_worker(redis_url, anvil.url, each, 0, tmp_path, lease_seconds=600.0)
            for each in ("one", "two")
        )
        one.turn()
        assert len(one._desks) == len(PAYERS)
        for _ in range(3):
            two.turn()
            one.turn()
        assert (len(one._desks), len(two._desks)) == (2, 2)
        assert not one._desks.keys() & two._desks.keys()
        one._drop_all()
        redis.zrem(f"{PREFIX}:workers", "one")
        two.turn()
        assert len(two._desks) == len(PAYERS)


def test_workers__with_different_keys_for_one_keeper__one_at_a_time(redis, redis_url, tmp_path):
    """There is one journal: a second writer would follow what the first has sent."""
    with Anvil(0, "--no-mining") as anvil:
        one, two = (
            make_worker(redis_url, anvil.url, each, 0, tmp_path, lease_seconds=600.0)
            for each in ("one", "two")
        )
        one.keys, two.keys = {"settler": devnet_key("settler")[0]}, {"settler": TARGET}
        one.turn()
        two.turn()
        assert [len(each._desks) for each in (one, two)] == [1, 0]
        late = one._desks["settler"].lease
        redis.delete(f"{PREFIX}:journal:settler:lease")  # it was paused, and its lease ran out
        two.turn()
        assert len(two._desks) == 1
        with pytest.raises(Fenced):
            RedisJournal(late, f"{PREFIX}:settler").keep("a", 1)
        assert not late.renew()


class Crew:
    """Worker processes; one that is killed is started again."""

    def __init__(self, *arguments):
        self.arguments, self.kills = arguments, 0
        self.processes = [self.start(number) for number in range(WORKERS)]

    def start(self, number):
        redis_url, rpc_url, folder = self.arguments
        command = [
            "tests.keel.keepers.paying",
            redis_url,
            rpc_url,
            f"worker {number} {time.time()}",
        ]
        return subprocess.Popen(
            [sys.executable, "-m", *command, str(FIRST + BLOCKS - 1), str(folder)], env=os.environ
        )

    def kill(self, number):
        self.processes[number].send_signal(signal.SIGKILL)
        self.processes[number].wait()
        self.kills += 1
        self.processes[number] = self.start(number)

    def stop(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait()


def test_workers__killed_at_random__send_each_once_and_lose_none(
    redis, redis_url, tmp_path, capsys
):
    """Two workers, 1,000 triggers."""
    began = time.monotonic()
    with Anvil(0, "--no-mining", "--accounts", "40") as anvil:
        rpc = Rpc(anvil.url)
        triggers = Triggers(redis, PREFIX)
        herald = Herald(rpc, triggers, PAYERS)
        crew = Crew(redis_url, anvil.url, tmp_path)
        ended, random = Event(), Random(1)

        def fate():
            """By what is paid, not by the clock: a fast machine is no reprieve."""
            own = Rpc(anvil.url)
            for payments in sorted(random.sample(range(1_000), KILLS)):
                while own.balance(TARGET) < payments:
                    if ended.wait(0.02):
                        return
                time.sleep(random.uniform(0, 0.2))
                crew.kill(random.randrange(WORKERS))

        killer = Thread(target=fate)
        killer.start()
        told = 0
        try:
            for _ in range(BLOCKS):
                rpc.call("evm_mine")
                told += herald.tick()
                assert herald.tick() == 0  # the second herald
                time.sleep(0.02)
            for paid_now in as_long_as_it_moves(lambda: rpc.balance(TARGET)):
                if paid_now >= told:
                    break
                rpc.call("evm_mine")
                herald.tick()
                time.sleep(0.1)
        finally:
            ended.set()
            killer.join()
        _let_them_end(rpc, herald, triggers)
        crew.stop()
        paid = _payments(rpc)
        due = {(devnet_key(p)[0].lower(), b) for p in PAYERS for b in range(FIRST, FIRST + BLOCKS)}
        assert told == len(due) == 1_000
        assert set(paid) == due, "none is lost, and nobody paid for anything else"
        assert set(paid.values()) == {1}, "none is paid for twice"
        assert rpc.balance(TARGET) == 1_000
        assert [triggers.waiting(payer) for payer in PAYERS] == [0] * len(PAYERS)
        for payer in PAYERS:
            journal = RedisJournal(
                take(redis, f"{PREFIX}:look:{payer}", 1_000), f"{PREFIX}:{payer}"
            )
            attempts = journal.attempts()
            assert [attempt.state for attempt in attempts] == [State.DONE] * BLOCKS
            address = devnet_key(payer)[0]
            assert int(rpc.call("eth_getTransactionCount", address, "latest"), 16) == BLOCKS
    assert crew.kills == KILLS
    tokens = [int(redis.get(f"{PREFIX}:{devnet_key(payer)[0]}:fence")) for payer in PAYERS]
    with capsys.disabled():
        sys.stdout.write(
            f"\n{told:,} triggers, {WORKERS} workers, {crew.kills} killed, keys changed hands "
            f"{sum(tokens) - len(PAYERS)} times: {sum(paid.values()):,} payments, "
            f"{sum(n - 1 for n in paid.values())} sent twice, {len(due - set(paid))} lost, "
            f"{time.monotonic() - began:.0f} s\n"
        )


def _let_them_end(rpc, herald, triggers):
    """Some blocks more, until every trigger is acknowledged."""
    for waiting in as_long_as_it_moves(lambda: sum(map(triggers.waiting, PAYERS))):
        if not waiting:
            return
        rpc.call("evm_mine")
        herald.tick()
        time.sleep(0.3)


def as_long_as_it_moves(measure):
    """What is measured, again and again, until it has not changed for two minutes."""
    last, since = None, 0.0
    while True:
        now = measure()
        if now != last:
            last, since = now, time.monotonic()
        elif time.monotonic() - since > 120:
            return
        yield now


def _payments(rpc):
    """Who paid for which block, and how often, as the chain has it."""
    paid = Counter()
    for number in range(int(rpc.call("eth_blockNumber"), 16) + 1):
        for sent in rpc.call("eth_getBlockByNumber", hex(number), True)["transactions"]:
            assert sent["to"].lower() == TARGET
            paid[sent["from"].lower(), int(sent["input"], 16)] += 1
    return paid
