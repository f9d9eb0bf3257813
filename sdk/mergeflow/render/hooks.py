"""The commit hooks that other repositories may use, as pre-commit's `.pre-commit-hooks.yaml`."""

from typing import Any

import yaml

HOOKS: tuple[dict[str, Any], ...] = (
    {
        "id": "mergeflow-check",
        "name": "mergeflow check",
        "description": "Find what is wrong with the changed configs, without Airflow.",
        "entry": "mergeflow check",
        "language": "python",
        "files": r"^(configs/.*\.ya?ml|validators/(policy\.yaml|expectations/.*\.ya?ml|rules/[^/]*\.py))$",
        "require_serial": True,
    },
    {
        "id": "mergeflow-stubs",
        "name": "mergeflow stubs",
        "description": "Write what is missing in dags/, such as the stub of a new team, and stop the commit once.",
        "entry": "mergeflow stubs",
        "language": "python",
        "files": r"^(configs/.*\.ya?ml|dags/(?!(callables|scripts)/).*\.py)$",
        "pass_filenames": False,
    },
    {
        "id": "mergeflow-schema",
        "name": "mergeflow schema --check",
        "description": "Hold the JSON Schemas for editors against the catalog and this release of Mergeflow.",
        "entry": "mergeflow schema --check",
        "language": "python",
        "files": r"^validators/(catalog\.json|schema/.*\.json)$",
        "pass_filenames": False,
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
"""`catalog` is about the user's Airflow; the others bring what they need into pre-commit's own environment."""

_HEAD = "# Written by `python -m tests.render.generated` from the table in sdk/mergeflow/render/hooks.py."
_DOCS = """\
<!-- Written by `python -m tests.render.generated` from the table in sdk/mergeflow/render/hooks.py. -->

# Commit hooks

For [pre-commit](https://pre-commit.com). In `.pre-commit-config.yaml`, with the address of the Mergeflow that you use:

```yaml
repos:
  - repo: https://example.com/mergeflow
    rev: v0.1.0
    hooks:
{ids}
```

`mergeflow-catalog` runs the `mergeflow` of your own environment, which must have the Airflow that runs your DAGs; leave
it out where there is none. A hook runs when one of its files changes; `check` looks at the changed files only.

| hook | what it does | files |
|---|---|---|
{rows}"""


def render() -> str:
    """The whole file, without its last line break."""
    listed = yaml.safe_dump(list(HOOKS), sort_keys=False, width=120, allow_unicode=True)
    return f"{_HEAD}\n{listed}".removesuffix("\n")


def markdown() -> str:
    """The page of the docs, without its last line break."""
    ids = "\n".join(f"      - id: {hook['id']}" for hook in HOOKS)
    rows = (f"| `{hook['id']}` | {hook['description']} | `{hook['files'].replace('|', _BAR)}` |" for hook in HOOKS)
    return _DOCS.format(ids=ids, rows="\n".join(rows))


_BAR = r"\|"
"""How a bar is written inside a Markdown table."""
