# SPDX-License-Identifier: Apache-2.0
"""The rules themselves, on small trees that break them one at a time."""

import pytest
import rules

ARROWS = """
    base   -> standard library, fmt
    config -> base, nlohmann_json    pure: text to model
    io     -> base, liburing         the kernel
    proxy  -> config, io, base
"""


@pytest.fixture
def tree(tmp_path):
    def write(**files):
        for name, text in files.items():
            path = tmp_path / name.replace("__", "/").replace("_cpp", ".cpp").replace("_hpp", ".hpp")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return write


def include_faults(root):
    return rules.include_faults(root, rules.read_arrows(ARROWS))


def test_arrows_are_read():
    arrows = rules.read_arrows(ARROWS)
    assert list(arrows) == ["base", "config", "io", "proxy"]
    assert arrows["config"].targets == ["base", "nlohmann_json"]
    assert [name for name, arrow in arrows.items() if arrow.pure] == ["config"]


def test_everything_above_means_the_rows_before():
    arrows = rules.read_arrows(ARROWS + "    runtime -> everything above, threads    lanes\n")
    assert arrows["runtime"].targets == ["threads", "base", "config", "io", "proxy"]


@pytest.mark.parametrize(
    "folder, include, fault",
    [
        ("proxy", '"io/ring.hpp"', None),
        ("proxy", '"proxy/lane.hpp"', None),
        ("proxy", "<fmt/format.h>", None),
        ("io", "<liburing.h>", None),
        ("io", '"proxy/lane.hpp"', "no arrow io -> proxy"),
        ("base", '"config/model.hpp"', "no arrow base -> config"),
        ("proxy", '"lane.hpp"', "not written as"),
        ("proxy", "<liburing.h>", "no arrow proxy -> liburing"),
        ("proxy", "<nlohmann/json.hpp>", "no arrow proxy -> nlohmann_json"),
        ("config", "<sys/socket.h>", "config is pure"),
        ("config", "<cerrno>", "config is pure"),
        ("config", "<chrono>", "config is pure"),
        ("config", "<random>", "config is pure"),
        ("config", "<vector>", None),
        ("stray", "<vector>", "no row for stray"),
    ],
)
def test_includes(tree, folder, include, fault):
    faults = include_faults(tree(**{f"src__{folder}__a_cpp": f"#include {include}\n"}))
    assert (not faults) if fault is None else (len(faults) == 1 and fault in faults[0])


@pytest.mark.parametrize(
    "dependencies, fault",
    [
        ("config_dep, io_dep, base_dep", None),
        ("config_dep, io_kernel_dep, io_dep, base_dep", None),
        ("config_dep, io_dep, base_dep, json_dep", "json_dep without an arrow"),
        ("config_dep, base_dep", "io_dep is missing"),
    ],
)
def test_meson_dependencies(tree, dependencies, fault):
    root = tree(src__proxy__a_cpp="")
    (root / "src/proxy/meson.build").write_text(f"x = static_library('proxy', dependencies: [{dependencies}])\n")
    faults = rules.meson_faults(root, rules.read_arrows(ARROWS))
    assert (not faults) if fault is None else (len(faults) == 1 and fault in faults[0])


def test_a_row_without_a_folder(tree):
    root = tree(src__base__a_cpp="", src__io__a_cpp="", src__config__a_cpp="")
    assert rules.folder_faults(root, rules.read_arrows(ARROWS)) == [
        "the arrow table has a row for src/proxy, which does not exist"
    ]


@pytest.mark.parametrize("name, lines, faulty", [("a_cpp", 500, 0), ("a_cpp", 501, 1), ("a_hpp", 250, 0), ("a_hpp", 251, 1)])
def test_file_sizes(tree, name, lines, faulty):
    assert len(rules.size_faults(tree(**{f"src__io__{name}": "\n" * lines}))) == faulty


LONG = "  a();\n" * 61
LONG_TABLE = "  static constexpr Row rows[] = {\n" + "    {1, 2},\n" * 80 + "  };\n"


@pytest.mark.parametrize(
    "text, lengths",
    [
        ("void f() {\n}\n", [2]),
        ("int f() { return 1; }\nint g() { return 2; }\n", [1, 1]),
        ("namespace a {\nclass B {\n  int f() const noexcept {\n    if (x) {\n    }\n  }\n  int y_ = 0;\n};\n}\n", [4]),
        ("A::A(int x)\n    : x_(x), y_{x} {\n  f();\n}\n", [3]),
        ("auto f() -> std::vector<int> {\n  return {1,\n 2};\n}\n", [4]),
        ("constexpr Row rows[] = {\n  {1},\n  {2},\n};\n", []),
        ("enum class E : int { a, b };\nstruct S {\n int a = 0;\n};\n", []),
        ('void f() {\n  g("}");\n  // }\n  h(\'}\');\n}\n', [5]),
        ("void f() {\n  call([&](int x) {\n    x;\n  });\n}\n", [5]),
        ("void f() {\n  switch (x) {\n    case 1: {\n    }\n  }\n}\n", [6]),
        ("void f() {\n" + LONG + "}\n", [63]),
        ("void f() {\n" + LONG_TABLE + "  a();\n}\n", [5]),
    ],
)
def test_functions_are_found(text, lengths):
    assert [length for _, _, length in rules.functions(text)] == lengths


def test_a_long_function_is_named(tree):
    root = tree(src__io__a_cpp="int B::f(int x) {\n" + LONG + "}\n")
    assert rules.function_faults(root) == ["src/io/a.cpp:1: B::f has 63 lines, at most 60 are allowed"]


def test_spdx_and_forbidden_words(tree):
    spdx = "// SPDX-License-Identifier: Apache-2.0\n"
    root = tree(src__io__a_cpp=spdx, src__io__b_cpp="int x;\n", src__io__c_cpp=spdx + "// TO" + "DO later\n")
    assert rules.text_faults(root) == [
        "src/io/b.cpp: the first line is not an SPDX line",
        "src/io/c.cpp:2: TO" + "DO is left in the text",
    ]
