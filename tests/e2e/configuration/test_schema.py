# SPDX-License-Identifier: Apache-2.0
"""The JSON Schema agrees with the program: on the examples, and on faults made from the schema itself."""

import copy
import json
import re

import jsonschema
import pytest
from support.examples import EXAMPLES, load
from support.process import ROOT, command

@pytest.fixture(scope="module")
def schema():
    done = command("schema")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_schema_is_one(schema):
    jsonschema.validators.validator_for(schema).check_schema(schema)


def test_the_stored_schema_is_the_programs(schema):
    assert json.loads((ROOT / "config/corelane.schema.json").read_text()) == schema


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_examples_fit(schema, path):
    jsonschema.validate(load(path), schema)


def test_there_are_examples():
    assert len(EXAMPLES) >= 2


# A value that fits no key, one of each JSON type. Where a type is allowed after all, the schema says so.
MISFITS = [True, -7, 0.5, "no such word", ["x"], {"no_such_key": 1}, None]


def places(value, path=()):
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from places(inner, (*path, index))


def put(value, path, misfit):
    if not path:
        return misfit
    changed = copy.deepcopy(value)
    inner = changed
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = misfit
    return changed


def test_what_the_schema_refuses_the_program_refuses(schema, tmp_path):
    """Hundreds of faulty files, made by putting misfits into every place of the examples."""
    validator = jsonschema.validators.validator_for(schema)(schema)
    tried = 0
    for example in EXAMPLES[:3]:
        sound = load(example)
        for path in places(sound):
            for misfit in MISFITS:
                faulty = put(sound, path, misfit)
                if validator.is_valid(faulty):
                    continue
                file = tmp_path / "corelane.json"
                file.write_text(json.dumps(faulty))
                done = command("check", file)
                where = f"{example.name} {path} = {misfit!r}"
                assert done.returncode == 1, f"accepted: {where}"
                assert re.search(r"corelane\.json:1:\d+: error: ", done.stderr), f"{where}: {done.stderr}"
                tried += 1
    assert tried > 200, f"only {tried} faulty files"
