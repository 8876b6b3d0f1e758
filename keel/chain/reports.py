"""Reports and news as the oracle's members hash them."""

from collections.abc import Sequence
from dataclasses import astuple

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from keel.models.staking.keys import KeyNews
from keel.models.staking.ledger import Report

NO_NEWS = bytes(32)
"""The hash in a report that no news follow."""
_REPORT = f"({'uint256,' * 8}bytes32,bytes32)"
_LOSSES = "(uint256,uint256)[]"
_NEWS = "(uint32,uint32,uint8)[]"


ReportData = tuple[tuple[int | bytes, ...], list[tuple[int, int]]]


def report_data(report: Report) -> ReportData:
    """`Report` and `OperatorLoss[]` as contracts take them."""
    *fields, losses = astuple(report)
    pairs = list(losses)
    losses_hash = keccak(encode([_LOSSES], [pairs])) if pairs else bytes(32)
    return (*fields, losses_hash), pairs


def hash_report(report: Report) -> bytes:
    """`keccak256(abi.encode(report))`."""
    return keccak(encode([_REPORT], [report_data(report)[0]]))


def hash_news(news: Sequence[KeyNews]) -> bytes:
    """`keccak256(abi.encode(news))`; `NO_NEWS` for none."""
    return keccak(encode([_NEWS], [list(news)])) if news else NO_NEWS
