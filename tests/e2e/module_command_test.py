"""`aio module new|list|show`, and the way of a newcomer: install, write a module, build, run, test.

The slow half: the build tree is installed into a temporary prefix, and modules are built against it
with find_package(aio), in a folder outside of the tree.
"""

import os
import re
import resource
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from support import (
    AIO, BUILD, Case, FAILED, OK, SLOW, SOURCE, USAGE, Running, clean_environment, main,
)

COMPILER = os.environ.get("AIO_TEST_COMPILER", "clang++-19")


class List(Case):
    def test_list_names_every_module(self):
        done = self.aio("module", "list")
        self.assertRan(done)
        for name in ("aio.app", "aio.examples", "probe", r"probe\.good"):
            self.assertSaid(rf"^{name}\b", done.out)

    def test_show_lists_what_a_module_offers(self):
        done = self.aio("module", "show", "aio.examples")
        self.assertRan(done)
        for kind, name in (("schedule", "tick"), ("listener", "print"), ("protocol", "echo"),
                           ("protocol", "echo_callback"), ("protocol", "echo_datagram"),
                           ("protocol", "adder"), ("factory", "adder_factory"),
                           ("command", "hello")):
            self.assertSaid(kind, done.out)
            self.assertSaid(rf"\b{name}\b", done.out)

    def test_show_lists_declared_options(self):
        done = self.aio("module", "show", "probe")
        self.assertRan(done)
        for word in ("token", "grace", "colour", "how long to wait"):
            self.assertSaid(word, done.out)

    def test_what_stands_in_place_of_a_library_is_listed_as_such(self):
        os.makedirs(self.folder / "modules/q/q.so")
        os.makedirs(self.folder / "modules/p")
        os.mkfifo(self.folder / "modules/p/p.so")
        config = "[aio]\nmodule_path = modules\nmodules = p\n"
        done = self.aio("module", "list", config=config, env={"AIO_MODULE_PATH": None})
        for name in "pq":
            self.assertSaid(rf"^{name} +modules/{name}/{name}\.so  \(is not a regular file\)$",
                            done.out)
        done = self.aio("config", "check", env={"AIO_MODULE_PATH": None})
        self.assertSaid(r"error: module 'p': modules/p/p\.so is not a regular file$", done.err)

    def test_show_of_an_unknown_module_names_the_nearest(self):
        done = self.aio("module", "show", "aio.exampels")
        self.assertStatus(done, FAILED)
        self.assertSaid("aio.exampels", done.err)
        self.assertSaid(r"did you mean '?aio\.examples", done.err)

    def test_usage(self):
        for args in ([], ["new"], ["show"], ["new", "not-a-name"], ["new", "a..b"], ["bogus"]):
            done = self.aio("module", *args)
            self.assertStatus(done, USAGE)
            self.assertNotEqual(done.err, "")

    def test_the_test_suite_of_a_new_module_is_no_word_of_cpp(self):
        self.assertStatus(self.aio("module", "new", "class"), OK)
        self.assertIn("BOOST_AUTO_TEST_SUITE(class_tests)",
                      (self.folder / "class/class_test.cpp").read_text())

    def test_a_module_called_aio_has_a_sample_beside_its_defaults(self):
        done = self.aio("module", "new", "my.aio", "--dir", "it's new")
        self.assertRan(done)
        self.assertSaid(r"^    cd 'it'\\''s new'$", done.out)
        self.assertSaid(r"aio -c sample\.conf run", done.out)
        self.assertIn("func = my.aio.tick", (self.folder / "it's new/sample.conf").read_text())
        self.assertIn("[my.aio]", (self.folder / "it's new/aio.conf").read_text())

    def test_a_configuration_that_cannot_be_read_is_wrong_usage(self):
        os.mkdir(self.folder / "folder")
        for file in ("missing.conf", "folder", "missing/deep.conf"):
            for args in (("list",), ("show", "aio.app"), ("new", "my.example")):
                done = self.aio("-c", file, "module", *args)
                self.assertStatus(done, USAGE)
                self.assertSaid(rf"error: cannot read '{file}': ", done.err)
                self.assertEqual(done.out, "")
        self.assertFalse((self.folder / "my.example").exists())

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("setpriv"), "needs root and setpriv")
    def test_new_needs_no_configuration_in_the_usual_places(self):
        self.folder.chmod(0o755)
        (self.folder / "his").mkdir()
        os.chown(self.folder / "his", 65534, 65534)
        for what in ("his/aio.conf", "his/etc"):
            with self.subTest(what=what):
                if what.endswith(".conf"):
                    self.write(what, "[aio]\n")
                else:
                    (self.folder / what).mkdir()
                    self.write("his/etc/aio.conf", "")
                (self.folder / what).chmod(0)
                done = subprocess.run(
                    ["setpriv", "--reuid", "65534", "--clear-groups", str(AIO),
                     "module", "new", "my.example", "--dir", f"my{len(what)}"],
                    cwd=self.folder / "his", env=clean_environment(), capture_output=True,
                    text=True, check=False)
                if "loading shared" in done.stderr:
                    self.skipTest("the binary is out of reach for another user")
                self.assertEqual((done.returncode, done.stderr), (OK, ""))
                self.assertTrue((self.folder / f"his/my{len(what)}/aio.conf").exists())
                (self.folder / what).chmod(0o700)
                shutil.rmtree(self.folder / what, ignore_errors=True)
                (self.folder / "his/aio.conf").unlink(missing_ok=True)

    def test_a_configuration_with_mistakes_is_a_warning_that_names_it(self):
        self.write("colon.conf", "[aio]\nmodule_path = modules:more\n")
        done = self.aio("-c", "colon.conf", "config", "check", env={"AIO_MODULE_PATH": None})
        self.assertSaid(r"^colon\.conf:2:15: warning: \[aio\] module_path modules:more: ", done.err)
        self.assertSaid("write one folder per line, without colons", done.err)
        for text, place in (("[aio]\nmodule_path = modules\nbroken\n", "3:1"),
                            ("[aio]\nmodule_path = ${env:NO_SUCH}\n", "2:15"), ("[", "1:1")):
            self.write("bad.conf", text)
            for args in (("list",), ("show", "aio.app")):
                with self.subTest(text=text, args=args):
                    done = self.aio("-c", "bad.conf", "module", *args, env={"AIO_MODULE_PATH": None})
                    self.assertStatus(done, OK)
                    self.assertSaid(rf"^bad\.conf:{place}: warning: .*module_path may not be known",
                                    done.err)
                    self.assertSaid(r"aio\.app", done.out)

    def test_new_shows_no_character_that_cannot_be_seen(self):
        for folder in ("a\u200bb", "a\x1b[31mb", "a\nb", "tab\tc", "it's\n"):
            with self.subTest(folder=folder):
                done = self.aio("module", "new", "my.example", "--dir", folder)
                self.assertRan(done)
                self.assertNotRegex(done.out.replace("\n", ""), "[\u200b\x1b]")
                command = re.search(r"^    (cd .*)$", done.out, re.M).group(1)
                there = subprocess.run(["bash", "-c", f"{command} && ls README.md"], check=False,
                                       cwd=self.folder, capture_output=True, text=True)
                self.assertEqual(there.stdout, "README.md\n", there.stderr + done.out)

    def test_new_says_why_it_cannot_write(self):
        self.write("file", "x\n")
        for folder, why in (("file", "Not a directory"), ("/proc/x/y", "No such file")):
            done = self.aio("module", "new", "my.example", "--dir", folder)
            self.assertStatus(done, FAILED)
            self.assertSaid(rf"^aio: {folder} cannot be .*{why}", done.err)

    def test_new_leaves_nothing_of_a_module_that_it_cannot_write_whole(self):
        def small_files(limit):
            return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        os.mkdir(self.folder / "there")
        os.mkdir(self.folder / "empty")
        command = ("module", "new", "my.example", "--dir")
        for limit, file in ((0, "CMakeLists.txt"), (1100, "example.cpp")):
            for folder in ("there/new/deep", "empty"):
                done = self.aio(*command, folder, preexec_fn=small_files(limit))
                self.assertStatus(done, FAILED)
                self.assertEqual(
                    done.err, f"aio: {folder}/{file} cannot be written: File too large\n")
                self.assertEqual(list((self.folder / "there").iterdir()), [])
                self.assertEqual(list((self.folder / "empty").iterdir()), [])
        for folder in ("there/new/deep/", "empty"):
            self.assertRan(self.aio(*command, folder))
            self.assertTrue((self.folder / folder / "README.md").exists())

    @unittest.skipUnless(os.geteuid() == 0, "skipped: needs root")
    def test_new_as_root_follows_no_link_of_another_user(self):
        self.folder.chmod(0o755)
        target = self.folder / "target"
        his = self.folder / "his"
        for folder in (target, his, his / "real"):
            folder.mkdir()
        os.symlink("../target", his / "link")
        for path in (his, his / "link"):
            os.chown(path, 65534, 65534, follow_symlinks=False)
        for folder in ("his/link", "his/link/new", "his/real/../link/a/b"):
            done = self.aio("module", "new", "my.example", "--dir", folder)
            self.assertStatus(done, FAILED)
            self.assertSaid(rf"^aio: {folder} cannot be made: .*/his/link is a link", done.err)
            self.assertEqual(list(target.iterdir()), [])
        self.assertRan(self.aio("module", "new", "my.example", "--dir", "his/real"))
        os.symlink("target", self.folder / "mine")
        self.assertRan(self.aio("module", "new", "my.example", "--dir", "mine/new"))
        self.assertTrue((target / "new/README.md").exists())

    def test_new_refuses_a_name_that_is_built_in(self):
        for name in ("aio.app", "aio.core", "aio.signals"):
            done = self.aio("module", "new", name)
            self.assertStatus(done, USAGE)
            self.assertSaid(f"module new: '{name}' is built into aio, so a module of this name can "
                            "never be loaded", done.err)
            self.assertEqual(os.listdir(self.folder), [])

    def test_new_refuses_a_name_whose_section_is_aios(self):
        for name in ("aio", "server", "schedule", "process", "service", "supervisor", "bean", "listen",
                     "handler_x", "logger_root", "formatter_x", "loggers", "DEFAULT", "aoi",
                     "handlr_x"):
            done = self.aio("module", "new", name)
            self.assertStatus(done, USAGE)
            self.assertSaid(rf"module new: a module '{name}' could not have a section \[{name}\]: .+: "
                            "choose another name$", done.err)
        done = self.aio("module", "new", "aio.examples")
        self.assertStatus(done, USAGE)
        self.assertSaid("'aio.examples' is a module that comes with aio", done.err)
        self.assertEqual(os.listdir(self.folder), [])

    def test_new_in_a_removed_folder_says_so(self):
        (self.folder / "gone").mkdir()

        def leave():
            os.chdir(self.folder / "gone")
            os.rmdir(self.folder / "gone")

        done = self.aio("module", "new", "my.example", preexec_fn=leave)
        self.assertStatus(done, FAILED)
        self.assertSaid("^aio: my.example cannot be made: its folder has been removed$", done.err)

    def test_new_does_not_write_into_a_full_folder(self):
        self.write("my.example/precious", "x\n")
        done = self.aio("module", "new", "my.example")
        self.assertStatus(done, FAILED)
        self.assertEqual(os.listdir(self.folder / "my.example"), ["precious"])


class Damaged(Case):
    """Libraries that are no modules of this aio are refused before any of their code runs."""

    def refused_library(self, content, *patterns):
        path = self.folder / "modules/bad/thing/thing.so"
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
        done = self.aio(
            "run", config="[schedule/x]\nevery = 1\nfunc = bad.thing.f\n",
            env={"AIO_MODULE_PATH": self.folder / "modules"},
        )
        self.assertStatus(done, 78)
        self.assertSaid(r"aio\.conf:3:8: error: .*'bad\.thing'", done.err)
        for pattern in patterns:
            self.assertSaid(pattern, done.err)

    def library(self, name="probe"):
        return (Path(os.environ["AIO_TEST_MODULES"] if "AIO_TEST_MODULES" in os.environ
                     else BUILD / "tests/modules") / name / f"{name}.so").read_bytes()

    def test_a_text_file(self):
        self.refused_library(b"hello\n")

    def test_an_empty_file(self):
        self.refused_library(b"")

    def test_a_truncated_library(self):
        data = self.library()
        self.refused_library(data[: len(data) // 2])

    def test_a_library_that_is_no_module(self):
        libc = next(Path("/lib").glob("*-linux-gnu/libm.so.6"))
        self.refused_library(libc.read_bytes())

    def test_a_module_in_the_wrong_folder(self):
        self.refused_library(self.library(), r"AIO_MODULE\(bad\.thing\)|defines no module")

    def test_a_module_of_another_build(self):
        data = self.library()
        at = data.index(b"aio=")
        self.refused_library(data[:at] + b"aio=~" + data[at + 5:], "(?i)built|version")


class Newcomer(Case):
    """One installed prefix for all tests of this class."""

    @classmethod
    def setUpClass(cls):
        cls.place = Path(tempfile.mkdtemp(prefix="aio-e2e-prefix-")).resolve()
        cls.addClassCleanup(shutil.rmtree, cls.place, True)
        cls.prefix = cls.place / "prefix"
        done = subprocess.run(
            ["cmake", "--install", BUILD, "--prefix", cls.prefix], capture_output=True, text=True,
            timeout=120 * SLOW,
        )
        if done.returncode != 0:
            raise AssertionError(done.stdout + done.stderr)

    def run_in(self, folder, *argv, env=None, status=0):
        environment = clean_environment({"AIO_MODULE_PATH": None, **(env or {})})
        environment["PATH"] = f"{self.prefix}/bin:{environment['PATH']}"
        done = subprocess.run(
            list(map(str, argv)), cwd=folder, env=environment, capture_output=True, text=True,
            timeout=200 * SLOW, stdin=subprocess.DEVNULL,
        )
        if done.returncode != status:
            self.fail(f"{argv}: status {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def run_app(self, folder, config, *args, modules="build/modules"):
        environment = clean_environment({"AIO_MODULE_PATH": None})
        argv = [str(self.prefix / "bin/aio"), "-c", config, *args, "run"]
        running = Running(argv, folder, environment)
        self.addCleanup(running.kill)
        return running

    def build(self, folder):
        self.run_in(
            folder, "cmake", "-S", ".", "-B", "build", f"-DCMAKE_CXX_COMPILER={COMPILER}",
            f"-DCMAKE_PREFIX_PATH={self.prefix}",
        )
        self.run_in(folder, "cmake", "--build", "build")

    def test_the_prefix_is_complete(self):
        for name in ("bin/aio", "include/aio/module.hpp", "lib/libaioapp.so", "lib/libaio_zones.so.0"):
            self.assertTrue((self.prefix / name).exists(), name)
        for pattern in ("lib/cmake/aio*/aio*onfig.cmake", "share/man/man1/aio.1*",
                        "share/bash-completion/completions/aio"):
            self.assertTrue(list(self.prefix.glob(pattern)), pattern)
        self.assertIn("aio ", self.run_in("/", self.prefix / "bin/aio", "--version").stdout)

    def test_the_installed_command_runs_the_examples(self):
        self.write("x.conf", "[schedule/x]\nevery = 1h\nfunc = aio.examples.tick\n")
        running = self.run_app(self.folder, "x.conf")
        running.wait_for(r"Scheduler started \(x\): aio\.examples\.tick")
        self.assertStops(running)

    def test_a_new_module_builds_runs_and_passes_its_tests(self):
        made = self.run_in(self.folder, "aio", "module", "new", "my.example")
        self.assertIn("my.example", made.stdout)
        folder = self.folder / "my.example"
        self.build(folder)
        self.assertTrue((folder / "build/modules/my/example/example.so").exists())

        config = "example.conf"
        self.run_in(folder, "aio", "-c", config, "config", "check")
        tested = self.run_in(folder, "aio", "-c", config, "test", "my.example")
        self.assertIn("Running tests for my.example...", tested.stdout)
        running = self.run_app(folder, config)
        running.wait_for(r"my\.example")
        running.wait_for(r"Scheduler started|Server\(.*started|[Ll]isten")
        self.assertStops(running)

        ctest = self.run_in(folder / "build", "ctest", "--output-on-failure")
        self.assertIn("100% tests passed", ctest.stdout)

    def test_the_module_of_the_readme_builds_and_runs_its_configuration(self):
        readme = (SOURCE / "README.md").read_text(encoding="utf-8")
        code = re.search(r"```cpp\n(.*?AIO_MODULE.*?)```", readme, re.S).group(1)
        ini = re.search(r"```ini\n(.*?)```", readme, re.S).group(1)
        self.run_in(self.folder, "aio", "module", "new", "my.example")
        folder = self.folder / "my.example"
        source = next(p for p in folder.rglob("*.cpp") if "AIO_MODULE" in p.read_text())
        source.write_text(code)
        for test in folder.rglob("*test*.cpp"):
            test.write_text("")
        cmake = folder / "CMakeLists.txt"
        cmake.write_text(re.sub(r"\s+TESTS\s+[^\s)]+", "", cmake.read_text()))
        (folder / "readme.conf").write_text("[aio]\nmodule_path = build/modules\n" + ini)
        self.build(folder)
        running = self.run_app(folder, "readme.conf", "-o", "server/echo:port=0")
        running.wait_for(r"tick 2 from hello", timeout=15 * SLOW)
        running.wait_for(r"Listener received: BOOM!", 2)
        self.assertEqual(self.exchange(running.port("echo"), b"hello"), b"hello")
        self.assertStops(running)


if __name__ == "__main__":
    main()
