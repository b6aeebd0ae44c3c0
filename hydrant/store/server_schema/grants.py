"""Who may do what with which table of a registry on a server, told once.

`statements` makes it so in a database, and `hydrant.store.server_schema.rights` holds what a
database has against it. Everybody but the public reads everything; what may be written is told
table by table, and which rows of it by an expression over the row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

ROLES = ("crew", "poller", "officer", "auditor", "admin", "public")
#: Group of all roles that read.
READ = "hydrant_read"
VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
_FIELD = ("crew", "officer", "admin")
_OFFICE = ("officer", "admin")
_POLLS = ("poller", "admin")
_ADMIN = ("admin",)
_ALL = "true"

#: Which rows are one's own, by the word that `owns` in ``roles.sql`` knows it by.
_OWN = {
    "region_code": "may_write(region_code)",
    "unit": "may_write(code) OR may_write(parent_code)",
    "code": "may_write(code) AND may_write(successor_code)",
    "asset_uid": "may_write_asset(asset_uid)",
    "sensor_uid": "may_write_sensor(sensor_uid)",
    "alarm": "polls() OR may_write_sensor(sensor_uid)",
    "entity": "may_write_row(entity, entity_uid)",
    "bundle": "may_write_bundle(uid)",
}


@dataclass(frozen=True, slots=True)
class Rights:
    """What roles may do with a table.

    Attributes
    ----------
    insert, update, delete
        Roles that may.
    columns
        Of roles that may set some columns of a stored row only, these columns.
    new
        Condition for rows as they are written, an expression over the row.
    guard
        Whose rows are guarded before they change or go: a word of ``owns``; None where all
        rows are alike.
    """

    insert: tuple[str, ...] = ()
    update: tuple[str, ...] = ()
    delete: tuple[str, ...] = ()
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    new: str = _ALL
    guard: str | None = None

    def verbs(self, role: str) -> frozenset[str]:
        """What a role may do with the whole table beside reading it."""
        allowed = {"INSERT": self.insert, "UPDATE": self.update, "DELETE": self.delete}
        return frozenset(verb for verb, roles in allowed.items() if role in roles)


def _facts(key: str, roles: tuple[str, ...] = _FIELD) -> Rights:
    """Of a table of facts: rows of one's own are written by some roles."""
    return Rights(roles, roles, roles, new=_OWN[key], guard=key)


_SEEN = ("acknowledged_at", "acknowledged_by", "shelved_until", "shelved_by", "cleared_at",
         "cleared_recorded_at")  # fmt: skip
TABLES: Mapping[str, Rights] = {
    "asset": _facts("region_code"),
    **dict.fromkeys(("asset_version", "asset_alias", "lifecycle", "inspection", "defect",
                     "sensor", "duplicate_flag", "source_record"), _facts("asset_uid")),
    "proposal": _facts("entity"),
    "merge_conflict": _facts("entity"),
    "bundle": _facts("bundle"),
    "requirement": _facts("region_code", _OFFICE),
    "region": _facts("unit", _OFFICE),
    "region_successor": _facts("code", _OFFICE),
    "import_batch": Rights(_FIELD),
    "assessment": Rights(_FIELD),
    "change": Rights(_FIELD, new="may_log(login, writer)"),
    "seal": Rights(_FIELD),
    "seal_block": Rights(_FIELD, _FIELD),
    # a result is saved with all that the policy states by which it was computed
    "setting": Rights(
        _FIELD, _ADMIN, _ADMIN, new="administers() OR starts_with(key, 'policy_content.')"
    ),
    "migration": Rights(),
    "outside_edit": Rights((), _ADMIN, _ADMIN),
    "role_region": Rights(_ADMIN, _ADMIN, _ADMIN),
    "reading": Rights(_POLLS, _ADMIN, columns={"poller": ("quality", "reason")}, new="polls()"),
    "former_reading": Rights(_ADMIN),
    "latest": Rights(_POLLS, _POLLS, new="polls()"),
    "poll_run": Rights(_POLLS, _POLLS, new="polls()"),
    "refused_point": Rights(_POLLS, _POLLS, _POLLS, new="polls()"),
    "alarm": Rights(
        _POLLS, _POLLS, columns={"crew": _SEEN, "officer": _SEEN}, new=_OWN["alarm"], guard="alarm"
    ),
    "alarm_state": Rights(
        _POLLS, _POLLS, (*_FIELD, "poller"), new=_OWN["alarm"], guard="alarm"
    ),
    "out_of_service": _facts("sensor_uid"),
    "service_pause": Rights(_FIELD, _FIELD, new=_OWN["sensor_uid"], guard="sensor_uid"),
    "expected_use": _facts("asset_uid"),
    "reading_seal": Rights((*_FIELD, "poller")),
    "reading_block": Rights((*_FIELD, "poller"), (*_FIELD, "poller")),
    **dict.fromkeys(("reading_hour", "birth", "belonging", "readings_version"), Rights()),
}  # fmt: skip
#: Views of the schema, which everybody reads who reads.
VIEWS = ("reading_day",)
#: Functions that are not everybody's who reads, and whose they are.
FUNCTIONS: Mapping[str, tuple[str, ...]] = {
    "reading_day(date)": _POLLS,
    "after_numbers(text)": (*_FIELD, "poller"),
}
#: What the public view is computed by.
SHOWN = ("instr(text, text)", "moment(text)", "stored_time(timestamptz)", "hydrant_latest(text)")
#: The schema's functions that only its triggers call.
INNER = ("stamp()", "watch()", "touch()", "guard()", "guard_reading()", "keep_log()")

#: Also those that somebody else made: one that allows more is enough.
_NO_POLICIES = """
DO $$ DECLARE one record; BEGIN
  FOR one IN SELECT policyname, tablename FROM pg_policies WHERE schemaname = 'hydrant' LOOP
    EXECUTE format('DROP POLICY %I ON hydrant.%I', one.policyname, one.tablename);
  END LOOP;
END $$
"""


def statements() -> Iterator[str]:
    """What grants it, in the caller's transaction; what anybody else was given is taken back."""
    everybody = ", ".join(["PUBLIC", READ, *(f"hydrant_{role}" for role in ROLES)])
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA hydrant, hydrant_open FROM {everybody}"
    yield f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA hydrant FROM {everybody}"
    yield f"REVOKE ALL ON ALL FUNCTIONS IN SCHEMA hydrant FROM {everybody}"
    yield f"GRANT USAGE ON SCHEMA hydrant, hydrant_open TO {READ}"
    yield f"GRANT SELECT ON ALL TABLES IN SCHEMA hydrant, hydrant_open TO {READ}"
    yield f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA hydrant TO {READ}"
    for function, roles in FUNCTIONS.items():
        yield f"REVOKE ALL ON FUNCTION {function} FROM {READ}"
        yield f"GRANT EXECUTE ON FUNCTION {function} TO {_named(roles)}"
    for function in SHOWN:
        yield f"GRANT EXECUTE ON FUNCTION {function} TO hydrant_public"
    for function in INNER:
        yield f"REVOKE ALL ON FUNCTION {function} FROM {READ}"
    # to take the next number, not to set it back
    yield (
        "GRANT USAGE ON ALL SEQUENCES IN SCHEMA hydrant TO hydrant_crew, hydrant_officer, "
        "hydrant_poller, hydrant_admin"
    )
    yield f"GRANT USAGE ON SCHEMA hydrant_public TO hydrant_public, {READ}"
    yield f"GRANT SELECT ON ALL TABLES IN SCHEMA hydrant_public TO hydrant_public, {READ}"
    yield _NO_POLICIES
    for table, rights in TABLES.items():
        yield from _of_table(table, rights)


def _of_table(table: str, rights: Rights) -> Iterator[str]:
    for verb in ("INSERT", "UPDATE", "DELETE"):
        roles = [role for role in ROLES if verb in rights.verbs(role)]
        if roles:
            yield f"GRANT {verb} ON {table} TO {_named(tuple(roles))}"
    for role, columns in rights.columns.items():
        yield f"GRANT UPDATE ({', '.join(columns)}) ON {table} TO hydrant_{role}"
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    for policy, (verb, using, check) in policies(rights).items():
        yield (
            f"CREATE POLICY {policy} ON {table} FOR {verb}"
            + ("" if using is None else f" USING ({using})")
            + ("" if check is None else f" WITH CHECK ({check})")
        )
    for name, statement in triggers(table, rights).items():
        yield f"DROP TRIGGER IF EXISTS {name} ON {table}"
        yield statement


def policies(rights: Rights) -> dict[str, tuple[str, str | None, str | None]]:
    """Verb, condition on stored rows and on written ones of each policy, by its name.

    Whose row is changed or deleted is asked by the guard, which refuses; a policy would leave
    the row out without a word.
    """
    return {
        "hydrant_see": ("SELECT", _ALL, None),
        "hydrant_add": ("INSERT", None, rights.new),
        "hydrant_change": ("UPDATE", _ALL, rights.new),
        "hydrant_drop": ("DELETE", _ALL, None),
    }


def triggers(table: str, rights: Rights) -> dict[str, str]:
    """Statement of each trigger that refuses to change rows, by its name."""
    when = f"FOR EACH ROW WHEN (row_security_active('hydrant.{table}'))"
    if rights.guard is not None:
        return {
            "guard": f"CREATE TRIGGER guard BEFORE UPDATE OR DELETE ON {table} {when} "
            f"EXECUTE FUNCTION guard('{rights.guard}')"
        }
    if table == "reading":
        return {
            "guard": f"CREATE TRIGGER guard BEFORE UPDATE ON {table} {when} "
            "EXECUTE FUNCTION guard_reading()"
        }
    return {}


@cache
def wanted(table: str) -> frozenset[tuple[str, str, str]]:
    """Grantee, verb and column (empty for the whole table) of each privilege on a table."""
    found = {(READ, "SELECT", "")}
    if table in TABLES:
        rights = TABLES[table]
        found |= {(f"hydrant_{role}", verb, "") for role in ROLES for verb in rights.verbs(role)}
        found |= {
            (f"hydrant_{role}", "UPDATE", column)
            for role, columns in rights.columns.items()
            for column in columns
        }
    return frozenset(found)


def _named(roles: tuple[str, ...]) -> str:
    return ", ".join(f"hydrant_{role}" for role in roles)
