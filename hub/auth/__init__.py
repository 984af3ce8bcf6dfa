"""Authorisation: the built-in authorization server, the resource server, clients, and a client of hubs."""

from hub.auth.service import Auth

__all__ = ["Auth"]
