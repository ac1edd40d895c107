"""Connectors from profiles and the environment."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from threading import Event

from specbridge.model.profile import Profile
from specbridge.profiles.templates import place_paths
from specbridge.runtime.connectors.connector import RestConnector
from specbridge.runtime.connectors.transport.access import Access, ConnectorOptions, Threads
from specbridge.runtime.connectors.transport.clock import Clock, system_clock
from specbridge.runtime.connectors.transport.connections import open_client
from specbridge.runtime.connectors.transport.credentials.authorizing import (
    Authorizer,
    build_authorizer,
)
from specbridge.runtime.connectors.transport.credentials.grants import invite
from specbridge.runtime.connectors.transport.credentials.refreshing import build_refreshing
from specbridge.runtime.connectors.transport.credentials.signing import SignIn, sign_in_scheme
from specbridge.runtime.connectors.transport.environment import (
    read_base_url,
    read_patience,
    read_prefixes,
    read_secret_files,
    secret_names,
    variable_name,
)
from specbridge.runtime.connectors.transport.http import Place, Transport
from specbridge.runtime.connectors.transport.sharing import share_limits
from specbridge.runtime.hiding import find_secrets

_DEFAULTS = ConnectorOptions()

ClockMaker = Callable[[Event], Clock]
"""Makes the clock of a connector; its sleepers should wake up once the event is set."""


def build_connector(
    profile: Profile,
    environment: Mapping[str, str],
    options: ConnectorOptions = _DEFAULTS,
    make_clock: ClockMaker = system_clock,
) -> RestConnector:
    """Return a connector to the system of a profile; the caller closes it.

    `environment` holds the variables with the profile's prefix (`ZENDESK_OAUTH_TOKEN`). Nothing is
    sent yet. Variables may stand in files (`ZENDESK_OAUTH_TOKEN_FILE`). `SPECBRIDGE_PATIENCE` takes the place of the policy's patience. Raises SettingsError where
    the address is missing or unsafe, AuthenticationError where credentials are missing; both name the
    variables.
    """
    profile = place_paths(profile, read_prefixes(profile, environment))
    environment = read_secret_files(profile, environment)
    base_url = read_base_url(profile, environment)
    options = _patient(options, environment)
    closing = Event()
    clock = _watched(make_clock(closing), profile, options)
    # All of the process's: drivers and servers may quote any, as a store's password.
    secrets = find_secrets({**os.environ, **environment}, secret_names(profile))
    scheme, authorizer = build_authorizer(profile, environment, clock, secrets)
    # Not before settings and credentials are there: so far there is nothing to close.
    client = open_client(base_url, options.workers, options.timeout)
    known = {**environment, variable_name(profile, "BASE_URL"): base_url}
    shared = share_limits(profile, known, options.turns, clock)
    place = replace(_place(base_url, options, clock, closing), shared=shared)
    transport = Transport(profile, client, authorizer, place)
    access = Access(
        profile=profile,
        transport=transport,
        clock=clock,
        threads=Threads(options.workers, profile.name),
        options=options,
        scheme=scheme,
        secrets=secrets,
    )
    return RestConnector(access, client, closing)


def build_connectors(
    profiles: Iterable[Profile],
    environment: Mapping[str, str],
    options: ConnectorOptions = _DEFAULTS,
) -> Mapping[str, RestConnector]:
    """Return a connector per profile, by its name; where one cannot be built, none stays open."""
    connectors: dict[str, RestConnector] = {}
    try:
        for profile in profiles:
            connectors[profile.name] = build_connector(profile, environment, options)
    except BaseException:
        # Ctrl-C, too: the connections of those built before would stay open.
        for connector in connectors.values():
            connector.close()
        raise
    return connectors


@contextmanager
def signing_in(
    profile: Profile, environment: Mapping[str, str], options: ConnectorOptions = _DEFAULTS
) -> Iterator[SignIn]:
    """Give what signs a person in to a system, until the block ends.

    Raises SettingsError where the address is missing, and AuthenticationError where the client is.
    """
    environment = read_secret_files(profile, environment)
    scheme = sign_in_scheme(profile, environment)
    base_url = read_base_url(profile, environment)
    options, closing = _patient(options, environment), Event()
    secrets = find_secrets({**os.environ, **environment}, secret_names(profile))
    refreshing = build_refreshing(profile, scheme, environment, secrets)
    invitation = invite(profile, scheme, environment)
    with open_client(base_url, options.workers, options.timeout) as client:
        place = _place(base_url, options, system_clock(closing), closing)
        transport = Transport(profile, client, Authorizer(headers={}), place)
        yield SignIn(invitation=invitation, refreshing=refreshing, send=transport.send)


def _watched(clock: Clock, profile: Profile, options: ConnectorOptions) -> Clock:
    """Return the clock, whose waits are told where somebody looks on."""
    waits = options.observer.waits
    return clock if waits is None else replace(clock, told=partial(waits, profile.name))


def _place(base_url: str, options: ConnectorOptions, clock: Clock, closing: Event) -> Place:
    return Place(
        base_url=base_url,
        clock=clock,
        closing=closing,
        retry=options.retry,
        deadline=options.deadline,
        observer=options.observer,
        tape=options.tape,
    )


def _patient(options: ConnectorOptions, environment: Mapping[str, str]) -> ConnectorOptions:
    patience = read_patience(environment, options.retry.patience)
    return replace(options, retry=replace(options.retry, patience=patience))
