import pytest

from keel.keepers.escape import EscapeState, decide


@pytest.mark.parametrize(
    ("lent", "waiting", "finalised", "cleared"),
    [
        (0, 0, [], []),
        (90, 90, [], []),
        (90, 90, [1, 2], []),  # netted: what is out is on tickets that wait
        (91, 90, [1, 2], [1, 2]),
        (90, 0, [4], [4]),
    ],
)
def test_decide__clears_what_is_out_on_finalised_tickets(lent, waiting, finalised, cleared):
    assert decide(EscapeState(lent=lent, waiting=waiting, finalised=finalised)) == cleared
