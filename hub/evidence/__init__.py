"""Evidence bundles: made by the asking side, verified offline."""

from hub.evidence.bundle import make_bundle
from hub.evidence.parts import verify_file
from hub.evidence.reading import read_bundle
from hub.evidence.trust import Trust, TrustedHub, TrustSource, hub_from_document, load_trust, trust_for
from hub.evidence.verify import REASONS, Verdict, verify_bundle

__all__ = [
    "REASONS",
    "Trust",
    "TrustSource",
    "TrustedHub",
    "Verdict",
    "hub_from_document",
    "load_trust",
    "make_bundle",
    "read_bundle",
    "trust_for",
    "verify_bundle",
    "verify_file",
]
