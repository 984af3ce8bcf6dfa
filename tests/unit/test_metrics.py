"""Metrics tell how the hub is, not what is asked; their token is a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.metrics import Metrics
from hub.metrics_access import metrics_token
from schema.errors import SettingsError


def test_no_label_says_what_was_asked():
    metrics = Metrics()
    for name in ("searchPersons", "searchSubjects", "path", "root/search_persons", "piercing/page", "node", "whatever"):
        metrics.observe_statement(name, 0.1)
    for code in ("CASE_REQUIRED", "PURPOSE_REQUIRED", "FIELD_NOT_ALLOWED", "NOT_TRUSTED_DOCUMENT"):
        metrics.count_refusal(code)
    metrics.observe_statement("loads/latest", 0.1)
    text = metrics.text().decode()
    for word in ("search", "path{", "piercing", "CASE", "PURPOSE", "NOT_TRUSTED"):
        assert word not in text
    assert 'work="question"' in text
    assert 'work="loads"' in text


def test_the_token_is_made_once_for_its_owner_alone(tmp_path: Path):
    path = tmp_path / "keys" / "metrics.token"
    made = metrics_token(path, given=False)
    assert len(made) >= 40
    assert metrics_token(path, given=False) == made
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"", b"short\n", "令牌令牌令牌令牌令牌令牌".encode()])
def test_a_token_that_anybody_could_guess_is_refused(tmp_path: Path, content: bytes):
    path = tmp_path / "token"
    path.write_bytes(content)
    with pytest.raises(SettingsError):
        metrics_token(path, given=True)


def test_a_named_file_that_is_missing_is_not_made(tmp_path: Path):
    with pytest.raises(SettingsError):
        metrics_token(tmp_path / "token", given=True)
