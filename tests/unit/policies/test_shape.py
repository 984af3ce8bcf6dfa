"""What a pack must hold is found out from its readers: all missing keys at once, skeletons that are filled in."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from hub.cli import main
from policies import PackError, load_policies
from policies.packs import SECTIONS
from policies.shape import shape_of

HEAD = '[pack]\ntitle = "Own"\ntitle_zh = "自有"\n'


def test_all_missing_keys_are_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(HEAD + '[[measure]]\nid = "own"\ntitle = "Own"\n', encoding="utf-8")
    with pytest.raises(PackError, match="title_zh, class, basis, source are missing") as caught:
        load_policies("320400", [tmp_path])
    assert caught.value.place.endswith("own.toml:4")
    assert "class = … (one of A, B, C)" in caught.value.hint


def test_of_a_table_inside_too(tmp_path: Path) -> None:
    text = HEAD + '[[terms]]\nid = "x"\narticle = "y"\nsource = "pub"\ntitle_zh = "z"\n[[terms.tier]]\ntier = "一般"\n'
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    with pytest.raises(PackError, match="longest_months is missing"):
        load_policies("320400", [tmp_path])


@pytest.mark.parametrize("kind", SECTIONS)
def test_a_skeleton_is_toml_with_every_required_key(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "new", kind]) == 0
    made = tomllib.loads(capsys.readouterr().out)
    if kind == "agreement":
        assert {"agreement", "case"} <= set(made)
        return
    row = made[kind][0]
    assert set(row) >= {key.name for key in shape_of(SECTIONS[kind]) if key.required}
    assert set(made["pack"]) == {"title", "title_zh"}
