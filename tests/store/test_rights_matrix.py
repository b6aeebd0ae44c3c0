"""Every role, every table, every verb: what the database itself answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.conftest import Program

psycopg = pytest.importorskip("psycopg")

ROLES = ("crew", "poller", "officer", "auditor", "admin", "public")
#: R read, I insert, U update, u update of some columns, D delete; nobody does anything else.
MATRIX = """
asset            RIUD  R     RIUD  R  RIUD  -
asset_version    RIUD  R     RIUD  R  RIUD  -
asset_alias      RIUD  R     RIUD  R  RIUD  -
lifecycle        RIUD  R     RIUD  R  RIUD  -
inspection       RIUD  R     RIUD  R  RIUD  -
defect           RIUD  R     RIUD  R  RIUD  -
sensor           RIUD  R     RIUD  R  RIUD  -
duplicate_flag   RIUD  R     RIUD  R  RIUD  -
source_record    RIUD  R     RIUD  R  RIUD  -
proposal         RIUD  R     RIUD  R  RIUD  -
merge_conflict   RIUD  R     RIUD  R  RIUD  -
bundle           RIUD  R     RIUD  R  RIUD  -
requirement      R     R     RIUD  R  RIUD  -
region           R     R     RIUD  R  RIUD  -
region_successor R     R     RIUD  R  RIUD  -
import_batch     RI    R     RI    R  RI    -
assessment       RI    R     RI    R  RI    -
change           RI    R     RI    R  RI    -
seal             RI    R     RI    R  RI    -
seal_block       RIU   R     RIU   R  RIU   -
setting          RI    R     RI    R  RIUD  -
migration        R     R     R     R  R     -
outside_edit     R     R     R     R  RUD   -
role_region      R     R     R     R  RIUD  -
reading          R     RIu   R     R  RIU   -
former_reading   R     R     R     R  RI    -
reading_hour     R     R     R     R  R     -
reading_day      R     R     R     R  R     -
latest           R     RIU   R     R  RIU   -
poll_run         R     RIU   R     R  RIU   -
refused_point    R     RIUD  R     R  RIUD  -
alarm            Ru    RIU   Ru    R  RIU   -
alarm_state      RD    RIUD  RD    R  RIUD  -
out_of_service   RIUD  R     RIUD  R  RIUD  -
service_pause    RIU   R     RIU   R  RIU   -
expected_use     RIUD  R     RIUD  R  RIUD  -
reading_seal     RI    RI    RI    R  RI    -
reading_block    RIU   RIU   RIU   R  RIU   -
birth            R     R     R     R  R     -
belonging        R     R     R     R  R     -
readings_version R     R     R     R  R     -
"""
WANTED = {
    line.split()[0]: dict(zip(ROLES, line.split()[1:], strict=True))
    for line in MATRIX.strip().splitlines()
}
_TABLES = """
SELECT c.relname::text, array_agg(a.attname::text ORDER BY a.attnum)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
  AND NOT a.attisdropped AND a.attgenerated = ''
WHERE c.relnamespace = 'hydrant'::regnamespace AND c.relkind IN ('r', 'p', 'v')
  AND NOT c.relispartition GROUP BY 1
"""


@contextmanager
def asking(url: str) -> Iterator[Callable[[str], str]]:
    """What the database answers to a statement that is undone: nothing, or its SQLSTATE."""
    with psycopg.connect(url) as connection:

        def ask(statement: str) -> str:
            try:
                with connection.transaction(force_rollback=True):
                    connection.execute("SET LOCAL search_path TO pg_catalog")
                    connection.execute(statement)
            except psycopg.Error as error:
                return str(error.sqlstate)
            return ""

        yield ask


def allowed(ask: Callable[[str], str], table: str, columns: list[str]) -> str:
    """Letters of what may be done with a table; each statement is tried on no row at all."""
    name, listed = f"hydrant.{table}", ", ".join(f'"{column}"' for column in columns)
    found = "R" if not ask(f"SELECT {listed} FROM {name} WHERE false") else ""
    nulls = ", ".join("NULL" for _ in columns)
    if ask(f"INSERT INTO {name} ({listed}) SELECT {nulls} WHERE false") != "42501":
        found += "I"
    sets = [f'"{column}" = NULL' for column in columns]
    if ask(f"UPDATE {name} SET {', '.join(sets)} WHERE false") != "42501":
        found += "U"
    elif any(ask(f"UPDATE {name} SET {one} WHERE false") != "42501" for one in sets):
        found += "u"
    if ask(f"DELETE FROM {name} WHERE false") != "42501":
        found += "D"
    if ask(f"TRUNCATE {name}") not in ("42501", "42809"):
        found += "T"
    if ask(f"LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE") != "42501" and not {*found} & {*"UDT"}:
        found += "L"
    return found or "-"


@pytest.mark.parametrize("role", ROLES)
def test_every_table_and_verb_of_a_role(
    office: Program, login: Callable[..., str], role: str
) -> None:
    with psycopg.connect(office.db.url) as owner:
        tables: dict[str, Any] = dict(owner.execute(_TABLES).fetchall())
    url = login(role, *{"crew": ["330199001"], "officer": ["330199"]}.get(role, []))
    with psycopg.connect(office.db.url) as owner:
        tables = dict(owner.execute(_TABLES).fetchall())
    assert tables.keys() == WANTED.keys(), "each table has its line, and no other"
    with asking(url) as ask:
        # a view that sums up is written to by nobody, whatever one is granted
        found = {
            table: allowed(ask, table, columns)
            if table != "reading_day"
            else ("-" if ask("SELECT 1 FROM hydrant.reading_day") else "R")
            for table, columns in tables.items()
        }
    assert found == {table: rights[role] for table, rights in WANTED.items()}


def test_row_security_holds_on_every_table(office: Program, login: Callable[..., str]) -> None:
    login("auditor")
    with psycopg.connect(office.db.url) as owner:
        bare = owner.execute(
            "SELECT relname::text FROM pg_class WHERE relnamespace = 'hydrant'::regnamespace "
            "AND relkind IN ('r', 'p') AND NOT relispartition AND NOT relrowsecurity"
        ).fetchall()
        loose = owner.execute(
            "SELECT proname::text, proconfig FROM pg_proc WHERE prosecdef AND "
            "pronamespace = 'hydrant'::regnamespace AND (proconfig IS NULL OR "
            "NOT proconfig[1] LIKE '%, pg_temp')"
        ).fetchall()
    assert (bare, loose) == ([], [])


def test_what_is_not_a_table(office: Program, login: Callable[..., str]) -> None:
    """Functions, counters, locks and temporary tables: who may use them."""
    urls = {
        "crew": login("crew", "330199001"),
        "poller": login("poller"),
        "officer": login("officer", "330199"),
        "auditor": login("auditor"),
        "admin": login("admin"),
        "public": login("public"),
    }
    writes = {"crew", "poller", "officer", "admin"}
    wanted = {
        "SELECT pg_advisory_lock(1)": writes,
        "SELECT pg_advisory_lock_shared(1, 2)": writes,
        "SELECT pg_try_advisory_xact_lock(1)": writes,
        "SELECT hydrant.reading_day('2399-01-01')": {"poller", "admin"},
        "SELECT nextval('hydrant.asset_fid_seq')": writes,
        "SELECT setval('hydrant.asset_fid_seq', 1)": set[str](),
        "SELECT hydrant.after_numbers('asset')": writes,
        "CREATE TEMP TABLE mine (a int)": writes | {"auditor"},
        "CREATE FUNCTION pg_temp.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'": writes
        | {"auditor"},
        "CREATE TABLE hydrant.mine (a int)": set[str](),
        "CREATE TABLE public.mine (a int)": set[str](),
        "CREATE SCHEMA mine": set[str](),
        "SELECT hydrant.may_write('330199001')": writes | {"auditor"},
    }
    for statement, may in wanted.items():
        found = set()
        for role, url in urls.items():
            with asking(url) as ask:
                if ask(statement) != "42501":
                    found.add(role)
        assert found == may, statement
