"""The signed directory: which hubs there are, with which keys and endpoints, and which agreements are in force."""

from federation.directory.model import Agreement, Directory, Hub, parse_payload
from federation.directory.trust import Anchors, Verdict, read_anchors, sign, verify

__all__ = ["Agreement", "Anchors", "Directory", "Hub", "Verdict", "parse_payload", "read_anchors", "sign", "verify"]
