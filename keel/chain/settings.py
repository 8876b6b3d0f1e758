"""A deployment's one file: `deployments/<network>.yaml`, checked before anything is sent.

Its keys are the fields of `StackConfig`, and two more: `network` and `gas_price`.
"""

from dataclasses import MISSING, dataclass
from pathlib import Path
from typing import Any

from keel.chain.config import StackConfig, network
from keel.chain.quantity import ETHER, Key
from keel.chain.sections import SectionReader, keys, load_texts, table

_MAX_DELTA = 10**18 // 2
_MAX_FEES_BPS = 2_000
_MAX_OFFPEG_FEE = 5 * 10**18
_OWN_KEYS = {
    "network": Key("the network this file is for, as in ape: local, sepolia, hoodi"),
    "gas_price": Key("for the plan's figures", ETHER, 1, 10**13),
}


@dataclass(frozen=True)
class Settings:
    """What the file says.

    Attributes
    ----------
    network : str
        Name, as in ape.
    gas_price : int
        Wei, for the plan's figures.
    """

    network: str
    gas_price: int
    stack: StackConfig


def load_settings(path: Path, deployer: str) -> Settings:
    """Read a file; `deployer` takes every role given to "deployer". Raises `ConfigInvalid`."""
    raw = load_texts(path, "say --config FILE; deployments/ has some")
    return _Reader(path, deployer).settings(raw)


def keys_table() -> str:
    """The table of keys as Markdown."""
    own = [
        ("network", _OWN_KEYS["network"], MISSING),
        ("gas_price", _OWN_KEYS["gas_price"], 2 * 10**9),
    ]
    return table((*own, *keys(StackConfig)))


class _Reader(SectionReader):
    own = tuple(_OWN_KEYS)

    def settings(self, raw: dict[str, Any]) -> Settings:
        own = {name: raw.pop(name) for name in _OWN_KEYS if name in raw}
        name = self.text("network", own.get("network", ""))
        offered = network(name)
        gas_price = self.amount("gas_price", _OWN_KEYS["gas_price"], own.get("gas_price", "2 gwei"))
        for key in ("genesis_time", "deposit_contract", "weth"):
            known = getattr(offered, key)
            if known is None:
                continue
            if key in raw and str(raw[key]).lower() != str(known).lower():
                raise self.problem(
                    key, f"{raw[key]} is not {name}'s", f"leave it out: it is {known}"
                )
            raw[key] = str(known)
        if name != "local" and "deposit_contract" not in raw:
            raise self.problem("deposit_contract", "is missing", f"write {name}'s deposit contract")
        stack: StackConfig = self.section("", StackConfig, raw)
        self._check(stack)
        return Settings(name, gas_price, stack)

    def _check(self, stack: StackConfig) -> None:
        """What no single key can tell."""
        for members, quorum, key in (
            (stack.members, stack.quorum, "quorum"),
            (stack.confirmers, stack.confirmer_quorum, "confirmer_quorum"),
        ):
            if len(set(members)) < len(members):
                raise self.problem(key, "an account is a member twice", "name each once")
            least = len(members) // 2 + 1
            if not least <= quorum <= len(members):
                raise self.problem(
                    key, f"{quorum} of {len(members)}", f"write {least} to {len(members)}"
                )
        self._check_options(stack)
        if sum(stack.fee_bps) > _MAX_FEES_BPS:
            raise self.problem("fee_bps", f"{sum(stack.fee_bps)} bps in all", "write at most 20 %")
        if stack.swap.fee * stack.swap.offpeg_fee_multiplier > _MAX_OFFPEG_FEE:
            raise self.problem(
                "swap.offpeg_fee_multiplier",
                "makes a fee above 5 % far off balance",
                "lower it, or swap.fee",
            )

    def _check_options(self, stack: StackConfig) -> None:
        options = stack.options
        members = options.members or stack.members
        if len(set(members)) < len(members):
            raise self.problem("options.members", "an account twice", "name each once")
        least = len(members) // 2 + 1
        if not least <= (options.quorum or least) <= len(members):
            raise self.problem(
                "options.quorum",
                f"{options.quorum} of {len(members)}",
                f"write {least} to {len(members)}",
            )
        calls = options.covered_calls
        if calls.deployed and options.ether_usd is None and stack.deposit_contract is not None:
            raise self.problem(
                "options.covered_calls.deployed",
                "calls need a price of ether",
                "write options.ether_usd",
            )
        if calls.target > _MAX_DELTA:
            raise self.problem(
                "options.covered_calls.target", "a delta above 50 %", "write 1 % to 50 %"
            )
        for name in ("ether_volatility", "peg_volatility"):
            risks = getattr(options, name)
            if not risks.min_volatility <= risks.volatility <= risks.max_volatility:
                raise self.problem(
                    f"options.{name}.volatility",
                    "not from min_volatility to max_volatility",
                    "write one between them",
                )
        for name in ("covered_calls", "cover"):
            terms = getattr(options, name)
            if terms.min_moneyness > terms.max_moneyness:
                raise self.problem(
                    f"options.{name}.min_moneyness", "above max_moneyness", "write at most that"
                )
