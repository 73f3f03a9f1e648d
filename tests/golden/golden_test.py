"""Runs every golden file: tests/golden/*/*.txt.

A file is a list of parts, each begun by a line `---- word rest`:

    ---- file NAME          writes NAME with what follows
    ---- run ARGS           types `aio ARGS` (split like a shell would)
    ---- output             what it prints on standard output (nothing, when left out)
    ---- errors             the same for standard error
    ---- status N           the exit status it has (0, when left out)
    ---- holds NAME         after the command, the file NAME holds what follows

Text before the first part says what the case is about. `…` stands for anything inside a line, a line
of only `…` for any lines. Several runs may follow each other. AIO_GOLDEN_UPDATE=1 rewrites what is
there with what was printed; read the difference before keeping it.
"""

import os
import re
import shlex
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))

from support import Case, main  # noqa: E402

MARK = re.compile(r"^---- (\w+) ?(.*)$")
UPDATE = os.environ.get("AIO_GOLDEN_UPDATE")


def parts(text):
    """[word, rest, body] of each part, the text before the first one under the word `about`."""
    found = [["about", "", ""]]
    for line in text.splitlines(keepends=True):
        match = MARK.match(line.rstrip("\n"))
        if match:
            found.append([match.group(1), match.group(2), ""])
        else:
            found[-1][2] += line
    return found


def render(found):
    return "".join(
        body if word == "about" else f"---- {word} {rest}".rstrip() + "\n" + body
        for word, rest, body in found
    )


def matches(expected, got):
    pattern = ""
    for line in expected.splitlines(keepends=True):
        if line.strip() == "…":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*?".join(map(re.escape, line.split("…")))
    return re.fullmatch(pattern, got) is not None


class Golden(Case):
    def check(self, path):
        found = parts(path.read_text(encoding="utf-8"))
        at = 0
        while at < len(found):
            word, rest, body = found[at]
            at += 1
            if word == "file":
                target = self.folder / rest
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(body, encoding="utf-8", newline="")
            elif word == "run":
                after = []
                while at < len(found) and found[at][0] in ("output", "errors", "status", "holds"):
                    after.append(found[at])
                    at += 1
                self.compare(self.aio(*shlex.split(rest), env={"AIO_MODULE_PATH": None}), after)
            elif word != "about":
                self.fail(f"{path}: unknown part {word!r}")
        if UPDATE:
            path.write_text(render(found), encoding="utf-8")

    def compare(self, done, after):
        expected = {word: part for part in after for word in [part[0]] if word != "holds"}
        for word, got in (("output", done.out), ("errors", done.err)):
            part = expected.get(word, [word, "", ""])
            if matches(part[2], got) and not UPDATE:
                continue
            if UPDATE and word in expected:
                part[2] = got
                continue
            self.assertEqual(got, part[2], f"{word} of {done}")
        self.assertStatus(done, int(expected.get("status", [0, "0"])[1]))
        for word, name, body in after:
            if word == "holds":
                self.assertEqual(self.read(name), body, f"{name} after {done}")


def add(path):
    name = f"test_{path.parent.name}_{path.stem}"
    setattr(Golden, name, lambda self: self.check(path))


for one in sorted(HERE.glob("*/*.txt")):
    add(one)

if __name__ == "__main__":
    main()
