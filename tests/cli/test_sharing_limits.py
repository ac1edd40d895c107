"""Whether the processes of a store share the systems' limits: as settings say, else where the store is a server's."""

from pathlib import Path

import pytest
from specbridge.cli.running import Setup, open_connectors, shares_limits
from specbridge.profiles.load import load_profiles
from specbridge.runtime.package import load_package
from specbridge.runtime.store.limits.turn_places import BESIDE
from specbridge.sandbox.options import SandboxOptions
from specbridge.sandbox.running import running_sandbox
from specbridge.settings import Settings

PACKAGE = Path(__file__).parents[2] / "generated" / "powerofficego_zendesk"


def setup_of(url: str, share: bool | None) -> Setup:
    name, flows = load_package(str(PACKAGE))
    settings = Settings(share_limits=share)
    return Setup(package=name, flows=flows, profiles=load_profiles(), settings=settings, url=url)


@pytest.mark.parametrize(
    ("url", "share", "shared"),
    [
        ("sqlite:///specbridge.db", None, False),
        ("sqlite:///specbridge.db", True, True),
        ("postgresql://host/name", None, True),
        ("postgres://host/name", None, True),
        ("postgresql://host/name", False, False),
    ],
)
def test_limits_are_shared_on_postgresql_or_where_settings_say_so(
    url: str, share: bool | None, shared: bool
) -> None:
    assert shares_limits(setup_of(url, share)) is shared


@pytest.mark.parametrize("share", [None, True])
def test_a_run_takes_its_turns_beside_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: bool | None
) -> None:
    file = tmp_path / "store.db"
    with running_sandbox(SandboxOptions()) as sandbox:
        for name, value in sandbox.environment.items():
            monkeypatch.setenv(name, value)
        with open_connectors(setup_of(f"sqlite:///{file}", share)) as connectors:
            # None before the first request.
            assert list(tmp_path.iterdir()) == []
            findings = [one for connector in connectors.values() for one in connector.diagnose()]
    assert any(one.well for one in findings)
    assert file.with_name(f"{file.name}{BESIDE}").exists() is bool(share)
