"""What a refresh touches, so that Airflow parses it at once."""

import os
import subprocess
import time

import psutil  # type: ignore[import-untyped]
import pytest

from mergeflow.airflow.bundle import ConfigBundle
from mergeflow.airflow.bundle import touched as touched_module
from tests.airflow.bundle.origin import STUBS, Follower, Repository, touched_by_refresh


def test_nothing_new_touches_nothing(bundle: ConfigBundle) -> None:
    assert touched_by_refresh(bundle) == set()


def test_changed_config_touches_its_stub_once(bundle: ConfigBundle, repository: Repository) -> None:
    repository.commit({"configs/payments/fx.yaml": "b"})
    assert touched_by_refresh(bundle) == {"payments.py", "config_errors.py"}
    mtime = (bundle.path / "payments.py").stat().st_mtime
    bundle.refresh()
    assert (bundle.path / "payments.py").stat().st_mtime == mtime


def test_commit_that_no_stub_reads_touches_nothing(bundle: ConfigBundle, repository: Repository) -> None:
    repository.commit({"README.md": "hello"})
    assert touched_by_refresh(bundle) == set()


def test_move_between_teams_touches_both(bundle: ConfigBundle, repository: Repository) -> None:
    repository.commit({"configs/payments/fx.yaml": None, "configs/risk/fx.yaml": "a"})
    assert touched_by_refresh(bundle) == STUBS


@pytest.mark.parametrize(
    ("path", "touched"),
    [
        ("configs/defaults.yml", STUBS),
        ("configs/payments/defaults.yml", {"payments.py", "config_errors.py"}),
        ("configs/templates/hourly.yaml", STUBS),
        ("configs/environments/prod.yaml", STUBS),
        ("validators/policy.yaml", STUBS),
        ("dags/callables/risk/var.py", {"risk.py", "config_errors.py"}),
        ("dags/scripts/risk/var.sql", {"risk.py", "config_errors.py"}),
    ],
)
def test_what_stubs_read_beside_configs(
    bundle: ConfigBundle, repository: Repository, path: str, touched: set[str]
) -> None:
    for text in ("new", None):
        repository.commit({path: text})
        assert touched_by_refresh(bundle) == touched


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("configs/payments/shown.yaml", "shared/one.yaml"),
        ("configs/payments/shown.yaml", "configs/risk/one.yaml"),
        ("dags/callables/payments", "shared"),
    ],
)
def test_what_a_link_leads_to_touches_those_who_read_the_link(
    bundle: ConfigBundle, repository: Repository, link: str, target: str
) -> None:
    repository.commit({"shared/one.yaml": "1", "shared/others.yaml": "1", "configs/risk/one.yaml": "1"})
    place = repository.folder / link
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(os.path.relpath(repository.folder / target, place.parent))
    repository.commit({})
    bundle.refresh()
    name = target if target.endswith(".yaml") else f"{target}/one.yaml"
    for text in ("2", None):
        repository.commit({name: text})
        assert {"payments.py", "config_errors.py"} <= touched_by_refresh(bundle)


def test_renamed_config_touches_its_stub(bundle: ConfigBundle, repository: Repository) -> None:
    repository.git("mv", "configs/risk/v.yaml", "configs/risk/var.yaml")
    repository.commit({})
    assert touched_by_refresh(bundle) == {"risk.py", "config_errors.py"}


def test_new_team_with_its_stub(bundle: ConfigBundle, repository: Repository) -> None:
    repository.commit({"configs/fraud/rings.yaml": "", "dags/fraud.py": ""})
    assert touched_by_refresh(bundle) == {"fraud.py", "config_errors.py"}


def test_removed_team_is_gone_from_disk(bundle: ConfigBundle, repository: Repository) -> None:
    repository.commit({"configs/risk/v.yaml": None, "dags/risk.py": None})
    assert touched_by_refresh(bundle) == {"config_errors.py"}
    assert not (bundle.path / "risk.py").exists()
    assert not (bundle.path.parent / "configs/risk").exists()


def mtimes(bundle: ConfigBundle) -> dict[str, float]:
    return {path.name: path.stat().st_mtime for path in bundle.path.glob("*.py")}


def test_config_errors_is_the_last_to_be_parsed_at_first(follower: Follower, bundle: ConfigBundle) -> None:
    """Airflow parses what is newest first; the stubs' verdicts are what `config_errors.py` shows."""
    os.utime(bundle.path / "config_errors.py")
    restarted = follower.started()
    assert min(mtimes(restarted), key=mtimes(restarted).__getitem__) == "config_errors.py"


def test_config_errors_is_parsed_after_the_stubs_of_a_merge(bundle: ConfigBundle, repository: Repository) -> None:
    before = time.time()
    repository.commit({"configs/risk/v.yaml": "n"})
    bundle.refresh()
    found = mtimes(bundle)
    assert sorted(found, key=found.__getitem__) == ["payments.py", "config_errors.py", "risk.py"]
    assert found["config_errors.py"] > before


def test_what_others_run_is_no_parse_after_which_stubs_are_touched_again(
    bundle: ConfigBundle, repository: Repository
) -> None:
    repository.commit({"configs/risk/v.yaml": "n"})
    with subprocess.Popen(["sleep", "60"]) as other:
        assert touched_by_refresh(bundle) == {"risk.py", "config_errors.py"}
        other.kill()
    assert touched_by_refresh(bundle) == set()


def test_next_move_does_not_write_what_was_touched(bundle: ConfigBundle, repository: Repository) -> None:
    """Git would write a file whose mtime it does not know once more, and Airflow would parse it once more."""
    repository.commit({"configs/risk/v.yaml": "n"})
    bundle.refresh()
    before = mtimes(bundle)
    repository.commit({"README.md": "hello"})
    bundle.refresh()
    assert mtimes(bundle) == before


def test_names_that_git_would_quote(bundle: ConfigBundle, repository: Repository) -> None:
    repository.commit({'configs/risk/ü "x"\n.yaml': "a"})
    assert touched_by_refresh(bundle) == {"risk.py", "config_errors.py"}


def test_dags_folder_replaced_by_a_file(bundle: ConfigBundle, repository: Repository) -> None:
    repository.commit(dict.fromkeys([f"dags/{name}" for name in STUBS]) | {"configs/risk/v.yaml": "n"})
    (repository.folder / "dags").rmdir() if (repository.folder / "dags").is_dir() else None
    repository.commit({"dags": "a file"})
    assert touched_by_refresh(bundle) == set()


def test_forced_push_whose_base_is_gone_touches_all(
    bundle: ConfigBundle, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit({"README.md": "hello"})
    monkeypatch.setattr(bundle, "_seen", "0" * 40)
    assert touched_by_refresh(bundle) == STUBS


def test_checkout_moved_by_another_process(bundle: ConfigBundle, repository: Repository, follower: Follower) -> None:
    repository.commit({"configs/risk/v.yaml": "n"})
    follower.started()
    assert touched_by_refresh(bundle) == {"risk.py", "config_errors.py"}


def test_parse_that_began_before_the_merge(
    bundle: ConfigBundle, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its end would count as newer than the touch, so the stub is touched again when it is over."""
    parse = subprocess.Popen(["sleep", "60"])
    monkeypatch.setattr(touched_module, "running", lambda: [psutil.Process(parse.pid)])
    try:
        repository.commit({"configs/risk/v.yaml": "n"})
        assert touched_by_refresh(bundle) == {"risk.py", "config_errors.py"}
        assert touched_by_refresh(bundle) == set()
    finally:
        parse.kill()
        parse.wait()
    assert touched_by_refresh(bundle) == {"risk.py", "config_errors.py"}
    assert touched_by_refresh(bundle) == set()


def test_project_in_a_folder_of_its_repository(repository: Repository, follower: Follower) -> None:
    repository.commit({"data/dags/payments.py": "", "data/configs/payments/fx.yaml": ""})
    nested = follower.started(subdir="data/dags")
    repository.commit({"configs/payments/fx.yaml": "other"})
    assert touched_by_refresh(nested) == set()
    repository.commit({"data/configs/payments/fx.yaml": "new"})
    assert touched_by_refresh(nested) == {"payments.py"}
