"""scripts/check itself, on a small tree of its own: what it must refuse, it refuses."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]


def run(*argv, cwd, **more):
    return subprocess.run(
        argv, cwd=cwd, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        **more,
    )


@unittest.skipUnless(shutil.which("git"), "skipped: needs git")
class Check(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="aio-check-"))
        self.addCleanup(shutil.rmtree, self.folder, True)
        for name in ("scripts/check", "aio/README.md"):
            self.write(name, (SOURCE / name).read_text(encoding="utf-8"))
        os.chmod(self.folder / "scripts/check", 0o755)
        self.tool("scripts/setup", "exit 0")
        self.write("build/debug/compile_commands.json", "[]")
        self.write(".gitignore", "/build/\n/bin/\n")
        self.git("init", "-q")

    def git(self, *args):
        name = ("-c", "user.name=t", "-c", "user.email=t@localhost")
        done = run("git", *name, *args, cwd=self.folder)
        self.assertEqual(done.returncode, 0, done.stdout)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def tool(self, name, text):
        self.write(name, f"#!/bin/bash\n{text}\n")
        os.chmod(self.folder / name, 0o755)

    def check(self, what):
        path = f"{self.folder}/bin:{os.environ['PATH']}"
        return run("scripts/check", what, cwd=self.folder, env={**os.environ, "PATH": path})

    def assertRefused(self, what, *words):
        done = self.check(what)
        self.assertEqual(done.returncode, 1, done.stdout)
        for word in words:
            self.assertIn(word, done.stdout)

    def assertGood(self, what):
        done = self.check(what)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_messages_go_one_way(self):
        self.write("aio/base/x.cpp", 'int stderr_of; // stderr\nauto text = "sys.stderr";\n')
        self.assertGood("floors")
        for line in ("fmt::print(stderr, text);", "std::cerr << 1;", "    stderr,", "std::clog << 1;"):
            self.write("aio/base/x.cpp", f"\n{line}\n")
            self.assertRefused("floors", "aio/base/x.cpp:2: print messages with base::say")

    def test_a_compiler_that_fails_is_no_thin_header(self):
        self.write("aio/module.hpp", "")
        self.tool("bin/clang++-19", "echo broken >&2; exit 1")
        self.assertRefused("thin", "broken")
        self.tool("bin/clang++-19", "echo 'module.o: a.hpp \\'; echo ' /usr/include/c++/12/regex'")
        self.assertRefused("thin", "/usr/include/c++/12/regex")
        self.tool("bin/clang++-19", "echo 'module.o: a.hpp /usr/include/fmt/core.h'")
        self.assertGood("thin")

    def test_a_changed_header_has_its_sources_read(self):
        names = ["a/x"] + [f"b/user{i}" for i in range(5)]
        for name in names:
            self.write(f"aio/{name}.cpp", "#include <aio/a/x.hpp>\n")
        self.write("aio/a/x.hpp", "")
        self.write("aio/a/y.cpp", "")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "first")
        self.write(
            "build/debug/compile_commands.json",
            "".join(f'"/tree/aio/{name}.cpp"\n' for name in [*names, "a/y"]),
        )
        self.tool("bin/clang-tidy-19", 'echo "read ${@: -1}"; exit 1')
        self.write("aio/a/x.hpp", "int changed;\n")
        base = {**os.environ, "BASE": "HEAD", "PATH": f"{self.folder}/bin:{os.environ['PATH']}"}
        done = run("scripts/check", "tidy", cwd=self.folder, env=base)
        self.assertEqual(done.returncode, 1, done.stdout)
        read = [line for line in done.stdout.splitlines() if line.startswith("read ")]
        self.assertIn("read aio/a/x.cpp", read)
        self.assertNotIn("read aio/a/y.cpp", read)
        self.assertGreater(len(read), 1)
        self.assertLessEqual(len(read), 4)

    def test_a_file_without_content(self):
        self.write("tests/a/x_test.cpp", "int x;\n")
        self.write("tests/e2e/__init__.py", "")
        self.write("doc.md", "")
        self.assertGood("empty")
        for name in ("tests/a/y_test.cpp", "aio/a/y.hpp", "tests/e2e/y_test.py"):
            for text in ("", "\n  \n"):
                self.write(name, text)
                self.assertRefused("empty", f"{name}: a file without content")
            (self.folder / name).unlink()

    def test_a_path_of_a_machine(self):
        self.write("aio/x.md", "see /ho" + "me/bob\n")
        self.assertRefused("paths", "aio/x.md:1:")


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
