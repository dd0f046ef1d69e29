"""The packages that ptk's metadata pin: those of its core and of every extra."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, metadata, packages_distributions, version

from packaging.utils import canonicalize_name

from ptk.doctor.findings import Finding
from ptk.doctor.trying import Tried, tried
from ptk.errors import install_command, read_requirements

__all__ = ["core", "extra", "extras", "install", "pins", "providers", "repair"]

_FOR = {
    "export": "`export`",
    "openvino": "`export(format=openvino)`",
    "dev": "ptk's own tests",
    "ray": "`prepare(engine=ray)`",
    "synth": "`synth`",
    "video": "videos in `prepare`",
}
"""Whom an extra serves that is of no part."""

_ROOTS = ("numpy", "torch")
"""Where one of these is broken the others cannot be imported either, through no fault of theirs."""


@cache
def pins(extra: str = "") -> dict[str, str]:
    """The packages that an extra (by default ptk's core) pins, with their versions; {} when ptk is not installed."""
    return {one.name: str(one.specifier).removeprefix("==") for one in read_requirements(extra)}


def extras() -> list[str]:
    """The names of ptk's extras; none when it is not installed."""
    try:
        return sorted(metadata("ptk").get_all("Provides-Extra") or [])
    except PackageNotFoundError:
        return []


def install(package: str) -> str:
    """The pip command for one package of ptk's core, with its pin."""
    pinned = pins().get(package)
    return f"pip install {package}=={pinned}" if pinned else f"pip install {package}"


def repair(said: str, command: str) -> str:
    """How an installed package that cannot be used is mended; "" where what was said of it says so itself."""
    library = re.search(r"(\S+\.so\S*): cannot open shared object file", said)
    if "; " in said:
        return ""
    if library:
        return f"install the system's package that has {library[1]} (Debian, Ubuntu: apt-file search {library[1]})"
    return command.replace("pip install", "pip install --force-reinstall")


def core(trying: bool) -> Iterator[Finding]:
    """The packages without which ptk does not work; with `trying` each is imported, in a process of its own."""
    wanted = pins()
    if not wanted:
        return
    lacking, others = _differing(wanted)
    for name in lacking:
        yield Finding(name, "is not installed", "broken", install(name), core=True)
    for name, there_is in others.items():
        yield Finding(name, f"{there_is} is installed, ptk is tested with {wanted[name]}", "remark", install(name))
    there = [name for name in wanted if name not in lacking]
    found = tried({"import": _modules(there)}) if trying and not lacking else Tried()
    broken = {}  # distribution -> error
    for module, error in found.errors.items():
        names = providers().get(module, [])
        broken[next((name for name in there if canonicalize_name(name) in names), module)] = error
    root = next((name for name in _ROOTS if name in broken), None)
    for name, said in broken.items():
        if root in (None, name):
            yield Finding(name, said, "broken", repair(said, install(name)), core=True)
    well = len(set(there) - set(others) - set(broken))
    share = f"all {well}" if well == len(wanted) else f"{well} of the {len(wanted)}"
    yield Finding("packages", f"{share} of ptk's core are there as pinned{', and imported' if found.good else ''}")


def extra(name: str, parts: dict[str, list[str]], trying: bool) -> Iterator[Finding]:
    """An extra's packages; with `trying` they are imported and the `parts` (kind -> names) that need it are used."""
    wanted = pins(name)
    lacking, others = _differing(wanted)
    serves = ", ".join(part for names in parts.values() for part in names) or _FOR.get(name, "plug-ins")
    values = {"packages": wanted, "missing": lacking, "others": others}
    if lacking:
        missing = "not installed" if len(lacking) == len(wanted) else f"without {', '.join(lacking)}"
        yield Finding(name, f"{missing} (for {serves})", "remark", install_command(name), values=values)
        return
    for package, there_is in others.items():
        mend = f"pip install {package}=={wanted[package]}"
        yield Finding(name, f"{package} {there_is} is installed, ptk is tested with {wanted[package]}", "remark", mend)
    found = tried({"import": _modules(list(wanted)), **parts}) if trying and name != "dev" else Tried()
    for what, said in found.errors.items():
        yield Finding(name, f"{what}: {said}", "broken", repair(said, install_command(name)), values=values)
    for what, said in found.lacking.items():
        yield Finding(name, f"{what}: {said}", "remark", values=values)
    if not found.errors and not found.lacking and not others:
        how = "tried" if found.good else "as pinned"
        yield Finding(name, f"{how} (for {serves})", values=values)


def _differing(wanted: dict[str, str]) -> tuple[list[str], dict[str, str]]:
    """Which of the packages are missing, and which are there in another version."""
    lacking, others = [], {}
    for name, pinned in wanted.items():
        try:
            found = version(name)
        except PackageNotFoundError:
            lacking.append(name)
            continue
        if pinned and found.partition("+")[0] != pinned:  # 2.13.0+cpu is a build of 2.13.0
            others[name] = found
    return lacking, others


@cache
def providers() -> dict[str, list[str]]:
    """The distributions that each module comes from."""
    return {module: [canonicalize_name(name) for name in names] for module, names in packages_distributions().items()}


def _modules(packages: list[str]) -> list[str]:
    """What can be imported of these packages."""
    wanted = {canonicalize_name(name) for name in packages}
    return sorted(module for module, names in providers().items() if module.isidentifier() and wanted & set(names))
