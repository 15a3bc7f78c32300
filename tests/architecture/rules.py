# SPDX-License-Identifier: Apache-2.0
"""The rules of ARCHITECTURE.md, as functions from a source tree to a list of faults."""

import re
from dataclasses import dataclass, field

CPP_LINES_MAX = 500
HPP_LINES_MAX = 250
FUNCTION_LINES_MAX = 60

# Libraries that an arrow may name: the headers that belong to each, and meson's name for it.
LIBRARIES = {
    "fmt": (r"fmt/", "fmt_dep"),
    "liburing": (r"liburing", "liburing_dep"),
    "nlohmann_json": (r"nlohmann/", "json_dep"),
    "CLI11": (r"CLI/", "cli11_dep"),
    "re2": (r"re2/", "re2_dep"),
    "crypt": (r"crypt\.h", "crypt_dep"),
    "xxhash": (r"xxhash\.h$", "xxhash_dep"),
    "boringssl": (r"openssl/", "boringssl_dep"),
    "threads": (r"(pthread\.h|thread|jthread|stop_token)$", "threads_dep"),
}

# What a pure folder may not know of: sockets, files, clocks, errno, threads and randomness.
IMPURE_HEADERS = re.compile(
    r"(sys|netinet|arpa|net|linux|asm|asm-generic)/"
    r"|(liburing|unistd|fcntl|poll|netdb|errno|signal|pthread|sched|dirent|ifaddrs|time|spawn|pwd|grp)\.h$"
    r"|(cerrno|csignal|ctime|chrono|thread|mutex|shared_mutex|condition_variable|future|random|stop_token"
    r"|semaphore|latch|barrier|fstream|iostream|filesystem)$"
)

FORBIDDEN_WORDS = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X"]) + r")\b")

INCLUDE = re.compile(r'^\s*#\s*include\s*(<[^>]+>|"[^"]+")', re.MULTILINE)
NOT_WRITTEN = {"__pycache__", "corpus", "node_modules"}
SPDX = "SPDX-License-Identifier: Apache-2.0"


@dataclass
class Arrow:
    folder: str
    targets: list = field(default_factory=list)
    pure: bool = False


def read_arrows(architecture_text):
    """The rows `folder -> a, b  pure: what it is for` of the indented arrow table."""
    arrows = {}
    for line in architecture_text.splitlines():
        match = re.match(r"    ([\w.]+) +-> (.+)$", line)
        if not match or "->" in match.group(2):
            continue
        folder, rest = match.groups()
        targets, _, remark = rest.partition("  ")
        names = [name.strip() for name in targets.split(",")]
        if "everything above" in names:
            names.remove("everything above")
            names += arrows
        arrows[folder] = Arrow(folder, names, remark.strip().startswith("pure"))
    return arrows


def sources(root, *folders):
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".cpp", ".hpp"):
                yield path


def folder_of(path, root):
    """`io` for src/io/ring.hpp, `main.cpp` for src/main.cpp."""
    return path.relative_to(root / "src").parts[0]


def allowed_libraries(arrow, arrows):
    """The libraries of the folder's own row, and what base brings to everyone."""
    named = set(arrow.targets) | set(arrows["base"].targets if "base" in arrows else [])
    return named & set(LIBRARIES)


def include_faults(root, arrows):
    faults = []
    for path in sources(root, "src"):
        place = path.relative_to(root)
        arrow = arrows.get(folder_of(path, root))
        if arrow is None:
            faults.append(f"{place}: the arrow table has no row for {folder_of(path, root)}")
            continue
        for quoted in INCLUDE.findall(path.read_text()):
            name = quoted[1:-1]
            if quoted.startswith('"'):
                fault = own_include_fault(name, arrow)
            else:
                fault = system_include_fault(name, arrow, arrows)
            if fault:
                faults.append(f"{place}: {fault}")
    return faults


def own_include_fault(name, arrow):
    target, slash, _ = name.partition("/")
    if not slash:
        return f'"{name}" is not written as "folder/file.hpp"'
    if target != arrow.folder and target not in arrow.targets:
        return f'includes "{name}", but there is no arrow {arrow.folder} -> {target}'
    return None


def system_include_fault(name, arrow, arrows):
    if arrow.pure and IMPURE_HEADERS.match(name):
        return f"includes <{name}>, but {arrow.folder} is pure"
    allowed = allowed_libraries(arrow, arrows)
    for library, (headers, _) in LIBRARIES.items():
        if re.match(headers, name) and library not in allowed:
            return f"includes <{name}>, but there is no arrow {arrow.folder} -> {library}"
    return None


def meson_faults(root, arrows):
    """Each folder's libraries depend on exactly what its row names."""
    faults = []
    for arrow in arrows.values():
        path = root / "src" / arrow.folder / "meson.build"
        if not (root / "src" / arrow.folder).is_dir():
            continue
        if not path.exists():
            faults.append(f"src/{arrow.folder}: no meson.build")
            continue
        found = {
            name.strip()
            for group in re.findall(r"dependencies:\s*\[([^\]]*)\]", path.read_text())
            for name in group.split(",")
            if name.strip()
        }
        found = {re.sub(r"_kernel_dep$", "_dep", name) for name in found} - {f"{arrow.folder}_dep"}
        expected = {
            LIBRARIES[name][1] if name in LIBRARIES else f"{name}_dep"
            for name in arrow.targets
            if name in LIBRARIES or name in arrows
        }
        for name in sorted(found - expected):
            faults.append(f"src/{arrow.folder}/meson.build: depends on {name} without an arrow")
        for name in sorted(expected - found):
            faults.append(f"src/{arrow.folder}/meson.build: {name} is missing, the arrow table names it")
    return faults


def folder_faults(root, arrows):
    """The table names no folder that does not exist."""
    present = {folder_of(path, root) for path in sources(root, "src")}
    return [f"the arrow table has a row for src/{name}, which does not exist" for name in arrows if name not in present]


def size_faults(root):
    faults = []
    for path in sources(root, "src", "tests", "tools"):
        limit = CPP_LINES_MAX if path.suffix == ".cpp" else HPP_LINES_MAX
        lines = len(path.read_text().splitlines())
        if lines > limit:
            faults.append(f"{path.relative_to(root)}: {lines} lines, at most {limit} are allowed")
    return faults


def function_faults(root):
    faults = []
    for path in sources(root, "src", "tools"):
        for line, name, length in functions(path.read_text()):
            if length > FUNCTION_LINES_MAX:
                faults.append(
                    f"{path.relative_to(root)}:{line}: {name} has {length} lines, at most {FUNCTION_LINES_MAX} are allowed"
                )
    return faults


def text_faults(root):
    faults = []
    for path in text_files(root):
        lines = path.read_text().splitlines()
        place = path.relative_to(root)
        header = lines[:2] if lines and lines[0].startswith("#!") else lines[:1]
        if not any(SPDX in line for line in header):
            faults.append(f"{place}: the first line is not an SPDX line")
        for number, line in enumerate(lines, 1):
            if FORBIDDEN_WORDS.search(line):
                faults.append(f"{place}:{number}: {FORBIDDEN_WORDS.search(line).group()} is left in the text")
    return faults


def text_files(root):
    """Everything a person writes: sources in C++, Python and JavaScript, scripts."""
    for folder in ("src", "tests", "tools", "scripts", ".ci"):
        for path in sorted((root / folder).rglob("*")):
            if not path.is_file() or NOT_WRITTEN.intersection(path.parts):
                continue
            if path.suffix in (".cpp", ".hpp", ".py", ".js") or folder in ("scripts", ".ci"):
                yield path


def without_comments_and_strings(text):
    """The same text and line breaks, comments and literals blanked."""
    literal = re.compile(
        r'R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)"'
        r'|"(?:\\.|[^"\\\n])*"'
        r"|(?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])+'"
        r"|//[^\n]*"
        r"|/\*.*?\*/"
        r"|^[ \t]*#(?:[^\n]*\\\n)*[^\n]*",
        re.DOTALL | re.MULTILINE,
    )
    return literal.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


FUNCTION_HEAD = re.compile(
    r"\)\s*(?:const|noexcept(?:\([^)]*\))?|override|final|mutable|&&|&|\s|->[\w:<>,&*\s\[\]]+|requires[^{]*)*$"
)
CONSTRUCTOR_HEAD = re.compile(r"\)\s*(?:noexcept\s*)?:[^:].*[)}]\s*$", re.DOTALL)
CONTROL_HEAD = re.compile(r"^\s*(?:else\s+)?(?:if|for|while|switch|catch|do)\b")
SCOPE_HEAD = re.compile(r"\b(?:namespace|class|struct|union|enum)\b[^()]*$")
TABLE_HEAD = re.compile(r"\b(?:constexpr|static const)\b[^;]*=\s*$", re.DOTALL)


def functions(text):
    """(line, name, lines) of each function body; what stands in constexpr tables inside it is not counted."""
    code = without_comments_and_strings(text)
    found = []
    stack = []  # of [kind, line, head, lines of tables inside]
    head_start = 0
    line = 1
    for position, character in enumerate(code):
        if character == "\n":
            line += 1
        elif character == "{":
            head = code[head_start:position]
            kind = brace_kind(head, stack)
            stack.append([kind, line, head, 0])
            if kind != "value":
                head_start = position + 1
        elif character == "}" and stack:
            kind, opened, head, exempt = stack.pop()
            lines = line - opened + 1
            if kind == "function":
                found.append((opened, function_name(head), lines - exempt))
            enclosing = next((entry for entry in reversed(stack) if entry[0] == "function"), None)
            if enclosing and kind == "value" and TABLE_HEAD.search(head):
                enclosing[3] += max(0, lines - 2)
            if kind != "value":
                head_start = position + 1
        elif character == ";":
            if not (stack and stack[-1][0] == "value"):
                head_start = position + 1
    return found


def brace_kind(head, stack):
    """scope (namespace, class), function, block (inside a function) or value (an initialiser)."""
    inside_function = any(entry[0] == "function" for entry in stack)
    if stack and stack[-1][0] == "value":
        return "value"
    if inside_function:
        starts_block = CONTROL_HEAD.match(head) or FUNCTION_HEAD.search(head) or not head.strip()
        return "block" if starts_block or re.search(r"\b(else|do|try)\s*$|:\s*$|\]\s*$", head) else scope_or_value(head)
    if FUNCTION_HEAD.search(head) or CONSTRUCTOR_HEAD.search(head):
        return "function"
    return scope_or_value(head)


def scope_or_value(head):
    is_scope = SCOPE_HEAD.search(head) or re.search(r'extern\s*$', head) or not head.strip()
    return "scope" if is_scope and "=" not in head.split("template")[-1] else "value"


def function_name(head):
    match = re.search(r"([\w:~]+|operator\S+)\s*\(", head)
    return match.group(1) if match else "a function"
