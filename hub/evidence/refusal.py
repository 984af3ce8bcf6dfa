"""Why a bundle is no evidence: one of ``REASONS``, and what exactly was seen."""

from __future__ import annotations

REASONS = (
    "answer_changed",
    "question_mismatch",
    "unknown_key",
    "key_not_valid_then",
    "proof_missing",
    "proof_invalid",
    "checkpoint_invalid",
    "asker_mismatch",
    "unwitnessed",
)


class Refusal(Exception):
    """Ends the checks of one bundle; never leaves ``verify_bundle``."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail
