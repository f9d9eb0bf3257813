"""`mergeflow sync django`: what the site has becomes a commit on a branch, or nothing happens at all."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from mergeflow.sync import site
from mergeflow.sync.rows import Row
from mergeflow.sync.site import Site, SiteError
from tests.conftest import Run

ONE = Row(1, date(2024, 1, 1), "every 2 seconds", 1, "Add 2", "value + 2")
TWO = Row(2, date(2024, 1, 1), "every 5 seconds", 2, "Add 6", "value + 6")
SIX = Row(6, date(2024, 1, 1), "1h", 2, "Add 6", "value + 6")
PATH = "configs/simulators/rows.yaml"
ROWS = """\
# kept
- id: 1
  start_date: 2024-01-01
  interval: every 2 seconds
  kpi: {id: 1, name: Add 2, formula: value + 2}
- id: 2
  start_date: 2024-01-01
  interval: every 5 seconds
  kpi: {id: 2, name: Add 6, formula: value + 6}
"""


class Checkout:
    """A Git repository with the two simulators, on main."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.rows = root / PATH
        self.rows.parent.mkdir(parents=True)
        self.rows.write_text(ROWS)
        (root / "README.md").write_text("hello\n")
        self.git("init", "-q", "-b", "main")
        self.git("config", "user.name", "Ada")
        self.git("config", "user.email", "ada@example.org")
        self.git("add", ".")
        self.git("commit", "-q", "-m", "two simulators")

    def git(self, *arguments: str) -> str:
        return subprocess.run(
            ["git", "-C", str(self.root), *arguments], check=True, capture_output=True, text=True
        ).stdout

    @property
    def branch(self) -> str:
        return self.git("branch", "--show-current").strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "repository")


@pytest.fixture
def sync(checkout: Checkout, mergeflow: Run, monkeypatch: pytest.MonkeyPatch) -> Callable[..., object]:
    """Sync with a site that has these rows."""

    def call(*arguments: str, has: tuple[Row, ...] = (ONE, TWO), refused: tuple[str, ...] = ()) -> object:
        skipped = frozenset(int(each.split()[1].rstrip(":")) for each in refused)
        monkeypatch.setattr(site, "read_site", lambda *_: Site(has, refused, skipped))
        return mergeflow("sync", "django", *arguments, cwd=checkout.root)

    return call


Sync = Callable[..., object]


def test_nothing_happens_where_nothing_has_changed(checkout: Checkout, sync: Sync) -> None:
    ran = sync("--push")
    assert (ran.code, ran.out) == (0, f"nothing has changed: {PATH} has what the site has\n")
    assert checkout.branch == "main"
    assert checkout.git("branch").split() == ["*", "main"]


def test_without_push_the_difference_is_shown_and_written_on_a_branch(checkout: Checkout, sync: Sync) -> None:
    ran = sync(has=(ONE, TWO, SIX))
    assert ran.code == 0
    assert "+- id: 6\n" in ran.out
    assert "add simulator 6: Add 6 (value + 6), 1h, from 2024-01-01\n" in ran.out
    assert checkout.branch == "sync-django"
    assert checkout.git("status", "--porcelain") == f" M {PATH}\n"
    assert checkout.rows.read_text().startswith(ROWS)


def test_push_after_a_look_commits_what_was_shown(checkout: Checkout, sync: Sync) -> None:
    sync(has=(ONE, TWO, SIX))
    ran = sync("--push", has=(ONE, TWO, SIX))
    assert ran.code == 0
    assert "on the branch sync-django, and not pushed, for there is no remote `origin`" in ran.out
    assert checkout.git("log", "-1", "--format=%B").strip() == (
        "Add simulator 6, as the site has it\n\n* add simulator 6: Add 6 (value + 6), 1h, from 2024-01-01"
    )
    assert checkout.git("status", "--porcelain") == ""


def test_push_touches_no_other_file_and_reaches_the_remote(checkout: Checkout, sync: Sync, tmp_path: Path) -> None:
    origin = tmp_path / "origin.git"
    checkout.git("init", "-q", "--bare", str(origin))
    checkout.git("remote", "add", "origin", str(origin))
    (checkout.root / "README.md").write_text("staged\n")
    checkout.git("add", "README.md")
    (checkout.root / "notes").write_text("mine\n")
    ran = sync("--push", "--branch", "rows", has=(ONE, TWO, SIX))
    assert ran.code == 0
    assert "on the branch rows, and pushed" in ran.out
    assert checkout.git("show", "--format=", "--name-only", "HEAD").split() == [PATH]
    assert checkout.git("status", "--porcelain").splitlines() == ["M  README.md", "?? notes"]
    pushed = subprocess.run(["git", "-C", str(origin), "rev-parse", "rows"], check=True, capture_output=True, text=True)
    assert pushed.stdout == checkout.git("rev-parse", "HEAD")


def test_a_removal_is_refused_where_nobody_can_be_asked(checkout: Checkout, sync: Sync) -> None:
    ran = sync("--push", has=(ONE,))
    assert ran.code == 2
    assert "remove simulator 2: Add 6 (value + 6), every 5 seconds" in ran.out
    assert ran.err == "mergeflow: 1 simulator would be removed, and nobody can be asked here: say --yes\n"
    assert (checkout.branch, checkout.rows.read_text()) == ("main", ROWS)
    assert sync("--push", "--yes", has=(ONE,)).code == 0
    assert checkout.rows.read_text() == ROWS[: ROWS.index("- id: 2")]


@pytest.mark.parametrize(("answer", "ends"), [("y\n", (0, "sync-django")), ("n\n", (2, "main"))])
def test_a_removal_is_asked_for_on_a_terminal(
    checkout: Checkout, sync: Sync, monkeypatch: pytest.MonkeyPatch, answer: str, ends: tuple[int, str]
) -> None:
    read, write = os.pipe()
    os.write(write, answer.encode())
    with os.fdopen(read) as terminal:
        monkeypatch.setattr(terminal, "isatty", lambda: True, raising=False)
        monkeypatch.setattr(sys, "stdin", terminal)
        ran = sync(has=(ONE,))
    os.close(write)
    assert (ran.code, checkout.branch) == ends


def test_an_empty_site_empties_nothing(checkout: Checkout, sync: Sync) -> None:
    ran = sync("--push", "--yes", has=())
    assert ran.code == 2
    assert ran.err == "mergeflow: the site has no simulators at all: is it the right one? Nothing is removed\n"
    assert checkout.rows.read_text() == ROWS


def test_what_the_site_has_wrong_is_named_and_the_rest_is_brought(checkout: Checkout, sync: Sync) -> None:
    ran = sync("--push", has=(ONE, SIX), refused=("simulator 2: `often` is no interval",))
    assert ran.code == 1
    assert ran.err == "skipped simulator 2: `often` is no interval\n"
    assert "- id: 2" in checkout.rows.read_text()
    assert "- id: 6" in checkout.rows.read_text()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda it: it.rows.write_text(f"{ROWS}# mine\n"), f"{PATH} has changes of yours that are not committed"),
        (lambda it: it.git("branch", "sync-django"), "there is a branch `sync-django` already: switch to it"),
        (lambda it: it.rows.write_bytes(b"\xff"), f"{PATH} cannot be read: 'utf-8' codec"),
        (lambda it: it.git("update-ref", "-d", "HEAD"), "there is no commit yet to branch from"),
        (lambda it: (it.root / ".git").rename(it.root / "git"), "this is no Git repository"),
    ],
)
def test_a_checkout_that_is_not_ready_is_left_as_it_is(
    checkout: Checkout, sync: Sync, spoil: Callable[[Checkout], object], message: str
) -> None:
    spoil(checkout)
    before = checkout.rows.read_bytes()
    ran = sync("--push", has=(ONE, TWO, SIX))
    assert ran.code == 2
    assert ran.err.startswith(f"mergeflow: {message}")
    assert checkout.rows.read_bytes() == before


def test_a_branch_needs_a_name_that_git_takes(sync: Sync, checkout: Checkout) -> None:
    ran = sync("--branch", "a b", has=(ONE, TWO, SIX))
    assert (ran.code, ran.err) == (2, "mergeflow: `a b` cannot be the name of a branch\n")
    assert checkout.rows.read_text() == ROWS


def test_many_changes_are_counted_in_the_first_line(checkout: Checkout, sync: Sync) -> None:
    more = tuple(Row(number, date(2024, 1, 1), "1h", 2, "Add 6", "value + 6") for number in range(3, 8))
    assert sync("--push", "--yes", has=(TWO, *more)).code == 0
    title, _, *each = checkout.git("log", "-1", "--format=%B").strip().splitlines()
    assert title == "Add 5 simulators; remove simulator 1, as the site has it"
    assert len(each) == 6


def test_settings_and_a_database_are_one_too_many(mergeflow: Run, checkout: Checkout) -> None:
    ran = mergeflow("sync", "django", "--settings", "a", "--database", "b", cwd=checkout.root)
    assert (ran.code, ran.err.split(":")[1].strip()) == (2, "--settings names a whole site, which has its own database")


@pytest.mark.service
def test_a_simulator_that_somebody_has_added_becomes_a_dag(checkout: Checkout, mergeflow: Run, tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'site.sqlite3'}"
    program = """
import django; django.setup()
from datetime import date
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("add_examples")
from mergeflow.django.models import KPI, Simulator
square = KPI.objects.create(name="Square, of Ada's", formula="value ** 2")
Simulator.objects.create(start_date=date(2025, 1, 1), interval="*/10 * * * * *", kpi=square)
Simulator.objects.bulk_create([Simulator(pk=9, start_date=date(2025, 1, 1), interval="often", kpi=square)])
"""
    environment = os.environ | {"DATABASE_URL": database, "DJANGO_SECRET_KEY": "x" * 50}
    environment["DJANGO_SETTINGS_MODULE"] = "mergeflow.django.site.settings"
    subprocess.run([sys.executable, "-c", program], env=environment, cwd=tmp_path, check=True, capture_output=True)
    ran = mergeflow("sync", "django", "--database", database, "--push", cwd=checkout.root)
    assert ran.code == 1
    assert ran.err.startswith("skipped simulator 9: `often` is no interval: write")
    assert checkout.rows.read_text() == (
        f"{ROWS}- id: 3\n  start_date: 2025-01-01\n  interval: '*/10 * * * * *'\n"
        "  kpi:\n    id: 3\n    name: Square, of Ada's\n    formula: value ** 2\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((None, "sqlite:////nowhere/at/all.sqlite3"), "unable to open database file"),
        ((None, "nonsense://"), "DATABASE_URL"),
        (("no.such.settings", None), "No module named 'no'"),
    ],
)
def test_a_site_that_cannot_be_read_is_one_line(
    tmp_path: Path, arguments: tuple[str | None, str | None], message: str
) -> None:
    with pytest.raises(SiteError) as refused:
        site.read_site(tmp_path, *arguments)
    assert str(refused.value).startswith("the site cannot be read: ")
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)
