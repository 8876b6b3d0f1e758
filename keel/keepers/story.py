"""The decision log: a line per decision, to be read without the code."""

import logging
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path


@dataclass
class Story:
    """Lines of one keeper; a state that lasts is told once."""

    keeper: str
    path: Path | None = None
    _last: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """To the terminal, and to a file if there is one."""
        self._logger = logging.getLogger(f"keel.keepers.{self.keeper}")
        self._logger.setLevel(logging.INFO)
        self._logger.propagate = False
        self._logger.handlers.clear()
        handlers: list[logging.Handler] = [logging.StreamHandler(sys.stdout)]
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handlers.append(logging.FileHandler(self.path))
        for handler in handlers:
            handler.setFormatter(logging.Formatter("%(message)s"))
            self._logger.addHandler(handler)

    def tell(self, timestamp: int, block: int, verb: str, text: str, *, subject: str = "") -> None:
        """One line: time of the chain, block, keeper, what kind of line, text.

        With a subject, the same text about it is told once.
        """
        if subject:
            if self._last.get(subject) == text:
                return
            self._last[subject] = text
        when = datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d %H:%M:%S")
        self._logger.info(f"{when}  block {block:<6} {self.keeper:<12} {verb:<9} {text}")

    def forget(self, subject: str) -> None:
        """The state is over: next time it is told again."""
        self._last.pop(subject, None)
