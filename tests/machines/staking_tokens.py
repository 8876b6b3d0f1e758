"""Rules on kETH and wkETH. Each is played on the model first; `mirror` repeats it elsewhere.

The model names its functions as the contracts do (in snake case): one line is the act of a rule.
"""

import pickle
import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar, NamedTuple

from hypothesis.stateful import RuleBasedStateMachine

from keel.models.evm import MAX_UINT256, ZERO_ADDRESS, Address, Revert
from keel.models.staking.build import Staking
from keel.models.staking.errors import StakingIsPaused
from keel.models.staking.shares import UNIT
from tests.machines.drawing import (
    PART,
    integers,
    just,
    log_scale,
    mostly,
    one_of,
    sampled_from,
    tuples,
)
from tests.machines.rules import note, rule
from tests.machines.staking_cast import (
    ETHER,
    MAX_STAKE_LIMIT,
    SLOT,
    build_model,
    fee_shares,
)

HOLDERS = ("staker", "other_staker", "spender")
HOLDER = sampled_from(HOLDERS)
SPENDER = mostly(just("spender"), HOLDER)
RECEIVER = mostly(HOLDER, sampled_from(["pool", "queue", "wrapper", "nobody", "treasury"]))
ALLOWANCE = mostly(
    just(MAX_UINT256), one_of(just(0), log_scale(1, 10_000 * ETHER), log_scale(1, 10**9))
)
HEARD = ("mirror", "mirror_swap")
"""Methods that the driver wraps to listen; no state."""
NEW_ETHER = mostly(log_scale(1, 10_000 * ETHER), sampled_from([0, 1, MAX_STAKE_LIMIT + 1]))


class Call(NamedTuple):
    """One transaction: contract and function by their Solidity names."""

    sender: str
    contract: str
    function: str
    arguments: tuple[Any, ...]
    value: int


class TokenRules(RuleBasedStateMachine):
    """Holders of kETH and wkETH, and the owner who sets limits and fees."""

    acted: ClassVar[Counter[str]]
    refused: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self._not_ours = frozenset(vars(self))
        self.model = self.build()
        self.clock = self.model.clock
        self.pool, self.wrapper, self.queue = (
            self.model.pool,
            self.model.wrapper,
            self.model.queue,
        )
        self.inflow = self.pool.ledger.buffered

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.acted, cls.refused = Counter(), Counter()

    # What a subclass may change

    def who(self, name: str) -> Address:
        return ZERO_ADDRESS if name == "nobody" else name

    def build(self) -> Staking:
        return build_model(self.who)

    def state(self) -> bytes:
        """What `restore` takes: all that this machine remembers, its models first of all."""
        ours = vars(self).keys() - self._not_ours
        return pickle.dumps({name: vars(self)[name] for name in ours if name not in HEARD})

    def restore(self, state: bytes) -> None:
        """Go back to a state."""
        vars(self).update(pickle.loads(state))

    def mirror(self, call: Call, outcome: Any) -> None:
        """Repeat the call elsewhere; `outcome` is the model's result or refusal."""

    # Acting

    def act(
        self,
        name: str,
        function: str,
        *arguments: Any,
        value: int = 0,
        twin: Callable[[Address], Any] | None = None,
    ) -> Any:
        """Call `contract.function` as `name`; return the result, or the refusal."""
        contract, _, function = function.partition(".")
        call = Call(
            sender=self.who(name),
            contract=contract,
            function=function,
            arguments=arguments,
            value=value,
        )
        self.clock.timestamp += SLOT
        try:
            if twin is None:
                outcome = getattr(getattr(self.model, contract), snake_case(function))(
                    call.sender, *arguments
                )
            else:
                outcome = twin(call.sender)
        except Revert as refusal:
            outcome = refusal
            self.refused[f"{function}: {type(refusal).__name__}"] += 1
            note(f"{function} refused: {type(refusal).__name__}")
        else:
            self.acted[f"{contract}.{function}"] += 1
        self.mirror(call, outcome)
        return outcome

    def open_positions(self) -> None:
        for name in HOLDERS:
            for contract in ("pool", "wrapper"):
                for spender in ("wrapper", "queue", "spender"):
                    self.approve(contract, name, spender, MAX_UINT256)
            self.submit(name, 1_000 * ETHER)
            self.stake_and_wrap(name, 300 * ETHER)

    def balance(self, name: str) -> int:
        return self.pool.balance_of(self.who(name))

    def shares(self, name: str) -> int:
        return self.pool.shares_of(self.who(name))

    def wrapped(self, name: str) -> int:
        return self.wrapper.balance_of(self.who(name))

    def _taken_in(self, outcome: Any, value: int) -> None:
        if not isinstance(outcome, Revert):
            self.inflow += value
        elif isinstance(outcome, StakingIsPaused):
            self.act("owner", "pool.resume")

    # kETH

    @rule(name=HOLDER, value=NEW_ETHER)
    def submit(self, name, value):
        outcome = self.act(
            name, "pool.submit", ZERO_ADDRESS, value=value,
            twin=lambda sender: self.pool.submit(sender, value) // UNIT,
        )  # fmt: skip
        self._taken_in(outcome, value)

    @rule(contract=sampled_from(["pool", "wrapper"]), name=HOLDER,
          spender=sampled_from(["spender", "wrapper", "queue"]), amount=ALLOWANCE)  # fmt: skip
    def approve(self, contract, name, spender, amount):
        self.act(name, f"{contract}.approve", self.who(spender), amount)

    @rule(name=HOLDER, to=RECEIVER, part=PART)
    def transfer(self, name, to, part):
        self.act(name, "pool.transfer", self.who(to), part.of(self.balance(name)))

    @rule(name=SPENDER, owner=HOLDER, to=RECEIVER, part=PART)
    def transfer_from(self, name, owner, to, part):
        amount = part.of(self.balance(owner))
        self.act(name, "pool.transferFrom", self.who(owner), self.who(to), amount)

    @rule(name=HOLDER, to=RECEIVER, part=PART)
    def transfer_shares(self, name, to, part):
        self.act(name, "pool.transferShares", self.who(to), part.of(self.shares(name)))

    @rule(name=SPENDER, owner=HOLDER, to=RECEIVER, part=PART)
    def transfer_shares_from(self, name, owner, to, part):
        shares = part.of(self.shares(owner))
        self.act(name, "pool.transferSharesFrom", self.who(owner), self.who(to), shares)

    # wkETH

    @rule(name=HOLDER, value=NEW_ETHER)
    def stake_and_wrap(self, name, value):
        outcome = self.act(
            name, "wrapper.receive", value=value,
            twin=lambda sender: self.wrapper.receive(sender, value),
        )  # fmt: skip
        self._taken_in(outcome, value)

    @rule(name=HOLDER, part=PART)
    def wrap(self, name, part):
        self.act(name, "wrapper.wrap", part.of(self.balance(name)))

    @rule(name=HOLDER, part=PART)
    def wrap_shares(self, name, part):
        self.act(name, "wrapper.wrapShares", part.of(self.shares(name)))

    @rule(name=HOLDER, part=PART)
    def unwrap(self, name, part):
        self.act(name, "wrapper.unwrap", part.of(self.wrapped(name)))

    @rule(name=HOLDER, to=HOLDER, part=PART)
    def deposit(self, name, to, part):
        self.act(name, "wrapper.deposit", part.of(self.balance(name)), self.who(to))

    @rule(name=HOLDER, to=HOLDER, part=PART)
    def mint(self, name, to, part):
        self.act(name, "wrapper.mint", part.of(self.shares(name)), self.who(to))

    @rule(name=SPENDER, to=RECEIVER, owner=HOLDER, part=PART)
    def withdraw(self, name, to, owner, part):
        assets = part.of(self.wrapper.max_withdraw(self.who(owner)))
        self.act(name, "wrapper.withdraw", assets, self.who(to), self.who(owner))

    @rule(name=SPENDER, to=RECEIVER, owner=HOLDER, part=PART)
    def redeem(self, name, to, owner, part):
        shares = part.of(self.wrapped(owner))
        self.act(name, "wrapper.redeem", shares, self.who(to), self.who(owner))

    @rule(name=HOLDER, to=HOLDER, part=PART)
    def transfer_wrapped(self, name, to, part):
        self.act(name, "wrapper.transfer", self.who(to), part.of(self.wrapped(name)))

    @rule(name=SPENDER, owner=HOLDER, to=HOLDER, part=PART)
    def transfer_wrapped_from(self, name, owner, to, part):
        amount = part.of(self.wrapped(owner))
        self.act(name, "wrapper.transferFrom", self.who(owner), self.who(to), amount)

    # Limits and fees

    @rule(name=mostly(just("guardian"), HOLDER))
    def pause(self, name):
        self.act(name, "pool.pause")

    @rule(name=sampled_from(["owner", "guardian"]))
    def resume(self, name):
        self.act(name, "pool.resume")

    @rule(
        limit=log_scale(MAX_STAKE_LIMIT // 2, MAX_STAKE_LIMIT * 2),
        period=mostly(integers(60, 30 * 86_400), sampled_from([59, 60, 30 * 86_400 + 1])),
    )
    def set_stake_limit(self, limit, period):
        self.act("owner", "pool.setStakeLimit", limit, period)

    @rule(bps=tuples(*[mostly(integers(0, 600), integers(500, 2_001))] * 3))
    def set_fees(self, bps):
        fees = fee_shares(bps, self.who)
        self.act(
            "owner", "pool.setFees", [(part.recipient, part.fee_bps) for part in fees],
            twin=lambda sender: self.pool.set_fees(sender, fees),
        )  # fmt: skip

    @rule(seconds=mostly(integers(1, 86_400), integers(86_400, 10 * 86_400)))
    def wait(self, seconds):
        self.clock.timestamp += seconds


@cache
def snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
