"""The settler among series that anybody lists."""

from keel.chain.rpc import Rpc
from tests.keel.keepers.living import living_devnet

WAD = 10**18
SPAM = 150


def list_others(living, count):
    """Cover of other strikes for the running expiry, as a stranger lists it."""
    live, clearing = living.live, living.stack.clearing
    running = living.stack.vaults["Cover"].vault.struct("lot")["id"]
    (feed, collateral, expiry, kind, _strike, _cap), *_ = clearing.call("stateOf", running)
    before = clearing.call("seriesCount")
    for number in range(count):
        strike = WAD // 2 + number % 100 * WAD // 200
        terms = (feed, collateral, expiry, kind, strike, WAD // 2 - number)
        call = clearing.prepare("listSeries", terms)
        transaction = call.as_transaction(live.world.cast.makers, gas=400_000)
        living.stack.rpc.call("eth_sendTransaction", transaction)
        if number % 50 == 49:
            living.stack.rpc.call("evm_mine")
    living.stack.rpc.call("evm_mine")
    assert clearing.call("seriesCount") == before + count


def test_settler__series_listed_by_anybody__are_not_read(tmp_path, monkeypatch):
    asked = []
    call, batch = Rpc.call, Rpc.batch
    monkeypatch.setattr(Rpc, "call", lambda rpc, *a: asked.append(a) or call(rpc, *a))
    monkeypatch.setattr(Rpc, "batch", lambda rpc, calls: asked.extend(calls) or batch(rpc, calls))
    with living_devnet(tmp_path) as living:
        living.hire("forecaster-1", "forecaster-3", "roller", "settler")
        living.live.mine(4)
        settler = living.runners["settler"]

        def look():
            block = int(living.stack.rpc.block()["number"], 16)
            settler._scanner.catch_up(block)
            asked.clear()
            state = settler.strategy.read(living.stack, settler.journal, block)
            return state, len(asked)

        before, calls = look()
        ids = {vault.vault.struct("lot")["id"] for vault in living.stack.vaults.values()}
        assert {series for each in before.expiries for series in each.series} == ids
        list_others(living, SPAM)
        after, more = look()
        assert after.expiries == before.expiries
        assert more == calls
