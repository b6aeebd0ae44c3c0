"""Files that people write: each is described once, so reader and published schema say the same."""

from __future__ import annotations

import copy
import datetime as dt
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, TypeChecker, ValidationError, validators

from hydrant import described
from hydrant.described import Mistake
from hydrant.errors import InputRefused
from hydrant.exchange.mapping import Mapping, load_mapping
from hydrant.file_shapes import FILES
from hydrant.integrity.policy_reader import load_policy
from hydrant.messages import error_text
from hydrant.resources import resource
from hydrant.telemetry.decode import encode
from hydrant.telemetry.evaluate import measure
from hydrant.telemetry.profile import Profile
from hydrant.telemetry.profile_reader import read_profile
from hydrant.telemetry.setup import device_setup
from hydrant.vocabulary import Language

Doc = dict[str, Any]
FOLDERS = {"mapping": ("data", "mappings"), "policy": ("data", "policies"), "driver": ("drivers",)}
READERS: dict[str, Callable[[str], object]] = {
    "mapping": load_mapping,
    "policy": load_policy,
    "driver": lambda path: read_profile(Path(path)),
}
WORDS = ("", " ", "x", "none", "hydrant", "ABCD", "bit", "float32", "kPa", "low", "p1", "iso",
         "zhejiang", "%Y", "(a)", "[", "township", "01 03")  # fmt: skip


def shipped(kind: str) -> list[Doc]:
    files = sorted(resource(*FOLDERS[kind]).glob("*.toml"))
    return [tomllib.loads(file.read_text(encoding="utf-8")) for file in files]


def schema(kind: str) -> Doc:
    text = resource("schemas", f"{kind}.schema.json").read_text(encoding="utf-8")
    found: Doc = json.loads(text)
    return found


def _typed(validator: Any, types: Any, value: Any, part: Doc) -> Iterator[ValidationError]:
    """Types of TOML as an editor sees them: a day is no text, 1.0 is no whole number."""
    if isinstance(value, dt.date):
        if part.get("format") != "date" and not isinstance(types, list):
            yield ValidationError(f"{value} is a day")
        elif part.get("format") == "date" and isinstance(value, dt.datetime):
            yield ValidationError(f"{value} is a moment")
    elif part.get("format") == "date":
        yield ValidationError(f"{value!r} is no day")
    else:
        yield from Draft202012Validator.VALIDATORS["type"](validator, types, value, part)


def _whole(_: TypeChecker, value: object) -> bool:
    return type(value) is int


AsToml = validators.extend(
    Draft202012Validator,
    {"type": _typed},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _whole),
)
VALIDATORS = {kind: AsToml(schema(kind)) for kind in FILES}

scalars = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from([0, 1, 2, 3, -1, 125, 65536, 70000, 2**40]),
    st.sampled_from([0.5, -1.5, 101.5, 1.0, 1e9]),
    st.booleans(),
    st.sampled_from([dt.date(2025, 12, 31), dt.datetime(2025, 12, 31, 8)]),  # noqa: DTZ001
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(WORDS), inner, max_size=2)
    ),
    max_leaves=4,
)


def places(doc: Any) -> Iterator[tuple[Any, Any]]:
    """Every table or list with every key or index in it."""
    inner = doc.items() if isinstance(doc, dict) else enumerate(doc)
    for key, value in list(inner):
        yield doc, key
        if isinstance(value, dict | list):
            yield from places(value)


@st.composite
def documents(draw: st.DrawFn, kind: str) -> Doc:
    """A shipped file in which some things are left out, replaced, moved or added."""
    doc = copy.deepcopy(draw(st.sampled_from(shipped(kind))))
    for _ in range(draw(st.integers(0, 3))):
        found = list(places(doc))
        box, key = draw(st.sampled_from(found)) if found else (doc, "x")
        what = draw(st.sampled_from(["out", "other", "moved", "added"]))
        if what == "out" and found:
            del box[key]
        elif what == "moved":
            other, name = draw(st.sampled_from(found)) if found else (doc, "x")
            box[key] = copy.deepcopy(other[name]) if found else 1
        elif what == "added" and isinstance(box, dict):
            box[draw(st.sampled_from([*WORDS, *map(str, box)]))] = draw(values)
        else:
            box[key] = draw(values)
    return doc


def as_toml(value: Any) -> str:
    """A value in TOML, tables inline."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {as_toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value)


def read(kind: str, doc: Doc, folder: Path) -> InputRefused | None:
    """Why the program refuses a file; None where it takes it."""
    path = folder / "own.toml"
    path.write_text("\n".join(f"{json.dumps(k)} = {as_toml(v)}" for k, v in doc.items()), "utf-8")
    try:
        READERS[kind](str(path))
    except InputRefused as error:
        return error
    return None


def beyond_schemas(wrong: Mistake) -> bool:
    """Whether it is about what no schema tells: what a text or list of the right type means."""
    names = [part for part in wrong.place if isinstance(part, str)]
    if wrong.allowed.startswith("column |"):  # which of the keys of a table go together
        return True
    of_text = ("patterns", "regex", "date", "request", "answer")
    if names and names[-1] == "range":
        return isinstance(wrong.value, tuple)
    return bool(names) and names[-1] in of_text and isinstance(wrong.value, str)


def mistake(kind: type, doc: Doc) -> Mistake | None:
    """What does not fit a description; None where everything does."""
    try:
        described.read(kind, doc)
    except Mistake as wrong:
        return wrong
    return None


@pytest.mark.parametrize("kind", FILES)
@settings(deadline=None, max_examples=120, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_reader_and_schema_accept_the_same(
    kind: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    doc = data.draw(documents(kind))
    fits = VALIDATORS[kind].is_valid(doc)
    refused = read(kind, doc, tmp_path_factory.getbasetemp())
    if refused is not None:
        for lang in Language:
            said = error_text(refused, lang)
            assert "\n" not in said
            assert "own.toml" in said or refused.key == "policy.unknown"
    else:
        assert fits, [error.message for error in VALIDATORS[kind].iter_errors(doc)]
    if kind == "policy":
        assume(refused is None or refused.key != "policy.unknown")
        assert fits == (refused is None), refused
        return
    wrong = mistake({"mapping": Mapping, "driver": Profile}[kind], doc)
    if wrong is not None:
        assert not fits or beyond_schemas(wrong), wrong


@pytest.mark.parametrize("kind", FILES)
def test_every_key_is_explained(kind: str) -> None:
    whole = schema(kind)
    for name, table in {"": whole, **whole["$defs"]}.items():
        for key, part in table.get("properties", {}).items():
            assert len(part.get("description", "").split()) > 1, f"{kind} {name} {key}"


def test_the_schema_tells_in_which_order_a_number_is_made(tmp_path: Path) -> None:
    said = schema("driver")["$defs"]["Point"]["description"]
    found = re.search(r"= (\(raw.*decimals)", said)
    assert found is not None
    formula = found[1].replace("``", "").replace(" x ", " * ").replace("^", "**")
    doc = shipped("driver")[0] | {"codes": {}, "golden": [], "forbidden": [], "base": 0}
    plain = {"function": 3, "address": 1, "type": "uint16"}
    number = plain | {"address": 0, "quantity": "pressure", "unit": "kPa", "decimals_from": "d"}
    doc["points"] = {"p": number | {"scale": 2.0, "offset": 30.0}, "d": plain}
    path = tmp_path / "own.toml"
    path.write_text("\n".join(f"{k} = {as_toml(v)}" for k, v in doc.items()), "utf-8")
    answers = {"p": encode(700, "uint16", "ABCD"), "d": encode(1, "uint16", "ABCD")}
    value = measure(read_profile(path), "p", answers, device_setup({})).value
    names = {"raw": 700, "scale": 2.0, "offset": 30.0, "decimals": 1}
    assert value == pytest.approx(eval(formula, {}, names))


@pytest.mark.parametrize("kind", FILES)
def test_no_value_passes_for_another_type(kind: str, tmp_path: Path) -> None:
    """What Python and lax readers confuse: truth and numbers, numbers and texts, NaN."""
    doc = shipped(kind)[-1]
    others: dict[type, list[Any]] = {bool: [1, "true"], int: [True, "1"]}
    others[float] = [True, "1.0", nan, inf]
    free = [golden.get("parameters") for golden in doc.get("golden", [])]
    for box, key in list(places(doc)):
        stood = box[key]
        if any(box is parameters for parameters in free):
            continue  # what `sensor add` takes; it is checked as there
        for other in others.get(type(stood), []):
            box[key] = other
            assert read(kind, doc, tmp_path) is not None, (key, other)
        box[key] = stood
    assert read(kind, doc, tmp_path) is None


def test_numbers_that_stand_for_no_value_may_be_none_at_all(tmp_path: Path) -> None:
    doc = next(doc for doc in shipped("driver") if doc["name"] == "keller-33x")
    doc["points"]["p1"]["sentinels"] = [nan, -inf]
    doc["points"]["p2"] |= {"type": "int64", "address": 20, "sentinels": [2**53 + 1]}
    path = tmp_path / "own.toml"
    doc["golden"] = []
    path.write_text("\n".join(f"{k} = {as_toml(v)}" for k, v in doc.items()), "utf-8")
    points = read_profile(path).points
    assert points["p2"].sentinels == (2**53 + 1,)  # not rounded to a decimal number
    assert str(points["p1"].sentinels) == "(nan, -inf)"


@pytest.mark.parametrize(
    ("kind", "old", "new", "said"),
    [
        ("driver", ("points", "p1", "order"), ("oder", "ABCD"), ("[points.p1]", "oder", "order")),
        ("driver", ("points", "p1", "scale"), ("scale", "2"), ("[points.p1]", "scale", "0.0")),
        ("driver", ("golden", 0, "origin"), ("origin", " "), ("[[golden]] 1", "origin", "…")),
        ("mapping", ("fields", "kind", "x"), ("colum", "a"), ("fields.kind.colum", "column")),
        ("mapping", ("fields", "kind", "x"), ("date", ["a"]), ("fields.kind.date[1]", "iso")),
        ("policy", ("limits", "static_kpa", "x"), ("families", ["pump"]),
         ("limits.static_kpa.families[1]", "hydrant, crane")),
        ("policy", ("targets", 0, "x"), ("completeness", 101), ("targets[1].completeness", "100")),
        ("policy", ("checks", "function", "x"), ("within_days", 365.0), ("within_days", "1, 2, 3")),
        ("policy", ("switches", "private", "x"), ("value", "high"),
         ("switches.private.value", "apart, included")),
    ],
)  # fmt: skip
def test_a_mistake_is_told_by_file_place_and_what_is_allowed(
    kind: str, old: tuple[Any, ...], new: tuple[str, Any], said: tuple[str, ...], tmp_path: Path
) -> None:
    names = {"driver": "keller-33x", "policy": "zhejiang"}
    doc = next(d for d in shipped(kind) if kind == "mapping" or d["name"] == names[kind])
    box: Any = doc
    *way, last = old
    for part in way:
        box = box[part]
    box.pop(last, None)
    box[new[0]] = new[1]
    refused = read(kind, doc, tmp_path)
    assert refused is not None
    for lang in Language:
        words = error_text(refused, lang)
        assert all(word in words for word in ("own.toml", *said)), words


def test_reading_own_files_loads_no_pydantic(tmp_path: Path) -> None:
    """Neither a right nor a wrong file of one's own makes ``near`` or a poll start slower."""
    for kind in ("policy", "driver"):
        doc = shipped(kind)[-1]
        read(kind, doc, tmp_path)
        (tmp_path / "own.toml").rename(tmp_path / f"{kind}.toml")
    (tmp_path / "wrong.toml").write_text('name = "x"\nnonsense = 1\n', "utf-8")
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from hydrant.errors import InputRefused\n"
        "from hydrant.integrity.policy_reader import load_policy\n"
        "from hydrant.telemetry.profile_reader import load_profile\n"
        "folder = Path(sys.argv[1])\n"
        "load_policy(str(folder / 'policy.toml')), load_profile(str(folder / 'driver.toml'))\n"
        "for load in (load_policy, load_profile):\n"
        "    try:\n"
        "        load(str(folder / 'wrong.toml'))\n"
        "    except InputRefused:\n"
        "        continue\n"
        "    sys.exit('not refused')\n"
        "print([name for name in sys.modules if name.startswith('pydantic')])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
