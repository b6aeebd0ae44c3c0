"""What an installation weighs, package by package: text of docs/explanation/size.md and its twin.

Weighed is the environment that runs this: the files that each package says it brought, and what
Python compiled of them.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import distributions
from pathlib import Path

from packaging.utils import canonicalize_name

from release.constraints import CORE, ROOT, read

PAGE = ROOT / "docs" / "explanation" / "size.md"
_MB = 1e6
TWIN = PAGE.with_name("size.zh.md")
#: What asks for a package of weight, in English and Chinese; a new one without words here is told
#: without.
USES = {
    "typst": ("PDF: `report`, `survey plan --sheet`", "PDF：`report`、`survey plan --sheet`"),
    "pyogrio": (
        "GDAL: GIS files in and out, roads, outlines, OSM",
        "GDAL：GIS 文件的导入导出，道路、边界、OSM",
    ),
    "numpy": (
        "positions of an import, coverage; pyogrio and shapely need it",
        "导入时的位置，覆盖分析；pyogrio 和 shapely 需要它",
    ),
    "sqlalchemy": ("the tables (`sqlmodel`)", "数据表（`sqlmodel`）"),
    "pyproj": ("PROJ with its database of datums", "PROJ 及其坐标系数据库"),
    "cryptography": (
        "signatures of the audit chain, TLS keys",
        "审计记录的签名，TLS 密钥",
    ),
    "pygments": ("comes with `rich`", "随 `rich` 而来"),
    "shapely": ("GEOS: coverage, outlines", "GEOS：覆盖分析，边界"),
    "hydrant": ("the program, its data and schemas", "程序本身及其数据、模式"),
    "psycopg-binary": ("PostgreSQL", "PostgreSQL"),
}
_HEAD = """\
# What an installation weighs

[中文](size.zh.md)

Written by `nox -s laptop -- --write` on {system}, Python {python}, with the versions of
[constraints/](../../constraints); MB are millions of bytes on the disk, *compiled* what Python
writes beside the sources at the first start.

| | MB | of that compiled |
|---|---|---|
| plain installation (`core.txt` and the program) | {core} | {compiled} |
| with the extra `server` | {server} | {server_compiled} |
| build for laptops, unpacked; with `server`, and a Python of its own | {unpacked} | |
| the same as one archive to carry | {packed} | |

A virtual environment adds pip itself. No part can go from the plain installation without something
that works today being lost: a package cannot say which of its extras are on unless they are turned
off. So the packages stay, and the build for laptops is made small instead: symbols for debuggers,
sources beside compiled code, tests of the packages, pip and pyarrow are not in it.

| package | MB | what for |
|---|---|---|
"""
_HEAD_ZH = """\
# 安装后占多少空间

[English](size.md)

本页由 `nox -s laptop -- --write` 在 {system} 上、用 Python {python}、按
[constraints/](../../constraints) 中的版本写成；MB 指磁盘上的百万字节，
*编译*指第一次启动时 Python 写在源代码旁边的文件。

| | MB | 其中编译 |
|---|---|---|
| 普通安装（`core.txt` 和程序） | {core} | {compiled} |
| 加上可选部分 `server` | {server} | {server_compiled} |
| 笔记本版，解开后；含 `server`，自带 Python | {unpacked} | |
| 笔记本版，一个便于携带的压缩文件 | {packed} | |

虚拟环境另有 pip 自身。普通安装里减去任何一部分，都会失去现在能用的功能：软件包无法
规定“默认带上、可以关掉”的可选部分。所以软件包照装，改为把笔记本版做小：
调试符号、已编译代码的源文件、各软件包的测试、pip 和 pyarrow 不在其中。

| 软件包 | MB | 用途 |
|---|---|---|
"""


def packages() -> dict[str, tuple[int, int]]:
    """Bytes of each package of this environment, and how many of them are compiled code."""
    found: dict[str, tuple[int, int]] = {}
    for one in distributions():
        files = {Path(str(one.locate_file(file))) for file in one.files or ()}
        sizes = {path: path.stat().st_size for path in files if path.is_file()}
        compiled = sum(size for path, size in sizes.items() if path.suffix == ".pyc")
        found[canonicalize_name(one.metadata["Name"])] = (sum(sizes.values()), compiled)
    return found


def folder(place: Path) -> int:
    """Bytes of all files of a folder; a link weighs nothing."""
    return sum(p.stat().st_size for p in place.rglob("*") if p.is_file() and not p.is_symlink())


def _mb(size: float) -> str:
    return f"{size / _MB:.0f}"


def pages(found: Mapping[str, tuple[int, int]], unpacked: int, packed: int) -> dict[Path, str]:
    """The page and its Chinese twin, from bytes by package and of the build."""
    held = read()
    core = {pin.name for pin in held[CORE]} | {"hydrant"}
    server = core | {pin.name for pin in held["server"]}

    def total(names: set[str], which: int) -> str:
        return _mb(sum(sizes[which] for name, sizes in found.items() if name in names))

    told = {
        "system": platform.system(), "python": platform.python_version(),
        "core": total(core, 0), "compiled": total(core, 1),
        "server": total(server, 0), "server_compiled": total(server, 1),
        "unpacked": _mb(unpacked), "packed": _mb(packed),
    }  # fmt: skip
    sizes = {name: found[name][0] for name in found if name in server}
    return {
        PAGE: _HEAD.format(**told) + _table(sizes, 0, "all others"),
        TWIN: _HEAD_ZH.format(**told) + _table(sizes, 1, "其余"),
    }


def _table(sizes: Mapping[str, int], language: int, others: str) -> str:
    """Packages of weight, the heaviest first, and what all others weigh together."""
    heavy = sorted(sizes.items(), key=lambda item: -item[1])
    rows = [(name, size) for name, size in heavy if size >= 2 * _MB]
    rest = sum(size for _, size in heavy) - sum(size for _, size in rows)
    told = [
        f"| {name} | {_mb(size)} | {USES.get(name, ('', ''))[language]} |" for name, size in rows
    ]
    return "\n".join([*told, f"| {others} | {_mb(rest)} | |"]) + "\n"
