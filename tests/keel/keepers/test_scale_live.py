"""The catalogue's keepers over Redis, on a devnet: two workers, one of which falls silent."""

from keel.chain.signer import KeySigner
from keel.keepers.scale.service import make_worker, prefix_of
from keel.keepers.scale.triggers import Herald, Triggers
from keel.keepers.supervisor import DEVNET_KEYS, devnet_key
from tests.keel.keepers.living import living_devnet

LEASE_SECONDS = 600.0


def test_workers__one_falls_silent__the_other_reports_rolls_and_settles(redis, tmp_path):
    with living_devnet(tmp_path) as living:
        setups = {name: living.setup(name) for name in (*DEVNET_KEYS, "watchdog")}
        signers = {name: KeySigner(devnet_key(name)[1]) for name in DEVNET_KEYS}
        (one, seen), (two, _) = (
            make_worker(
                redis, name, setups, signers, lease_seconds=LEASE_SECONDS,
                artifacts=living.artifacts,
            )
            for name in ("one", "two")
        )  # fmt: skip
        triggers = Triggers(redis, prefix_of(living.stack.rpc))
        herald = Herald(living.stack.rpc, triggers, setups)
        at_work = [one, two]

        def look(*_block):
            herald.tick()
            for worker in at_work:
                for desk in worker._desks.values():
                    desk.lease.renew()  # nobody's thread does it here
                worker.turn()

        living.live.on_block = look
        living.live.mine(4)
        assert one._desks
        assert two._desks
        assert len(one._desks) + len(two._desks) == len(setups)
        labels = {s.labels["keeper"] for family in seen.collect() for s in family.samples}
        assert labels == set(one._desks)
        at_work.remove(two)
        for desk in two._desks.values():
            desk.close()  # its death would free the locks,
            for fence in desk.lease.tokens:  # and time the leases
                redis.delete(fence.removesuffix("fence") + "lease")
        redis.zrem(f"{prefix_of(living.stack.rpc)}:workers", "two")
        living.live.mine(4)
        assert len(one._desks) == len(setups)
        living.to_report()
        oracle = living.stack.oracle
        assert oracle.call("lastSubmittedRefSlot") == oracle.call("getCurrentFrame")[0]
        assert all(
            handle.vault.struct("position")["seriesId"] for handle in living.stack.vaults.values()
        )
        assert not any(triggers.waiting(keeper) for keeper in setups)
