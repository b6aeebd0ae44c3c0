"""Everything that is done with the project, one session each; CI runs the default ones."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import nox

nox.needs_version = ">=2025.10.16"
nox.options.default_venv_backend = "venv"
nox.options.error_on_missing_interpreters = True

ROOT = Path(__file__).parent
PROJECT = nox.project.load_toml(ROOT / "pyproject.toml")


def group(name: str) -> tuple[str, ...]:
    """Requirements of a dependency group in pyproject.toml."""
    return nox.project.dependency_groups(PROJECT, name)


@nox.session
def lint(session: nox.Session) -> None:
    """Style of code and tests."""
    session.install(*group("lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Types of code, tests and tools."""
    session.install("-e", ".", *group("types"), "nox")
    session.run("mypy")


@nox.session
def tests(session: nox.Session) -> None:
    """All quick tests; arguments go to pytest."""
    session.install("-e", ".", *group("test"))
    session.run("pytest", "-n", "2", "-m", "not slow", *session.posargs)


@nox.session(default=False)
def contracts(session: nox.Session) -> None:
    """Only what other people's scripts rely on."""
    session.install("-e", ".", *group("test"))
    session.run("pytest", "tests/contracts", *session.posargs)


@nox.session
def wheel(session: nox.Session) -> None:
    """Build the wheel, install it elsewhere and run the main job with it."""
    session.install("build")
    with tempfile.TemporaryDirectory() as folder:
        session.run("python", "-m", "build", "--wheel", "--outdir", folder, str(ROOT), silent=True)
        (built,) = Path(folder).glob("*.whl")
        session.install(str(built))
        manual = Path(session.virtualenv.location, "share", "man", "man1", "hydrant.1")
        if not manual.is_file():
            session.error("the wheel brought no manual")
        session.chdir(folder)
        session.run("hydrant", "--version")
        session.run("hydrant", "demo", "sample", "--lang", "en")
        session.run("hydrant", "db", "check", "--db", str(Path("sample") / "county.gpkg"))


@nox.session
def docs(session: nox.Session) -> None:
    """Check that the reference says what the program says; --write renews it."""
    session.install("-e", ".")
    session.run("python", "docs/generate.py", *(session.posargs or ["--check"]))


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Measure the speeds of the design against their peers; writes bench/RESULTS.md."""
    session.install(".", *group("bench"))
    session.run("python", "-m", "bench.run", *session.posargs)


@nox.session(default=False)
def bench_server(session: nox.Session) -> None:
    """Measure a registry on PostgreSQL beside the file; writes bench/SERVER.md."""
    session.install("-e", ".[server]", *group("bench"), *group("test"))
    session.run("python", "-m", "bench.server", *session.posargs)


@nox.session(default=False)
def replay(session: nox.Session) -> None:
    """Replay a CSV of recorded pressures through simulated devices: -- FILE --unit mH2O."""
    session.install(".")
    session.run("python", "-m", "bench.replay", *session.posargs)


@nox.session(default=False)
def soak(session: nox.Session) -> None:
    """200 gateways that dial in, their lines cut at random: -- MINUTES (ten)."""
    session.install("-e", ".", *group("test"))
    seconds = 60 * float(session.posargs[0] if session.posargs else 10)
    session.run(
        *("pytest", "-s", "tests/telemetry/test_dialin.py", "-k", "two_hundred"),
        env={"HYDRANT_SOAK_SECONDS": str(seconds)},
    )


@nox.session(default=False)
def qgis(session: nox.Session) -> None:
    """QGIS edits the live file while polls and writes run: -- ROUNDS (200)."""
    session.install("-e", ".", *group("test"))
    rounds = session.posargs[0] if session.posargs else "200"
    session.run(
        *("pytest", "-s", "tests/peers/test_qgis_edits.py"),
        env={"HYDRANT_QGIS_ROUNDS": rounds, "HYDRANT_REQUIRE_PEERS": "1"},
    )


@nox.session(default=False)
def minimums(session: nox.Session) -> None:
    """The tests with the oldest dependencies that pyproject.toml admits."""
    floors = [
        requirement.split(";")[0].split(",")[0].replace(">=", "==")
        for requirement in PROJECT["project"]["dependencies"]
        if "win32" not in requirement
    ]
    session.install(*floors, "-e", ".", *group("test"))
    session.run("pytest", "-n", "2", "-m", "not slow", *session.posargs)


@nox.session(default=False)
def samples(session: nox.Session) -> None:
    """Import a folder of other people's registers and hold the figures: -- FOLDER."""
    session.install(".")
    session.run("python", "-m", "bench.samples", *session.posargs)


@nox.session(default=False)
def hostile(session: nox.Session) -> None:
    """Generated hostile inputs, so many per parser: -- INPUTS (100,000); writes the figures."""
    session.install("-e", ".", *group("test"))
    count = session.posargs[0] if session.posargs else "100000"
    page = "docs/hostile-input.md"
    session.run("python", "-m", "tests.hostile.run", "--inputs", count, "--write", page)


@nox.session(default=False)
def fuzz(session: nox.Session) -> None:
    """Coverage-guided fuzzing of the parsers, Linux only: -- SECONDS (60) for each."""
    session.install("-e", ".", *group("fuzz"))
    seconds = session.posargs[0] if session.posargs else "60"
    session.run("python", "-m", "tests.hostile.coverage_guided", "--seconds", seconds)


def installed_alone(session: nox.Session) -> Path:
    """Environment that holds the program and what it needs, and none of the tools."""
    place = Path(session.create_tmp()) / "program"
    session.run("python", "-m", "venv", "--clear", str(place))
    python = next(found for found in place.glob("*/python*") if found.stem == "python")
    session.run(str(python), "-m", "pip", "install", "-q", f"{ROOT}[server]", external=True)
    # what installs is not part of the program
    session.run(
        str(python), "-m", "pip", "uninstall", "-q", "-y", "setuptools", "pip", external=True
    )
    return python


@nox.session(default=False)
def audit(session: nox.Session) -> None:
    """Known holes in what the program depends on; one that cannot be looked up fails too."""
    session.install(*group("audit"))
    (packages,) = installed_alone(session).parent.parent.glob("[Ll]ib/**/site-packages")
    found = ("--strict", "--path", str(packages), "--progress-spinner", "off")
    session.run("pip-audit", *found, *session.posargs)


@nox.session(default=False)
def sbom(session: nox.Session) -> None:
    """List of parts (CycloneDX JSON) of an installed program: -- FILE (sbom.json)."""
    session.install(*group("audit"))
    file = str(Path(session.posargs[0] if session.posargs else "sbom.json").absolute())
    python = installed_alone(session)
    for installed in python.parent.parent.rglob("direct_url.json"):
        installed.unlink()  # it says where the program lay when it was installed
    session.run("cyclonedx-py", "environment", str(python), "--output-file", file)


@nox.session(default=False)
def tampering(session: nox.Session) -> None:
    """Random changes outside the program, each of which verify must name: -- CHANGES (1000)."""
    session.install("-e", ".", *group("test"))
    changes = session.posargs[0] if session.posargs else "1000"
    session.run(
        *("pytest", "-s", "tests/store/test_chain.py", "-k", "every_row"),
        env={"HYDRANT_TAMPERS": changes, "HYDRANT_REQUIRE_PEERS": "1"},
    )


@nox.session(default=False)
def faults(session: nox.Session) -> None:
    """Kills, full disks, inverted bits, jumping clocks, Linux only: -- COUNT (1000)."""
    session.install("-e", ".[server]", *group("test"))
    count = session.posargs[0] if session.posargs else "1000"
    page = "docs/reliability.md"
    session.run("python", "-m", "tests.faults.run", count, "--write", page)


@nox.session(default=False)
def merges(session: nox.Session) -> None:
    """Random days of several crews merged in any order, and merges killed: -- HISTORIES KILLS."""
    session.install("-e", ".", *group("test"))
    histories, kills, *_ = [*session.posargs, *["1000", "200"][len(session.posargs) :]]
    session.run(
        *("pytest", "tests/survey/test_merging.py"),
        env={"HYDRANT_HISTORIES": histories, "HYDRANT_KILLS": kills},
    )


@nox.session(default=False)
def workers(session: nox.Session) -> None:
    """Three workers killed and paused while they poll: -- GATEWAYS ROUNDS (300, 20)."""
    session.install("-e", ".", *group("test"))
    gateways, rounds, *_ = [*session.posargs, *["300", "20"][len(session.posargs) :]]
    session.run(
        *("pytest", "-s", "tests/telemetry/test_workers.py"),
        env={
            "HYDRANT_WORKER_GATEWAYS": gateways,
            "HYDRANT_WORKER_ROUNDS": rounds,
            "HYDRANT_REQUIRE_PEERS": "1",
        },
    )


@nox.session(default=False)
def capacity(session: nox.Session) -> None:
    """Write docs/explanation/capacity.md and its twin from what was measured; --check compares."""
    session.run("python", "-m", "bench.capacity", *session.posargs)


@nox.session(default=False)
def sizes(session: nox.Session) -> None:
    """Measure what a reading costs on both stores: -- READINGS (1,000,000)."""
    session.install("-e", ".", *group("test"))
    session.run("python", "-m", "bench.sizes", *session.posargs)


@nox.session(default=False)
def histories(session: nox.Session) -> None:
    """Random histories of a county, every figure computed twice: -- HISTORIES (20,000)."""
    session.install("-e", ".", *group("test"))
    count = session.posargs[0] if session.posargs else "20000"
    session.run("pytest", "tests/report/test_histories.py", env={"HYDRANT_EXAMPLES": count})


@nox.session(default=False)
def mutations(session: nox.Session) -> None:
    """Every rule broken in turn; histories and scenes must notice: -- HISTORIES (800)."""
    session.install("-e", ".", *group("test"))
    count = session.posargs[0] if session.posargs else "800"
    session.run(
        *("pytest", "-n", "2", "-m", "slow", "tests/report/test_mutations.py"),
        "tests/exchange/test_package_mutations.py",
        env={"HYDRANT_MUTATION_EXAMPLES": count},
    )


@nox.session(default=False)
def constraints(session: nox.Session) -> None:
    """Renew the exact versions and hashes in constraints/; --check says what they lack."""
    session.install(*group("release"))
    session.run("python", "-m", "release.constraints", *session.posargs)


def constrained(session: nox.Session, *files: str, python: str | None = None) -> str:
    """Python of an environment with exactly what constraints files name, and the program."""
    place = Path(session.create_tmp()) / "constrained"
    session.run(python or "python", "-m", "venv", "--clear", str(place), external=True)
    inside = str(next(found for found in place.glob("*/python*") if found.stem == "python"))
    named = [word for file in files for word in ("-r", f"constraints/{file}.txt")]
    session.run(*(inside, "-m", "pip", "install", "-q", "--require-hashes", *named), external=True)
    session.run(inside, "-m", "pip", "install", "-q", "--no-deps", ".", external=True)
    return inside


@nox.session(default=False)
def licences(session: nox.Session) -> None:
    """Renew docs/licences.md from what the constrained packages state of themselves."""
    session.install(*group("release"))
    python = constrained(session, "core", "server", "parquet")
    session.run("python", "-m", "release.licences", python)


@nox.session(default=False, venv_backend="none")
def audit_offline(session: nox.Session) -> None:
    """Known holes in what the constraints name, without network: -- FOLDER or all.zip of OSV."""
    # by the Python of nox, which brings all that this needs: nothing is to be installed
    session.run(sys.executable, "-m", "release.advisories", *session.posargs)


@nox.session(default=False)
def laptop(session: nox.Session) -> None:
    """Build for laptops without Python into dist/laptop, tried, and what all of it weighs."""
    asked = (sys.executable, "-m", "release.interpreters", "--shared")
    shared = session.run(*asked, silent=True, log=False, external=True)
    python = constrained(session, "core", "server", python=str(shared).strip())
    session.run(python, "-m", "pip", "install", "-q", *group("laptop"), external=True)
    session.run(python, "-m", "release.laptop", *session.posargs, external=True)


@nox.session(default=False)
def release(session: nox.Session) -> None:
    """Make a release into dist/ from what is committed: -- VERSION [--date DAY] [--write]."""
    session.install(*group("release"))
    session.run("python", "-m", "release.make", *session.posargs)
