"""compose.yaml: by the Compose specification, and the same as what `make cluster` starts from processes.

Docker does not run where this is tested.  The specification's own schema (compose-spec/compose-spec,
schema/compose-spec.json, Apache-2.0) is that which check-jsonschema ships.  `OURS` is what we hold ourselves to
beside it.
"""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # ships no types
import pytest
from check_jsonschema.builtin_schemas import get_builtin_schema  # type: ignore[import-untyped]  # ships no types
from ruamel.yaml import YAML

from adapters.cluster import rabbitmq
from adapters.cluster.balancer import Server, configuration
from adapters.cluster.plan import COMMAND, front_environment, rabbitmq_url

ROOT = Path(__file__).parents[3]
FILES = ROOT / "adapters" / "cluster" / "compose"
NODES = ["rabbitmq1:5672", "rabbitmq2:5672", "rabbitmq3:5672"]
_SERVICE = {
    "required": ["image", "profiles"],
    "properties": {
        "ports": {"items": {"type": "string", "pattern": r"^127\.0\.0\.1:[0-9]+:[0-9]+$"}},
        "profiles": {"items": {"enum": ["single", "cluster"]}, "minItems": 1},
    },
}
OURS = {"required": ["services"], "properties": {"services": {"additionalProperties": _SERVICE}}}


@pytest.fixture(scope="module")
def compose() -> Any:
    return YAML(typ="safe").load((ROOT / "compose.yaml").read_text())


def profile(compose: Any, name: str) -> dict[str, Any]:
    """The services that it starts."""
    return {key: one for key, one in compose["services"].items() if name in one["profiles"]}


def test_it_is_by_the_specification(compose: Any) -> None:
    """`docker compose` takes the file: every key is known, every value of its kind."""
    _by_the_specification(compose)


@pytest.mark.parametrize(
    ("service", "key", "value"),
    [
        ("front1", "stop_grace_perod", "10s"),
        ("front1", "depends_on", {"rabbitmq1": {"condition": "service_ready"}}),
        ("rabbitmq1", "restart", True),
        ("rabbitmq1", "healthcheck", {"interval": 5, "trys": 3}),
        ("grafana", "volumes", [{"type": "bind", "sauce": "./docs"}]),
    ],
)
def test_a_mistake_would_be_seen(compose: Any, service: str, key: str, value: object) -> None:
    """A key that nobody knows, and a value of another kind, is refused by the specification's schema."""
    changed = copy.deepcopy(compose)
    changed["services"][service][key] = value
    with pytest.raises(jsonschema.ValidationError):
        _by_the_specification(changed)


def test_only_this_machine_can_reach_it(compose: Any) -> None:
    """Ports are published on the loopback only, and each service belongs to a profile."""
    jsonschema.validate(compose, OURS)


def _by_the_specification(compose: Any) -> None:
    schema = get_builtin_schema("vendor.compose-spec")
    jsonschema.validators.validator_for(schema)(schema).validate(compose)


def test_what_is_referred_to_is_there(compose: Any) -> None:
    """Files that are mounted exist; volumes, configurations and services are declared, in the same profile."""
    for name, one in compose["services"].items():
        for mount in one.get("volumes", []):
            source = mount.partition(":")[0]
            known = (ROOT / source).exists() if source.startswith("./") else source in compose["volumes"]
            assert known, (name, mount)
        assert all(config["source"] in compose["configs"] for config in one.get("configs", []))
        for other in one.get("depends_on", {}):
            assert set(one["profiles"]) <= set(compose["services"][other]["profiles"]), (name, other)


def test_docker_compose_up_starts_one_emulator(compose: Any) -> None:
    """Without naming a profile, it is the emulator alone; with profile cluster, that one is not started beside."""
    named = re.search(r"^COMPOSE_PROFILES=(\w+)$", (ROOT / ".env").read_text(), re.MULTILINE)
    assert named is not None
    assert list(profile(compose, named[1])) == ["beskedfordeler"]
    assert "beskedfordeler" not in profile(compose, "cluster")


def test_clients_need_not_be_told_which_of_the_two_runs(compose: Any) -> None:
    """The balancer has the ports of the single emulator."""
    services = compose["services"]
    assert services["haproxy"]["ports"] == services["beskedfordeler"]["ports"]


@pytest.mark.parametrize("number", [1, 2])
def test_a_front_is_started_as_from_processes(compose: Any, number: int) -> None:
    """The same command, and the same settings but for the addresses."""
    front = compose["services"][f"front{number}"]
    url = rabbitmq_url(NODES, "beskedfordeler:beskedfordeler", number - 1)
    shared = front_environment(url, "postgresql://beskedfordeler:beskedfordeler@postgresql:5432/beskedfordeler")
    assert tuple(front["command"]) == COMMAND
    assert front["environment"].items() >= shared.items()
    assert front["environment"].keys() - shared.keys() == {"BESKEDFORDELER_ADMIN_HOST", "BESKEDFORDELER_ADMIN_TOKEN"}


def test_the_balancer_is_configured_as_from_processes() -> None:
    """haproxy.cfg is what the code makes for these fronts."""
    fronts = [Server(name, name, {"amqp": 5672, "admin": 5680}) for name in ("front1", "front2")]
    made = configuration({"amqp": ":5672", "admin": ":5680"}, fronts, "127.0.0.11:53")
    assert (FILES / "haproxy.cfg").read_text() == made


def test_the_nodes_are_configured_as_from_processes(compose: Any) -> None:
    """rabbitmq.conf has the same settings, and names the nodes that are there."""
    lines = (FILES / "rabbitmq.conf").read_text().splitlines()
    assert set(rabbitmq.SETTINGS) - {one for one in rabbitmq.SETTINGS if one.startswith("#")} <= set(lines)
    hosts = [one["hostname"] for one in compose["services"].values() if "hostname" in one]
    assert [line.partition("rabbit@")[2] for line in lines if ".nodes." in line] == hosts
    assert hosts == [node.partition(":")[0] for node in NODES]


def test_prometheus_asks_every_front_with_the_token_that_they_want(compose: Any) -> None:
    """Its configuration is YAML, and has the fronts and their token."""
    job = YAML(typ="safe").load(compose["configs"]["prometheus"]["content"])["scrape_configs"][0]
    assert job["static_configs"][0]["targets"] == ["front1:5680", "front2:5680"]
    token = compose["services"]["front1"]["environment"]["BESKEDFORDELER_ADMIN_TOKEN"]
    assert job["authorization"]["credentials"] == token
    assert len(token.partition(":-")[2].rstrip("}")) >= 16
