"""The depositor: what the queue doesn't need goes to validators."""

from dataclasses import dataclass

from keel.chain.contract import Contract
from keel.chain.stack import Stack
from keel.chain.views import read
from keel.keepers.action import Action, Decision, ether
from keel.keepers.journal import Journal
from keel.keepers.rules import FURTHER, first_deposits, further_deposits
from keel.models.staking.keys import Status


@dataclass(frozen=True, kw_only=True)
class DepositState:
    """What there is to deposit, and for whom.

    Attributes
    ----------
    depositable : int
        Wei of the buffer that the queue doesn't need.
    awaiting : int
        Keys that had the first deposit and not the rest, confirmed or not.
    confirmed : int
        Of these, confirmed.
    unused : int
        Keys that operators in line still offer.
    root : bytes
        Of the deposit contract: a deposit that somebody slips in between changes it.
    """

    block: int
    depositable: int
    awaiting: int
    confirmed: int
    unused: int
    root: bytes
    nonce: int
    paused: bool


@dataclass(frozen=True, kw_only=True)
class Depositor:
    """Settings.

    Attributes
    ----------
    most_keys : int
        In one transaction.
    """

    name: str = "depositor"
    most_keys: int = 32

    def watches(self, stack: Stack) -> list[tuple[Contract, tuple[str, ...]]]:
        """Nothing."""
        return []

    def read(self, stack: Stack, journal: Journal, block: int) -> DepositState:
        """Views of pool, registry and deposit contract."""
        seen = read(
            {
                "depositable": (stack.pool, "getDepositableEther"),
                "paused": (stack.pool, "isStakingPaused"),
                "awaiting": (stack.registry, "awaitingKeys"),
                "nonce": (stack.registry, "nonce"),
                "operators": (stack.registry, "operatorCount"),
                "root": (stack.deposit_contract, "get_deposit_root"),
            },
            block,
        )
        operators = read(
            {
                str(number): (stack.registry, "getOperator", number)
                for number in range(seen.pop("operators"))
            },
            block,
        )
        unused = sum(each[4] - each[5] for each in operators.values() if each[2])
        confirmed = self._confirmed(stack, list(operators.values()), seen["awaiting"], block)
        return DepositState(block=block, unused=unused, confirmed=confirmed, **seen)

    @staticmethod
    def _confirmed(
        stack: Stack, operators: list[tuple[int, ...]], awaiting: int, block: int
    ) -> int:
        """Keys that wait for the rest are among the last that were deposited."""
        if awaiting == 0:
            return 0
        keys = read(
            {
                f"{number}/{index}": (stack.registry, "getKey", number, index)
                for number, operator in enumerate(operators)
                for index in range(max(0, operator[5] - 4 * awaiting - 64), operator[5])
            },
            block,
        )
        return sum(key[2] == Status.CONFIRMED for key in keys.values())

    def decide(self, state: DepositState, now: int) -> Decision:
        """The rest for confirmed keys first, then new ones."""
        figures = {"depositable_ether": state.depositable / 10**18}
        if state.paused:
            return Decision(idle="staking is paused", figures=figures)
        further = min(further_deposits(state.depositable, state.confirmed), self.most_keys)
        if further:
            return Decision(actions=(self._fund(state, further),), figures=figures)
        first = min(first_deposits(state.depositable, state.awaiting), state.unused, self.most_keys)
        if first:
            return Decision(actions=(self._begin(state, first),), figures=figures)
        return Decision(idle=self._why_idle(state), figures=figures)

    def _fund(self, state: DepositState, count: int) -> Action:
        return Action(
            key=f"fund:{state.root.hex()}",
            contract="pool",
            function="fundValidators",
            arguments=(count,),
            what=f"sends the remaining 31 ether to {count} confirmed keys",
            why=f"{ether(state.depositable)} of the buffer aren't needed by the queue",
            benign=("NothingToDeposit",),
        )

    def _begin(self, state: DepositState, count: int) -> Action:
        return Action(
            key=f"deposit:{state.root.hex()}:{state.nonce}",
            contract="pool",
            function="depositValidators",
            arguments=(count, state.root, state.nonce),
            what=f"makes the first deposits, 1 ether each, for {count} keys",
            why=f"{ether(state.depositable)} of the buffer aren't needed by the queue",
            benign=("NothingToDeposit", "DepositRootChanged", "NonceChanged"),
        )

    @staticmethod
    def _why_idle(state: DepositState) -> str:
        """Without figures that change with every block."""
        if state.awaiting and state.depositable >= FURTHER:
            return f"{state.awaiting} keys wait for the oracle to confirm their credentials"
        if not state.unused:
            return "no operator in line offers a key"
        return "the buffer has less than a validator's stake to spare"
