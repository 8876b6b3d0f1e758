"""A fund that pays after bonds did pays at the rate that their shares have left, dust included.

Found by the staking machine with seed 77, in example 624.
"""

from tests.machines.catalogue import MACHINES
from tests.machines.chain import AnvilChain
from tests.machines.drawing import Part
from tests.machines.driver import Step, replay

STEPS = [
    # opens with 46 calls
    Step("start_validators", {}),
    # pool.handleReport(Report(ref_slot=141673926, validators=46, exited_validators=0,
    #   cl_balance=1487949037333616895624, deposits_seen=1472000000000000000000,
    #   withdrawal_vault_balance=0, rewards_vault_balance=7974518666808447811, last_request_id=0, re
    #   gistry_hash=b'\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x
    #   00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00', operator_losses=()), 1_700_087_120, 0)
    #   by reporter
    Step(
        "report_gain",
        {
            "growth": Part(millionths=5963, wei=425_343_412),
            "bound": 1,
            "seen": False,
            "swept": Part(),
            "tickets": Part(),
            "hint": 0,
            "blame": (),
        },
    ),
    # pool.handleReport(Report(ref_slot=141673927, validators=46, exited_validators=0,
    #   cl_balance=1487949037333616895623, deposits_seen=1472000000000000000000,
    #   withdrawal_vault_balance=0, rewards_vault_balance=0, last_request_id=0, registry_hash=b'\x00
    #   \x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00
    #   \x00\x00\x00\x00\x00\x00\x00\x00', operator_losses=(OperatorLoss(operator_id=0,
    #   ether_amount=1),)), 1_700_087_132, 0) by reporter
    Step(
        "report_loss",
        {
            "growth": Part(wei=1),
            "bound": 2**128 - 1,
            "seen": False,
            "swept": Part(),
            "tickets": Part(),
            "hint": 0,
            "blame": [(0, 1)],
        },
    ),
    Step("stay_silent", {"seconds": 1}),
    # pool.handleReport(Report(ref_slot=141673928, validators=46, exited_validators=0,
    #   cl_balance=1487949037333616895623, deposits_seen=1472000000000000000000,
    #   withdrawal_vault_balance=0, rewards_vault_balance=0, last_request_id=0, registry_hash=b'\x00
    #   \x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00
    #   \x00\x00\x00\x00\x00\x00\x00\x00', operator_losses=(OperatorLoss(operator_id=0,
    #   ether_amount=53933181490964513473),)), 1_700_087_145, 0) by reporter
    Step(
        "report_gain",
        {
            "growth": Part(),
            "bound": 1,
            "seen": False,
            "swept": Part(),
            "tickets": Part(),
            "hint": 0,
            "blame": [(0, 53_933_181_490_964_513_473)],
        },
    ),
]


def test_blamed_loss__the_fund_pays_at_the_rate_after_the_bonds(fast_rpc, artifacts):
    replay(MACHINES["staking"].open(AnvilChain(fast_rpc), artifacts), STEPS)
