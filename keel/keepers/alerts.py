"""Where alerts go: the log, a webhook, and the exit code."""

from dataclasses import dataclass, field

import requests

from keel.keepers.action import Alert, Severity

_SECONDS = 5.0


@dataclass
class Alarm:
    """Tells each condition when it begins and when it ends."""

    webhook: str | None = None
    lasting: dict[str, Alert] = field(default_factory=dict)
    worst: int = 0
    """Exit code: 0, 1 after a warning, 2 after something critical."""
    _unsent: tuple[list[Alert], list[Alert]] = field(default_factory=lambda: ([], []))
    """Began and ended while the webhook was away."""

    def update(self, alerts: tuple[Alert, ...]) -> tuple[list[Alert], list[Alert], str]:
        """Take what is the case now.

        Returns
        -------
        tuple
            What began, what ended, and why the webhook didn't get it, if it didn't.
        """
        now = {alert.key: alert for alert in alerts}
        began = [alert for key, alert in now.items() if key not in self.lasting]
        ended = [alert for key, alert in self.lasting.items() if key not in now]
        self.lasting = now
        for alert in began:
            self.worst = max(self.worst, alert.severity.value)
        if self.webhook is not None:
            self._unsent = (self._unsent[0] + began, self._unsent[1] + ended)
        return began, ended, self._post()

    def _post(self) -> str:
        """Send what the webhook has not got yet; why it didn't take it, if it didn't."""
        if self.webhook is None or not any(self._unsent):
            return ""
        began, ended = ([_as_json(alert) for alert in alerts] for alerts in self._unsent)
        body = {"began": began, "ended": ended}
        try:
            requests.post(self.webhook, json=body, timeout=_SECONDS).raise_for_status()
        except requests.RequestException as failure:
            return type(failure).__name__  # its text may name a secret part of the address
        self._unsent = ([], [])
        return ""


def _as_json(alert: Alert) -> dict[str, str]:
    severity: Severity = alert.severity
    return {"key": alert.key, "severity": severity.name.lower(), "what": alert.what}
