"""The vault's world as a model, and acting on both: OPT-1, OPT-2, VAULT-1 to VAULT-3."""

from collections import Counter
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from keel.models.evm import Revert
from keel.models.options.vault import Vault
from keel.models.options.vault_world import MIN_PRICE, WAD
from keel.models.rounding import mul_div_down
from tests.fixtures.option_vault import OptionDesk
from tests.machines.option_vault_chain import OptionVaultChain, SeriesBook
from tests.machines.rules import note


@dataclass
class Economy:
    """The vault, every series, and who has which claims: copied as one."""

    vault: Vault
    book: SeriesBook = field(default_factory=dict)
    claims: Counter[tuple[str, int]] = field(default_factory=Counter)
    gifts: int = 0

    def copied(self) -> "Economy":
        """What a call may change, copied; `deepcopy` takes longer than the call."""
        book = {key: copy(series) for key, series in self.book.items()}
        vault = copy(self.vault)
        for name in ("asset", "shares"):
            token = copy(getattr(vault, name))
            token.balances, token.allowances = dict(token.balances), dict(token.allowances)
            setattr(vault, name, token)
        if vault.series is not None:
            series = vault.series
            vault.series = book[series.strike, series.cap, series.expiry]
        vault.auction, vault.ends = copy(vault.auction), list(vault.ends)
        vault.deposits = {account: copy(held) for account, held in vault.deposits.items()}
        vault.redeems = {account: copy(held) for account, held in vault.redeems.items()}
        vault.operators = set(vault.operators)
        return Economy(vault, book, Counter(self.claims), self.gifts)


class OptionVaultActing:
    """Calls that are foretold, and what holds after each: OPT-1, OPT-2, VAULT-1 to VAULT-3."""

    acted: Counter[str]
    refused: Counter[str]
    desk: OptionDesk
    chain: OptionVaultChain
    economy: Economy
    people: tuple[str, ...]
    time: int

    @property
    def vault(self) -> Vault:
        return self.economy.vault

    # Acting

    def act(self, sender: str, function: str, *arguments: Any, predict: Any) -> Any:
        """Predict on a copy, call, compare; returns the result, None if refused."""
        self.time += 12
        contract, _, name = function.rpartition(".")
        contract = contract or "vault"
        short = name.partition("(")[0]
        after = self.economy.copied()
        try:
            outcome = predict(after, self.chain.world(self.time, after.book))
        except Revert as refusal:
            self.refused[f"{short}: {type(refusal).__name__}"] += 1
            note(f"{short} refused: {type(refusal).__name__}")
            self.chain.play(sender, contract, name, arguments, self.time, refusal)
            return None
        self.chain.play(sender, contract, name, arguments, self.time, outcome)
        before, self.economy = self.economy, after
        self.acted[f"{contract}.{short}"] += 1
        self.require_same()
        self._require_fair(before.vault, after.vault, short)
        return True if outcome is None else outcome

    def require_same(self) -> None:
        """All that vault and clearing house remember is the model's."""
        vault, clearing = self.vault, self.chain.contracts["clearing"].address.lower()
        series, auction = vault.series, vault.auction
        position = (
            vault.round, vault.due, series.id if series else 0, auction.started_at, vault.shorts,
            auction.unsold, vault.idle, vault.fees, vault.pending_deposits, vault.reserved,
            vault.queued_shares, vault.locked, vault.high_water_mark,
        )  # fmt: skip
        expected: dict[Any, Any] = {
            ("vault.position",): position,
            ("vault.unwritten",): vault.unwritten(self.time),
            ("vault.totalSupply",): vault.shares.total_supply,
            ("vault.priceOfRound", vault.round - 1): vault.price_of(vault.round - 1),
        }
        for account in self.people:
            expected["vault.balanceOf", account] = vault.shares.balance_of(account)
            expected["vault.maxDeposit", account] = vault.claimable_deposit(account)[0]
            expected["vault.maxRedeem", account] = vault.claimable_redeem(account)[0]
            for kind, requests in (("Deposit", vault.deposits), ("Redeem", vault.redeems)):
                request = requests.get(account)
                waits = request.amount if request and request.round == vault.round else 0
                expected[f"vault.pending{kind}Request", vault.round, account] = waits
        if series:
            for claim_id, held in ((series.id, auction.unsold), (series.id | 1, vault.shorts)):
                expected["clearing.balanceOf", vault.address, claim_id] = held
                expected["clearing.totalSupply", claim_id] = (
                    series.shorts if claim_id & 1 else series.longs
                )
        self.chain.require_same(expected, self.time)
        accounts = (*self.people, vault.address, clearing, vault.fee_receiver)
        self.chain.require_balances(
            {account: vault.asset.balance_of(account) for account in accounts}
        )
        self._require_books()

    def _require_books(self) -> None:
        economy, vault = self.economy, self.vault
        kept = vault.idle + vault.fees + vault.pending_deposits + vault.reserved
        assert vault.asset.balance_of(vault.address) == kept + economy.gifts, "VAULT-1"
        owed = 0
        for series in economy.book.values():
            needed = series.held if series.price else series.need(series.longs)
            if not series.price:
                assert series.longs == series.shorts, "OPT-1"
            else:
                payoffs = (
                    series.longs * series.payoff,
                    series.shorts * (series.worst - series.payoff),
                )
                assert sum(payoff // series.scale for payoff in payoffs) <= needed, "OPT-2"
            owed += needed
        assert vault.asset.balance_of(vault.clearing) == owed, "OPT-1"
        claims = sum(
            mul_div_down(request.amount, vault.price_of(request.round), WAD)
            for request in vault.redeems.values()
            if request.round != vault.round
        )
        claims += sum(
            request.amount
            for request in vault.deposits.values()
            if request.round != vault.round and 0 <= vault.price_of(request.round) < MIN_PRICE
        )
        assert claims <= vault.reserved, "VAULT-2"

    def _require_fair(self, before: Vault, after: Vault, function: str) -> None:
        """What a roll may do to the price, and to those who waited."""
        if function != "roll":
            assert after.last_price == before.last_price, "VAULT-2"
            return
        end, supply = after.ends[-1], before.shares.total_supply
        self.acted["price fell"] += end.price < before.last_price
        self.acted["price rose"] += end.price > before.last_price
        self.acted["round without options"] += before.series is None
        if supply:
            series = before.series
            backed = series.need(before.shorts) if series else 0
            # Exits in kind round each part down, and what pairs need up to a unit.
            gain = (before.idle + backed + 2) * WAD // supply
            assert gain >= before.last_price, "VAULT-3: lost before the settlement"
            lost = before.idle + backed - end.gross
            sold = before.shorts - before.auction.unsold
            payoff = 0
            if series and sold:
                settled = self.economy.book[series.strike, series.cap, series.expiry]
                payoff = -(-sold * settled.payoff // series.scale)
                self.acted["longs were paid"] += payoff > 0
            assert lost <= payoff + 2, "VAULT-3"
            net = end.gross - end.management - end.performance
            dust = net * WAD - end.price * supply
            assert 0 <= dust < supply, "VAULT-1"
        if end.price >= MIN_PRICE:
            held = after.shares.total_supply
            dust = after.locked * WAD - end.price * held
            # Beside the price's, redemption and issue round once each; who comes after all have
            # left finds what these did not take.
            most = supply + WAD + end.price if supply else WAD + self._rest(before)
            assert not held or 0 <= dust < most, "VAULT-1"

    def _rest(self, before: Vault) -> int:
        """What those who have left did not take, in case all had."""
        return (before.idle + (before.series.need(before.shorts) if before.series else 0) + 1) * WAD
