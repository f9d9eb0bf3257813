from pathlib import Path

import pytest

from mergeflow.airflow.stubs import stubs_of_tests, stubs_to_touch

STUBS = {"payments.py", "risk.py", "config_errors.py"}


@pytest.mark.parametrize(
    ("changed", "touched"),
    [
        ([], set()),
        (["README.md", "sdk/mergeflow/files.py", "docs/configs/payments/fx.yaml"], set()),
        (["configs", "dags", ""], set()),
        (["configs/payments/fx.yaml"], {"payments.py", "config_errors.py"}),
        (["configs/payments/deep/er/fx.yaml"], {"payments.py", "config_errors.py"}),
        (["configs/payments/fx.yaml", "configs/risk/fx.yaml"], STUBS),
        (["configs/defaults.yml"], STUBS),
        (["configs/environments/prod.yaml"], STUBS),
        (["configs/templates/hourly.yaml"], STUBS),
        (["configs/nobody/fx.yaml"], STUBS),
        (["validators/policy.yaml"], STUBS),
        (["validators/expectations/fx.json"], STUBS),
        (["dags/callables/payments/fx.py"], {"payments.py", "config_errors.py"}),
        (["dags/scripts/risk/var.sql"], {"risk.py", "config_errors.py"}),
        (["dags/callables/common.py"], STUBS),
        (["dags/lib/common.py"], STUBS),
        (["dags/risk.py"], {"risk.py", "config_errors.py"}),
        (["dags/gone.py"], {"config_errors.py"}),
    ],
)
def test_stubs_to_touch(changed: list[str], touched: set[str]) -> None:
    assert stubs_to_touch(changed, STUBS) == touched


def test_team_named_like_a_shared_folder_is_not_a_team() -> None:
    assert stubs_to_touch(["configs/templates/x.yaml"], {"templates.py", "risk.py"}) == {"templates.py", "risk.py"}


@pytest.mark.parametrize(
    ("changed", "touched"),
    [
        (["tests/smoke/test_orders.py"], {"smoke.py"}),
        (["configs/payments/fx.yaml", "pyproject.toml"], {"smoke.py"}),
        (["dags/callables/payments/fx.py"], {"smoke.py"}),
        (["configs/payments/fx.yaml", "docs/fx.md", ".github/workflows/ci.yml", "validators/policy.yaml"], set()),
        ([], set()),
    ],
)
def test_the_dag_of_a_test_suite_is_parsed_when_its_tests_may_have_changed(
    changed: list[str], touched: set[str], tmp_path: Path
) -> None:
    (tmp_path / "smoke.py").write_text('from mergeflow.airflow import load_test_dag\n\nload_test_dag(globals(), "s")\n')
    (tmp_path / "payments.py").write_text('from mergeflow.airflow import load_dags\n\nload_dags(globals(), "s")\n')
    (tmp_path / "gone.py").symlink_to("nowhere.py")
    assert stubs_of_tests(changed, tmp_path) == touched
