"""The gauge's machine on the model alone: its invariants at the speed of Python."""

from collections import Counter

from hypothesis.stateful import RuleBasedStateMachine

from keel.models.evm import Clock
from keel.models.gauge.gauge import Gauge
from tests.machines.campaign import run_campaign
from tests.machines.gauge import SITUATIONS, GaugeRules


class ModelMachine(GaugeRules, RuleBasedStateMachine):
    """No chain: rules and invariants as they are."""

    acted, refused = Counter(), Counter()
    owner, distributor = "owner", "distributor"
    stakers = ("staker", "other", "third")
    available = ("token 0", "token 1", "token 2", "token 3")

    def __init__(self):
        super().__init__()
        time = Clock(1_700_000_000)
        self.start_gauge(Gauge("gauge", self.owner, time=time), time)

    def teardown(self):
        self.require_everybody_can_leave()


def test_gauge_machine__on_the_model():
    run_campaign(ModelMachine, SITUATIONS, examples=150, steps=60)
