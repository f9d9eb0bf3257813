"""The commit hooks that other repositories may use, as pre-commit's `.pre-commit-hooks.yaml`."""

from typing import Any

import yaml

HOOKS: tuple[dict[str, Any], ...] = (
    {
        "id": "mergeflow-check",
        "name": "mergeflow check",
        "description": "Find what is wrong with the configs, without Airflow.",
        "entry": "mergeflow check",
        "language": "python",
        "files": r"^configs/.*\.ya?ml$",
        "require_serial": True,
    },
    {
        "id": "mergeflow-catalog",
        "name": "mergeflow catalog check",
        "description": "Hold the catalog of operators against the Airflow that is installed.",
        "entry": "mergeflow catalog check",
        "language": "system",
        "files": r"^(validators/catalog\.json|pyproject\.toml|.*requirements.*\.(txt|lock|in))$",
        "pass_filenames": False,
    },
)
"""`check` brings what it needs into pre-commit's own environment; `catalog` is about the Airflow of the user's."""

_HEAD = "# Written by `python -m tests.render.generated` from the table in sdk/mergeflow/render/hooks.py."


def render() -> str:
    """The whole file, without its last line break."""
    listed = yaml.safe_dump(list(HOOKS), sort_keys=False, width=120, allow_unicode=True)
    return f"{_HEAD}\n{listed}".removesuffix("\n")
