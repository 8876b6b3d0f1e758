"""The file of a deployment: what ships is right, and what is wrong is named with a next step."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from keel.chain.config import NETWORKS, StackConfig, SwapConfig, UnknownNetwork
from keel.chain.option_config import OptionsConfig
from keel.chain.sections import ConfigInvalid, keys
from keel.chain.settings import keys_table, load_settings

FOLDER = Path(__file__).parents[3] / "deployments"
DEPLOYER = "0x1111111111111111111111111111111111111111"
OTHER = "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045"


@pytest.fixture
def load(tmp_path):
    """Settings of the devnet's file, with keys replaced, added, or (none) left out."""

    def load(text=None, **changes):
        path = tmp_path / "mine.yaml"
        if text is None:
            raw = yaml.load((FOLDER / "local.yaml").read_text(), yaml.BaseLoader) | changes
            text = yaml.safe_dump({key: item for key, item in raw.items() if item is not None})
        path.write_text(text)
        return load_settings(path, DEPLOYER)

    return load


@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_file_that_ships__is_the_default_of_its_network(name):
    settings = load_settings(FOLDER / f"{name}.yaml", DEPLOYER)
    network = NETWORKS[name]
    bootstrap = 10**18 if name == "local" else 10**16
    options = OptionsConfig(ether_usd=settings.stack.options.ether_usd)
    if name != "local":
        options = replace(
            options,
            cover=replace(options.cover, deployed=True),
            covered_calls=replace(options.covered_calls, deployed=name == "sepolia"),
        )
    assert (options.ether_usd is not None) == (name == "sepolia")
    assert settings.network == name
    assert settings.stack == StackConfig.single(
        DEPLOYER,
        bootstrap=bootstrap,
        genesis_time=network.genesis_time,
        deposit_contract=network.deposit_contract,
        weth=network.weth,
        options=options,
    )


def test_table_of_keys__is_the_readme_s():
    assert keys_table() in (FOLDER / "README.md").read_text()


def test_keys__all_have_bounds_unless_addresses():
    unbounded = [
        name for name, key, _ in keys(StackConfig) if key.unit is not None and not key.bounds
    ]
    assert not unbounded
    assert len(list(keys(StackConfig))) > 35


def test_load__values_in_their_units(load):
    settings = load(
        owner=OTHER,
        gas_price="3.5 gwei",
        fee_bps=["6 %", "0 bps", "50 bps"],
        swap={"fee": "0.05 %", "directional": "false"},
        members=[DEPLOYER, OTHER, "0x" + "22" * 20],
        quorum="2",
    )
    assert settings.gas_price == 3_500_000_000
    assert settings.stack.owner == OTHER
    assert settings.stack.fee_bps == (600, 0, 50)
    assert settings.stack.swap == replace(SwapConfig(), fee=5_000_000, directional=False)
    assert settings.stack.members == (DEPLOYER, OTHER, "0x" + "22" * 20)


@pytest.mark.parametrize(
    ("changes", "complaint", "advice"),
    [
        ({"guardain": "deployer"}, "guardain: no such key", "write guardian"),
        ({"frobnicate": "1"}, "frobnicate: no such key", "remove it"),
        ({"swap": {"fees": "1 %"}}, "swap.fees: no such key", "write swap.fee"),
        ({"swap": "1"}, "swap: is not a section", "indent its keys"),
        ({"treasury": None}, "treasury: is missing", "write treasury: takes its part"),
        ({"owner": "0x12"}, "owner: '0x12' is not an address", "40 hex digits"),
        ({"owner": OTHER.replace("d8d", "D8d")}, "has a wrong checksum", "copy the address"),
        ({"owner": "0x" + "00" * 20}, "owner: is the zero address", "write an account's"),
        ({"owner": ["deployer"]}, "owner: is not one value", "write owner: and a value"),
        ({"members": "deployer"}, "members: is not a list", "write members: ["),
        ({"members": []}, "members: is not a list", "write members: ["),
        ({"members": ["deployer", "deployer"]}, "an account is a member twice", "name each once"),
        ({"quorum": "2"}, "quorum: 2 of 1", "write 1 to 1"),
        ({"quorum": "0"}, "quorum: 0 is too little", "write 1 to 255"),
        ({"confirmers": [DEPLOYER, OTHER]}, "confirmer_quorum: 1 of 2", "write 2 to 2"),
        ({"fee_bps": ["1 %", "1 %"]}, "fee_bps: has 2 entries", "write 3: parts of a gain"),
        ({"fee_bps": ["1 %", "x", "1 %"]}, "fee_bps[1]: 'x' is not a number", "write a part like"),
        ({"fee_bps": ["9 %", "9 %", "3 %"]}, "fee_bps: 2100 bps in all", "at most 20 %"),
        ({"swap": {"fee": "2 %"}}, "swap.fee: 2 % is too much", "write 0.0001 % to 1 %"),
        ({"swap": {"fee": "1 %", "offpeg_fee_multiplier": "6 x"}}, "a fee above 5 %", "lower it"),
        ({"swap": {"directional": "maybe"}}, "'maybe' is not yes or no", "write true or false"),
        ({"bootstrap": "1"}, "bootstrap: '1' is without a unit", "`2 ether`"),
        ({"bootstrap": "0.009 ether"}, "is too little", "write 0.01 ether to 32 ether"),
        ({"gas_price": "2"}, "gas_price: '2' is without a unit", "`2 gwei`"),
        ({"network": "mainnet"}, "no defaults for network 'mainnet'", "use one of"),
        (
            {"network": "sepolia", "weth": OTHER},
            f"weth: {OTHER} is not sepolia's",
            "leave it out: it is 0xfFf",
        ),
    ],
)
def test_load__wrong__reverts(load, changes, complaint, advice):
    with pytest.raises((ConfigInvalid, UnknownNetwork)) as refusal:
        load(**changes)
    assert complaint in refusal.value.problem
    assert advice in refusal.value.next_step


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "holds no keys"),
        ("- a\n", "holds no keys"),
        ("owner: [\n", "is not YAML"),
        ("owner: a\nowner: b\n", "owner twice"),
        ("swap: {fee: 1 %, fee: 2 %}\n", "fee twice"),
    ],
)
def test_load__not_a_configuration__reverts(load, text, complaint):
    with pytest.raises(ConfigInvalid, match=complaint):
        load(text)


def test_load__no_file__reverts(tmp_path):
    with pytest.raises(ConfigInvalid, match="cannot be read") as refusal:
        load_settings(tmp_path / "none.yaml", DEPLOYER)
    assert "--config" in refusal.value.next_step
