"""The report as a function of two states: the same for every member, and bounded by both."""

from hypothesis import given
from hypothesis import strategies as st

from keel.keepers.beacon import FAR_FUTURE, LayerState, Pending, Validator
from keel.keepers.report import ChainState, KeyRecord, build
from keel.keepers.rules import Waiting
from keel.models.staking.keys import Event, Status

GWEI, ETHER = 10**9, 10**18
OURS = b"\x01" + bytes(11) + b"\xaa" * 20
FOREIGN = b"\x01" + bytes(11) + b"\xbb" * 20
SLOT, TIME, HOUR = 14_399, 1_800_000_000, 3_600
EPOCH = SLOT // 32
STATUSES = [status for status in Status if status is not Status.UNUSED]

balances = st.integers(0, 40 * GWEI)
epochs = st.sampled_from([1, EPOCH, EPOCH + 1, FAR_FUTURE])
validators = st.builds(
    Validator,
    balance=balances,
    credentials=st.sampled_from([OURS, b"\x02" + OURS[1:], FOREIGN]),
    slashed=st.booleans(),
    exit_epoch=epochs,
    withdrawable_epoch=epochs,
)
pendings = st.builds(Pending, amount=balances, credentials=st.sampled_from([OURS, FOREIGN]))


@st.composite
def worlds(draw):
    count = draw(st.integers(0, 12))
    keys = tuple(
        KeyRecord(
            operator=number % 3,
            index=number // 3,
            pubkey=number.to_bytes(48, "big"),
            status=draw(st.sampled_from(STATUSES)),
            slashed=draw(st.booleans()),
        )
        for number in range(count)
    )
    tickets = draw(
        st.lists(st.tuples(st.integers(100, 50 * ETHER), st.integers(0, 3 * HOUR)), max_size=8)
    )
    ages = sorted((age for _nominal, age in tickets), reverse=True)
    chain = ChainState(
        ref_slot=SLOT,
        ref_timestamp=TIME,
        credentials=OURS,
        keys=keys,
        validators=draw(st.integers(0, 3)),
        buffered=draw(st.integers(0, 100 * ETHER)),
        withdrawal_vault=draw(st.integers(0, 50 * ETHER)),
        rewards_vault=draw(st.integers(0, ETHER)),
        margin=HOUR,
        waiting=tuple(
            Waiting(ticket_id=7 + place, nominal=nominal, advanced=0, requested_at=TIME - age)
            for place, ((nominal, _age), age) in enumerate(zip(tickets, ages, strict=True))
        ),
    )

    def layer(slot):
        some = draw(st.sets(st.sampled_from(keys), max_size=count)) if keys else set()
        others = draw(st.sets(st.sampled_from(keys), max_size=count)) if keys else set()
        return LayerState(
            slot=slot,
            validators={key.pubkey: draw(validators) for key in sorted(some, key=str)},
            pending={key.pubkey: draw(pendings) for key in sorted(others, key=str)},
        )

    return chain, layer(SLOT), draw(st.one_of(st.none(), st.builds(lambda: layer(SLOT - 7_200))))


@given(worlds())
def test_build__the_order_of_answers_means_nothing(world):
    chain, layer, before = world
    turned = LayerState(
        slot=layer.slot,
        validators=dict(reversed(layer.validators.items())),
        pending=dict(reversed(layer.pending.items())),
    )
    assert build(chain, turned, before) == build(chain, layer, before)


@given(worlds())
def test_build__counts_only_what_is_the_pools(world):
    chain, layer, before = world
    report = build(chain, layer, before).report
    mine = [v for v in layer.validators.values() if v.credentials[12:] == OURS[12:]]
    least = sum(v.balance for v in mine) * GWEI
    most = least + sum(p.amount for p in layer.pending.values()) * GWEI
    assert least <= report.cl_balance <= most
    assert report.exited_validators == sum(v.exit_epoch <= EPOCH for v in mine)
    assert report.validators >= max(chain.validators, len(mine))


@given(worlds())
def test_build__pays_only_old_tickets_and_only_with_what_is_there(world):
    chain, layer, before = world
    last = build(chain, layer, before).report.last_request_id
    paid = [ticket for ticket in chain.waiting if ticket.ticket_id <= last]
    assert sum(ticket.nominal for ticket in paid) <= (
        chain.buffered + chain.withdrawal_vault + chain.rewards_vault
    )
    assert all(ticket.requested_at <= TIME - HOUR for ticket in paid)
    rest = [ticket for ticket in chain.waiting if ticket.ticket_id > last]
    if rest and rest[0].requested_at <= TIME - HOUR:
        assert sum(ticket.nominal for ticket in [*paid, rest[0]]) > (
            chain.buffered + chain.withdrawal_vault + chain.rewards_vault
        )


@given(worlds())
def test_build__news_are_what_the_registry_takes(world):
    chain, layer, before = world
    statuses = {(key.operator, key.index): key for key in chain.keys}
    takes = {
        Event.CONFIRMED: {Status.PREDEPOSITED},
        Event.REJECTED: {Status.PREDEPOSITED},
        Event.EXITING: {Status.FUNDED},
        Event.SLASHED: {Status.FUNDED, Status.EXITING},
        Event.SETTLED: {Status.EXITING},
    }
    news = build(chain, layer, before).news
    assert len(set(news)) == len(news)
    for each in news:
        key = statuses[each.operator_id, each.key_index]
        assert key.status in takes[each.what]
        assert not (each.what is Event.SLASHED and key.slashed)


@given(worlds())
def test_build__blames_only_falls_below_full_and_only_with_a_state_before(world):
    chain, layer, before = world
    losses = build(chain, layer, before).report.operator_losses
    assert [loss.operator_id for loss in losses] == sorted({loss.operator_id for loss in losses})
    assert all(loss.ether_amount >= ETHER // 10 for loss in losses)
    if before is None:
        assert losses == ()
    for loss in losses:
        fell = sum(
            max(0, before.validators[key.pubkey].balance - layer.validators[key.pubkey].balance)
            for key in chain.keys
            if key.operator == loss.operator_id
            and key.pubkey in before.validators
            and key.pubkey in layer.validators
        )
        assert loss.ether_amount <= fell * GWEI


@given(worlds())
def test_build__deposits_are_those_of_the_keys_statuses(world):
    chain, layer, before = world
    funded = (Status.FUNDED, Status.EXITING, Status.SETTLED)
    expected = sum(32 if key.status in funded else 1 for key in chain.keys) * ETHER
    assert build(chain, layer, before).report.deposits_seen == expected
