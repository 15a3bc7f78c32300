# SPDX-License-Identifier: Apache-2.0
"""Every library that meson.build names can be fetched where the system lacks it, by a wrap of meson's wrap database."""

import configparser
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WRAPS = sorted((ROOT / "subprojects").glob("*.wrap"))
SYSTEM_DEPENDENCIES = {"threads", "libxxhash"}
HASH = re.compile(r"[0-9a-f]{64}")


def read(path):
    wrap = configparser.ConfigParser(interpolation=None, strict=True)
    wrap.read_string(path.read_text())
    return wrap


def provided(wrap):
    """The dependencies that meson takes from it. It compares names without regard to case."""
    names = [name for name in wrap["provide"] if name != "dependency_names"]
    names += re.split(r",\s*", wrap["provide"].get("dependency_names", ""))
    return {name.strip().lower() for name in names if name}


@pytest.mark.parametrize("path", WRAPS, ids=lambda path: path.name)
def test_a_wrap_says_what_is_fetched_and_its_hash(path):
    wrap = read(path)
    assert set(wrap.sections()) == {"wrap-file", "provide"}
    source = wrap["wrap-file"]
    assert source["directory"]
    assert source["source_url"].startswith("https://")
    assert source["source_filename"].endswith((".tar.gz", ".zip"))
    assert HASH.fullmatch(source["source_hash"])
    patch = [key for key in source if key.startswith("patch_")]
    assert sorted(patch) in ([], ["patch_filename", "patch_hash", "patch_url"])
    release = f"{path.stem}_{source['wrapdb_version']}"
    assert f"/releases/download/{release}/{source['source_filename']}" in source["source_fallback_url"]
    if patch:
        assert HASH.fullmatch(source["patch_hash"])
        assert source["patch_filename"] == f"{release}_patch.zip"
        assert source["patch_url"] == f"https://wrapdb.mesonbuild.com/v2/{release}/get_patch"


def test_every_dependency_has_its_wrap_and_every_wrap_its_use():
    builds = [ROOT / "meson.build", *(ROOT / "src").rglob("meson.build"), *(ROOT / "tests").rglob("meson.build")]
    used = {
        name.lower()
        for build in builds
        for name in re.findall(r"(?<![\w_])dependency\('([^']+)'", build.read_text())
    }
    assert len(used) > 5, "the dependencies are declared in a way that is not understood here"
    wrapped = [name for path in WRAPS for name in provided(read(path))]
    assert sorted(wrapped) == sorted(used - SYSTEM_DEPENDENCIES)
