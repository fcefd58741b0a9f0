"""The options of serve, and what it says about where it is."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from adapters.cli.exits import Exit, Failure
from adapters.cli.serve import serve, settings_of
from broker.settings import Settings


def test_every_setting_is_an_option() -> None:
    """Settings and options are the same, by name."""
    assert set(inspect.signature(serve).parameters) - {"json"} == set(Settings.model_fields)


def test_defaults_in_the_help_are_the_settings_defaults() -> None:
    """What --help calls the default is the default."""
    for name, parameter in inspect.signature(serve, eval_str=True).parameters.items():
        option = next((one for one in parameter.annotation.__metadata__), None)
        assert isinstance(option, typer.models.OptionInfo)
        default = Settings.model_fields[name].default if name != "json" else False
        if isinstance(option.show_default, str) and default is not None:
            assert option.show_default == str(default), name


def test_given_over_environment_over_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """An option wins over BESKEDFORDELER_*, which wins over the default."""
    monkeypatch.setenv("BESKEDFORDELER_AMQP_PORT", "7")
    monkeypatch.setenv("BESKEDFORDELER_ADMIN_PORT", "8")
    settings = settings_of({"amqp_port": "0", "data": Path("x")})
    assert (settings.amqp_port, settings.admin_port, settings.data) == (0, 8, Path("x"))
    assert settings.durability == "full"


def test_listeners_can_be_off() -> None:
    """--amqp-port off: no such listener."""
    assert settings_of({"amqp_port": "off", "admin_port": "OFF"}).amqp_port is None


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"amqp_port": "70000"}, "--amqp-port 70000: input should be less than or equal to 65535"),
        ({"durability": "none"}, "--durability none"),
        ({"token_lifetime": "1e12"}, "--token-lifetime 1e12: input should be less than or equal to 315360000"),
        ({"token_lifetime": "inf"}, "--token-lifetime inf: input should be"),
        ({"token_skew": "inf"}, "--token-skew inf: input should be a finite number"),
        ({"retention": "inf"}, "--retention inf: input should be a finite number"),
        ({"push_timeout": "nan"}, "--push-timeout nan: input should be"),
        ({"max_body": "1", "retention": "-1"}, "--max-body 1"),
    ],
)
def test_bad_option_is_usage(given: dict[str, str], words: str) -> None:
    """One line for each, with option, value and what was expected."""
    with pytest.raises(Failure) as failure:
        settings_of(given)
    assert failure.value.code is Exit.USAGE
    assert words in str(failure.value)
    assert len(str(failure.value).splitlines()) == len(given)


def test_runner_is_not_needed_for_help() -> None:
    """Help of serve names each option by its flag."""
    app = typer.Typer()
    app.command()(serve)
    text = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200"}).output
    for name in Settings.model_fields:
        assert f"--{name.replace('_', '-')}" in text


def test_a_start_without_tokens_loads_no_cryptography() -> None:
    """Who asks for no certificate does not wait for the libraries that make them."""
    modules = "adapters.cli.main, adapters.cli.serving, adapters.http.server, adapters.rest.app"
    code = f"import sys, {modules}; print([m for m in ('cryptography', 'signxml') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
