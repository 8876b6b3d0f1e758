"""Gate of slither's static analysis, on the syntax trees that the other gates use."""

import inspect
import json
import logging
import re
from pathlib import Path
from typing import Any, Self

from crytic_compile import CryticCompile
from crytic_compile.compilation_unit import CompilationUnit
from crytic_compile.compiler.compiler import CompilerVersion
from crytic_compile.platform.solc_standard_json import SolcStandardJson, parse_standard_json_output
from slither import Slither
from slither.detectors import all_detectors
from slither.detectors.abstract_detector import AbstractDetector

from gates import Report
from gates.analysis import analyse

EXCLUSIONS = Path(".ci/slither.json")
IMPACTS = ("HIGH", "MEDIUM")  # the lesser ones are style, which is for solhint


class _Analysed(SolcStandardJson):
    """An analysis-only output in place of a compilation: slither reads trees, never bytecode."""

    def __init__(self, output: dict[str, Any], version: str, root: Path) -> None:
        super().__init__({})
        self._output, self._version, self._root = output, version, root

    def compile(self, crytic_compile: CryticCompile, **_: object) -> None:
        unit = CompilationUnit(crytic_compile, "keel")
        unit.compiler_version = CompilerVersion("solc", self._version, optimized=True, via_ir=True)
        empty = {"object": "", "sourceMap": ""}
        contracts = {
            path: {
                name: made | {"evm": {"bytecode": empty, "deployedBytecode": empty}}
                for name, made in found.items()
            }
            for path, found in self._output["contracts"].items()
        }
        parse_standard_json_output(
            self._output | {"contracts": contracts}, unit, solc_working_dir=str(self._root)
        )


def slither(root: Path) -> Report:
    """Run every detector of high or medium impact, less the exclusions and their reasons.

    An exclusion names a detector, or a detector and the one place where its finding is accepted:
    `unused-return WithdrawalQueue._requestWrapped`. One that excludes nothing is a problem.
    """
    analysis = analyse(root)
    exclusions: dict[str, str] = json.loads((root / EXCLUSIONS).read_text("utf-8"))
    detectors = {detector.ARGUMENT: detector for detector in _detectors()}
    with _Unread() as unread:
        engine = Slither(
            CryticCompile(_Analysed(analysis.output, analysis.version, root)),
            filter_paths=["node_modules/", "contracts/mocks/"],
        )
    for detector in detectors.values():
        engine.register_detector(detector)
    found = [finding for findings in engine.run_detectors() for finding in findings]

    problems = []
    used = set()
    for finding in found:
        keys = {finding["check"], f"{finding['check']} {_place(finding)}"}
        used |= keys
        if keys.isdisjoint(exclusions):
            description = " ".join(finding["description"].split())
            problems.append(f"{finding['check']} {_place(finding)}: {description}")
    for key, message in unread.functions.items():
        used.add(key)
        if key not in exclusions:
            problems.append(f"{key}: {message}")
    problems += [f"{EXCLUSIONS}: {key} excludes nothing" for key in exclusions if key not in used]

    analysed = [contract for unit in engine.compilation_units for contract in unit.contracts]
    return Report(
        sum(
            Path(contract.file_scope.filename.absolute).is_relative_to(root / "contracts")
            for contract in analysed
        ),
        "contracts",
        tuple(problems),
        (f"{len(detectors)} detectors, {len(found)} findings, {len(exclusions)} exclusions",),
    )


class _Unread(logging.Handler):
    """Collects the functions that slither could not translate, which no detector then sees."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.functions: dict[str, str] = {}
        self._source = logging.getLogger("ContractSolcParsing")

    def __enter__(self) -> Self:
        self._source.addHandler(self)
        self._source.propagate = False
        return self

    def __exit__(self, *_: object) -> None:
        self._source.removeHandler(self)
        self._source.propagate = True

    def emit(self, record: logging.LogRecord) -> None:
        message = " ".join(record.getMessage().split())
        match = re.search(r"for ([\w.]+)", message)
        self.functions[f"unread {match[1] if match else message}"] = message


def _place(finding: dict[str, Any]) -> str:
    element = finding["elements"][0]
    parent = element.get("type_specific_fields", {}).get("parent", {})
    while parent.get("type") not in (None, "function", "contract"):
        parent = parent["type_specific_fields"]["parent"]
    if parent.get("type") == "function":  # of a variable or a statement
        element, parent = parent, parent["type_specific_fields"]["parent"]
    return f"{parent['name']}.{element['name']}" if parent else str(element["name"])


def _detectors() -> list[type[AbstractDetector]]:
    return [
        value
        for value in vars(all_detectors).values()
        if inspect.isclass(value)
        and issubclass(value, AbstractDetector)
        and value.IMPACT.name in IMPACTS
    ]
