"""What a file of a repository is, told from its path."""

from collections.abc import Iterable, Iterator

from mergeflow.files import CONFIG_SUFFIXES, CONFIGS, ENVIRONMENTS, SUITES, TEMPLATES

DEFAULTS_NAMES = ("defaults.yml", "defaults.yaml")
"""In dag-factory's order: where a folder has both, only the first is read."""


def is_config(path: str) -> bool:
    """Whether a file is one of a team's: it holds DAGs or defaults, and is no template, environment or table."""
    shared = path.startswith((f"{TEMPLATES}/", f"{ENVIRONMENTS}/"))
    return path.startswith(f"{CONFIGS}/") and not shared and path.endswith(CONFIG_SUFFIXES)


def suite_of(path: str) -> str | None:
    """The name of the expectation suite that a file holds, `<team>/<suite>`; none for other files."""
    return path.removeprefix(f"{SUITES}/").rpartition(".")[0] if path.startswith(f"{SUITES}/") else None


def is_defaults(path: str) -> bool:
    """Whether a file holds defaults for its folder rather than DAGs."""
    return path.rpartition("/")[2] in DEFAULTS_NAMES


def team_of(path: str) -> str | None:
    """The team whose folder a config file stands in, `configs/<team>/…`; none for files above the teams."""
    parts = path.split("/")
    return parts[1] if len(parts) > 2 and parts[0] == CONFIGS else None


def team_tag(path: str) -> str | None:
    """The tag that Airflow shows at each DAG of a config file; none for files above the teams."""
    team = team_of(path)
    return None if team is None else f"team:{team}"


def defaults_above(path: str) -> Iterable[str]:
    """The paths of every `defaults.yml` that may have a say in a config file."""
    return [f"{folder}/{name}" for folder in folders_of(path) for name in DEFAULTS_NAMES]


def folders_of(path: str) -> Iterator[str]:
    """The folders that a file lies in, the nearest first; a fleet asks often, so without pathlib."""
    folder = path.rpartition("/")[0]
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
