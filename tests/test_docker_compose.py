"""The static check of the files for Docker; no engine is needed."""

import re
from pathlib import Path

import pytest
import yaml

from tools import places

MAJOR_VERSION = re.compile(r"^[\w./-]+:v?\d+(\.\d+)*$")
REQUIRED_VARIABLE = re.compile(r"^\$\{\w+:\?.+\}$")
SECRET_NAME = re.compile(r"PASSWORD|SECRET|TOKEN|KEY")


@pytest.fixture(scope="module")
def compose() -> dict:
    text = (places.REPOSITORY / "docker-compose.yml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


@pytest.fixture(scope="module")
def dockerfile() -> list[str]:
    lines = (places.REPOSITORY / "Dockerfile").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def mounts(service: dict) -> list[list[str]]:
    return [mount.split(":") for mount in service.get("volumes", [])]


def test_services(compose):
    assert set(compose["services"]) == {"db", "mail", "odoo"}
    for name, service in compose["services"].items():
        assert service["healthcheck"]["test"], name
        assert service["restart"] == "unless-stopped", name


def test_images_are_pinned_to_a_major_version(compose, dockerfile):
    images = [service["image"] for service in compose["services"].values()]
    images += [line.split()[1] for line in dockerfile if line.startswith("FROM ")]
    assert "odoo:19" in images
    for image in images:
        assert MAJOR_VERSION.match(image), image


def test_odoo_waits_for_healthy_services(compose):
    conditions = compose["services"]["odoo"]["depends_on"]
    assert {name: wait["condition"] for name, wait in conditions.items()} == {
        "db": "service_healthy",
        "mail": "service_healthy",
    }


def test_every_addon_is_mounted_read_only(compose):
    mounted = {
        Path(source).name: mode
        for source, target, *mode in mounts(compose["services"]["odoo"])
        if target.startswith("/mnt/extra-addons/")
    }
    assert mounted == {addon: ["ro"] for addon in places.addons()}


def test_mounts_exist_and_volumes_are_declared(compose):
    used = set()
    for service in compose["services"].values():
        for source, *_ in mounts(service):
            if source.startswith("."):
                assert (places.REPOSITORY / source).is_dir(), source
            else:
                used.add(source)
    assert used == set(compose["volumes"])


def test_no_secret_is_in_the_file(compose):
    for service in compose["services"].values():
        for variable, value in service.get("environment", {}).items():
            if SECRET_NAME.search(variable):
                assert REQUIRED_VARIABLE.match(value), variable


def test_ports_are_open_on_the_loopback_interface_only(compose):
    for service in compose["services"].values():
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), port


def test_image_has_the_requirements_and_drops_root(dockerfile):
    assert any("requirements.txt" in line for line in dockerfile if line.startswith("COPY"))
    assert dockerfile[-1] == "USER odoo"
