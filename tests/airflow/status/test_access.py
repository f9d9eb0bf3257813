"""Which Airflow is asked, and with which login."""

import json
from pathlib import Path

import pytest

from mergeflow.airflow.local import state
from mergeflow.airflow.status.access import Access, choose
from mergeflow.workspace import WrongUse

URL = "https://airflow.example.com"
TOKEN = {"MERGEFLOW_AIRFLOW_TOKEN": "t"}
NETRC = "machine airflow.example.com login ada password right\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The state folder, and a home without a netrc file."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    return tmp_path / "state"


@pytest.fixture
def local(folder: Path) -> Path:
    folder.mkdir()
    secrets = {"password": "p", "secret_key": "s", "jwt_secret": "j", "fernet_key": "f"}
    (folder / "secrets.json").write_text(json.dumps(secrets))
    (folder / "followed.json").write_text(json.dumps(["/repository", "main"]))
    (folder / "address").write_text("http://127.0.0.1:8081\n")
    return folder


def refusal(url: str | None, folder: Path, variables: dict[str, str]) -> str:
    with pytest.raises(WrongUse) as caught:
        choose(url, folder, variables)
    return str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "airflow",
        "ftp://a",
        "http://",
        "http://a:x",
        "http://a:99999",
        "http://[a",
        "http://a b",
        "http://a\n",
        "http://é",
    ],
)
def test_what_is_no_address_is_refused(url: str, folder: Path) -> None:
    assert "is not an http or https address" in refusal(url, folder, TOKEN)


@pytest.mark.parametrize("url", ["http://ada:secret@a", "http://ada@a", "http://a?token=secret", "http://a#secret"])
def test_a_login_in_the_address_is_refused_and_not_repeated(url: str, folder: Path) -> None:
    said = refusal(url, folder, {})
    assert "must hold no login" in said
    assert "secret" not in said
    assert said == refusal(None, folder, {"MERGEFLOW_AIRFLOW_URL": url})


def test_without_an_address_it_says_how_to_give_one(folder: Path) -> None:
    assert "give --url or set MERGEFLOW_AIRFLOW_URL" in refusal(None, folder, TOKEN)


def test_without_a_login_it_says_how_to_give_one(folder: Path) -> None:
    for variables in ({}, {"MERGEFLOW_AIRFLOW_USER": "ada"}, {"MERGEFLOW_AIRFLOW_PASSWORD": "p"}):
        said = refusal(URL, folder, variables)
        assert said.startswith("no login for airflow.example.com: set MERGEFLOW_AIRFLOW_TOKEN")


@pytest.mark.parametrize("token", ["a b", "a\r\nX-Injected: 1", "é"])
def test_what_cannot_be_a_token_is_refused_and_not_repeated(token: str, folder: Path) -> None:
    said = refusal(URL, folder, {"MERGEFLOW_AIRFLOW_TOKEN": token})
    assert "is no token" in said
    assert token not in said


def test_a_token_wins_over_a_password(folder: Path) -> None:
    login = {"MERGEFLOW_AIRFLOW_USER": "ada", "MERGEFLOW_AIRFLOW_PASSWORD": "p"}
    assert choose(URL, folder, TOKEN | login) == Access(URL, token="t")
    assert choose(f"{URL}/", folder, login) == Access(URL, "ada", "p")
    assert choose(None, folder, login | {"MERGEFLOW_AIRFLOW_URL": URL}).url == URL
    assert choose(URL, folder, {"MERGEFLOW_AIRFLOW_TOKEN": "t\n"}).token == "t"


def test_the_airflow_that_was_started_here_needs_nothing(local: Path) -> None:
    found = state.found(local)
    mine = Access("http://127.0.0.1:8081", "admin", "p", local=found)
    assert choose(None, local, {}) == mine
    assert choose("http://127.0.0.1:8081/", local, {}) == mine


def test_its_password_goes_to_no_other_airflow(local: Path) -> None:
    assert "no login" in refusal(URL, local, {})
    assert "no login" in refusal("http://127.0.0.1:8082", local, {})


@pytest.mark.parametrize("name", ["secrets.json", "followed.json", "address"])
def test_torn_state_is_as_none(name: str, local: Path) -> None:
    (local / name).unlink()
    assert "no Airflow is named" in refusal(None, local, {})
    (local / name).write_bytes(b"[\xff")
    assert choose(URL, local, TOKEN).local is None


def test_the_login_of_a_netrc_file(folder: Path) -> None:
    file = Path.home() / ".netrc"
    file.write_text(NETRC)
    file.chmod(0o600)
    assert choose(URL, folder, {}) == Access(URL, "ada", "right")
    assert "no login for other.example.com" in refusal("https://other.example.com", folder, {})
    file.write_text("machine airflow.example.com login __token__ password abc\n")
    assert choose(f"{URL}:8443", folder, {}) == Access(f"{URL}:8443", token="abc")


def test_another_netrc_file(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "logins"
    assert "no login" in refusal(URL, folder, {"NETRC": str(file)})
    file.write_text(NETRC)
    file.chmod(0o644)
    assert refusal(URL, folder, {"NETRC": str(file)}) == "logins can be read by others: chmod 600 it"
    file.chmod(0o600)
    assert choose(URL, folder, {"NETRC": str(file)}).password == "right"


@pytest.mark.parametrize("content", [b"machine", b"nonsense here", b"\xff\xfe"])
def test_a_broken_netrc_file_is_one_line(content: bytes, folder: Path) -> None:
    file = Path.home() / ".netrc"
    file.write_bytes(content)
    file.chmod(0o600)
    assert "\n" not in refusal(URL, folder, {})
