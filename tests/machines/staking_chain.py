"""The staking contracts on a chain, compared with the model call by call."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from eth_utils.crypto import keccak

from keel.chain import contract
from keel.chain.abi import Abi
from keel.chain.artifacts import Artifact
from keel.chain.contract import Contract
from keel.chain.deployer import Deployer
from keel.chain.reports import report_data
from keel.chain.sender import NodeSender
from keel.models.evm import MAX_UINT256, ZERO_ADDRESS, Revert
from keel.models.staking.build import Staking
from keel.models.staking.pool import Applied, Context, Verdict
from keel.models.staking.shares import UNIT
from tests.machines.chain import Chain, Receipt, Refused
from tests.machines.packing import PackedAbi, packer
from tests.machines.staking_cast import (
    ETHER,
    FEE_BPS,
    MANAGERS,
    MAX_STAKE_LIMIT,
    REFILL_PERIOD,
    build_model,
    fee_shares,
)
from tests.machines.staking_slots import StakingSlots
from tests.machines.staking_tokens import HOLDERS, Call
from tests.machines.views import Key, Views, normal, values_of

ROLES = (
    "owner", "guardian", "depositor", *HOLDERS, *MANAGERS, "treasury", "outsider",
)  # fmt: skip
OVERLOADS = {
    "requestWithdrawals": "requestWithdrawals(uint256[],address,uint256,uint256)",
    "requestWithdrawalsWstETH": "requestWithdrawalsWstETH(uint256[],address,uint256,uint256)",
}
RETURNING = (
    "submit", "transferShares", "transferSharesFrom", "wrap", "wrapShares", "unwrap", "deposit",
    "mint", "withdraw", "redeem", "requestWithdrawals", "requestWithdrawalsWstETH",
    "depositValidators", "fundValidators", "depositBond", "stakeBond", "withdrawBond",
    "addOperator", "requestExits", "claimInAdvance",
)  # fmt: skip
ETHER_HOLDERS = ("pool", "queue", "wrapper", "withdrawals", "rewards")
GUARD = (("deposits.get_deposit_root",), ("registry.nonce",))
REPORT_HASH = keccak(text="a report's hash")


class StakingChain:
    """Pool, wrapper and queue with an account for oracle and a checker that tests instruct."""

    def __init__(self, chain: Chain, artifacts: Mapping[str, Artifact]) -> None:
        self.chain, self.rpc = chain, chain.rpc
        self.addresses = {name: address_of(name) for name in ROLES}
        for address in self.addresses.values():
            chain.set_balance(address, 10**9 * ETHER)
        self.deployed_at, self.contracts = self._deploy(artifacts)
        self.ready_at = chain.timestamp + REFILL_PERIOD
        self._deployed, self._start = chain.snapshot(), None
        handles = self.contracts.values()
        self.errors = Abi([entry for handle in handles for entry in handle.abi.entries])
        self.packed = {name: PackedAbi(handle.abi) for name, handle in self.contracts.items()}
        self.packed_errors = PackedAbi(self.errors)
        self.views = Views(chain, self.contracts, self.packed)
        self.addresses |= {name: handle.address.lower() for name, handle in self.contracts.items()}
        self._ether_holders = [self.addresses[name] for name in ETHER_HOLDERS]
        self.slots = StakingSlots(chain, self.contracts, map(self.who, HOLDERS))

    def who(self, name: str) -> str:
        """Address of a role, lower case; an address is itself."""
        return ZERO_ADDRESS if name == "nobody" else self.addresses.get(name, name)

    def _deploy(self, artifacts: Mapping[str, Artifact]) -> tuple[int, dict[str, Contract]]:
        owner = self.addresses["owner"]
        deployer = Deployer(self.rpc, artifacts, NodeSender(self.rpc, owner))
        create = deployer.create
        deposit_contract = create("deposits", "DepositContractMock")
        pool = create("pool", "StakingPool", owner, deposit_contract.address, value=ETHER)
        deployed_at = self.rpc.timestamp
        wrapper = create("wrapper", "WrappedStakedEther", pool.address)
        queue = create("queue", "WithdrawalQueue", pool.address, wrapper.address)
        checker = create("checker", "ReportCheckerMock")
        registry = create("registry", "OperatorRegistry", owner, pool.address)
        bonds = deployer.attach("bonds", "OperatorBonds", registry.call("bonds"))
        insurance = create("insurance", "InsuranceFund", pool.address)
        reporter = create("reporter", "OracleMock")
        parts = (queue, reporter, checker, registry, insurance)
        pool.transact("wire", tuple(part.address for part in parts), sender=owner)
        pool.transact("setGuardian", self.addresses["guardian"], sender=owner)
        pool.transact("setDepositor", self.addresses["depositor"], sender=owner)
        payees = self.addresses | {"bonds": bonds.address, "insurance": insurance.address}
        fees = fee_shares(FEE_BPS, payees.__getitem__)
        pool.transact("setFees", [values_of(part) for part in fees], sender=owner)
        pool.transact("setStakeLimit", MAX_STAKE_LIMIT, REFILL_PERIOD, sender=owner)
        self.limit_set_at = self.rpc.timestamp
        registry.transact("setExitManager", owner, sender=owner)
        return deployed_at, {
            "pool": pool,
            "wrapper": wrapper,
            "queue": queue,
            "checker": checker,
            "reporter": reporter,
            "registry": registry,
            "bonds": bonds,
            "insurance": insurance,
            "deposits": deposit_contract,
            "withdrawals": deployer.attach(
                "withdrawals", "ValidatorVault", pool.call("withdrawalVault")
            ),
            "rewards": deployer.attach("rewards", "ValidatorVault", pool.call("rewardsVault")),
        }

    def build_model(self) -> Staking:
        """The twin of what was deployed, with the stake limit refilled."""
        staking = build_model(self.who, deployed_at=self.deployed_at)
        limit = replace(staking.pool.stake_limit, updated_at=self.limit_set_at)
        staking.pool.stake_limit = limit
        staking.clock.timestamp = self.ready_at
        return staking

    def rewind(self) -> None:
        """Go back to the state as deployed, unless there is another to start from."""
        if self._start is None:
            self.chain.revert(self._deployed)
            self._deployed = self.chain.snapshot()

    def remember(self) -> None:
        """Go back to the state remembered; remember this one if it is the first."""
        if self._start is not None:
            self.chain.revert(self._start)
        self._start = self.chain.snapshot()

    # Playing

    def prepare_report(self, staking: Staking, verdict: Verdict) -> None:
        """Let the vaults hold what the model's do, and the checker say `verdict`."""
        self.chain.set_balance(self.who("withdrawals"), staking.pool.withdrawal_vault.ether_amount)
        self.chain.set_balance(self.who("rewards"), staking.pool.rewards_vault.ether_amount)
        # Written, not called: a call would make a block, and time belongs to the machine.
        for slot, value in enumerate((verdict.max_gain, verdict.latest_request)):
            self.chain.set_storage(self.who("checker"), slot, value)

    def prepare_hold(self, since: int) -> None:
        """Let the oracle say that a loss is on hold since then."""
        self.chain.set_storage(self.who("reporter"), 0, since)

    def play(self, call: Call, outcome: Any, timestamp: int) -> bool:
        """Make the call at `timestamp`, compare result or refusal; tell whether it succeeded."""
        name = solidity_name(call)
        try:
            answer = self.chain.transact(*self._prepared(call, outcome), timestamp)
        except Refused as refusal:
            if not self._is_foretold(refusal, outcome):
                seen = self.errors.decode_error(refusal.data)
                raise AssertionError(f"{call} reverts with {seen}, not {outcome}") from None
            return False
        assert not isinstance(outcome, Revert), f"{call} succeeds, instead of {outcome}"
        if call.function in RETURNING:
            expected = self.packed[call.contract].encode_result(name, outcome)
            assert answer == expected, f"{call} returns 0x{answer.hex()}, not {outcome}"
        return True

    def _is_foretold(self, refusal: Refused, outcome: Any) -> bool:
        if not isinstance(outcome, Revert):
            return False
        values = normal(outcome.values)
        return self.packed_errors.is_error(refusal.data, type(outcome).__name__, values)

    def _prepared(self, call: Call, outcome: Any) -> tuple[str, contract.Call]:
        """Who sends, and what; the oracle is a contract that somebody must tell to act."""
        data, to = b"", self.contracts[call.contract].address
        if call.function != "receive":
            arguments = self._arguments(call, outcome)
            data = self.packed[call.contract].encode_call(solidity_name(call), arguments)
        if call.sender == self.addresses["reporter"]:
            forwarded = bytes.fromhex(to[2:]).rjust(32, b"\0") + data
            return self.addresses["outsider"], contract.Call(call.sender, forwarded, call.value)
        return call.sender, contract.Call(to, data, call.value)

    def _arguments(self, call: Call, outcome: Any) -> tuple[Any, ...]:
        if call.function == "depositValidators":
            keys, check_nonce = call.arguments
            root, nonce = self.views.numbers(GUARD, self.chain.timestamp)
            return keys, root.to_bytes(32, "big"), nonce if check_nonce else MAX_UINT256
        if call.function == "handleReport":
            report, ref_timestamp, hint_error = call.arguments
            hints = []
            if hint_error is not None and isinstance(outcome, Applied) and outcome.settlement:
                hints = [c.boundary_id + hint_error for c in outcome.settlement.checkpoints]
            return (
                *report_data(report),
                REPORT_HASH,
                ref_timestamp,
                [max(0, hint) for hint in hints],
            )
        return call.arguments

    # Comparing

    def require_same(self, staking: Staking) -> None:
        """Compare all storage that the models know, all ether, and what moves with the time."""
        pool = staking.pool
        self.slots.require(staking)
        self._require_ether(staking)
        expected: dict[Key, Any] = {
            ("pool.exchangeRate",): (pool.get_total_pooled_ether(), pool.total_exact_shares),
            ("pool.getCurrentStakeLimit",): pool.get_current_stake_limit(),
        }
        self.views.require(expected, staking.clock.timestamp)

    def _require_ether(self, staking: Staking) -> None:
        pool = staking.pool
        expected = [
            pool.ledger.buffered,
            staking.queue.locked_ether_amount,
            0,
            pool.withdrawal_vault.ether_amount,
            pool.rewards_vault.ether_amount,
        ]
        held = self.chain.balances(self._ether_holders)
        assert held == expected, {
            name: {"contract": wei, "model": due}
            for name, wei, due in zip(ETHER_HOLDERS, held, expected, strict=True)
            if wei != due
        }

    def require_same_bonds(self, staking: Staking) -> None:
        """Compare what bonds are worth."""
        expected: dict[Key, Any] = {}
        for operator_id in range(len(staking.registry.operators)):
            shares = staking.bonds.shares_of(operator_id)
            expected["bonds.getBond", operator_id] = (shares, staking.pool.to_ether_down(shares))
        self.views.require(expected, staking.clock.timestamp)

    def require_same_getters(self, staking: Staking) -> None:
        """Compare what only tells of storage, which `require_same` has read itself."""
        self.require_same_numbers(staking)
        self._require_same_operators(staking)
        self._require_same_keys(staking)
        self._require_same_tickets(staking)

    def require_same_numbers(self, staking: Staking) -> None:
        """Compare what the contracts say of pool, wrapper and queue."""
        pool, wrapper, queue = staking.pool, staking.wrapper, staking.queue
        ledger = pool.ledger
        expected: dict[Key, Any] = {
            ("pool.getBalances",): (
                ledger.buffered,
                ledger.consensus_layer + ledger.shortfall,
                ledger.in_flight,
                ledger.carried_gain,
                pool.get_unreleased_gain(),
            ),
            ("pool.getDepositableEther",): pool.get_depositable_ether(),
            ("pool.isStakingPaused",): pool.paused,
            ("pool.getFees",): [values_of(part) for part in pool.fees],
            ("pool.getBeaconStat",): (
                ledger.deposited_validators,
                ledger.validators,
                ledger.consensus_layer + ledger.shortfall,
            ),
            ("pool.lastReport",): (pool.last_ref_timestamp, pool.applied_at),
            ("wrapper.confirmedLoss",): pool.confirmed_loss,
            ("wrapper.totalSupply",): wrapper.total_supply,
            ("wrapper.totalAssets",): wrapper.total_assets(),
            ("queue.escapeOpensAt",): queue.escape_opens_at(),
            ("queue.getLastRequestId",): queue.get_last_request_id(),
            ("queue.getLastFinalizedRequestId",): queue.get_last_finalized_request_id(),
            ("queue.getLastCheckpointIndex",): queue.get_last_checkpoint_index(),
            ("queue.getLockedEtherAmount",): queue.locked_ether_amount,
            ("queue.unfinalizedStETH",): queue.unfinalized_steth(),
            ("queue.etherLent",): queue.ether_lent(),
        }
        self.views.require(expected, staking.clock.timestamp)

    def _require_same_operators(self, staking: Staking) -> None:
        registry, bonds = staking.registry, staking.bonds
        operators = registry.operators
        expected: dict[Key, Any] = {
            ("registry.nonce",): registry.nonce,
            ("registry.lastNews",): registry.last_news,
            ("registry.awaitingKeys",): registry.awaiting,
            ("registry.getTotals",): (
                sum(operator.fill for operator in operators),
                sum(operator.is_present for operator in operators),
            ),
        }
        for operator_id, operator in enumerate(operators):
            standing = (
                operator.stopped,
                operator.offering,
                operator.poor or operator.short,
                len(operator.keys),
                len(operator.keys) - operator.unused,
                operator.fill,
                operator.active,
                operator.bonded,
                operator.strikes,
            )
            expected["registry.getOperator", operator_id] = (operator.manager, *standing)
            expected["bonds.earning", operator_id] = (operator.earning, bonds.all_earning)
            expected["bonds.coverable", operator_id] = bonds.coverable(operator_id)
        self.views.require(expected, staking.clock.timestamp)
        self.require_same_bonds(staking)

    def _require_same_keys(self, staking: Staking) -> None:
        expected: dict[Key, Any] = {}
        for operator_id, operator in enumerate(staking.registry.operators):
            for index, key in enumerate(operator.keys):
                expected["registry.getKey", operator_id, index] = tuple(key)
        self.views.require(expected, staking.clock.timestamp)

    def _require_same_tickets(self, staking: Staking) -> None:
        queue = staking.queue
        ids = list(range(1, queue.get_last_request_id() + 1))
        final = ids[: queue.get_last_finalized_request_id()]
        checkpoints = queue.get_last_checkpoint_index()
        hints = queue.find_checkpoint_hints(final, 1, checkpoints)
        expected: dict[Key, Any] = {
            ("queue.getWithdrawalStatus", tuple(ids)): [
                values_of(status) for status in queue.get_withdrawal_status(ids)
            ],
            ("queue.findCheckpointHints", tuple(ids), 1, checkpoints): queue.find_checkpoint_hints(
                ids, 1, checkpoints
            ),
            ("queue.getClaimableEther", tuple(final), tuple(hints)): queue.get_claimable_ether(
                final, hints
            ),
            ("queue.claimableNow", tuple(ids)): queue.claimable_now(ids),
        }
        for request_id in ids:
            expected["queue.getAdvance", request_id] = queue.get_advance(request_id)
            expected["queue.claimableAdvance", request_id] = queue.claimable_advance(request_id)
            expected["queue.presentValue", request_id] = queue.present_value(request_id)
            expected["queue.etherAhead", request_id] = queue.ether_ahead(request_id)
            expected["queue.estimatedWait", request_id, ETHER] = queue.estimated_wait(
                request_id, ETHER, buffered=staking.pool.ledger.buffered
            )
        for index, checkpoint in enumerate(queue.checkpoints, start=1):
            expected["queue.getCheckpoint", index] = values_of(checkpoint)
        self.views.require(expected, staking.clock.timestamp)

    def require_told(self, context: Context, timestamp: int) -> None:
        """Compare what the pool told the checker."""
        told = REPORT_HASH + packer(["uint256"] * 14)(values_of(context))
        self.views.require({("checker.contextHash",): keccak(told)}, timestamp)

    def require_events(self, applied: Applied) -> None:
        """Compare what the events of the last call, a report, say with what the model did."""
        receipt: Receipt = self.chain.receipt()
        seen = dict(self._events(receipt, "pool"))
        if applied.gain is not None:
            gain = seen["GainReported"]
            assert gain["recognised"] == applied.gain.recognised
            assert gain["fee"] == applied.gain.fee
            assert gain["carriedGain"] == applied.gain.carried_gain
            assert (
                seen["TokenRebased"]["sharesMintedAsFees"] == sum(applied.gain.fee_shares) // UNIT
            )
        if applied.loss is not None:
            loss = seen["LossReported"]
            names = (
                "fromBonds", "fromInsurance", "fromNewGain", "fromUnreleasedGain", "fromRate",
            )  # fmt: skip
            parts = tuple(loss[name] for name in names)
            assert parts == values_of(applied.loss)
            assert loss["loss"] == sum(parts)
            charged = [
                values for name, values in self._events(receipt, "bonds") if name == "LossCharged"
            ]
            assert sum(values["covered"] for values in charged) == loss["fromBonds"]
        finalized = [
            values
            for name, values in self._events(receipt, "queue")
            if name == "WithdrawalsFinalized"
        ]
        checkpoints = applied.settlement.checkpoints if applied.settlement else ()
        assert [values["to"] for values in finalized] == [
            checkpoint.last_request_id for checkpoint in checkpoints
        ]
        locked = sum(values["amountOfETHLocked"] for values in finalized)
        assert locked == (applied.settlement.ether_to_lock if applied.settlement else 0)

    def _events(self, receipt: Receipt, contract: str) -> list[tuple[str, dict[str, int]]]:
        address, packed = self.addresses[contract], self.packed[contract]
        logs = [log for log in receipt["logs"] if log["address"].lower() == address]
        return [event for log in logs if (event := packed.numbers(log)) is not None]


def address_of(name: str) -> str:
    """Address made from a role's name; the node sends for it without a key."""
    return "0x" + keccak(text=name)[12:].hex()


def solidity_name(call: Call) -> str:
    """Name, or signature where a name is overloaded."""
    return OVERLOADS.get(call.function, call.function)
