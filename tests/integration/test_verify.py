"""An audit sees each kind of drift, and nothing where there is none."""

import json
import os
import subprocess
from dataclasses import replace

import pytest
from ape import project as ape_project
from eth_utils import keccak

from keel.chain.anvil import Anvil
from keel.chain.artifacts import Artifact
from keel.chain.audit import audit
from keel.chain.config import StackConfig
from keel.chain.deploy import acceptances, deploy_stack
from keel.chain.deployer import Deployer
from keel.chain.explorer import Inputs, write_inputs
from keel.chain.manifest import Manifest, ManifestMismatch
from keel.chain.option_config import OptionsConfig
from keel.chain.rpc import Rpc
from keel.chain.sender import NodeSender

OUTSIDER = "0x00000000000000000000000000000000000000B0"
WEI = 10**18
MEMBER = "the first member"


def changed(section, **terms):
    """The options' configuration with other terms in one section."""
    options = OptionsConfig()
    return replace(options, **{section: replace(getattr(options, section), **terms)})


@pytest.fixture(scope="module")
def deployment(artifacts, tmp_path_factory):
    """A stack on a node of its own, handed over to a second account; its file and terms."""
    with Anvil(0) as anvil:
        rpc = Rpc(anvil.url)
        payer, owner, *members = rpc.accounts[:5]
        config = StackConfig.single(payer, owner=owner, members=tuple(members), quorum=2)
        path = tmp_path_factory.mktemp("deployment") / "local.json"
        deployer = Deployer(rpc, artifacts, NodeSender(rpc, payer), path=path)
        stack = deploy_stack(deployer, config)
        for call in acceptances(deployer, owner).values():
            rpc.receipt(rpc.call("eth_sendTransaction", call.as_transaction(owner)))
        assert not acceptances(deployer, owner)
        yield stack, config, path


@pytest.fixture
def live(deployment):
    """The deployment, as it was before the test once that has ended."""
    stack, config, path = deployment
    snapshot = stack.rpc.snapshot()
    yield stack, config, Manifest.load(path)
    stack.rpc.revert(snapshot)


def found(artifacts, stack, config, manifest):
    """What differs, by contract and subject."""
    outcome = audit(stack.rpc, artifacts, manifest, config)
    assert outcome.passed is not bool(outcome.drifts)
    return {(drift.role, drift.what): (drift.expected, drift.found) for drift in outcome.drifts}


def flipped(code, at):
    return "0x" + (code[:at] + bytes([code[at] ^ 1]) + code[at + 1 :]).hex()


def test_audit__as_deployed__passes(live, artifacts):
    stack, config, manifest = live
    before = stack.rpc.block()["hash"]
    outcome = audit(stack.rpc, artifacts, manifest, config)
    assert outcome.passed, outcome.drifts
    assert outcome.covered["code"] == len(manifest.contracts) == 26
    assert outcome.covered["arguments"] == 22
    assert outcome.covered["facts"] > 40
    assert stack.rpc.block()["hash"] == before, "it sends nothing"


@pytest.mark.parametrize("role", ["StakingPool", "WithdrawalVault", "RedemptionPricer"])
def test_audit__one_bit_of_the_code__differs(live, artifacts, role):
    """Of a contract the deployer created, and of two that constructors did."""
    stack, config, manifest = live
    entry = manifest.contracts[role]
    code = stack.rpc.code(entry.address)
    stack.rpc.call("anvil_setCode", entry.address, flipped(code, len(code) - 1))
    drifts = found(artifacts, stack, config, manifest)
    assert set(drifts) == {
        (role, f"code from byte {len(code) - 1:,}"),
        (role, "code's hash in the manifest"),
    }


def test_audit__another_immutable_value__differs(live, artifacts):
    """Also where the manifest was written to match."""
    stack, config, manifest = live
    entry = manifest.contracts["InsuranceFund"]
    code = stack.rpc.code(entry.address)
    pool = bytes.fromhex(stack.pool.address[2:])
    assert pool in code
    changed = code.replace(pool, bytes.fromhex(OUTSIDER[2:]))
    stack.rpc.call("anvil_setCode", entry.address, "0x" + changed.hex())
    manifest.contracts["InsuranceFund"] = replace(entry, runtime_hash="0x" + keccak(changed).hex())
    ((role, what), (expected, actual)) = next(
        iter(found(artifacts, stack, config, manifest).items())
    )
    assert role == "InsuranceFund"
    assert what.startswith("code from byte")
    assert expected != actual


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"slots_per_frame": 225}, ("ConsensusOracle", "argument slotsPerFrame", "225", "7200")),
        ({"treasury": OUTSIDER}, ("StableSwapPool", "argument feeReceiver", OUTSIDER, None)),
        ({"quorum": 3}, ("ConsensusOracle", "quorum", "3", "2")),
        ({"guardian": OUTSIDER}, ("StakingPool", "guardian", OUTSIDER, None)),
        ({"fee_bps": (500, 400, 99)}, ("StakingPool", "getFees", None, None)),
        ({"members": (OUTSIDER,), "quorum": 1}, ("ConsensusOracle", "getMembers", None, None)),
        ({"owner": OUTSIDER}, ("LiquidityGauge", "owner", OUTSIDER, None)),
        (
            {"options": changed("cover", target=96 * 10**16)},
            ("CoverPricer", "argument target", str(96 * 10**16), str(97 * 10**16)),
        ),
        (
            {"options": changed("covered_calls", deposit_cap=WEI)},
            ("CoveredCallsVault", "argument initialCap", str(WEI), str(10**5 * WEI)),
        ),
        (
            {"options": changed("ether_volatility", max_move=10**17)},
            ("EtherVolatility", "argument maxMove", str(10**17), str(WEI // 4)),
        ),
        (
            {"options": replace(OptionsConfig(), members=(OUTSIDER,))},
            ("PegVolatility", "members", OUTSIDER, None),
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_audit__configuration_says_otherwise__differs(live, artifacts, change, expected):
    stack, config, manifest = live
    role, what, wanted, actual = expected
    drifts = found(artifacts, stack, replace(config, **change), manifest)
    assert (role, what) in drifts
    said = drifts[role, what]
    assert wanted is None or said[0].lower() == wanted.lower()
    assert actual is None or said[1] == actual


@pytest.mark.parametrize(
    ("part", "call", "arguments", "expected"),
    [
        ("pool", "setGuardian", (OUTSIDER,), ("StakingPool", "guardian")),
        ("pool", "setDepositor", (OUTSIDER,), ("StakingPool", "depositor")),
        ("registry", "setExitManager", (OUTSIDER,), ("OperatorRegistry", "exitManager")),
        ("registry", "setExitPeriod", (5 * 86_400,), ("OperatorRegistry", "exitPeriod")),
        ("bonds", "setBondTerms", ((10**18, 10**18),), ("OperatorBonds", "getBondTerms")),
        ("bonds", "setPenaltyTerms", ((0, 0, 0),), ("OperatorBonds", "getPenaltyTerms")),
        ("checker", "setLimits", ((51, 1_000, 10**18, 600, 0),), ("ReportChecker", "getLimits")),
        ("checker", "setLossConfirmer", (OUTSIDER,), ("ReportChecker", "lossConfirmer")),
        ("oracle", "addMember", (OUTSIDER, 3), ("ConsensusOracle", "getMembers")),
        ("loss_confirmer", "addMember", (OUTSIDER, 2), ("LossConfirmer", "quorum")),
        ("swap", "set_new_fee", (5_000_000, 10**10), ("StableSwapPool", "fee")),
        ("swap", "set_fee_receiver", (OUTSIDER,), ("StableSwapPool", "fee_receiver")),
        ("redemption", "setInflow", (2 * 10**18,), ("RedemptionVault", "inflowPerDay")),
        ("vaults.Cover.vault", "setDepositCap", (10**18,), ("CoverVault", "depositCap")),
        (
            "vaults.CoveredCalls.vault",
            "setFeeReceiver",
            (OUTSIDER,),
            ("CoveredCallsVault", "feeReceiver"),
        ),
        (
            "vaults.Cover.volatility",
            "replaceMember",
            (MEMBER, OUTSIDER),
            ("PegVolatility", "members"),
        ),
        ("gauge", "transferOwnership", (OUTSIDER,), ("LiquidityGauge", "pendingOwner")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_audit__owner_changed_it__differs(live, artifacts, part, call, arguments, expected):
    stack, config, manifest = live
    given = [config.members[0] if each is MEMBER else each for each in arguments]
    stack.find(part).transact(call, *given, sender=config.owner)
    assert expected in found(artifacts, stack, config, manifest)


def test_audit__ownership_not_accepted__differs(artifacts, tmp_path):
    with Anvil(0) as anvil:
        rpc = Rpc(anvil.url)
        payer, owner = rpc.accounts[:2]
        config = StackConfig.single(payer, owner=owner)
        path = tmp_path / "local.json"
        deployer = Deployer(rpc, artifacts, NodeSender(rpc, payer), path=path)
        stack = deploy_stack(deployer, config)
        drifts = found(artifacts, stack, config, Manifest.load(path))
        assert {what for _, what in drifts} == {"owner", "pendingOwner"}
        assert {role for role, _ in drifts} == set(acceptances(deployer, owner))


class OtherSources(dict):
    """Artifacts of which one has another creation code."""

    def __init__(self, artifacts, name):
        self._artifacts, self._name = artifacts, name

    def __getitem__(self, name):
        artifact = self._artifacts[name]
        if name != self._name:
            return artifact
        code = artifact.creation_code
        return Artifact(name, artifact.abi, code[:-1] + bytes([code[-1] ^ 1]))


def test_audit__sources_changed_since__differs(live, artifacts):
    stack, config, manifest = live
    drifts = found(OtherSources(artifacts, "InsuranceFund"), stack, config, manifest)
    assert ("InsuranceFund", "sources' creation code") in drifts
    assert {role for role, _ in drifts} == {"InsuranceFund"}


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"arguments": "0x" + OUTSIDER[2:].rjust(64, "0")}, "argument pool_"),
        ({"nonce": 99}, "address"),
        ({"creator": None}, "creator"),
        ({"contract": "HashConsensus"}, "contract"),
    ],
)
def test_audit__manifest_says_otherwise__differs(live, artifacts, change, what):
    stack, config, manifest = live
    entry = manifest.contracts["InsuranceFund"]
    manifest.contracts["InsuranceFund"] = replace(entry, **change)
    assert ("InsuranceFund", what) in found(artifacts, stack, config, manifest)


def test_audit__part_missing_gone_or_unknown__differs(live, artifacts):
    stack, config, manifest = live
    entry = manifest.contracts.pop("InsuranceFund")
    assert found(artifacts, stack, config, manifest) == {
        ("InsuranceFund", "contract"): ("InsuranceFund", "not in the manifest")
    }
    manifest.contracts |= {"InsuranceFund": entry, "Mine": entry}
    assert ("Mine", "contract") in found(artifacts, stack, config, manifest)
    del manifest.contracts["Mine"]
    stack.rpc.call("anvil_setCode", entry.address, "0x")
    assert found(artifacts, stack, config, manifest)["InsuranceFund", "code"][1] == "none"


def test_audit__other_chain__reverts(live, artifacts):
    stack, config, manifest = live
    manifest.chain_id = 1
    with pytest.raises(ManifestMismatch, match=r"another chain \(id 1\)"):
        audit(stack.rpc, artifacts, manifest, config)


def test_explorer_input__gives_the_code_that_was_deployed(live, artifacts, tmp_path):
    _, _, manifest = live
    contracts = manifest.contracts
    for role in [*contracts]:
        if role not in ("InsuranceFund", "WrappedStakedEther"):
            del contracts[role]
    written = write_inputs(ape_project, manifest, tmp_path)
    assert len(written) == 3
    index = json.loads((tmp_path / "index.json").read_text())
    assert index["InsuranceFund"]["contract"] == "contracts/staking/InsuranceFund.sol:InsuranceFund"
    assert index["InsuranceFund"]["address"] == contracts["InsuranceFund"].address
    standard = (tmp_path / "InsuranceFund.json").read_text()
    assert "StableSwapPool" not in standard
    solc = os.path.join(os.environ["SOLCX_BINARY_PATH"], "solc-v0.8.30")
    answer = subprocess.run(
        [solc, "--standard-json"], input=standard, capture_output=True, text=True, check=True
    )
    made = json.loads(answer.stdout)["contracts"]["contracts/staking/InsuranceFund.sol"]
    code = bytes.fromhex(made["InsuranceFund"]["evm"]["bytecode"]["object"])
    assert code == artifacts["InsuranceFund"].creation_code
    assert Inputs(ape_project).version.startswith("0.8.30+commit")
