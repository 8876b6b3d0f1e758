"""Rules on operators: bonds, keys, deposits, exits, and the oracle's news."""

from typing import Any

from keel.models.evm import MAX_UINT256, Revert
from keel.models.staking.errors import StakingIsPaused
from keel.models.staking.keys import Event, KeyNews, Status
from keel.models.staking.ledger import OperatorLoss
from keel.models.staking.registry import DAY, cap_of
from keel.models.staking.shares import UNIT
from tests.machines.drawing import (
    PART,
    booleans,
    integers,
    just,
    lists,
    log_scale,
    mostly,
    one_of,
    sampled_from,
    tuples,
)
from tests.machines.rules import invariant, precondition, rule
from tests.machines.staking_cast import ETHER, MANAGERS, made_up_keys
from tests.machines.staking_tokens import HOLDER, TokenRules

MANAGER = mostly(just("its manager"), HOLDER)
OWNER = mostly(just("owner"), HOLDER)
OPERATOR = mostly(integers(0, 10**6), just(MAX_UINT256))
"""A position among the operators; the largest is nobody's."""
INDEX = mostly(integers(0, 10**6), just(MAX_UINT256))
LIKELY = (*[Event.CONFIRMED] * 3, *[Event.EXITING] * 2, Event.REJECTED, *Event)
SOME_KEYS = one_of(integers(1, 6), sampled_from([0, 60, 60, 60]))
LOST = one_of(log_scale(1, 3 * ETHER), log_scale(ETHER, 100 * ETHER))
BLAME = one_of(just(()), just(()), lists(tuples(integers(0, 3), LOST), min_size=1, max_size=2))
MOST_OPERATORS = 6

FITTING = {
    Event.CONFIRMED: (Status.PREDEPOSITED,),
    Event.REJECTED: (Status.PREDEPOSITED,),
    Event.EXITING: (Status.FUNDED,),
    Event.SETTLED: (Status.EXITING, Status.FUNDED),
    Event.SLASHED: (Status.FUNDED, Status.EXITING),
    Event.UNDERPERFORMED: (Status.FUNDED, Status.EXITING),
}

OPERATOR_SITUATIONS = (
    "pool.depositValidators", "pool.fundValidators",
    *(f"bonds.{name}" for name in ("depositBond", "stakeBond", "withdrawBond")),
    *(f"registry.{name}" for name in (
        "addOperator", "setManager", "addKeys", "removeKeys", "stopOperator", "pardon", "refresh",
        "requestExits", "applyNews", "chargeLateExit",
    )),
    *(f"key {event.name.lower()}" for event in Event),
    "bond exhausted", "cap reached",
)  # fmt: skip


class OperatorRules(TokenRules):
    """What operators, the depositor, the exit manager and the oracle do to the registry."""

    def __init__(self) -> None:
        super().__init__()
        self.registry, self.bonds = self.model.registry, self.model.bonds
        self.keys_made = [0] * MOST_OPERATORS
        self.news_slot = 0

    # Opening

    def open_operators(self, keys: int, validators: int) -> None:
        """Two operators with many keys and two with one key each join; validators are funded."""
        for name, count in zip(MANAGERS, (keys, keys, 1, 1), strict=True):
            self.act(name, "pool.approve", self.bonds.address, MAX_UINT256)
            self.act(name, "registry.addOperator", name, self.who(name), twin=self._added(name))
            operator_id = len(self.registry.operators) - 1
            self._stake_bond(name, operator_id, self.bonds.terms.required(count) + 1_000)
            self._add_keys(name, operator_id, count)
        for name in HOLDERS_WITH_BONDS:
            self.act(name, "pool.approve", self.bonds.address, MAX_UINT256)
        self.deposit_validators("depositor", validators, check_nonce=True)
        waiting = self._keys(Status.PREDEPOSITED)
        self._tell([KeyNews(operator_id, i, Event.CONFIRMED) for operator_id, i in waiting])
        self.fund_validators("staker", validators)

    def _added(self, name: str) -> Any:
        return lambda sender: self.registry.add_operator(sender, self.who(name))

    # Operators and bonds

    @precondition(lambda self: len(self.registry.operators) < MOST_OPERATORS)
    @rule(name=HOLDER, manager=mostly(HOLDER, just("nobody")))
    def add_operator(self, name, manager):
        self.act(name, "registry.addOperator", name, self.who(manager), twin=self._added(manager))

    @precondition(lambda self: len(self.registry.operators) < MOST_OPERATORS)
    @rule(name=HOLDER)
    def crowd(self, name):
        """One more joins with a key, and deposits go on until the cap or the ether stops them."""
        operator_id = len(self.registry.operators)
        self.add_operator(name, name)
        self._stake_bond(name, operator_id, self.bonds.terms.required(1) + 1_000)
        self._add_keys(name, operator_id, 1)
        self.deposit_validators("depositor", 60, check_nonce=False)

    @rule(name=MANAGER, operator=OPERATOR, manager=mostly(HOLDER, just("nobody")))
    def set_manager(self, name, operator, manager):
        operator_id = self._operator(operator)
        self.act(self._sender(name, operator_id), "registry.setManager", operator_id,
                 self.who(manager))  # fmt: skip

    @rule(name=HOLDER, operator=OPERATOR, part=PART)
    def deposit_bond(self, name, operator, part):
        amount = part.of(min(self.balance(name), 40 * ETHER))
        self.act(name, "bonds.depositBond", self._operator(operator), amount)

    @rule(name=HOLDER, operator=OPERATOR, value=mostly(log_scale(1, 20 * ETHER), just(0)))
    def stake_bond(self, name, operator, value):
        self._stake_bond(name, self._operator(operator), value)

    def _stake_bond(self, name: str, operator_id: int, value: int) -> None:
        outcome = self.act(
            name, "bonds.stakeBond", operator_id, value=value,
            twin=lambda _sender: self._staked_bond(operator_id, value),
        )  # fmt: skip
        self._taken_in(outcome, value)

    def _staked_bond(self, operator_id: int, value: int) -> int:
        self.pool.preview_submit(value)
        self.registry.operator(operator_id)
        self.bonds.share_out()
        exact_shares = self.pool.submit(self.bonds.address, value)
        self.bonds.add_staked(operator_id, exact_shares)
        return exact_shares

    @rule(name=MANAGER, operator=OPERATOR, to=mostly(HOLDER, sampled_from(["nobody", "pool"])),
          part=PART, everything=booleans())  # fmt: skip
    def withdraw_bond(self, name, operator, to, part, everything):
        operator_id = self._operator(operator)
        shares = MAX_UINT256
        if not everything:
            shares = part.of(self.bonds.shares.get(operator_id, 0) // UNIT // 8)
        self.act(self._sender(name, operator_id), "bonds.withdrawBond", operator_id, shares,
                 self.who(to))  # fmt: skip

    @rule(operator=OPERATOR)
    def refresh(self, operator):
        operator_id = self._operator(operator)
        self.act("staker", "registry.refresh", operator_id,
                 twin=lambda _sender: self.registry.refresh(operator_id))  # fmt: skip

    @rule(name=OWNER, operator=OPERATOR, stopped=booleans())
    def stop_operator(self, name, operator, stopped):
        self.act(name, "registry.stopOperator", self._operator(operator), stopped)

    @rule(name=OWNER, operator=OPERATOR)
    def pardon(self, name, operator):
        self.act(name, "registry.pardon", self._operator(operator))

    # Keys

    @rule(name=MANAGER, operator=OPERATOR, count=mostly(integers(1, 4), just(0)),
          amiss=mostly(just(""), sampled_from(["known", "twice", "cut"])))  # fmt: skip
    def add_keys(self, name, operator, count, amiss):
        operator_id = self._operator(operator)
        self._add_keys(self._sender(name, operator_id), operator_id, count, amiss)

    def _add_keys(self, name: str, operator_id: int, count: int, amiss: str = "") -> None:
        first = self.keys_made[operator_id % MOST_OPERATORS]
        if amiss == "known":
            first = max(0, first - count)
        pubkeys, signatures = made_up_keys(operator_id % MOST_OPERATORS, first, count)
        if amiss == "twice":
            pubkeys, signatures = pubkeys * 2, signatures * 2
        elif amiss == "cut":
            pubkeys = pubkeys[1:]
        outcome = self.act(name, "registry.addKeys", operator_id, pubkeys, signatures)
        if not isinstance(outcome, Revert):
            self.keys_made[operator_id] = max(first + count, self.keys_made[operator_id])

    @rule(name=MANAGER, operator=OPERATOR, count=mostly(integers(1, 3), sampled_from([0, 999])))
    def remove_keys(self, name, operator, count):
        operator_id = self._operator(operator)
        self.act(self._sender(name, operator_id), "registry.removeKeys", operator_id, count)

    # Deposits

    @rule(name=mostly(just("depositor"), HOLDER), keys=SOME_KEYS, check_nonce=booleans())
    def deposit_validators(self, name, keys, check_nonce):
        outcome = self.act(
            name, "pool.depositValidators", keys, check_nonce,
            twin=lambda sender: self.pool.deposit_validators(sender, keys),
        )  # fmt: skip
        if isinstance(outcome, StakingIsPaused):
            self.act("owner", "pool.resume")
        self.acted["cap reached"] += keys > 0 and self._at_cap()

    def _at_cap(self) -> bool:
        operators = self.registry.operators
        fills = [operator.fill for operator in operators if operator.offering]
        present = sum(operator.is_present for operator in operators)
        validators = sum(operator.fill for operator in operators)
        return bool(fills) and min(fills) >= cap_of(validators + 1, present)

    @rule(name=HOLDER, keys=mostly(integers(1, 6), just(0)), in_vain=integers(0, 3))
    def fund_validators(self, name, keys, in_vain=0):
        if self._keys(Status.CONFIRMED) or not in_vain:
            self.act(name, "pool.fundValidators", keys)

    # Exits and news

    @rule(name=OWNER, count=integers(0, 3))
    def request_exits(self, name, count):
        self.act(
            name, "registry.requestExits", count,
            twin=lambda sender: len(self.registry.request_exits(sender, count)),
        )  # fmt: skip

    def _asked(self) -> list[tuple[int, int]]:
        """Keys whose operators were asked for an exit that isn't seen yet."""
        return [
            (operator_id, index)
            for operator_id, operator in enumerate(self.registry.operators)
            for index, key in enumerate(operator.keys)
            if key.exit_requested_at and key.status is Status.FUNDED
        ]

    @precondition(lambda self: self._asked())
    @rule(operator=OPERATOR, index=INDEX, name=HOLDER, in_vain=integers(0, 2))
    def charge_late_exit(self, operator, index, name, in_vain=0):
        asked = self._asked()
        oldest = min(self.registry.key(*each).exit_requested_at for each in asked)
        if in_vain and oldest > self.registry.last_news[1] - 4 * DAY:
            return
        if index != MAX_UINT256:
            operator_id, number = asked[index % len(asked)]
        else:
            operator_id, number = self._operator(operator), index
        self._charge_late_exit(name, operator_id, number)

    def _charge_late_exit(self, name: str, operator_id: int, index: int) -> None:
        self.act(
            name, "registry.chargeLateExit", operator_id, index,
            twin=lambda _sender: self.registry.charge_late_exit(operator_id, index),
        )  # fmt: skip

    @rule(days=integers(0, 5), name=HOLDER)
    def miss_an_exit(self, days, name):
        """Ask for one, and let news come that don't tell of it; in time with four days or less."""
        asked = len(self._asked())
        self.request_exits("owner", 1)
        self.clock.timestamp += days * DAY
        self._tell([])
        if len(self._asked()) > asked:
            operator_id, index = max(
                self._asked(), key=lambda key: self.registry.key(*key).exit_requested_at
            )
            self._charge_late_exit(name, operator_id, index)

    @rule(name=mostly(just("reporter"), HOLDER), amiss=mostly(just(""), sampled_from(["old"])),
          picks=lists(tuples(sampled_from(LIKELY), INDEX, mostly(just(True), booleans())),
                      min_size=0, max_size=6))  # fmt: skip
    def apply_news(self, name, amiss, picks):
        news: list[KeyNews] = []
        for what, index, fits in picks:
            keys = self._keys(*(FITTING[what] if fits else Status))
            told = {(each.operator_id, each.key_index) for each in news}
            keys = [key for key in keys if not fits or key not in told]
            if keys:
                operator_id, number = keys[index % len(keys)]
                unknown = not fits and index == MAX_UINT256
                news.append(KeyNews(operator_id, 2**32 - 1 if unknown else number, what))
        self._tell(news, name=name, amiss=amiss)

    def _tell(self, news: list[KeyNews], *, name: str = "reporter", amiss: str = "") -> None:
        slot = self.news_slot + (amiss != "old")
        timestamp = self.clock.timestamp
        outcome = self.act(
            name, "registry.applyNews", slot, timestamp, [tuple(each) for each in news],
            twin=lambda sender: self.registry.apply_news(sender, slot, timestamp, news),
        )  # fmt: skip
        if isinstance(outcome, Revert):
            return
        self.news_slot = slot
        for each in news:
            self.acted[f"key {each.what.name.lower()}"] += 1

    @rule(days=integers(1, 6))
    def wait_for_exits(self, days):
        self.clock.timestamp += days * DAY

    # Losses

    def losses_of(self, blame: Any) -> tuple[OperatorLoss, ...]:
        """Losses of a report; operators may come twice, or be unknown."""
        return tuple(OperatorLoss(operator_id=one, ether_amount=wei) for one, wei in sorted(blame))

    @invariant()
    def stake_12__bonds_and_unshared_rewards_are_what_is_held(self):
        held = self.pool.exact_shares_of(self.bonds.address)
        new = held - sum(self.bonds.shares.values())
        assert new >= 0
        credited = sum(map(self.bonds.shares_of, range(len(self.registry.operators))))
        earning = sum(self.bonds.earning.values())
        assert held - credited < earning if earning else credited == held - new

    # Picking

    def _keys(self, *statuses: Status) -> list[tuple[int, int]]:
        return [
            (operator_id, index)
            for operator_id, operator in enumerate(self.registry.operators)
            for index, key in enumerate(operator.keys)
            if key.status in statuses
        ]

    def _operator(self, position: int) -> int:
        count = len(self.registry.operators)
        return position if position == MAX_UINT256 else position % count

    def _sender(self, name: str, operator_id: int) -> str:
        if name != "its manager":
            return name
        known = operator_id < len(self.registry.operators)
        return self.registry.operators[operator_id].manager if known else "staker"


HOLDERS_WITH_BONDS = ("staker", "other_staker")
