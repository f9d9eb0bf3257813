"""What must hold for docker-compose.yml beyond the schema. Each rule yields one sentence per fault."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from tests.deployment.interpolation import interpolate, variables

Compose = dict[str, Any]

# What people fill in may be anything; what must not be known to others is named like this.
SECRET = re.compile(r"PASSWORD|SECRET|TOKEN|FERNET_KEY")
# What its name calls a secret, but is a switch or a path.
NOT_A_SECRET = {"MARIADB_RANDOM_ROOT_PASSWORD", "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"}
# A marker that no shipped text contains, so that a secret's place in the resolved file can be recognised.
MARKER = "fromdotenv"


def problems(compose: Compose) -> list[str]:
    """Every fault, sorted."""
    rules = (
        _ports,
        _healthchecks,
        _migration,
        _restarts,
        _secrets,
        _braces,
        _grants,
        _references,
        _hardening,
    )
    return sorted(fault for rule in rules for fault in rule(compose))


def settings(compose: Compose) -> dict[str, str]:
    """A value for each variable: a required one gets a marker with its name, any other its default."""
    return {
        use.name: f"{MARKER}{use.name}" if use.message is not None else use.default or "" for use in variables(compose)
    }


def airflow_services(compose: Compose) -> dict[str, Any]:
    """The services that are part of Airflow."""
    return {name: service for name, service in built(compose).items() if service["command"][0] == "airflow"}


def built(compose: Compose) -> dict[str, Any]:
    """The services that run this repository's image."""
    return {name: service for name, service in compose["services"].items() if "build" in service}


def _long_running(compose: Compose) -> dict[str, Any]:
    return {name: service for name, service in compose["services"].items() if name != "migrate"}


def _ports(compose: Compose) -> Iterator[str]:
    for name, service in interpolate(compose["services"], settings(compose)).items():
        for port in service.get("ports", []):
            host = port.get("host_ip", "") if isinstance(port, Mapping) else str(port).rpartition(":")[0]
            if not re.fullmatch(r"127\.0\.0\.1(:\d+)?", host):
                yield f"{name}: port {port} is published beyond 127.0.0.1"
        if service.get("network_mode") == "host":
            yield f"{name}: shares the host's network"


def _healthchecks(compose: Compose) -> Iterator[str]:
    for name, service in _long_running(compose).items():
        test = service.get("healthcheck", {}).get("test")
        if not test or test[0] not in {"CMD", "CMD-SHELL"}:
            yield f"{name}: no health check"


def _migration(compose: Compose) -> Iterator[str]:
    for name, service in airflow_services(compose).items():
        wanted = ("airflow-db", "service_healthy")
        if name != "migrate":
            wanted = ("migrate", "service_completed_successfully")
        if service.get("depends_on", {}).get(wanted[0], {}).get("condition") != wanted[1]:
            yield f"{name}: does not wait for {wanted[0]}"


def _restarts(compose: Compose) -> Iterator[str]:
    for name, service in compose["services"].items():
        wanted = "no" if name == "migrate" else "unless-stopped"
        if service.get("restart") != wanted:
            yield f"{name}: restart is not `{wanted}`"


def _secrets(compose: Compose) -> Iterator[str]:
    """Whatever is named a secret comes whole from `.env`, and only the optional token may be absent."""
    values = settings(compose) | {"GIT_TOKEN": f"{MARKER}GIT_TOKEN"}
    for name, service in interpolate(compose["services"], values).items():
        for key, value in service.get("environment", {}).items():
            for secret in _secret_values(key, str(value)):
                if not secret.startswith(MARKER):
                    yield f"{name}: {key} holds a literal secret"
    for name, config in interpolate(compose.get("configs", {}), values).items():
        if not all(secret.startswith(MARKER) for secret in json.loads(config["content"]).values()):
            yield f"configs: {name} holds a literal secret"
    for use in set(variables(compose)):
        if SECRET.search(use.name) and use.name != "GIT_TOKEN" and use.message is None:
            yield f"{use.name}: a secret that is not required"


def _braces(compose: Compose) -> Iterator[str]:
    """Compose takes `${A:?…} … }}` for one variable first, and a missing one inside it for an empty one."""
    for name, service in compose["services"].items():
        for key, value in service.get("environment", {}).items():
            if re.search(r"\$\{.*\}\}", str(value)):
                yield f"{name}: {key} has a variable before two closing braces"


def _secret_values(key: str, value: str) -> Iterator[str]:
    """The secret in one environment variable: all of it, a connection's password, or an address's."""
    if key.startswith("AIRFLOW_CONN_") and value.startswith("{"):
        yield json.loads(value)["password"]
    elif "://" in value and (password := urlsplit(value).password):
        yield password
    elif SECRET.search(key) and key not in NOT_A_SECRET:
        yield value


def _grants(compose: Compose) -> Iterator[str]:
    """Who parses DAGs, or shows them, holds no key to the business databases."""
    for name, service in airflow_services(compose).items():
        may = name in {"scheduler", "triggerer"}
        for key in service["environment"]:
            if key.startswith("AIRFLOW_CONN_") and key != "AIRFLOW_CONN_GIT_DEFAULT" and not may:
                yield f"{name}: is given {key} but runs no task"
        if not may and "data" in service["networks"]:
            yield f"{name}: is on the business network but runs no task"


def _references(compose: Compose) -> Iterator[str]:
    """What a service names exists, and what exists is named."""
    services = compose["services"].values()
    used = {
        "networks": [network for service in services for network in service["networks"]],
        "volumes": [volume.split(":")[0] for service in services for volume in service.get("volumes", [])],
        "configs": [config["source"] for service in services for config in service.get("configs", [])],
    }
    for section, names in used.items():
        declared = set(compose.get(section, {}))
        yield from (f"{section}: {name} is not declared" for name in set(names) - declared)
        yield from (f"{section}: {name} is declared for nobody" for name in declared - set(names))


def _hardening(compose: Compose) -> Iterator[str]:
    for name, service in compose["services"].items():
        if service.get("privileged"):
            yield f"{name}: is privileged"
        if "mem_limit" not in service and name != "migrate":
            yield f"{name}: may take all memory"
    for name, service in built(compose).items():
        if service.get("cap_drop") != ["ALL"]:
            yield f"{name}: keeps capabilities"
