# SPDX-License-Identifier: Apache-2.0
"""C++ as universal-ctags sees it: functions with their lengths, and what headers declare with how often it is named."""
import collections
import json
import re
import subprocess

# Comments, and literals: a name in a sentence is no use of it.
NOISE = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'', re.DOTALL)
WORD = re.compile(r"[A-Za-z_]\w*")
TYPES = {"class", "struct", "enum", "typedef", "alias"}
# What a header can offer; fields and enumerators are part of a type.
OFFERED = TYPES | {"prototype", "function", "variable", "externvar"}


def tags(root, paths):
    """One entry for each declaration and definition in the files, as ctags prints them in JSON."""
    out = subprocess.run(["ctags", "--output-format=json", "--fields=+neKS", "--languages=C++", "--langmap=C++:.cc.h", "--kinds-C++=+p",
                          "-L", "-", "-f", "-"], cwd=root, input="\n".join(map(str, paths)), stdout=subprocess.PIPE, check=True, text=True)
    return [json.loads(line) for line in out.stdout.splitlines()]


def long_functions(root, paths, cap):
    """(file, name, lines) of each function with more lines than the cap."""
    found = []
    for tag in tags(root, paths):
        lines = tag.get("end", 0) - tag["line"] + 1
        if tag["kind"] == "function" and lines > cap:
            found.append((tag["path"], tag["name"], lines))
    return found


def plain(text):
    """Source text without comments and literals; lines stay where they are."""
    return NOISE.sub(lambda noise: " " + "\n" * noise[0].count("\n"), text)


class Sources:
    """The files, each read once."""

    def __init__(self, root, paths):
        self.texts = {str(path): plain((root / path).read_text(errors="replace")) for path in paths}
        self.tags = tags(root, paths)
        self.named = collections.Counter()
        for text in self.texts.values():
            self.named.update(WORD.findall(text))
        self.bodies = collections.defaultdict(list)
        for tag in self.tags:
            if tag["kind"] == "function":
                self.bodies[tag["path"]].append((tag["line"], tag.get("end", tag["line"])))

    def declares(self, tag):
        """Whether a tag is what it says: ctags takes calls as statements for prototypes, and knows names for what has none."""
        if tag["kind"] not in OFFERED or not WORD.fullmatch(tag["name"]) or tag["name"].startswith("__anon"):
            return False
        inside = any(first < tag["line"] <= last for first, last in self.bodies[tag["path"]])
        return tag["kind"] != "prototype" or (tag["path"].endswith(".h") and not inside)

    def overrides(self, tag):
        """Somebody else calls it, by the name that it has there."""
        rest = "\n".join(self.texts[tag["path"]].split("\n")[tag["line"] - 1:][:6])
        return re.search(r"\b(override|final)\b", re.split(r"[;{]", rest)[0]) is not None

    def members_of(self, name, header):
        """How often a type is named to define its members, and in its own header for its constructors and destructor."""
        qualified = sum(len(re.findall(rf"\b{name}(?=::)", text)) for text in self.texts.values())
        inner = sum(len(re.findall(rf"\b{name}::~?{name}\b", text)) for text in self.texts.values())
        return qualified + inner + len(re.findall(rf"~?\b{name}\s*\(", self.texts[header]))


def unused(root, headers, paths):
    """(file, name) of what a header declares and nothing names but its own declarations and definitions.

    Names are compared, not meanings: of two functions with one name, both are taken for used if one of them is. So nothing is
    reported that is used.
    """
    sources = Sources(root, paths)
    headers = {str(path) for path in headers}
    own = collections.Counter()
    declared = {}
    for tag in filter(sources.declares, sources.tags):
        if tag["name"].lstrip("~") == tag.get("scope", "").rsplit("::", 1)[-1]:
            continue  # Constructors are counted with their types, below.
        own[tag["name"]] += 1
        if tag["path"] in headers and not sources.overrides(tag):
            declared.setdefault(tag["name"], tag)
    for name, tag in declared.items():
        if tag["kind"] in TYPES and sources.named[name] <= 20:
            own[name] += sources.members_of(name, tag["path"])
    return sorted((tag["path"], name) for name, tag in declared.items() if sources.named[name] <= own[name])
