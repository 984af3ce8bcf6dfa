"""What a newcomer meets first: help, version, an example for each command, completion."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from hub.cli import build_parser, main
from hub.cli.examples import EXAMPLE, EXAMPLES, commands

COMMANDS = dict(commands(build_parser()))


def test_alone_it_prints_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    told = capsys.readouterr().out
    assert told.startswith("usage: credit-hub")
    assert "load" in told


def test_it_says_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("credit-hub 0.")


@pytest.mark.parametrize("words", COMMANDS)
def test_each_command_shows_an_example_that_it_takes(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert words in EXAMPLES, f"add an example of `{words}` to hub/cli/examples.py"
    given = shlex.split(EXAMPLES[words])
    for sign in ("<", ">", "|"):
        given = given[: given.index(sign)] if sign in given else given
    assert given[0] == "credit-hub"
    assert build_parser().parse_args(given[1:]).func is not None
    with pytest.raises(SystemExit) as ended:
        main([*words.split(), "--help"])
    assert ended.value.code == 0
    assert f"{EXAMPLE} {EXAMPLES[words]}\n" in capsys.readouterr().out


def test_no_example_is_of_a_command_that_is_not() -> None:
    assert set(EXAMPLES) <= set(COMMANDS)


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_a_shell_completes_commands_with_the_script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "bash"]) == 0
    script = tmp_path / "completion.bash"
    script.write_text(capsys.readouterr().out, encoding="utf-8")
    ask = f'source {script}; COMP_WORDS=(credit-hub lo); COMP_CWORD=1; _shtab_credit_hub; echo "${{COMPREPLY[@]}}"'
    done = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.split() == ["load"]
