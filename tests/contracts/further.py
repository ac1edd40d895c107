"""The course of a system that is served besides the first two: our client uses all of it, and people the rest."""

from collections.abc import Callable, Sequence

from specbridge.model.profile import Profile
from specbridge.profiles.load import load_profiles
from specbridge.runtime.connectors.connector import RestConnector
from specbridge.runtime.records import Connector
from specbridge.sandbox.options import SandboxOptions
from specbridge.sandbox.running import Sandbox, running_sandbox

from tests.contracts.recording import Exchange, Recording
from tests.contracts.resources import connected

Use = Callable[[Connector, Profile, str], None]


def travel_beside(
    options: SandboxOptions, use: Use, names: Sequence[str], visit: Callable[[Sandbox], None]
) -> list[Exchange]:
    """Return all that is asked and answered while resources are used, and people visit."""
    (system,) = options.systems
    profile = load_profiles()[system]
    recording = Recording()
    with running_sandbox(options) as sandbox:
        recording.attach(sandbox)
        with connected(profile, sandbox.environment) as connector:
            list(connector.diagnose())
            assert isinstance(connector, RestConnector)
            list(connector.probe(writes=True))
            for name in names:
                use(connector, profile, name)
        with recording.people():
            visit(sandbox)
    return [one for one in recording.exchanges if one.system == system]
