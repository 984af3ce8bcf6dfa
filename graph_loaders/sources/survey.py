"""All tables among files and folders, and what else was met there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from graph_loaders.sources.kinds import expected_headers
from graph_loaders.sources.model import Skipped, Source, shown_path
from graph_loaders.sources.open import open_sources, skipped
from graph_loaders.sources.profile import Profile, load_profile
from schema.errors import UsageError

DEEPEST_FOLDER = 16
MOST_FILES = 100_000
_TABLES = (".csv", ".tsv", ".xlsx", ".xls", ".jsonl", ".ndjson", ".json", ".ods", ".et", ".zip", ".txt")
_NEVER_DATA = frozenset(("city.toml",))


@dataclass(slots=True)
class Found:
    """``sources``: registry files first. ``skipped``: what was not read, with reasons."""

    sources: list[Source] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    @property
    def overlooked(self) -> list[Skipped]:
        """What was skipped although it looks like a table: data that nobody has read."""
        return [entry for entry in self.skipped if entry.data]


def find_sources(paths: Iterable[Path], profile: Profile | None = None) -> list[Source]:
    """The tables among files and folders. Raises UsageError like ``survey``."""
    return survey(paths, profile).sources


def survey(paths: Iterable[Path], profile: Profile | None = None) -> Found:
    """Looks into files, and into folders with all that they hold.

    A file that is given by name must be a table; in folders what is none is skipped, with its reason. Raises UsageError
    for a path that is not there, a file that is given and not recognised, and when nothing was found.
    """
    profile = profile or load_profile()
    paths = list(paths)
    sources: dict[Path, list[Source]] = {}
    found = Found()
    for path in paths:
        folder = path.is_dir()
        for file in _files(path, found.skipped):
            try:
                there = file.resolve()
                if there not in sources:
                    sources[there] = open_sources(file, profile, found.skipped.append)
            except UsageError as error:
                if not folder:
                    raise
                if file.name not in _NEVER_DATA:
                    found.skipped.append(skipped(shown_path(file), error))
    found.skipped = list(dict.fromkeys(found.skipped))
    found.sources = sorted(
        (source for of_file in sources.values() for source in of_file), key=lambda s: (s.order, str(s.path))
    )
    if not found.sources:
        raise _nothing(paths, found, profile)
    return found


def _nothing(paths: list[Path], found: Found, profile: Profile) -> UsageError:
    met = [f"{entry.path} is {entry.reason}" for entry in found.overlooked or found.skipped][:5]
    return UsageError(
        f"no data files in {', '.join(map(shown_path, paths))}" + (f": {'; '.join(met)}" if met else ""),
        hint=(found.overlooked[0].hint if found.overlooked else "expected headers: " + expected_headers(profile)),
        message_zh="没有可加载的文件",
    )


def _files(path: Path, passed: list[Skipped]) -> list[Path]:
    """What a path stands for. Raises UsageError where nothing is there."""
    if path.is_dir():
        return list(_walk(path, passed, 0))
    if not path.is_file():
        what = "is no file" if path.exists() else "is not there"
        raise UsageError(f"{shown_path(path)} {what}", hint="give files or folders that exist", message_zh="文件不存在")
    return [path]


def _walk(folder: Path, passed: list[Skipped], depth: int) -> Iterator[Path]:
    """Files of a folder and of the folders in it, in order of their names; not what is hidden."""
    try:
        entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith((".", "~$", "__MACOSX")))
    except OSError as error:
        passed.append(
            Skipped(
                shown_path(folder), f"a folder that cannot be read: {error.strerror}", "check its rights", data=True
            )
        )
        return
    if len(entries) > MOST_FILES:
        raise UsageError(f"{shown_path(folder)} has more than {MOST_FILES} files", hint="load it in parts")
    for entry in entries:
        if entry.is_dir():
            if entry.is_symlink():
                hint = "load the folder itself if its files are data 如需加载请直接指定该目录"
                passed.append(Skipped(shown_path(entry), "a link to a folder", hint, data=True))
            elif depth >= DEEPEST_FOLDER:
                passed.append(
                    Skipped(shown_path(entry), "a folder too deep down", "load it by its own path", data=True)
                )
            else:
                yield from _walk(entry, passed, depth + 1)
        elif entry.is_file():
            yield entry
        elif entry.is_symlink() and entry.suffix.lower() in _TABLES:
            raise UsageError(
                f"{shown_path(entry)} leads nowhere", hint="mend or remove the link", message_zh="链接目标不存在"
            )
        else:
            passed.append(Skipped(shown_path(entry), "no file", "remove it, or give a file 请移除", data=False))
