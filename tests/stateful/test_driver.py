"""The plain driver: what it draws, counts, makes small, and refuses to call a campaign."""

from collections import Counter
from random import Random

import pytest
from hypothesis.stateful import RuleBasedStateMachine

from tests.machines.drawing import (
    PART,
    Part,
    booleans,
    builds,
    floats,
    integers,
    just,
    lists,
    log_scale,
    mapped,
    mostly,
    none,
    one_of,
    sampled_from,
    tuples,
)
from tests.machines.driver import ExampleFailed, Step, play, random_of, replay
from tests.machines.rules import initialize, invariant, precondition, rule, rules_of
from tests.machines.shrink import shrink, simpler_than
from tests.machines.tally import Tally

DRAWS = (
    PART,
    booleans(),
    builds(Part, wei=integers(1, 60)),
    floats(0.5, 2),
    integers(-5, 5),
    just("word"),
    lists(integers(0, 3), min_size=1, max_size=4),
    log_scale(1, 10**30),
    mostly(none(), integers(0, 2**255)),
    one_of(integers(0, 1), sampled_from([7, 8])),
    tuples(integers(0, 1), booleans()),
)


class Toy(RuleBasedStateMachine):
    """Counts up; breaks once it has counted three times by more than a hundred."""

    acted, refused = Counter(), Counter()

    def __init__(self):
        super().__init__()
        self.total = self.large = 0

    @initialize(start=integers(0, 5))
    def begin(self, start):
        self.total = start
        self.acted["toy.begin"] += 1

    @rule(amount=integers(1, 1_000), name=sampled_from(["one", "other"]))
    def count(self, amount, name):
        self.total += amount
        self.large += amount > 100
        self.acted["toy.count"] += 1
        self.acted["more than a hundred"] += amount > 100

    @rule()
    def refuse(self):
        self.refused["refuse: Never"] += 1

    @precondition(lambda self: self.total > 10**9)
    @rule()
    def unreachable(self):
        raise AssertionError("taken against its precondition")

    @rule()
    def rest(self):
        """Neither acts nor is refused."""

    @invariant()
    def few(self):
        assert self.large < 3, "too many"


class Calm(Toy):
    def few(self):
        pass


@pytest.mark.parametrize("draw", DRAWS)
def test_sample__is_admitted_and_varies(draw):
    random = Random(1)
    values = [draw.sample(random) for _ in range(300)]
    assert all(draw.admits(value) for value in values)
    assert len(set(map(str, values))) > 1 or values[0] == "word"


def test_sample__ends_are_likely():
    random, draw = Random(1), integers(0, 2**256)
    values = [draw.sample(random) for _ in range(1_000)]
    assert min(values.count(0), values.count(2**256)) > 5


@pytest.mark.parametrize(
    ("draw", "value"),
    [
        (integers(0, 5), 6),
        (integers(0, 5), "one"),
        (PART, Part(10**6, 3)),
        (lists(integers(0, 3), min_size=1, max_size=4), []),
        (tuples(booleans()), (True, True)),
        (mapped(integers(0, 5), str), "5"),  # from where, it can't know
    ],
)
def test_admits__not_everything(draw, value):
    assert not draw.admits(value)


def test_rules_of__in_the_order_of_their_names():
    names = [rule.name for rule in rules_of(Toy)]
    assert names == ["begin", "count", "refuse", "rest", "unreachable"]
    assert [rule.name for rule in rules_of(Toy) if rule.initial] == ["begin"]


def test_play__the_same_from_the_same_seed():
    tallies = Tally(), Tally(), Tally()
    for tally, example in zip(tallies, (1, 1, 2), strict=True):
        play(Calm, random_of(7, example), 50, tally)
    assert tallies[0] == tallies[1] != tallies[2]


def test_play__counts_by_rule_and_not_what_opens():
    tally = Tally()
    play(Calm, random_of(7, 0), 200, tally)
    assert sum(deeds.steps for deeds in tally.rules.values()) == 200
    assert tally.rules["count"].calls == tally.rules["count"].steps == tally.calls
    assert "toy.begin" not in tally.acted
    assert tally.refused == {"refuse: Never": tally.rules["refuse"].steps}


def test_faults__idle_rules_and_unseen_situations():
    tally = Tally()
    play(Calm, random_of(7, 0), 200, tally)
    tally.of("refuse").refused["refuse: Never"] = 1
    assert tally.faults(["toy.count", "more than a hundred", "toy.other"]) == [
        "rule never acted: refuse",
        "rule never acted: unreachable",
        "never seen: toy.other",
    ]


@pytest.mark.parametrize(("refused", "is_fault"), [(30, False), (31, True)])
def test_faults__too_many_refused(refused, is_fault):
    tally = Tally()
    deeds = tally.of("count")
    deeds.steps, deeds.acted["toy.count"] = 100, 70
    deeds.acted["not a call"] = 1_000
    deeds.refused["count: Wrong"] = refused
    assert bool(tally.faults([])) == is_fault


def test_add__tallies_of_workers():
    one, two, both = Tally(), Tally(), Tally()
    play(Calm, random_of(7, 0), 100, one)
    play(Calm, random_of(7, 1), 100, two)
    for tally in (one, two):
        both.add(tally)
    assert both.calls == one.calls + two.calls
    assert both.rules["rest"].steps == one.rules["rest"].steps + two.rules["rest"].steps


def test_shrink__to_the_steps_that_matter():
    with pytest.raises(ExampleFailed, match="too many") as failure:
        play(Toy, random_of(7, 0), 200, Tally())
    steps = shrink(Toy, failure.value.steps, failure.value.place)
    assert [step.rule for step in steps] == ["begin", "count", "count", "count"]
    assert [step.drawn["amount"] for step in steps[1:]] == [101, 101, 101]
    with pytest.raises(AssertionError, match="too many"):
        replay(Toy, steps)


def test_shrink__keeps_to_the_place_of_the_failure():
    class Fragile(Toy):
        @rule(amount=integers(0, 9))
        def trip(self, amount):
            assert amount, "another failure, found on the way"

    steps = [Step("begin", {"start": 0}), *[Step("count", {"amount": 500, "name": "one"})] * 3]
    steps.insert(2, Step("trip", {"amount": 1}))
    place = _place(Fragile, steps)
    assert place == _place(Fragile, shrink(Fragile, steps, place))


def _place(machine, steps):
    try:
        replay(machine, steps)
    except Exception as failure:
        return ExampleFailed(steps, failure).place
    return None


def test_replay__passes_over_steps_that_do_not_apply():
    replay(Toy, [Step("begin", {"start": 0}), Step("unreachable", {}), Step("rest", {})])


@pytest.mark.parametrize(
    ("value", "some"),
    [
        (4_321, {0, 1, 1_000, 4_000, 2_160, 4_320}),
        (-7, {0, -1, -3, -6}),
        (True, {False}),
        (Part(5, 0), {Part(0, 0), Part(1, 0)}),
        ((2, "word"), {(0, "word"), (1, "word")}),
        ("word", set()),
        (1, {0}),
        (0, set()),
    ],
)
def test_simpler_than(value, some):
    assert some <= set(simpler_than(value))
    assert value not in set(simpler_than(value))


def test_simpler_than__shorter_lists_first():
    assert next(simpler_than([3, 4])) == [4]
