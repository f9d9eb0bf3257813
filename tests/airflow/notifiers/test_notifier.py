"""Alerts are sent in words that a person understands; what cannot be sent is a line in the log, and nothing else."""

import json
import logging
import socket
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.log import mask_secret

from mergeflow.airflow.notifiers import Notifier, mail, webhook
from tests.services.mail import PASSWORD, Hook, Mails, body, mail_server
from tests.services.mail import webhook as running_webhook
from tests.services.server import free_port

PATH = "configs/team/a.yaml"
MAIL = {"email": "team@example.org"}
CHAT = {"webhook": {"connection": "chat", "path": "hook/s3cret"}}
LOG: dict[str, Any] = {"log": {}}


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mails]:
    with mail_server() as server:
        monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", server.connection())
        yield server


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    with running_webhook() as server:
        monkeypatch.setenv("AIRFLOW_CONN_CHAT", server.connection(login="alerts", password=PASSWORD))
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield server


@pytest.fixture(autouse=True)
def _all_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)


def context(error: BaseException | str | None = None, **of_the_task: Any) -> Any:
    """What Airflow gives a callback, as far as alerts read it."""
    fields = {"map_index": -1, "try_number": 2, "max_tries": 1, "log_url": "http://airflow/log?try_number=2"}
    names = {"dag_id": "orders", "task_id": "load", "run_id": "manual__1"}
    task = SimpleNamespace(dag=SimpleNamespace(fileloc=""), render_template=_render)
    ti = SimpleNamespace(**{**names, **fields, "task": task, **of_the_task})
    return {"ti": ti, "task": task, "exception": error}


def _render(text: str, given: Any) -> str:
    return text.replace("{{ ti.task_id }}", given["ti"].task_id) if "{% " not in text else text[1 / 0 :]  # type: ignore[misc]


def alert(*alerts: dict[str, Any], moment: str = "on_failure", of: Any = None) -> None:
    Notifier(moment, alerts, PATH)(of or context(ValueError("no rows\nat all")))


@pytest.mark.parametrize(
    ("moment", "subject", "sentence"),
    [
        ("on_failure", "Failed: orders.load (try 2 of 2)", "has failed, and will not be tried again."),
        ("on_retry", "Will be retried: orders.load (try 2 of 2)", "has failed, and will be tried again."),
        ("on_success", "Succeeded: orders.load (try 2 of 2)", "has succeeded."),
    ],
)
def test_a_mail_says_what_has_happened(mails: Mails, moment: str, subject: str, sentence: str) -> None:
    alert(MAIL, moment=moment)
    (mail,) = mails.received
    assert (mail["subject"], mail["from"], mail["to"]) == (subject, "airflow@example.org", "team@example.org")
    assert body(mail).splitlines()[0] == f"Task load of DAG orders {sentence}"
    assert ("no rows" in body(mail)) is (moment != "on_success")


def test_a_mail_says_the_same_in_text_and_html(mails: Mails) -> None:
    alert(MAIL)
    (mail,) = mails.received
    assert mail.get_content_type() == "multipart/alternative"
    assert body(mail).splitlines()[2:] == [
        "Error:       ValueError: no rows",
        "             at all",
        "Log:         http://airflow/log?try_number=2",
        "Config:      configs/team/a.yaml",
        "DAG:         orders",
        "Task:        load",
        "Run:         manual__1",
        "Try:         2 of 2",
    ]
    shown = body(mail, "html")
    assert "<pre>ValueError: no rows\nat all</pre>" in shown
    assert '<a href="http://airflow/log?try_number=2">' in shown


def test_one_mail_goes_to_all_addresses(mails: Mails) -> None:
    alert({"email": ["team@example.org", "Our lead <lead@example.org>"]})
    (mail,) = mails.received
    assert mail["to"] == "team@example.org, Our lead <lead@example.org>"
    assert mail["x-recipients"] == "team@example.org, lead@example.org"


def test_a_mapped_task_and_an_environment_are_named(mails: Mails, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MERGEFLOW_ENV", "prod")
    alert(MAIL, of=context(map_index=3, rendered_map_index="Africa"))
    alert(MAIL, of=context(map_index=0))
    first, second = mails.received
    assert first["subject"] == "[prod] Failed: orders.load [Africa] (try 2 of 2)"
    assert second["subject"] == "[prod] Failed: orders.load [0] (try 2 of 2)"
    assert "Environment: prod" in body(first)


def test_what_an_error_says_is_neither_html_nor_jinja_nor_a_secret(mails: Mails) -> None:
    mask_secret("hunter2-hunter2")
    alert(MAIL, LOG, of=context(ValueError("<script>{{ 1 // 0 }}</script> password hunter2-hunter2")))
    (mail,) = mails.received
    assert "ValueError: <script>{{ 1 // 0 }}</script> password ***" in body(mail)
    assert "&lt;script&gt;{{ 1 // 0 }}&lt;/script&gt; password ***" in body(mail, "html")


@pytest.mark.parametrize(
    ("error", "begins", "longest"),
    [
        (ValueError("\n".join(map(str, range(100)))), "ValueError: 0\n", 60),
        (ValueError("x" * 100_000), "ValueError: xxx", 2100),
        ("killed by somebody", "killed by somebody", 20),
        (KeyboardInterrupt(), "KeyboardInterrupt", 20),
        (None, "the task's process ended without a word", 80),
    ],
)
def test_of_an_error_the_beginning_is_shown(
    hook: Hook, error: BaseException | str | None, begins: str, longest: int
) -> None:
    alert(CHAT, of=context(error))
    ((_, sent, _),) = hook.received
    assert sent["error"].startswith(begins)
    assert len(sent["error"]) < longest


def test_a_webhook_gets_a_small_json(hook: Hook) -> None:
    alert(CHAT, of=context(ValueError("no rows\nat all"), map_index=3))
    ((path, sent, headers),) = hook.received
    assert (path, headers["Content-Type"]) == ("/hook/s3cret", "application/json")
    assert headers["Authorization"].startswith("Basic ")
    assert sent == {
        "text": "Failed: orders.load [3] (try 2 of 2)\nValueError: no rows\nhttp://airflow/log?try_number=2",
        "state": "failed",
        "dag_id": "orders",
        "task_id": "load",
        "map_index": 3,
        "run_id": "manual__1",
        "try_number": 2,
        "tries": 2,
        "error": "ValueError: no rows\nat all",
        "log_url": "http://airflow/log?try_number=2",
        "report_url": "",
        "config": PATH,
        "environment": "",
    }


def test_an_alert_of_data_leads_to_its_report(hook: Hook, mails: Mails, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "http://airflow")
    of_data = context(ValueError("bad rows"))
    of_data["task"].task_type = "ExpectationsOperator"
    alert(CHAT, MAIL, of=of_data)
    address = "http://airflow/mergeflow/reports/orders/load/-1/2/manual__1"
    ((_, sent, _),) = hook.received
    assert sent["report_url"] == address
    assert sent["text"].endswith(f"\n{address}")
    assert f"Report:      {address}" in body(mails.received[0])


def test_a_webhooks_whole_address_may_stand_in_its_connection(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    host = f"http://127.0.0.1:{hook.port}/services/s3cret"
    monkeypatch.setenv("AIRFLOW_CONN_CHAT", json.dumps({"conn_type": "http", "host": host}))
    alert({"webhook": {"connection": "chat"}})
    assert [path for path, _, _ in hook.received] == ["/services/s3cret"]


def test_an_alert_in_the_log_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    alert(LOG)
    (record,) = [each for each in caplog.records if "ALERT" in each.message]
    said = "ALERT Failed: orders.load (try 2 of 2): ValueError: no rows; run manual__1, configs/team/a.yaml"
    assert (record.levelname, record.message) == ("ERROR", said)


def test_a_subject_of_ones_own_may_hold_jinja_and_is_one_line(mails: Mails) -> None:
    alert({**MAIL, "subject": "Größe:\n {{ ti.task_id }}"})
    assert mails.received[0]["subject"] == "Größe: load"


def test_a_subject_that_cannot_be_rendered_costs_no_mail(mails: Mails, caplog: pytest.LogCaptureFixture) -> None:
    alert({**MAIL, "subject": "{% raise %}"})
    assert mails.received[0]["subject"] == "Failed: orders.load (try 2 of 2)"
    assert "cannot be rendered" in caplog.text


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_a_password_is_used_and_never_shown(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    with mail_server(with_login=True) as server:
        monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", server.connection(login="airflow", password=PASSWORD))
        alert(MAIL)
        monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", server.connection(login="airflow", password=f"{PASSWORD}!"))
        alert(MAIL)
    assert len(server.received) == 1
    ours = [each.getMessage() for each in caplog.records if each.name.startswith("mergeflow")]
    assert ours[0] == "alert sent: mail to team@example.org by connection `smtp_default`"
    assert "alert not sent: mail to team@example.org by connection `smtp_default`: SMTPAuthenticationError" in ours[1]
    assert not any(PASSWORD in each for each in ours)


def test_a_webhooks_secrets_are_never_shown(hook: Hook, caplog: pytest.LogCaptureFixture) -> None:
    alert(CHAT)
    hook.port = free_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW_CONN_CHAT", hook.connection(password=PASSWORD))
        alert(CHAT)
    ours = [each.getMessage() for each in caplog.records if each.name.startswith("mergeflow")]
    assert ours == [
        "alert sent: webhook of connection `chat`",
        "alert not sent: webhook of connection `chat`: ConnectionError",
    ]
    shown = "".join(each.getMessage() for each in caplog.records if each.name.split(".")[0] != "urllib3")
    assert PASSWORD not in shown
    assert "s3cret" not in shown


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_webhook_that_refuses_is_told(hook: Hook, status: int, caplog: pytest.LogCaptureFixture) -> None:
    hook.status = status
    alert(CHAT)
    assert f"alert not sent: webhook of connection `chat`: RefusedError: the answer was {status}" in caplog.text
    assert [path for path, _, _ in hook.received] == ["/hook/s3cret"], "nor is a redirect followed"


def test_one_alert_that_cannot_be_sent_costs_no_other(
    mails: Mails, hook: Hook, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_DOWN", Mails(free_port()).connection())
    alert({**MAIL, "connection": "down"}, {**MAIL, "connection": "nowhere"}, MAIL, CHAT, LOG)
    assert len(mails.received) == len(hook.received) == 1
    assert "by connection `down`: ConnectionRefusedError" in caplog.text
    assert "by connection `nowhere`: " in caplog.text
    assert "ALERT Failed" in caplog.text


def test_a_server_that_says_nothing_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(mail, "TIMEOUT", 0.3)
    monkeypatch.setattr(webhook, "TIMEOUT", 0.3)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", Mails(port).connection())
        monkeypatch.setenv("AIRFLOW_CONN_CHAT", Hook(port).connection())
        before = time.monotonic()
        alert(MAIL, CHAT)
    assert time.monotonic() - before < 5
    assert "alert not sent: mail to team@example.org by connection `smtp_default`: " in caplog.text
    assert "timed out)" in caplog.text
    assert "alert not sent: webhook of connection `chat`: ReadTimeout" in caplog.text


def test_what_airflow_gives_may_be_anything(mails: Mails, caplog: pytest.LogCaptureFixture) -> None:
    alert(MAIL, of={"dag": None})
    assert mails.received == []
    assert "no alert sent" in caplog.text
