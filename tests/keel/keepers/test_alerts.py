"""Alerts: each condition told once when it begins and once when it ends, to whom it concerns."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from keel.keepers.action import Alert, Severity
from keel.keepers.alerts import Alarm

LATE = Alert(key="report", severity=Severity.CRITICAL, what="no report for 31 hours")
LOW = Alert(key="purse", severity=Severity.WARNING, what="the reporter's purse is low")


@pytest.fixture
def hook():
    """A server that keeps what is posted to it; `answer` is the status it gives."""

    class Handler(BaseHTTPRequestHandler):
        posted, answer = [], 204

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.posted.append((self.path, json.loads(body)))
            self.send_response(type(self).answer)
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        Handler.url = f"http://127.0.0.1:{server.server_port}/secret"
        yield Handler
        server.shutdown()


def test_update__told_when_it_begins_and_when_it_ends(hook):
    alarm = Alarm(webhook=hook.url)
    assert alarm.update((LATE,)) == ([LATE], [], "")
    assert alarm.update((LATE,)) == ([], [], "")
    assert alarm.update((LOW,)) == ([LOW], [LATE], "")
    assert alarm.update(()) == ([], [LOW], "")
    late, low = (
        {"key": each.key, "severity": each.severity.name.lower(), "what": each.what}
        for each in (LATE, LOW)
    )
    assert hook.posted == [
        ("/secret", {"began": [late], "ended": []}),
        ("/secret", {"began": [low], "ended": [late]}),
        ("/secret", {"began": [], "ended": [low]}),
    ]


def test_update__exit_code_is_the_worst_there_was():
    alarm = Alarm()
    assert alarm.worst == 0
    alarm.update((LOW,))
    assert alarm.worst == 1
    alarm.update((LATE, LOW))
    alarm.update(())
    assert alarm.worst == 2


def test_update__webhook_that_fails__is_told_without_its_address(hook):
    hook.answer = 500
    began, _ended, unsent = Alarm(webhook=hook.url).update((LATE,))
    assert (began, unsent) == ([LATE], "HTTPError")
    _began, _ended, unsent = Alarm(webhook="http://127.0.0.1:9/secret").update((LATE,))
    assert unsent == "ConnectionError"


def test_update__webhook_that_was_away__gets_it_once_it_is_back(hook):
    alarm = Alarm(webhook=hook.url)
    hook.answer = 500
    alarm.update((LATE,))
    assert alarm.update((LATE,))[2] == "HTTPError"
    alarm.update((LATE, LOW))
    hook.answer = 204
    hook.posted.clear()
    assert alarm.update((LOW,))[2] == ""
    assert alarm.update((LOW,))[2] == ""
    ((_path, body),) = hook.posted
    assert [[each["key"] for each in body[part]] for part in ("began", "ended")] == [
        [LATE.key, LOW.key], [LATE.key],
    ]  # fmt: skip
