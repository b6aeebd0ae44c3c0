"""Ways around rights that were found open: each is tried as somebody would, and refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hydrant.store.ground.place import Server
from tests.conftest import Program
from tests.store.test_roles import refused

psycopg = pytest.importorskip("psycopg")


def rows(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        return list(connection.execute(statement).fetchall())


def run(url: str, *statements: str) -> list[str]:
    """SQLSTATE of each statement, one after another on one connection; empty where it went."""
    found = []
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            try:
                connection.execute(statement)
                found.append("")
            except psycopg.Error as error:
                found.append(str(error.sqlstate))
    return found


OWN_TABLES = {
    "role_region": (
        'CREATE TEMP TABLE role_region (role text, region_code text COLLATE "C")',
        "INSERT INTO role_region SELECT session_user, '330199002'",
    ),
    "region": (
        "CREATE TEMP TABLE region AS SELECT code, '330199001'::text COLLATE \"C\" AS parent_code, "
        "uid FROM hydrant.region",
    ),
    "asset": (
        "CREATE TEMP TABLE asset AS SELECT uid, '330199001'::text COLLATE \"C\" AS region_code "
        "FROM hydrant.asset",
    ),
}


@pytest.mark.parametrize("table", OWN_TABLES)
def test_a_table_of_ones_own_decides_nothing(
    office: Program, login: Callable[..., str], table: str
) -> None:
    url = login("crew", "330199001")
    made = (*OWN_TABLES[table], f"GRANT ALL ON pg_temp.{table} TO PUBLIC")
    ways = (
        "UPDATE hydrant.asset SET owner = 'x' WHERE code = 'B'",
        "DELETE FROM hydrant.asset WHERE code = 'B'",
        "INSERT INTO hydrant.inspection (asset_uid, outcome) "
        "SELECT uid, 'works' FROM hydrant.asset WHERE code = 'B'",
    )
    told = run(url, *made, *ways)
    assert told == [""] * len(made) + ["42501"] * len(ways)
    assert rows(office.db.url, "SELECT owner FROM hydrant.asset WHERE code = 'B'") == [(None,)]


def test_a_table_of_ones_own_swallows_no_record(office: Program, login: Callable[..., str]) -> None:
    told = run(
        login("crew", "330199001"),
        "CREATE TEMP TABLE outside_edit (LIKE hydrant.outside_edit INCLUDING ALL)",
        "GRANT ALL ON outside_edit TO PUBLIC",
        "UPDATE hydrant.asset SET owner = 'x' WHERE code = 'A'",
    )
    assert told == ["", "", ""]
    noted = "SELECT entity, action FROM hydrant.outside_edit"
    assert rows(office.db.url, noted) == [("asset", "update")]


def test_the_public_view_tells_nothing_of_private_rows(
    office: Program, login: Callable[..., str]
) -> None:
    private = "SET service = 'private', name = 'Mill yard' WHERE code = 'B'"
    assert run(office.db.url, f"UPDATE hydrant.asset {private}") == [""]
    web = login("public")
    assert rows(web, "SELECT code FROM hydrant_public.water_source") == [("A",)]
    told: list[str] = []
    with psycopg.connect(office.db.url, autocommit=True) as owner:
        # as cheap as can be, so that it would be asked first
        owner.execute(
            "CREATE FUNCTION public.tell(text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS "
            "$$ BEGIN RAISE NOTICE '%', $1; RETURN true; END $$"
        )
    with psycopg.connect(web, autocommit=True) as connection:
        connection.add_notice_handler(lambda notice: told.append(str(notice.message_primary)))
        asked = "SELECT count(*) FROM hydrant_public.water_source WHERE tell(code) AND tell(name)"
        connection.execute(asked)
        with pytest.raises(psycopg.errors.InvalidTextRepresentation) as raised:
            connection.execute(
                "SELECT 1 FROM hydrant_public.water_source WHERE coalesce(name, code)::int > 0"
            )
    assert "A" in told
    assert not {"B", "Mill yard"} & {*told}
    assert '"A"' in str(raised.value)
    assert run(web, "CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS 'SELECT 1'") == [
        "42501"
    ]


#: Of each table with rows of another county: what is added there, and how it is changed.
_B = "(SELECT uid FROM hydrant.asset WHERE code = 'B')"
_S = "(SELECT uid FROM hydrant.sensor LIMIT 1)"
OTHERS = {
    "inspection": f"(asset_uid, outcome) VALUES ({_B}, 'works')",
    "defect": f"(asset_uid, code, severity) VALUES ({_B}, 'leak', 'remark')",
    "sensor": f"(asset_uid, quantity, reference, profile, unit_id, url) "
    f"VALUES ({_B}, 'pressure', 'gauge', 'x', 1, 'x')",
    "out_of_service": f"(sensor_uid, since, by) VALUES ({_S}, 'x', 'x')",
    "service_pause": f"(sensor_uid, since, until, by) VALUES ({_S}, 'x', 'x', 'x')",
    "expected_use": f"(uid, asset_uid, since, until, by) VALUES ('u', {_B}, 'x', 'x', 'x')",
    "region": "(code, level, parent_code) VALUES ('330199002001', 'village', '330199002')",
    "region_successor": "(code, successor_code) VALUES ('330199002', '330199001')",
    "requirement": "(region_code, kind, count) VALUES ('330199002', 'hydrant', 1)",
    "setting": "(key, value) VALUES ('zone', 'UTC')",
    "change": "(uid, at, actor, origin, action, entity, rows, writer, previous_hash, hash, login) "
    "SELECT 'u', '', 'x', 'x', 'x', 'x', 1, value, '', '', 'somebody' FROM hydrant.setting "
    "WHERE key = 'writer'",
}


@pytest.mark.parametrize("role", ["crew", "officer"])
def test_rows_of_another_unit(office: Program, login: Callable[..., str], role: str) -> None:
    office.data("sensor", "add", "B", "--profile", "pushed", "--url", "push://m", "--unit", 1)
    url = login(role, "330199001")
    for table, values in OTHERS.items():
        assert refused(url, f"INSERT INTO hydrant.{table} {values}"), table
    own = OTHERS["change"].replace("'somebody'", "session_user")
    assert not refused(url, f"BEGIN; INSERT INTO hydrant.change {own}; ROLLBACK")
    kept = "INSERT INTO hydrant.setting (key, value) VALUES ('policy_content.x', 'y')"
    assert not refused(url, f"BEGIN; {kept}; ROLLBACK")
    # the alarm of another unit's sensor stays as it is
    put = (
        f"INSERT INTO hydrant.alarm (uid, sensor_uid, asset_uid, kind, confirmed_at) "
        f"VALUES ('u', {_S}, {_B}, 'low_pressure', 'x')"
    )
    assert run(office.db.url, put) == [""]
    assert refused(url, "UPDATE hydrant.alarm SET cleared_at = 'x'")
    state = f"INSERT INTO hydrant.alarm_state VALUES ({_S}, 'low_pressure', 1, 1)"
    assert run(office.db.url, state) == [""]
    assert refused(url, "DELETE FROM hydrant.alarm_state")


def test_a_poller_rewrites_no_reading(office: Program, login: Callable[..., str]) -> None:
    stored = (
        "SELECT hydrant.reading_day(current_date)",
        "INSERT INTO hydrant.reading (sensor_uid, asset_uid, at, value, quality) "
        "VALUES ('s', 'a', now(), 310, 0)",
    )
    url = login("poller")
    assert run(url, *stored) == ["", ""]
    for change in ("value = 999", "at = at - interval '1 min'", "quality = 1, reason = 'x'",
                   "quality = 1, reason = 'clock'", "raw = 'x'"):  # fmt: skip
        assert refused(url, f"UPDATE hydrant.reading SET {change}"), change
    assert refused(url, "DELETE FROM hydrant.reading")
    # dated ahead of the server's clock it may be doubted
    ahead = stored[1].replace("now()", "now() + interval '3 min 1 hour'")
    doubted = "UPDATE hydrant.reading SET quality = 1, reason = 'clock' WHERE at > now()"
    assert run(url, ahead.replace("3 min ", ""), doubted) == ["", ""]


def test_an_officer_adds_units_of_its_own_and_gives_none_away(
    office: Program, login: Callable[..., str]
) -> None:
    url = login("officer", "330199001")
    new = "INSERT INTO hydrant.region (uid, recorded_at, recorded_by, code, level, parent_code) "
    assert run(url, f"{new} VALUES ('', '', '', '330199001001', 'village', '330199001')") == [""]
    moved = "UPDATE hydrant.region SET parent_code = '330199002' WHERE code = '330199001001'"
    assert refused(url, moved)
    assert refused(url, "DELETE FROM hydrant.region WHERE code = '330199002'")


def test_roles_and_regions_are_taken_away(
    office: Program, login: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    url = login("crew", "330199001")
    name = url.partition("//")[2].partition("@")[0]
    moved = office.data("db", "roles", name, "--as", "officer", "--region", "330199002")
    assert (moved["roles"], moved["regions"]) == (["crew", "officer"], ["330199001", "330199002"])
    said = office("db", "roles", name, "--as", "crew").out
    assert "crew, officer" in said
    assert "330199001, 330199002" in said
    left = office.data("db", "roles", name, "--remove", "--as", "officer", "--region", "330199001")
    assert (left["roles"], left["regions"]) == (["crew"], ["330199002"])
    assert refused(url, "UPDATE hydrant.asset SET owner = 'x' WHERE code = 'A'")
    assert not refused(url, "UPDATE hydrant.asset SET owner = 'x' WHERE code = 'B'")
    none = office.data("db", "roles", name, "--remove")
    assert (none["roles"], none["regions"]) == ([], [])
    assert refused(url, "SELECT 1 FROM hydrant.asset")
    ran = office("db", "roles", "nobody_here", "--remove", "--json")
    assert (ran.code, ran.json["messages"][0]["key"]) == (3, "server.no_login")
    assert office("db", "roles", "--remove").code == 2


def test_the_log_keeps_the_login_beside_the_name(
    office: Program, login: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    url = login("crew", "330199001")
    name = url.partition("//")[2].partition("@")[0]
    crew = Program(Server(url), capsys)
    crew.data("asset", "edit", "A", "--owner", "X", "--by", "boss")
    latest = office.data("audit", "log")["changes"][0]
    assert (latest["actor"], latest["login"]) == ("boss", name)
    assert f"boss ({name})" in office("audit", "log").out.replace("\n", "")
    assert office("audit", "verify").code == 0
    with psycopg.connect(office.db.url, autocommit=True) as owner:
        owner.execute("ALTER TABLE hydrant.change DISABLE TRIGGER USER")
        owner.execute("UPDATE hydrant.change SET login = 'other' WHERE actor = 'boss'")
    assert office("audit", "verify").code == 1


UNDONE = {
    "a grant": ("GRANT UPDATE ON hydrant.reading TO hydrant_poller", "check.rights"),
    "a grant to all": ("GRANT INSERT ON hydrant.asset TO PUBLIC", "check.rights"),
    "a column": ("GRANT UPDATE (value) ON hydrant.reading TO hydrant_poller", "check.rights"),
    "a right less": ("REVOKE INSERT ON hydrant.reading FROM hydrant_poller", "check.rights"),
    "no row security": ("ALTER TABLE hydrant.alarm DISABLE ROW LEVEL SECURITY", "check.rights"),
    "another policy": (
        "ALTER POLICY hydrant_add ON hydrant.inspection WITH CHECK (true)",
        "check.rights",
    ),
    "a policy more": ("CREATE POLICY mine ON hydrant.asset USING (true)", "check.rights"),
    "no guard": ("ALTER TABLE hydrant.reading DISABLE TRIGGER guard", "check.rights"),
    "an open log": ("ALTER TABLE hydrant.change DISABLE TRIGGER keep_log", "check.rights"),
    "a function": (
        "CREATE OR REPLACE FUNCTION hydrant.polls() RETURNS boolean LANGUAGE sql AS 'SELECT true'",
        "check.function",
    ),
    "names looked for elsewhere": (
        "ALTER FUNCTION hydrant.may_write(text) SET search_path = hydrant, public",
        "check.function",
    ),
    "the same of a watch": (
        "ALTER FUNCTION hydrant.watch() RESET search_path",
        "check.watch",
    ),
    "an open view": (
        "ALTER VIEW hydrant_public.water_source SET (security_barrier = false)",
        "check.rights",
    ),
    "a call": ("GRANT EXECUTE ON FUNCTION hydrant.reading_day(date) TO PUBLIC", "check.called"),
    "a counter": ("GRANT UPDATE ON SEQUENCE hydrant.asset_fid_seq TO hydrant_crew",
                  "check.counter"),
    "a lock": ("GRANT EXECUTE ON FUNCTION pg_advisory_lock(bigint) TO PUBLIC", "check.everybody"),
    "temporary tables": ("DO $$ BEGIN EXECUTE format('GRANT TEMP ON DATABASE %I TO PUBLIC', "
                         "current_database()); END $$", "check.everybody"),
}  # fmt: skip


@pytest.mark.parametrize("what", UNDONE)
def test_db_check_names_what_was_undone_and_repair_mends_it(office: Program, what: str) -> None:
    office.data("db", "roles")
    assert office("db", "check", "--no-seals").code == 0
    statement, key = UNDONE[what]
    assert run(office.db.url, statement) == [""]
    ran = office("db", "check", "--no-seals", "--json")
    assert (ran.code, {fault["key"] for fault in ran.data["faults"]}) == (1, {key})
    office("db", "check", "--repair")
    assert office("db", "check", "--no-seals").code == 0


def test_a_foreign_function_that_looks_among_temporary_tables_is_named(office: Program) -> None:
    made = (
        "CREATE FUNCTION hydrant.theirs() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'"
    )
    assert run(office.db.url, made) == [""]
    ran = office("db", "check", "--no-seals", "--json")
    assert [fault["key"] for fault in ran.data["faults"]] == ["check.loose_function"]
