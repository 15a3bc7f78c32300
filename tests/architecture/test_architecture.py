# SPDX-License-Identifier: Apache-2.0
"""The project keeps the rules of its ARCHITECTURE.md."""

from pathlib import Path

import pytest
import rules

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def arrows():
    table = rules.read_arrows((ROOT / "ARCHITECTURE.md").read_text())
    assert len(table) >= 10, "ARCHITECTURE.md lost its arrow table"
    return table


def assert_none(faults):
    assert not faults, "\n" + "\n".join(faults)


def test_includes_follow_the_arrows(arrows):
    assert_none(rules.include_faults(ROOT, arrows))


def test_libraries_depend_on_what_the_arrows_name(arrows):
    assert_none(rules.meson_faults(ROOT, arrows))


def test_every_row_has_its_folder(arrows):
    assert_none(rules.folder_faults(ROOT, arrows))


def test_files_are_small():
    assert_none(rules.size_faults(ROOT))


def test_functions_are_short():
    assert_none(rules.function_faults(ROOT))


def test_every_source_names_its_licence_and_is_finished():
    assert_none(rules.text_faults(ROOT))
