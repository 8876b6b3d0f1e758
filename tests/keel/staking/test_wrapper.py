import pytest
from hypothesis import given
from hypothesis import strategies as st

from keel.models.evm import MAX_UINT256
from keel.models.staking.errors import ZeroAmount
from keel.models.staking.ledger import RELEASE_PERIOD
from keel.models.staking.shares import UNIT
from tests.machines.drawing import log_scale
from tests.machines.staking_cast import ETHER, build_model, deliver, make_report, put_to_work


@st.composite
def stakings(draw):
    """A pool at some rate, two holders, and kETH that somebody sent to the wrapper."""
    staking = build_model()
    pool = staking.pool
    pool.submit("staker", draw(log_scale(64 * ETHER, 10_000 * ETHER).strategy))
    put_to_work(staking, pool.get_depositable_ether() // (32 * ETHER))
    pooled = pool.get_total_pooled_ether()
    deliver(staking, make_report(staking, draw(st.integers(-pooled // 20, pooled // 20))))
    staking.clock.timestamp += draw(st.integers(0, RELEASE_PERIOD))
    pool.approve("staker", "wrapper", MAX_UINT256)
    pool.transfer("staker", "wrapper", draw(st.integers(0, 10**6)))
    staking.wrapper.receive("other_staker", draw(log_scale(10**10, ETHER).strategy))
    return staking


@given(staking=stakings(), data=st.data())
def test_wrap_unwrap__loses_at_most_two_wei(staking, data):
    pool, wrapper = staking.pool, staking.wrapper
    balance = pool.balance_of("staker")
    offered = data.draw(st.integers(10, balance))
    wrapped = wrapper.wrap("staker", offered)
    assert 0 <= pool.balance_of("staker") - (balance - offered) <= 2
    assert wrapper.unwrap("staker", wrapped) <= offered
    assert balance - 1 <= pool.balance_of("staker") <= balance


@given(staking=stakings(), data=st.data())
def test_deposit__then_every_way_out__gains_nothing(staking, data):
    pool, wrapper = staking.pool, staking.wrapper
    before = pool.exact_shares_of("staker")
    assets = data.draw(st.integers(10, pool.balance_of("staker")))
    promised = wrapper.preview_deposit(assets)
    shares = wrapper.deposit("staker", assets, "staker")
    assert shares == promised
    if data.draw(st.booleans()):
        wrapper.redeem("staker", shares, "staker", "staker")
    else:
        wrapper.withdraw("staker", wrapper.max_withdraw("staker"), "staker", "staker")
    lost = before - pool.exact_shares_of("staker")
    assert 0 <= lost <= 3 * max(UNIT, pool.to_shares_up(1))


@given(staking=stakings(), data=st.data())
def test_previews__bound_and_equal_the_calls(staking, data):
    wrapper = staking.wrapper
    shares = data.draw(st.integers(1, staking.pool.shares_of("staker") - 2))
    assets = wrapper.preview_mint(shares)
    assert wrapper.convert_to_assets(shares) <= assets <= wrapper.convert_to_assets(shares) + 1
    assert wrapper.mint("staker", shares, "staker") == assets
    if not wrapper.max_withdraw("staker"):
        return
    part = data.draw(st.integers(1, wrapper.max_withdraw("staker")))
    burnt = wrapper.preview_withdraw(part)
    assert wrapper.withdraw("staker", part, "staker", "staker") == burnt
    assert burnt >= wrapper.convert_to_shares(part)


@given(staking=stakings(), donation=log_scale(1, ETHER).strategy)
def test_donation__moves_no_price(staking, donation):
    pool, wrapper = staking.pool, staking.wrapper
    before = wrapper.get_rate(), wrapper.total_assets(), wrapper.max_withdraw("other_staker")
    pool.transfer("staker", wrapper.address, min(donation, pool.balance_of("staker")))
    assert before == (
        wrapper.get_rate(),
        wrapper.total_assets(),
        wrapper.max_withdraw("other_staker"),
    )


@given(staking=stakings(), value=log_scale(1, ETHER).strategy)
def test_receive__mints_the_whole_units_of_the_submit(staking, value):
    pool, wrapper = staking.pool, staking.wrapper
    exact_shares = pool.to_shares_down(value)
    held = pool.exact_shares_of(wrapper.address)
    if exact_shares < UNIT:
        with pytest.raises(ZeroAmount):
            wrapper.receive("staker", value)
        return
    assert wrapper.receive("staker", value) == exact_shares // UNIT
    assert pool.exact_shares_of(wrapper.address) == held + exact_shares
