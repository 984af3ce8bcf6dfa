"""What the settings name, looked at before anything is started: a bad file or folder is wrong use, told in one line."""

from __future__ import annotations

from hub.settings import Settings


def check_settings(settings: Settings) -> None:
    """Reads the files and folders of the settings; starts nothing. Raises SettingsError, by name."""
    from graph_loaders.engine import GraphConfig
    from graph_loaders.engine.link import read_password
    from graph_loaders.persons import Persons
    from hub.auth.issuers import load_issuers
    from hub.graphql.trusted import require_folder
    from policies import load_policies

    load_policies(settings.region, settings.policies)
    if settings.issuers is not None:
        load_issuers(settings.issuers, base_url=settings.base_url)
    if settings.trusted_documents is not None:
        require_folder(settings.trusted_documents)
    if settings.person_key.exists():
        Persons.open(settings.person_key, settings.data)
    if settings.graph != "embedded":
        read_password(GraphConfig.of(settings))
