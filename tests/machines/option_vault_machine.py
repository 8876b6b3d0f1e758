"""The option vault's machine: calls, puts and cover, tokens of 6 and 18 decimals, on a chain."""

from collections import Counter
from collections.abc import Mapping
from copy import copy
from typing import Any, ClassVar

from hypothesis.stateful import RuleBasedStateMachine

from keel.chain.artifacts import Artifact
from keel.models.erc20 import ERC20
from keel.models.options.pricer import Pricer, Style
from keel.models.options.vault import Vault
from keel.models.options.vault_world import VaultTerms
from tests.fixtures.option_vault import PRICERS, STYLES, TERMS, OptionDesk
from tests.machines.chain import Chain
from tests.machines.drawing import log_scale, sampled_from
from tests.machines.option_vault import SITUATIONS as RULES_SITUATIONS
from tests.machines.option_vault import OptionVaultRules
from tests.machines.option_vault_acting import Economy
from tests.machines.option_vault_chain import OptionVaultChain
from tests.machines.rules import initialize

CONTRACTS = (
    "AggregatorMock", "CollateralMock", "OptionClearing", "OptionPricer", "OptionVault",
    "PegMarketMock", "SettlementOracle", "VolatilityOracle", "WrappedTokenMock",
)  # fmt: skip
KINDS = (("call", 18), ("put", 6), ("put", 18), ("cover", 18), ("cover", 6))
SITUATIONS = (*RULES_SITUATIONS, *(f"{style} of {decimals}" for style, decimals in KINDS))


def option_vault_machine(chain: Chain, artifacts: Mapping[str, Artifact]) -> Any:
    """Deploy a vault of each kind, and return what plays on one of them at a time."""
    desks = {kind: OptionDesk(chain, artifacts, *kind) for kind in KINDS}
    chains = {kind: OptionVaultChain(chain, desk) for kind, desk in desks.items()}
    start = [chain.snapshot()]

    class OptionVaultMachine(OptionVaultRules, RuleBasedStateMachine):
        acted, refused = Counter(), Counter()
        names: ClassVar = {
            name: getattr(desks[KINDS[0]], name).lower()
            for name in ("depositor", "other", "buyer", "owner")
        }

        def __init__(self) -> None:
            super().__init__()
            chain.revert(start[0])
            start[0] = chain.snapshot()

        @initialize(kind=sampled_from(KINDS), deposit=log_scale(10**7, 10**11))
        def open_vault(self, kind, deposit):
            self.desk, self.chain = copy(desks[kind]), chains[kind]
            self.time = chain.timestamp
            self.economy = economy_of(self.desk)
            self.people = tuple(
                account.lower()
                for account in (self.desk.depositor, self.desk.other, self.desk.buyer)
            )
            self._request_deposit(self.people[0], self.people[0], self.amount_of(deposit))
            self._refresh(True)
            self._roll()

        def teardown(self):
            if hasattr(self, "economy"):
                self.require_everybody_can_leave()

    return OptionVaultMachine


def economy_of(desk: OptionDesk) -> Economy:
    """The model of a desk's vault as it was deployed."""
    asset = ERC20(desk.token.address.lower())
    for account in (desk.depositor, desk.other, desk.buyer):
        asset.balances[account.lower()] = 10**6 * desk.unit
    return Economy(model_of(desk, asset))


def model_of(desk: OptionDesk, asset: ERC20) -> Vault:
    """The twin of a desk's vault, over a twin of its token."""
    chosen = PRICERS[desk.style]
    return Vault(
        address=desk.vault.address.lower(),
        clearing=desk.clearing.address.lower(),
        terms=VaultTerms(
            decimals=desk.decimals,
            management_fee_bps=TERMS["managementFeeBps"],
            performance_fee_bps=TERMS["performanceFeeBps"],
            auction_duration=TERMS["auctionDuration"],
            start_multiple=TERMS["startMultiple"],
            min_deposit=desk.unit // 100,
        ),
        pricer=pricer_of(chosen, desk.style),
        asset=asset,
        owner=desk.owner.lower(),
        fee_receiver=desk.fee_receiver.lower(),
        cap=desk.call("depositCap"),
        due=desk.due,
    )


def pricer_of(chosen: Mapping[str, int], style: str) -> Pricer:
    """The twin of a pricer of these terms."""
    return Pricer(
        style=Style(STYLES.index(style)),
        target=chosen["target"],
        min_moneyness=chosen["minMoneyness"],
        max_moneyness=chosen["maxMoneyness"],
        grid=chosen["grid"],
        min_reserve=chosen["minReserve"],
        carry=chosen["carry"],
    )
