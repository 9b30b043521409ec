"""What is deployed, as far as it can be checked without Docker or Kubernetes."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.cli.main import app
from bot.slack.api.settings import SlackSettings
from bot.wiring.settings import Settings
from tests.conftest import REPOSITORY

DEPLOY = REPOSITORY / "deploy"
BIN = Path(sys.executable).parent
MANIFESTS = sorted(
    file.name for file in (DEPLOY / "kubernetes").glob("*.yaml") if file.stem != "kustomization"
)
UNITS = sorted(file.name for file in (DEPLOY / "systemd").iterdir())


def check(*command: str | Path, folder: Path = DEPLOY) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def documents(path: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(path.read_text()))


def pods() -> list[dict[str, Any]]:
    (deployment, _) = documents(DEPLOY / "kubernetes/deployment.yaml")
    (job,) = documents(DEPLOY / "kubernetes/index.yaml")
    return [
        deployment["spec"]["template"]["spec"],
        job["spec"]["jobTemplate"]["spec"]["template"]["spec"],
    ]


def test_the_dockerfile_is_clean() -> None:
    check(BIN / "hadolint", "Dockerfile")


def test_the_image_runs_as_nobody_special_with_a_health_check() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    assert "\nUSER 10001\n" in text
    assert "\nHEALTHCHECK " in text
    assert text.count("\nFROM ") == 2


def test_the_image_takes_in_what_it_copies_and_no_secret() -> None:
    ignored = (REPOSITORY / ".dockerignore").read_text().splitlines()
    allowed = {line[1:] for line in ignored if line.startswith("!")}
    copied = re.findall(
        r"^COPY (?!--from)(.+) \S+$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE
    )
    wanted = {name for line in copied for name in line.split()}
    assert ignored[0] == "*"
    assert wanted == allowed
    assert all((REPOSITORY / name).exists() for name in wanted)


def test_the_lock_holds_the_versions_that_are_tested_each_with_its_hashes() -> None:
    tested = dict(
        line.split("==") for line in (REPOSITORY / "constraints.txt").read_text().splitlines()
    )
    locked = re.findall(
        r"^([\w.-]+)(?:\[\S+\])?==(\S+)[^\n]*\\\n((?: +--hash=sha256:[0-9a-f]{64}[ \\]*\n)+)",
        (DEPLOY / "requirements.lock").read_text(), re.MULTILINE,
    )  # fmt: skip
    assert {name: version for name, version, _ in locked} == {
        name: tested[name] for name, _, _ in locked
    }
    assert len(locked) == (DEPLOY / "requirements.lock").read_text().count("==")
    assert {"slack-bolt", "chromadb", "langchain", "sentence-transformers", "psycopg"} <= {
        name for name, _, _ in locked
    }


def test_what_the_program_needs_is_all_in_the_lock() -> None:
    locked = set(
        re.findall(r"^([\w.-]+)", (DEPLOY / "requirements.lock").read_text(), re.MULTILINE)
    )
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    names = {re.match(r"[\w.-]+", line)[0] for line in project["dependencies"]}  # type: ignore[index]
    assert names - locked == {"torch"}


def test_the_bill_of_materials_names_what_is_installed() -> None:
    told = check(BIN / "cyclonedx-py", "environment", "--output-format", "JSON", sys.executable)
    components = {one["name"]: one["version"] for one in json.loads(told)["components"]}
    assert components["chromadb"] == "1.5.9"
    assert len(components) > 100


def test_compose_is_valid_and_its_services_are_held_short() -> None:
    check(BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml")
    (compose,) = documents(DEPLOY / "compose.yaml")
    assert set(compose["services"]) >= {"bot", "chroma", "postgres", "prometheus", "grafana"}
    for name in ("bot", "index"):
        service = compose["services"][name]
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    published = [port for one in compose["services"].values() for port in one.get("ports", [])]
    assert all(port.startswith("127.0.0.1:") for port in published)
    mounted = [
        volume.split(":")[0]
        for one in compose["services"].values()
        for volume in one["volumes"]
        if volume.startswith("./")
    ]
    assert mounted
    assert all((DEPLOY / path).exists() for path in mounted)


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_kubernetes_manifest_is_valid(name: str) -> None:
    check(BIN / "kubernetes-validate", "--strict", f"kubernetes/{name}")


def test_kustomize_names_every_manifest() -> None:
    (kustomization,) = documents(DEPLOY / "kubernetes/kustomization.yaml")
    assert sorted(kustomization["resources"]) == MANIFESTS


def test_pods_have_no_rights_and_no_secret_of_their_own() -> None:
    for pod in pods():
        assert pod["securityContext"]["runAsNonRoot"]
        assert not pod["automountServiceAccountToken"]
        (container,) = pod["containers"]
        rights = container["securityContext"]
        assert rights["readOnlyRootFilesystem"]
        assert rights["capabilities"] == {"drop": ["ALL"]}
        assert "env" not in container
        assert {"secretRef": {"name": "monazite"}} in container["envFrom"]


def test_probes_ask_for_pages_that_there_are() -> None:
    (container,) = pods()[0]["containers"]
    probes = {name: container[name]["httpGet"]["path"] for name in container if "Probe" in name}
    assert probes == {
        "startupProbe": "/healthz", "livenessProbe": "/healthz", "readinessProbe": "/readyz",
    }  # fmt: skip


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_is_valid(name: str, tmp_path: Path) -> None:
    for unit in UNITS:
        text = (DEPLOY / "systemd" / unit).read_text()
        (tmp_path / unit).write_text(text.replace("/opt/monazite/bin/monazite", "/bin/true"))
    assert check("systemd-analyze", "verify", "--man=no", tmp_path / name) == ""


def test_the_service_is_hardened() -> None:
    told = check(
        "systemd-analyze", "security", "--offline=true", "--threshold=20",
        DEPLOY / "systemd/monazite.service",
    )  # fmt: skip
    assert "Overall exposure level" in told


def test_every_setting_that_is_deployed_is_one_of_ours() -> None:
    known = {f"MONAZITE_{name.upper()}" for name in Settings.model_fields} | {
        f"SLACK_{name.upper()}" for name in SlackSettings.model_fields
    }
    texts = [file.read_text() for file in DEPLOY.rglob("*") if file.is_file()]
    named = {name for text in texts for name in re.findall(r"\b(?:MONAZITE|SLACK)_[A-Z_]+\b", text)}
    assert named - known == {"MONAZITE_DOCUMENTS_FOLDER"}


def test_every_command_that_is_deployed_is_one_of_ours() -> None:
    commands = {one.name or one.callback.__name__ for one in app.registered_commands}
    (compose,) = documents(DEPLOY / "compose.yaml")
    used = {compose["services"]["index"]["command"][0]}
    used |= {pod["containers"][0]["args"][0] for pod in pods()}
    used |= set(re.findall(r"bin/monazite (\w+)", "".join(
        (DEPLOY / "systemd" / name).read_text() for name in UNITS
    )))  # fmt: skip
    used |= set(
        json.loads(re.findall(r"^CMD (.+)$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)[0])
    )
    assert used <= commands


def test_alerts_fire_when_they_should_and_not_before() -> None:
    folder = DEPLOY / "prometheus"
    check("promtool", "check", "config", "prometheus.yml", folder=folder)
    assert "SUCCESS" in check("promtool", "test", "rules", "rules_test.yml", folder=folder)


def test_every_alert_says_what_to_do() -> None:
    (rules,) = documents(DEPLOY / "prometheus/rules.yml")
    for rule in rules["groups"][0]["rules"]:
        assert rule["annotations"].keys() == {"summary", "action"}
