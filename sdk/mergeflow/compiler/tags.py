"""The tag of a DAG's team: in Airflow's UI, one click shows a team's DAGs."""

from typing import Any

from mergeflow.paths import team_tag


def with_team(config: dict[str, Any], path: str) -> dict[str, Any]:
    """The config of a DAG with the tag of its team, the folder below `configs/`; the given one is not changed."""
    tag, given = team_tag(path), config.get("tags")
    tags = [given] if isinstance(given, str) else list(given or ())
    return config if tag is None or tag in tags else {**config, "tags": [*tags, tag]}
