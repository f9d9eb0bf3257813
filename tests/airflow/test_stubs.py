import pytest

from mergeflow.airflow.stubs import stubs_to_touch

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
