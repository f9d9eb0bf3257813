"""The pytest plugin, under the entry point `pytest11`: every project of a machine that has Mergeflow loads it.

So it imports nothing, and does nothing but look whether it is wanted: by the option `--airflow`, by a path below
`configs/`, or by a project that is a Mergeflow repository, which is offered fixtures.
"""

from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import pytest

OPTION = "--airflow"
_CONFIGS = "configs"
_VALIDATORS = "validators"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add one option. Its companions are added when it is given: other plugins may have a `--source` of their own."""
    parser.getgroup("mergeflow").addoption(
        OPTION,
        action="store_true",
        help="Make an Airflow DAG of the tests instead of running them; `--dag-id ID`, `--source TASK_ID` and "
        "`--sink TASK_ID` name it, its first task and its last.",
    )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: Sequence[str]
) -> Generator[None, None, None]:
    """Add the option's companions."""
    if OPTION in args:
        from mergeflow.testing.to_airflow import add_options

        add_options(early_config, parser)
    yield


@pytest.hookimpl(wrapper=True)
def pytest_cmdline_main(config: pytest.Config) -> Generator[None, Any, Any]:
    """Make a DAG, and give it to whoever has called `pytest.main`."""
    if not config.getoption(OPTION):
        return (yield)
    from mergeflow.testing.to_airflow import ToAirflow

    making = ToAirflow(config)
    config.pluginmanager.register(making, "mergeflow to airflow")
    return making.answer((yield))


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Offer a Mergeflow repository its fixtures, and collect the configs that are asked for."""
    root = config.rootpath
    if not (root / _CONFIGS).is_dir() or not (root / _VALIDATORS).is_dir():
        return
    from mergeflow.testing import fixtures

    fixtures.offer(config)
    if any(_is_config(config, arg) for arg in config.args):
        from mergeflow.testing import configs

        config.pluginmanager.register(configs, "mergeflow configs")


def _is_config(config: pytest.Config, arg: str) -> bool:
    path = Path(config.invocation_params.dir, arg.partition("::")[0])
    return path.is_relative_to(config.rootpath / _CONFIGS)
