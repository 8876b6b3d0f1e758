"""Rules of the claims as ERC-6909 tokens."""

from typing import Any

from keel.models.options.clearing import SHORT, OptionClearing
from tests.machines.drawing import PART, booleans, integers, log_scale
from tests.machines.rules import precondition, rule


class ClaimRules:
    """Transfers, allowances, operators."""

    clearing: OptionClearing
    people: tuple[str, ...]

    def act(self, sender: str, function: str, *arguments: Any, **how: Any) -> bool:
        """Predict, mirror, compare."""
        raise NotImplementedError

    def _some_series(self, position: int, wanted: Any) -> int:
        """One of those wanted."""
        raise NotImplementedError

    @precondition(lambda self: self.clearing.books)
    @rule(position=integers(0, 20), side=integers(0, 1), who=integers(0, 26), part=PART)
    def transfer_from(self, position, side, who, part):
        claim_id = self._some_series(position, lambda _book: True) | side
        caller, sender, receiver = (self.people[who // 3**k % 3] for k in range(3))
        amount = part.of(self.clearing.claims[sender, claim_id])
        if caller != sender:
            amount = min(amount, self.clearing.allowances[sender, caller, claim_id] + part.wei)

        def predict():
            self.clearing.transfer_from(caller, sender, receiver, claim_id, amount)
            return True

        arguments = (sender, receiver, claim_id, amount)
        self.act(
            caller, "clearing.transferFrom", *arguments,
            predict=predict, series_id=claim_id & ~SHORT,
        )  # fmt: skip

    @precondition(lambda self: self.clearing.books)
    @rule(position=integers(0, 20), who=integers(0, 8), amount=log_scale(1, 2**256 - 1))
    def approve(self, position, who, amount):
        claim_id = self._some_series(position, lambda _book: True)
        owner, spender = self.people[who % 3], self.people[who // 3]

        def predict():
            self.clearing.allowances[owner, spender, claim_id] = amount
            return True

        self.act(owner, "clearing.approve", spender, claim_id, amount, predict=predict)

    @rule(who=integers(0, 8), approved=booleans())
    def set_operator(self, who, approved):
        owner, operator = self.people[who % 3], self.people[who // 3]

        def predict():
            change = self.clearing.operators.add if approved else self.clearing.operators.discard
            change((owner, operator))
            return True

        self.act(owner, "clearing.setOperator", operator, approved, predict=predict)
