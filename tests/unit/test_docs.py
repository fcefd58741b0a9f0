"""The pages say what the code does."""

from __future__ import annotations

from pathlib import Path

from broker.amqp.deviations import DEVIATIONS
from broker.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_of_deviations_is_the_list_in_the_code() -> None:
    """Each known difference from RabbitMQ is told, in the order of the code, and none that is not there."""
    page = (ROOT / "docs/deviations.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith("| what ")]
    assert rows == [f"| {d.what} | {d.rabbitmq} | {d.here} | {d.why} |" for d in DEVIATIONS]


def test_every_decision_is_numbered_once() -> None:
    """ADR numbers run without gaps, and each page's title bears its number."""
    pages = sorted((ROOT / "docs/adr").glob("*.md"))
    assert [page.name[:4] for page in pages] == [f"{number:04d}" for number in range(1, len(pages) + 1)]
    for page in pages:
        assert page.read_text("utf-8").startswith(f"# {page.name[:4]} ")


def test_the_default_settings_are_those_that_the_readme_names() -> None:
    """Ports, address and data directory of the README are the defaults."""
    readme = (ROOT / "README.md").read_text("utf-8")
    defaults = {name: field.default for name, field in Settings.model_fields.items()}
    assert f"{defaults['host']}:{defaults['amqp_port']} (AMQP)" in readme
    assert f":{defaults['admin_port']} (admin API)" in readme
    assert f"./{defaults['data']}" in readme
