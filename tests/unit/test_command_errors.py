"""What the system refuses is told in one line, with the exit code of wrong use."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.cli import main


def test_a_data_folder_that_is_a_file_is_wrong_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    data.write_text("a file", encoding="utf-8")
    monkeypatch.setenv("HUB_DATA", str(data))
    assert main(["keys", "list"]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert str(data) in told


def test_a_count_that_is_none_is_told_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["serve", "--workers", "x"])
    assert ended.value.code == 2
    assert "a number from 1 to 64" in capsys.readouterr().err
