"""Documentation that is written by a function."""


def handbook(team: str = "nobody", pages: int = 1) -> str:
    """What stands in the DAG's docs."""
    return f"# Handbook of {team}\n\n{pages} pages."
