"""docker-compose.yml, Dockerfile and .env.example, read as files: no container engine is needed."""

import copy
import json
import re
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from mergeflow.airflow.local.repository import Source
from mergeflow.airflow.local.settings import LocalSettings, Secrets, environment
from tests.deployment.compose_rules import SECRET, Compose, airflow_services, problems, settings
from tests.deployment.interpolation import MissingVariableError, interpolate, variables

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def shipped() -> Compose:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


@pytest.fixture
def compose(shipped: Compose) -> Compose:
    """A copy to break. Through JSON, because YAML's anchors make services share their parts."""
    return json.loads(json.dumps(shipped))


@pytest.fixture(scope="module")
def example() -> dict[str, str]:
    """The variables of .env.example; a line that is neither comment, blank nor assignment fails here."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    pairs = [line.split("=", 1) for line in lines if line and not line.startswith("#")]
    assert len(pairs) == len({name for name, _ in pairs}), "a variable stands there twice"
    return dict(pairs)


def schema_check(path: Path) -> subprocess.CompletedProcess[str]:
    command = [BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", path]
    return subprocess.run(command, capture_output=True, text=True, check=False)


# Each breaks the shipped file in one way, and names the fault that this must be.
def _publish(compose: Compose) -> None:
    compose["services"]["airflow-db"]["ports"] = ["5432:5432"]


def _publish_everywhere(compose: Compose) -> None:
    compose["services"]["api-server"]["ports"] = ["0.0.0.0:8080:8080"]


def _publish_long_form(compose: Compose) -> None:
    compose["services"]["api-server"]["ports"] = [{"target": 8080, "published": "8080"}]


def _share_host(compose: Compose) -> None:
    compose["services"]["scheduler"]["network_mode"] = "host"


def _no_healthcheck(compose: Compose) -> None:
    del compose["services"]["triggerer"]["healthcheck"]


def _no_migration(compose: Compose) -> None:
    del compose["services"]["scheduler"]["depends_on"]["migrate"]


def _migrate_too_soon(compose: Compose) -> None:
    compose["services"]["migrate"]["depends_on"]["airflow-db"]["condition"] = "service_started"


def _migrate_for_ever(compose: Compose) -> None:
    compose["services"]["migrate"]["restart"] = "unless-stopped"


def _literal(compose: Compose) -> None:
    compose["services"]["airflow-db"]["environment"]["POSTGRES_PASSWORD"] = "airflow"


def _literal_in_address(compose: Compose) -> None:
    environment = compose["services"]["scheduler"]["environment"]
    environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = "postgresql://airflow:airflow@airflow-db/airflow"


def _literal_in_connection(compose: Compose) -> None:
    environment = compose["services"]["triggerer"]["environment"]
    environment["AIRFLOW_CONN_LABELS_DB"] = '{"conn_type": "mysql", "password": "data"}'


def _literal_in_config(compose: Compose) -> None:
    compose["configs"]["passwords"]["content"] = '{"admin": "admin"}'


def _default_secret(compose: Compose) -> None:
    compose["configs"]["passwords"]["content"] = '{"admin": "${AIRFLOW_ADMIN_PASSWORD:-fromdotenv}"}'


def _two_braces(compose: Compose) -> None:
    environment = compose["services"]["migrate"]["environment"]
    environment["AIRFLOW_CONN_OTHER"] = '{"password": "${AIRFLOW_DB_PASSWORD:?why}", "extra": {"a": 1}}'


def _connection_for_parser(compose: Compose) -> None:
    compose["services"]["dag-processor"]["environment"]["AIRFLOW_CONN_LABELS_DB"] = "mysql://labels-db"


def _network_for_parser(compose: Compose) -> None:
    compose["services"]["dag-processor"]["networks"].append("data")


def _unknown_network(compose: Compose) -> None:
    del compose["networks"]["data"]


def _unused_volume(compose: Compose) -> None:
    compose["volumes"]["cache"] = None


def _privileged(compose: Compose) -> None:
    compose["services"]["scheduler"]["privileged"] = True


def _capabilities(compose: Compose) -> None:
    del compose["services"]["scheduler"]["cap_drop"]


def _capabilities_of_the_site(compose: Compose) -> None:
    compose["services"]["kpi-site"]["cap_drop"] = ["NET_RAW"]


def _all_memory(compose: Compose) -> None:
    del compose["services"]["scheduler"]["mem_limit"]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (_publish, ["airflow-db: port 5432:5432 is published beyond 127.0.0.1"]),
        (_publish_everywhere, ["api-server: port 0.0.0.0:8080:8080 is published beyond 127.0.0.1"]),
        (
            _publish_long_form,
            ["api-server: port {'target': 8080, 'published': '8080'} is published beyond 127.0.0.1"],
        ),
        (_share_host, ["scheduler: shares the host's network"]),
        (_no_healthcheck, ["triggerer: no health check"]),
        (_no_migration, ["scheduler: does not wait for migrate"]),
        (_migrate_too_soon, ["migrate: does not wait for airflow-db"]),
        (_migrate_for_ever, ["migrate: restart is not `no`"]),
        (_literal, ["airflow-db: POSTGRES_PASSWORD holds a literal secret"]),
        (_literal_in_address, ["scheduler: AIRFLOW__DATABASE__SQL_ALCHEMY_CONN holds a literal secret"]),
        (_literal_in_connection, ["triggerer: AIRFLOW_CONN_LABELS_DB holds a literal secret"]),
        (_literal_in_config, ["configs: passwords holds a literal secret"]),
        (_default_secret, ["AIRFLOW_ADMIN_PASSWORD: a secret that is not required"]),
        (
            _two_braces,
            [
                "migrate: AIRFLOW_CONN_OTHER has a variable before two closing braces",
                "migrate: is given AIRFLOW_CONN_OTHER but runs no task",
            ],
        ),
        (
            _connection_for_parser,
            ["dag-processor: is given AIRFLOW_CONN_LABELS_DB but runs no task"],
        ),
        (_network_for_parser, ["dag-processor: is on the business network but runs no task"]),
        (_unknown_network, ["networks: data is not declared"]),
        (_unused_volume, ["volumes: cache is declared for nobody"]),
        (_privileged, ["scheduler: is privileged"]),
        (_capabilities, ["scheduler: keeps capabilities"]),
        (_capabilities_of_the_site, ["kpi-site: keeps capabilities"]),
        (_all_memory, ["scheduler: may take all memory"]),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else "",
)
def test_a_fault_in_the_deployment_is_found(
    compose: Compose, fault: Callable[[Compose], None], expected: list[str]
) -> None:
    fault(compose)
    assert problems(compose) == expected


def test_the_shipped_deployment_has_no_fault(compose: Compose) -> None:
    assert problems(compose) == []


def test_the_schema_refuses_an_unknown_key(compose: Compose, tmp_path: Path) -> None:
    compose["services"]["scheduler"]["healthchek"] = {}
    path = tmp_path / "docker-compose.yml"
    path.write_text(yaml.safe_dump(compose))
    assert schema_check(path).returncode == 1


def test_the_schema_accepts_the_shipped_file() -> None:
    result = schema_check(ROOT / "docker-compose.yml")
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_example_names_each_variable_of_the_deployment_and_no_other(
    shipped: Compose, example: dict[str, str]
) -> None:
    assert set(example) == {use.name for use in variables(shipped)}


def test_the_example_shows_the_defaults_that_hold(shipped: Compose, example: dict[str, str]) -> None:
    defaults = {(use.name, use.default) for use in variables(shipped) if use.message is None}
    assert defaults == {(name, example[name]) for name, _ in defaults}


def test_the_example_holds_no_secret(example: dict[str, str]) -> None:
    assert {name: example[name] for name in example if SECRET.search(name) and example[name]} == {}


def test_the_untouched_example_does_not_start(shipped: Compose, example: dict[str, str]) -> None:
    with pytest.raises(MissingVariableError):
        interpolate(shipped, example)


@pytest.mark.parametrize("name", ["AIRFLOW_FERNET_KEY", "AIRFLOW_DB_PASSWORD", "MERGEFLOW_REPO_URL"])
def test_one_missing_requirement_is_named(shipped: Compose, name: str) -> None:
    with pytest.raises(MissingVariableError, match=f"{name}: see .env.example"):
        interpolate(shipped, settings(shipped) | {name: ""})


def test_each_variable_of_the_example_is_explained() -> None:
    """The line above is a comment, or a variable of the same database."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    explained = re.compile(r"# .+\n|(?P<database>\w+_DB_)\w+=.*\n(?P=database)")
    pairs = [f"{above}\n{line}" for above, line in pairwise(lines) if re.match(r"\w+=", line)]
    assert [pair for pair in pairs if not explained.match(pair)] == []


def test_the_documented_settings_are_those_of_the_example(example: dict[str, str]) -> None:
    table = (ROOT / "docs" / "deployment.md").read_text().split("\n## Settings\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (?:`([^`]+)` )?\| \S", table, re.MULTILINE)
    assert dict(rows) == example


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("AIRFLOW__DAG_FACTORY__ENABLE_TELEMETRY", "false"),
        ("AIRFLOW__DAG_PROCESSOR__FILE_PARSING_SORT_MODE", "modified_time"),
        ("AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL", "3600"),
        ("AIRFLOW__DAG_PROCESSOR__STALE_DAG_THRESHOLD", "0"),
        ("AIRFLOW__DAG_PROCESSOR__BUNDLE_REFRESH_CHECK_INTERVAL", "1"),
        ("AIRFLOW__CORE__LOAD_EXAMPLES", "false"),
        ("AIRFLOW__CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL", "0"),
        ("AIRFLOW__CORE__EXECUTOR", "LocalExecutor"),
    ],
)
def test_every_airflow_service_has_the_setting(compose: Compose, key: str, expected: str) -> None:
    services = airflow_services(compose)
    assert {name: service["environment"].get(key) for name, service in services.items()} == dict.fromkeys(
        services, expected
    )


def test_local_airflow_and_compose_follow_alike(compose: Compose, tmp_path: Path) -> None:
    """`mergeflow up` is where a pipeline is tried: what it does there it does here."""
    local = environment(LocalSettings(tmp_path, Source(str(tmp_path), "main")), Secrets("", "", "", ""), {})
    shipped = compose["services"]["dag-processor"]["environment"]
    names = {name for name in shipped if name.startswith(("AIRFLOW__DAG_PROCESSOR__", "AIRFLOW__DAG_FACTORY__"))}
    names |= {"AIRFLOW__CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL"}
    own = {name for name in names if name.endswith(("CONFIG_LIST", "STORAGE_PATH"))}
    assert {name: shipped[name] for name in names - own} == {name: local[name].lower() for name in names - own}


def test_the_bundle_follows_main_of_the_given_repository(compose: Compose) -> None:
    resolved = interpolate(compose, settings(compose) | {"MERGEFLOW_REPO_URL": "https://git.example/pipelines"})
    bundles = {
        service["environment"]["AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST"]
        for service in airflow_services(resolved).values()
    }
    (bundle,) = [json.loads(text) for text in bundles]
    assert bundle == [
        {
            "name": "mergeflow",
            "classpath": "mergeflow.airflow.bundle.ConfigBundle",
            "kwargs": {
                "repo_url": "https://git.example/pipelines",
                "tracking_ref": "main",
                "subdir": "dags",
                "git_conn_id": "git_default",
                "refresh_interval": 5,
            },
        }
    ]


@pytest.mark.parametrize(
    ("connection", "database"),
    [("AIRFLOW_CONN_TRANSACTIONS_DB", "transactions-db"), ("AIRFLOW_CONN_LABELS_DB", "labels-db")],
)
def test_the_connections_fit_the_databases_of_the_profile(compose: Compose, connection: str, database: str) -> None:
    services = interpolate(compose, settings(compose))["services"]
    seen = json.loads(services["scheduler"]["environment"][connection])
    assert seen["host"] == database
    assert services[database]["profiles"] == ["databases"]
    server = {key.split("_", 1)[1]: value for key, value in services[database]["environment"].items()}
    expected = {"schema": server.get("DB", server.get("DATABASE")), "login": server["USER"]}
    assert {key: seen[key] for key in expected} == expected
    assert seen["password"] == server["PASSWORD"]


def test_the_site_fits_its_database_and_airflows_connection(compose: Compose) -> None:
    services = interpolate(compose, settings(compose))["services"]
    site, database = services["kpi-site"], services["kpi-db"]["environment"]
    url = urlsplit(site["environment"]["DATABASE_URL"])
    assert (url.hostname, url.port, url.path) == ("kpi-db", 5432, f"/{database['POSTGRES_DB']}")
    assert (url.username, url.password) == (database["POSTGRES_USER"], database["POSTGRES_PASSWORD"])
    seen = json.loads(services["scheduler"]["environment"]["AIRFLOW_CONN_KPI_SITE"])
    address = urlsplit(seen["host"])
    assert address.hostname in site["environment"]["DJANGO_ALLOWED_HOSTS"].split(",")
    assert site["ports"] == [f"127.0.0.1:{address.port}:{address.port}"]
    assert f"--bind 0.0.0.0:{address.port} " in site["command"][-1]
    assert seen["password"] == site["environment"]["MERGEFLOW_SITE_TOKEN"]
    assert set(site["networks"]) & set(services["scheduler"]["networks"]) == {"data"}


def test_the_declared_user_has_a_password(compose: Compose) -> None:
    resolved = interpolate(compose, settings(compose))
    service = resolved["services"]["api-server"]
    users = service["environment"]["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"].split(",")
    assert [user.split(":")[0] for user in users] == list(json.loads(resolved["configs"]["passwords"]["content"]))
    (mount,) = service["configs"]
    assert mount["target"] == service["environment"]["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"]


def dockerfile() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile, comments dropped and continued lines joined."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\s*\\\n\s*", " ", text).splitlines()
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in lines if line]


def test_the_image_runs_as_the_user_who_owns_the_password_file(compose: Compose) -> None:
    instructions = dockerfile()
    assert [value for name, value in instructions if name == "USER"] == ["airflow"]
    (made,) = [value for _, value in instructions if "useradd" in value]
    (mount,) = compose["services"]["api-server"]["configs"]
    assert f"--uid {mount['uid']} " in made
    assert f"--home-dir {compose['services']['api-server']['environment']['AIRFLOW_HOME']} " in made
    assert mount["mode"] == 0o600


def test_the_image_has_the_folder_of_each_volume(compose: Compose) -> None:
    """A volume over a folder that the image lacks belongs to root, and Airflow could not write its logs."""
    text = " ".join(value for _, value in dockerfile())
    for service in airflow_services(compose).values():
        for volume in service["volumes"]:
            assert f" {volume.split(':')[1]}" in text


def test_the_image_takes_only_locked_packages() -> None:
    installs = [value for _, value in dockerfile() if "pip install" in value]
    assert all("--require-hashes" in value or "--no-deps" in value for value in installs)
    assert len(installs) == 2


def test_what_the_image_copies_exists() -> None:
    copied = [part for name, value in dockerfile() if name == "COPY" for part in value.split()[:-1]]
    assert copied
    assert [part for part in copied if not (ROOT / part).exists()] == []


def test_a_copy_shares_nothing_with_the_shipped_file(shipped: Compose, compose: Compose) -> None:
    """The fault tests above mean nothing when breaking one service breaks its siblings."""
    before: Any = copy.deepcopy(shipped)
    compose["services"]["scheduler"]["environment"].clear()
    assert shipped == before
    assert compose["services"]["triggerer"]["environment"]
