"""docs/cli.md, made from the argument parsers: every command with all that it takes.

Rendered here and not by argparse, whose own help differs from one Python version to the next.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from hub.cli import build_parser
from hub.cli.examples import EXAMPLE

_HEAD = """# Commands 命令

This page is made from the commands themselves (`make docs`); a test compares the two. 本页由命令定义生成。

`credit-hub …`, or `python -m hub …`. Which hub a command is about is said by the settings ([settings.md](settings.md)),
most of all `HUB_DATA`; every command works while `serve` runs on the same folder. Facts come as JSON with `--json`.
命令作用于 `HUB_DATA` 所指的枢纽，枢纽运行时也可使用；`--json` 输出机器可读结果。

| exit code 退出码 | |
|---|---|
| 0 | done 完成 |
| 1 | "no": a check failed, a load passed its threshold 否：检查未通过或超过阈值 |
| 2 | wrong use or bad settings; one line says what to do 用法或设置有误 |
| 3 | a needed service is missing or stopped: graph, ledger, port 所需服务不可用 |

Secrets and ID numbers come from files or standard input, never from arguments. 密钥与证件号码只从文件或标准输入读取。
"""

Command = tuple[str, str, argparse.ArgumentParser]


def commands() -> Iterator[Command]:
    """Every command that can be run: its words, its short help, its parser."""
    yield from _below("credit-hub", build_parser(), "")


def _below(words: str, parser: argparse.ArgumentParser, text: str) -> Iterator[Command]:
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not any(group.required for group in groups):
        yield words, text, parser
    for group in groups:
        helps = {choice.dest: choice.help or "" for choice in group._choices_actions}
        for name, child in group.choices.items():
            yield from _below(f"{words} {name}", child, helps.get(name, ""))


def arguments(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """What a command takes, without ``--help``, what is internal, and further words of the command."""
    passed_over = (argparse._HelpAction, argparse._SubParsersAction)
    return [a for a in parser._actions if a.help != argparse.SUPPRESS and not isinstance(a, passed_over)]


def cli_page() -> str:
    parts = [_HEAD]
    for words, text, parser in commands():
        description = parser.description or text
        parts.append(f"\n## `{words.removeprefix('credit-hub ')}`\n\n{description}\n\n")
        parts.append(f"    {' '.join([words, *_usages(parser)])}\n")
        rows = [f"| `{_shown(action)}` | {_meaning(action)} |\n" for action in arguments(parser)]
        if rows:
            parts.append("\n| | |\n|---|---|\n" + "".join(rows))
        if parser.epilog:
            parts.append(f"\n{parser.epilog.replace(EXAMPLE, EXAMPLE + ' `', 1).replace('` ', '`', 1)}`\n")
    return "".join(parts)


def _usages(parser: argparse.ArgumentParser) -> Iterator[str]:
    """As in a usage line; one of several that exclude each other stands for all of them."""
    choices = {action: group for group in parser._mutually_exclusive_groups for action in group._group_actions}
    for action in arguments(parser):
        group = choices.get(action)
        if group is None:
            yield _usage(action)
        elif action is group._group_actions[0]:
            one_of = " | ".join(map(_shown, group._group_actions))
            yield f"({one_of})" if group.required else f"[{one_of}]"


def _usage(action: argparse.Action) -> str:
    text = _shown(action)
    if action.nargs == "+" and not action.option_strings:
        return f"{text}…"
    return text if action.required and action.nargs != "?" else f"[{text}]"


def _shown(action: argparse.Action) -> str:
    value = _value(action)
    if not action.option_strings:
        return value
    name = action.option_strings[-1]
    if action.nargs == 0:
        return name
    more = "…" if action.nargs == "+" or isinstance(action, argparse._AppendAction) else ""
    return f"{name} {value}{more}"


def _value(action: argparse.Action) -> str:
    if action.choices:
        return "{" + ",".join(map(str, action.choices)) + "}"
    return str(action.metavar or action.dest.upper())


def _meaning(action: argparse.Action) -> str:
    text = (action.help or "").replace("|", "\\|").replace("%%", "%")
    plain = isinstance(action.default, (int, float, str)) and not isinstance(action.default, bool)
    if plain and action.default != "" and "default" not in text:
        default = f"{action.default:g}" if isinstance(action.default, float) else action.default
        text += f" (default {default})"
    return text
