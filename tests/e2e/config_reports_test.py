"""Configurations on real machines: reports CFG-1 to CFG-8, and files that a user names."""

import fcntl
import json
import os
import pwd
import re
import shutil
import socket
import subprocess
import unittest
from pathlib import Path

from support import AIO, BAD_CONFIG, Case, FAILED, OK, PATIENCE, USAGE, clean_environment, main

ROOT = os.geteuid() == 0
OWN_PATH = {"AIO_MODULE_PATH": None}


def can_mount():
    tried = subprocess.run(
        ["unshare", "-m", "true"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    )
    return ROOT and tried.returncode == 0


class Includes(Case):
    def every(self, folder):
        return self.aio("-c", str(self.folder / folder / "aio.conf"), "config", "-g", "schedule/t:every")

    def test_report_cfg_1_the_folder_is_never_part_of_the_pattern(self):
        for folder in ("app [1]", "back\\slash", "a*b", "what?", "[!x]", "{a,b}", "~", "$HOME"):
            self.write(f"{folder}/aio.conf", "[aio]\ninclude = conf.d/*.conf\n")
            self.write(f"{folder}/conf.d/a.conf", "[schedule/t]\nevery = 7s\n")
        for other in ("app 1", "aXb", "whatX", "y"):
            self.write(f"{other}/conf.d/b.conf", "[schedule/t]\nevery = 9s\n")
        for folder in ("app [1]", "back\\slash", "a*b", "what?", "[!x]", "{a,b}", "~", "$HOME"):
            self.assertRan(self.every(folder), "7s\n")

    def test_report_cfg_1_a_chain_of_includes_in_such_a_folder(self):
        self.write("a [b]/aio.conf", "[aio]\ninclude = x*/aio.conf\n")
        self.write("a [b]/x[1]/aio.conf", "[aio]\ninclude = *.snippet\n")
        self.write("a [b]/x[1]/t.snippet", "[schedule/t]\nevery = 5s\n")
        self.assertRan(self.every("a [b]"), "5s\n")

    def test_report_cfg_1_what_could_not_be_looked_into_is_said(self):
        os.symlink("conf.d", self.folder / "conf.d")
        done = self.aio("config", "check", config="[aio]\ninclude =\n  conf.d/*.conf\n")
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid(r"^aio\.conf:3:3: error: cannot look into 'conf\.d': Too many levels", done)

    def test_report_cfg_1_a_folder_that_cannot_be_one_is_said(self):
        includes = "[aio]\ninclude =\n  conf.d/*.conf\n"
        place = self.folder / "conf.d"
        done = self.aio("config", "check", config=includes)
        self.assertStatus(done, OK)
        self.assertSaid("^aio.conf:3:3: warning: nothing is included: there is no folder 'conf.d'$", done.err)
        for make, why in ((lambda: place.symlink_to("nowhere"), "a link in its path"),
                          (lambda: place.write_text("x"), "Not a directory"),
                          (lambda: os.mkfifo(place), "Not a directory")):
            with self.subTest(why=why):
                make()
                done = self.aio("config", "check")
                self.assertStatus(done, BAD_CONFIG)
                self.assertSaid(rf"^aio\.conf:3:3: error: cannot look into 'conf\.d': {why}", done)
                place.unlink()

    def test_report_cfg_1_an_overlay_that_leads_nowhere_is_said(self):
        self.write("aio.conf", "")
        for name in ("logging.conf", "aio.conf"):
            with self.subTest(name=name):
                (self.folder / name).unlink(missing_ok=True)
                (self.folder / name).symlink_to("nowhere")
                done = self.aio("config", "check")
                self.assertStatus(done, USAGE)
                self.assertSaid(rf"cannot read '{name}': No such file", done)
                (self.folder / name).unlink()
                self.write("aio.conf", "")

    @unittest.skipUnless(ROOT and shutil.which("setpriv"), "needs root and setpriv")
    def test_report_cfg_1_a_folder_one_may_not_read_is_said(self):
        self.folder.chmod(0o755)
        self.write("conf.d/a.conf", "")
        (self.folder / "conf.d").chmod(0o700)
        self.write("aio.conf", "[aio]\ninclude = conf.d/*.conf\n")
        done = subprocess.run(
            ["setpriv", "--reuid", "65534", "--clear-groups", str(AIO), "config", "check"],
            cwd=self.folder, env=clean_environment(), capture_output=True, text=True, check=False,
        )
        if "setpriv" in done.stderr or "loading shared" in done.stderr:
            self.skipTest("the binary is out of reach for another user")
        self.assertEqual(done.returncode, BAD_CONFIG, done.stderr)
        self.assertSaid(r"aio\.conf:2:11: error: cannot look into 'conf\.d': Permission denied",
                        done.stderr)

    def as_nobody(self, *args, cwd=None, env=None):
        done = subprocess.run(
            ["setpriv", "--reuid", "65534", "--clear-groups", str(AIO), *args],
            cwd=cwd or self.folder, env=clean_environment(env), capture_output=True, text=True,
            check=False,
        )
        if "setpriv" in done.stderr or "loading shared" in done.stderr:
            self.skipTest("the binary is out of reach for another user")
        return done

    @unittest.skipUnless(ROOT and shutil.which("setpriv"), "needs root and setpriv")
    def test_report_cfg_1_a_usual_place_that_may_not_be_searched_is_said(self):
        self.folder.chmod(0o755)
        self.write("etc/aio.conf", "[mine]\na = 1\n")
        (self.folder / "etc").chmod(0o700)
        for args in (("run",), ("config", "check"), ("config",), ("graph",), ("test",),
                     ("module", "list"), ("config", "set", "x:a", "1")):
            with self.subTest(args=args):
                done = self.as_nobody(*args)
                self.assertEqual(done.returncode, USAGE, done.stderr)
                self.assertSaid("cannot read 'etc/aio\\.conf': Permission denied", done.stderr)
        self.write("closed/own.conf", "[mine]\na = 1\n")
        (self.folder / "closed").chmod(0o700)
        for include in ("closed/own.conf", "closed/*.conf", "closed/**/*.conf", "*/own.conf"):
            with self.subTest(include=include):
                self.write("top.conf", f"[aio]\ninclude = {include}\n")
                done = self.as_nobody("-c", "top.conf", "config", "check")
                self.assertEqual(done.returncode, BAD_CONFIG, done.stderr)
                self.assertSaid(r"top\.conf:2:11: error: cannot .*closed\S*': Permission denied",
                                done.stderr)

    @unittest.skipUnless(ROOT and shutil.which("setpriv"), "needs root and setpriv")
    def test_report_cfg_1_a_current_folder_that_may_not_be_searched_is_said(self):
        self.folder.chmod(0o755)
        config = self.write("aio.conf", "[mine]\na = 1\n")
        (self.folder / "his").mkdir(mode=0o700)
        done = self.as_nobody("config", "check", cwd=self.folder / "his")
        self.assertEqual(done.returncode, USAGE, done.stderr)
        self.assertSaid("cannot read 'aio\\.conf': Permission denied", done.stderr)
        done = self.as_nobody("-c", str(config), "config", "check", cwd=self.folder / "his")
        self.assertEqual(done.returncode, OK, done.stderr)
        self.assertSaid("warning: the current folder cannot be searched: logging.conf is not read",
                        done.stderr)

    @unittest.skipUnless(can_mount() and shutil.which("setpriv"), "needs root, mounts and setpriv")
    def test_report_cfg_1_a_place_after_one_that_may_not_be_searched_is_read(self):
        self.folder.chmod(0o755)
        self.write("root_etc/aio/aio.conf", "[mine]\na = machine\n")
        (self.folder / "his").mkdir(mode=0o700)
        self.write("mine/etc/aio.conf", "[mine]\na = own\n")
        (self.folder / "mine/etc").chmod(0o700)

        def run(cwd, *args):
            command = ["setpriv", "--reuid", "65534", "--clear-groups", str(AIO), *args]
            done = subprocess.run(
                ["unshare", "-m", "sh", "-c", 'mount --bind "$0" /etc && exec "$@"',
                 str(self.folder / "root_etc"), *command],
                cwd=self.folder / cwd, env=clean_environment(), capture_output=True, text=True,
                check=False,
            )
            if "setpriv" in done.stderr or "loading shared" in done.stderr:
                self.skipTest("the binary is out of reach for another user")
            return done

        for cwd, places in (("his", "'aio.conf' and 'etc/aio.conf'"), ("mine", "'etc/aio.conf'")):
            with self.subTest(cwd=cwd):
                done = run(cwd, "config", "get", "mine:a")
                self.assertEqual((done.returncode, done.stdout), (OK, "machine\n"), done.stderr)
                self.assertSaid(f"warning: cannot look for {places}: Permission denied; "
                                "'/etc/aio/aio.conf' is read", done.stderr)
                done = run(cwd, "config", "set", "mine:a", "x")
                self.assertSaid("cannot look for", done.stderr)
                self.assertSaid("/etc/aio", done.stderr)

    @unittest.skipUnless(ROOT and shutil.which("setpriv"), "needs root and setpriv")
    def test_report_cfg_1_a_module_after_a_folder_that_may_not_be_searched_is_loaded(self):
        self.folder.chmod(0o755)
        (self.folder / "m/aio/examples").mkdir(parents=True)
        config = "[aio]\nmodules = aio.examples\n[schedule/x]\nevery = 1h\nfunc = aio.examples.tick\n"
        self.write("top.conf", config)
        for closed in ("m", "m/aio", "m/aio/examples"):
            with self.subTest(closed=closed):
                (self.folder / closed).chmod(0o700)
                done = self.as_nobody("-c", "top.conf", "config", "check",
                                      env={"AIO_MODULE_PATH": "m"})
                shown = self.as_nobody("module", "list", env={"AIO_MODULE_PATH": "m"})
                (self.folder / closed).chmod(0o755)
                self.assertEqual(done.returncode, OK, done.stderr)
                found = re.findall("warning: module 'aio.examples': cannot look into "
                                   "'m/aio/examples': Permission denied; .*examples.so is used",
                                   done.stderr)
                self.assertEqual(len(found), 1, done.stderr)
                self.assertIn("aio.examples ", shown.stdout)

    @unittest.skipUnless(ROOT and shutil.which("setpriv"), "needs root and setpriv")
    def test_report_cfg_1_a_built_in_module_is_not_in_a_hidden_folder(self):
        self.folder.chmod(0o755)
        for module in ("aio/examples", "aio/signals"):
            (self.folder / "m" / module).mkdir(parents=True)
        self.write("m/aio/signals/signals.so", "")
        self.write("top.conf", "[aio]\nbuiltin =\n    aio.app\n    aio.signals\n")

        def run(*args):
            return self.as_nobody("-c", "top.conf", *args, env={"AIO_MODULE_PATH": "m"})

        for closed in (None, "m", "m/aio", "m/aio/signals"):
            with self.subTest(closed=closed):
                if closed:
                    (self.folder / closed).chmod(0o700)
                done = run("test")
                self.assertEqual((done.returncode, done.stderr), (OK, ""))
                self.assertEqual(done.stdout, "No tests for aio.app\nNo tests for aio.signals\n")
                done = run("module", "list")
                self.assertEqual(done.returncode, OK, done.stderr)
                for name in ("app", "config", "core", "manhole.server", "signals", "testing"):
                    self.assertSaid(rf"^aio\.{name} +built in$", done.stdout)
                self.assertSaid(r"^aio\.examples +/.*/examples\.so  \(has tests\)$", done.stdout)
                done = run("module", "show", "aio.signals")
                self.assertSaid(r"\Aaio\.signals: built in$", done.stdout)
                if closed:
                    (self.folder / closed).chmod(0o755)

    @unittest.skipUnless(ROOT and shutil.which("setpriv"), "needs root and setpriv")
    def test_report_cfg_1_a_misspelt_module_gets_its_hint_beside_a_hidden_folder(self):
        self.folder.chmod(0o755)
        (self.folder / "m").mkdir(mode=0o700)

        def run(config, *args):
            self.write("top.conf", config)
            return self.as_nobody("-c", "top.conf", *args, env={"AIO_MODULE_PATH": "m"})

        unknown = (r"unknown module 'aio\.exampels': cannot look for "
                   r"m/aio/exampels/exampels\.so: Permission denied\n")
        hint = r"did you mean 'aio\.examples'\? \(searched in "
        by_name = "[schedule/x]\nevery = 1h\nfunc = aio.exampels.tick\n"
        listed = "[aio]\nmodules =\n    aio.exampels\n[aio.exampels]\nx = 1\n"
        for config, args, status in ((by_name, ["config", "check"], BAD_CONFIG),
                                     (listed, ["config", "check"], BAD_CONFIG),
                                     ("", ["module", "show", "aio.exampels"], FAILED),
                                     ("", ["test", "aio.exampels"], FAILED)):
            with self.subTest(config=config, args=args):
                done = run(config, *args)
                self.assertEqual(done.returncode, status, done.stdout + done.stderr)
                self.assertEqual(len(re.findall("error: unknown", done.stderr)), 1, done.stderr)
                self.assertNotIn("[aio.exampels]", done.stderr)
                self.assertSaid(unknown, done.stderr)
                self.assertSaid(hint, done.stderr)
        done = run(by_name.replace("exampels.tick", "examples.tik"), "config", "check")
        self.assertSaid(r"error: module 'aio\.examples' has no 'tik'$", done.stderr)
        self.assertSaid(r"did you mean 'aio\.examples\.tick'\?", done.stderr)

    @unittest.skipUnless(ROOT and shutil.which("setpriv"), "needs root and setpriv")
    def test_report_cfg_1_a_module_that_cannot_be_looked_for_is_said(self):
        self.folder.chmod(0o755)
        (self.folder / "m/my").mkdir(parents=True)
        for closed in ("m", "m/my"):
            with self.subTest(closed=closed):
                (self.folder / closed).chmod(0o700)
                self.write("top.conf", "[aio]\nmodules = my.mod\n")
                done = self.as_nobody("-c", "top.conf", "config", "check",
                                      env={"AIO_MODULE_PATH": "m"})
                (self.folder / closed).chmod(0o755)
                self.assertEqual(done.returncode, BAD_CONFIG, done.stderr)
                self.assertSaid(r"m/my/mod/mod\.so.*Permission denied", done.stderr)
        (self.folder / "m").chmod(0o700)
        done = self.as_nobody("module", "list", env={"AIO_MODULE_PATH": "m"})
        self.assertEqual(done.returncode, OK, done.stderr)
        self.assertSaid("warning: cannot look for modules in 'm': Permission denied", done.stderr)

    def test_report_cfg_1_a_file_in_the_place_of_a_folder_holds_nothing(self):
        self.write("etc", "a file")
        done = self.aio("config", "check")
        self.assertStatus(done, OK)


@unittest.skipUnless(can_mount(), "needs root and mount namespaces")
class Mounted(Case):
    def in_namespace(self, script):
        return subprocess.run(
            ["unshare", "-m", "sh", "-ec", f"mount --make-rprivate /\n{script}"], cwd=self.folder,
            env=clean_environment({"AIO": str(AIO)}), capture_output=True, text=True, check=False,
        )

    def test_root_reads_a_volume_that_nobody_can_write(self):
        # As kubelet makes it: the folder is everybody's, and mounted read-only.
        self.write("volume/..1/app.conf", "[schedule/t]\nevery = 3s\n"
                   "func = aio.examples.tick\n")
        os.symlink("..1", self.folder / "volume/..data")
        os.symlink("..data/app.conf", self.folder / "volume/app.conf")
        (self.folder / "volume").chmod(0o777)
        (self.folder / "volume/..1/app.conf").chmod(0o666)
        (self.folder / "etc").mkdir()
        script = "$AIO -c etc/app.conf config -g schedule/t:every"
        done = self.in_namespace(f"mount --bind -o ro volume etc\n{script}")
        self.assertEqual((done.returncode, done.stdout), (0, "3s\n"), done.stderr)
        done = self.in_namespace(f"mount --bind volume etc\n{script}")
        self.assertEqual(done.returncode, BAD_CONFIG, done.stderr)
        self.assertSaid("root does not act on it, because .*/etc may be written by everybody",
                        done.stderr)

    def test_root_reads_a_single_file_that_is_mounted(self):
        self.write("host/app.conf", "[schedule/t]\nevery = 3s\nfunc = aio.examples.tick\n")
        os.chown(self.folder / "host", 65534, 65534)
        self.write("etc/app.conf", "")
        done = self.in_namespace("mount --bind host/app.conf etc/app.conf\n"
                                 "$AIO -c etc/app.conf config -g schedule/t:every")
        self.assertEqual((done.returncode, done.stdout), (0, "3s\n"), done.stderr)

    def test_report_cfg_3_a_mounted_file_is_written_in_place(self):
        self.write("real.conf", "[aio]\nlog_level = INFO\n# a line that makes it longer\n")
        self.write("app/aio.conf", "")
        for level in ("DEBUG", "WARNING"):
            done = self.in_namespace(
                "mount --bind real.conf app/aio.conf\n"
                f'exec "$AIO" -c app/aio.conf config -s aio:log_level {level}'
            )
            self.assertEqual(done.returncode, OK, done.stderr)
            self.assertIn("mount point", done.stderr)
            self.assertEqual(
                self.read("real.conf"),
                f"[aio]\nlog_level = {level}\n# a line that makes it longer\n",
            )
        done = self.in_namespace(
            'mount --bind real.conf app/aio.conf\nexec "$AIO" -c app/aio.conf config unset aio:log_level'
        )
        self.assertEqual(done.returncode, OK, done.stderr)
        self.assertEqual(self.read("real.conf"), "[aio]\n# a line that makes it longer\n")
        self.assertEqual(os.listdir(self.folder / "app"), ["aio.conf"])
        self.assertEqual(sorted(os.listdir(self.folder)), ["app", "real.conf"])

    def test_report_cfg_3_a_file_that_is_mounted_to_be_read_only_says_so(self):
        self.write("real.conf", "[aio]\nlog_level = INFO\n")
        self.write("app/aio.conf", "")
        done = self.in_namespace(
            "mount --bind real.conf app/aio.conf\nmount -o remount,ro,bind app/aio.conf\n"
            'exec "$AIO" -c app/aio.conf config -s aio:log_level DEBUG'
        )
        self.assertEqual(done.returncode, FAILED, done.stderr)
        self.assertIn("Read-only file system", done.stderr)
        self.assertEqual(self.read("real.conf"), "[aio]\nlog_level = INFO\n")
        self.assertEqual(os.listdir(self.folder / "app"), ["aio.conf"])

    def test_report_cfg_3_a_writable_file_in_a_read_only_folder(self):
        self.write("real.conf", "[aio]\nlog_level = INFO\n")
        self.write("app/aio.conf", "")
        done = self.in_namespace(
            "mount --bind app app\nmount -o remount,ro,bind app\nmount --bind real.conf app/aio.conf\n"
            'exec "$AIO" -c app/aio.conf config -s aio:log_level DEBUG'
        )
        self.assertEqual(done.returncode, OK, done.stderr)
        self.assertIn("written in place", done.stderr)
        self.assertEqual(self.read("real.conf"), "[aio]\nlog_level = DEBUG\n")

    def test_a_full_disk_leaves_the_old_file_and_nothing_else(self):
        self.write("app/x", "")
        self.write("big", "x" * 60000)
        done = self.in_namespace(
            "mount -t tmpfs -o size=64k none app\n"
            "printf '[x]\\na = 1\\n' > app/aio.conf\ncat big > app/filler || true\n"
            '"$AIO" -c app/aio.conf config -s x:a "$(cat big)" && exit 9\n'
            "ls -A app; cat app/aio.conf"
        )
        self.assertEqual(done.returncode, OK, done.stderr)
        self.assertIn("No space left on device", done.stderr)
        self.assertEqual(done.stdout, "aio.conf\nfiller\n[x]\na = 1\n")

    def test_a_full_disk_does_not_harm_a_mounted_file(self):
        self.write("app/x", "")
        self.write("big", "x" * 60000)
        done = self.in_namespace(
            "mount -t tmpfs -o size=64k none app\nmkdir app/real; : > aio.conf\n"
            "printf '[x]\\na = 1\\n' > app/real/aio.conf\ncat big > app/filler || true\n"
            "mount --bind app/real/aio.conf aio.conf\n"
            '"$AIO" -c aio.conf config -s x:a "$(cat big)" && exit 9\n'
            "cat app/real/aio.conf"
        )
        self.assertEqual(done.returncode, OK, done.stderr)
        self.assertIn("No space left on device", done.stderr)
        self.assertEqual(done.stdout, "[x]\na = 1\n")


class Environment(Case):
    TICK = "[aio]\nlog_level = INFO\n[schedule/t]\nevery = 1h\nfunc = aio.examples.tick\n"

    @unittest.skipUnless(ROOT, "only root becomes somebody else")
    def test_report_cfg_5_an_empty_user_is_no_user(self):
        done = self.aio("config", "-g", "aio:user", config="[aio]\nuser = nobody\n",
                        env={"AIO_USER": ""})
        self.assertRan(done, "nobody\n")
        running = self.start("[aio]\nuser = nobody\n[schedule/t]\nevery = 1h\nfunc = probe.tick\n",
                             env={"AIO_USER": ""})
        running.wait_for("Started$")
        status = Path(f"/proc/{running.pid}/status").read_text(encoding="utf-8")
        nobody = str(pwd.getpwnam("nobody").pw_uid)
        self.assertEqual(re.search(r"^Uid:\s*(.*)$", status, re.M).group(1).split(), [nobody] * 4)
        self.assertStops(running)

    def test_report_cfg_5_empty_variables_change_nothing(self):
        plain = self.aio("config", "dump", config=self.TICK)
        names = [line.split(" = ")[0] for line in
                 plain.out.split("[aio]\n", 1)[1].split("\n\n", 1)[0].split("\n")]
        empty = {f"AIO_{name.upper()}": "" for name in names if name != "module_path"}
        empty.update({f"AIO_{name}": "" for name in (
            "LOOPS", "USER", "GROUP", "LOG_LEVEL", "LOG_FILE", "PID_FILE", "UMASK", "INCLUDE",
            "STOP_TIMEOUT", "WORKER_THREADS", "STRICT", "UNHEARD_OF")})
        again = self.aio("config", "dump", env=empty)
        self.assertRan(again, plain.out)
        self.assertRan(self.aio("config", "check", env=empty))

    def test_report_cfg_5_the_log_level_stays(self):
        running = self.start(self.TICK, env={"AIO_LOG_LEVEL": "", "AIO_LOOPS": ""})
        running.wait_for(r"INFO.*Scheduler started \(t\)")
        self.assertStops(running)

    def test_report_cfg_5_an_include_in_the_environment_says_that_it_does_nothing(self):
        for more in ({"env": {"AIO_INCLUDE": "more.conf"}},):
            done = self.aio("config", "check", config=self.TICK, **more)
            self.assertStatus(done, OK)
            self.assertSaid(r"^environment:\d+:1: warning: include has no effect here", done.err)
        done = self.aio("-o", "aio:include=more.conf", "config", "check")
        self.assertSaid(r"^command line:1:1: warning: include has no effect here", done.err)

    def test_report_cfg_5_a_reference_to_an_empty_variable_takes_its_default(self):
        config = "[x]\na = ${env:EMPTY:-fallback}\nb = ${env:EMPTY:-}.\nc = ${env:EMPTY}\n"
        self.write("aio.conf", config)
        self.assertRan(self.aio("config", "-g", "x:a", env={"EMPTY": ""}), "fallback\n")
        self.assertRan(self.aio("config", "-g", "x:b", env={"EMPTY": ""}), ".\n")
        self.assertStatus(self.aio("config", "-g", "x:c", env={"EMPTY": ""}), BAD_CONFIG)


class Encodings(Case):
    TEXT = "[server/e]\nprotocol = nonsense\n"

    def test_report_cfg_6_utf_16_in_every_spelling(self):
        for name in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
            for mark in ("", "\ufeff"):
                self.write("aio.conf", (mark + self.TEXT).encode(name))
                for words in (["config", "check"], ["run"], ["config", "dump"],
                              ["config", "-s", "x:a", "1"], ["config", "-f", "aio.conf", "dump"]):
                    done = self.aio(*words)
                    self.assertStatus(done, BAD_CONFIG)
                    self.assertSaid(name[:6].upper(), done.err)
                    self.assertSaid("iconv -f " + name.upper().replace("-LE", "LE").replace("-BE", "BE"),
                                    done.err)
                self.assertEqual((self.folder / "aio.conf").read_bytes(),
                                 (mark + self.TEXT).encode(name))

    def test_report_cfg_6_included_files_and_those_of_modules_too(self):
        self.write("aio.conf", "[aio]\ninclude = more.conf\n")
        self.write("more.conf", self.TEXT.encode("utf-16-le"))
        done = self.aio("config", "check")
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid(r"^more\.conf: error: this file is UTF-16", done.err)
        self.write("modules/my/mod/aio.conf", self.TEXT.encode("utf-16-be"))
        done = self.aio("config", "check", config="[aio]\nmodules = my.mod\nmodule_path = modules\n",
                        env=OWN_PATH)
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid(r"aio\.conf: error: this file is UTF-16", done.err)

    def test_report_cfg_6_a_value_from_such_a_file(self):
        self.write("secret", "hunter2".encode("utf-16"))
        done = self.aio("config", "check", config="[x]\na = ${file:secret}\n")
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid("it is UTF-16, not UTF-8", done.err)
        self.write("secret", b"\xef\xbb\xbfhunter2\r\n")
        self.assertRan(self.aio("config", "-g", "x:a", "--show-secrets"), "hunter2\n")

    def test_report_cfg_6_a_nul(self):
        self.refused("[x]\na = 1\0\n", r"^aio\.conf:2:6: error: a NUL byte is not text$", r"a = 1\\x00")


class Unseen(Case):
    def test_report_cfg_7_in_every_place(self):
        rows = {
            "[server/e]\nprotocol = aio.examples.echo\npo\u200brt = 0\n": r"\\u200b",
            "[server/e]\nprotocol = aio.examples.echo\nport = \u200b0\n": r"\\u200b",
            "[schedule/x]\nfunc = aio.examples.tick\nevery = 1\u00ad0s\n": r"\\u00ad",
            "[schedule/x]\nfunc = aio.examples.\u202etick\nevery = 1s\n": r"\\u202e",
            "[x]\na = 1\n\ufeff[y]\nb = 1\n": r"\\ufeff",
            "[x]\na = 1\n\ufeff[y:z]\nb = 1\n": r"\\ufeff",
            "\ufeff\ufeff[x]\na = 1\n": r"\\ufeff",
            "[se\u00adrver/x]\na = 1\n": r"\\u00ad",
            "[x]\na = ${ser\u200bver:x}\n": r"\\u200b",
        }
        for config, shown in rows.items():
            done = self.refused(config.lstrip("\n"), shown + ".* is a ")
            self.assertNotSaid("[\u200b\u00ad\u202e\ufeff]", done.err)

    def test_report_cfg_7_on_the_command_line(self):
        self.write("aio.conf", "[x]\na = 1\n")
        for words in (["ru\u200bn"], ["config", "-g", "x:\u202ea"], ["config", "-s", "x:\u200bb", "1"],
                      ["-o", "x:\u00ada=1", "config", "check"], ["-c", "a\u200b.conf", "run"],
                      ["config", "unset", "x:a\u200b"], ["module", "new", "my.\u200bmodule"],
                      ["config", "--fo\u200bo"], ["module", "sh\u200bow"]):
            done = self.aio(*words)
            self.assertNotEqual(done.status, OK, done)
            self.assertNotSaid("[\u200b\u00ad\u202e]", done.err)
            self.assertSaid(r"\\u(200b|202e|00ad)", done.err)
        self.assertEqual(self.read("aio.conf"), "[x]\na = 1\n")

    def test_report_cfg_7_as_json(self):
        done = self.aio("config", "check", "--json", config="[x]\npo\u200brt = 0\n")
        self.assertStatus(done, BAD_CONFIG)
        self.assertNotSaid("\u200b", done.out)
        said = json.loads(done.out)
        self.assertIn("po\u200brt", said[0]["message"])
        self.assertIn("zero width space", said[0]["hint"])

    def test_a_word_of_a_script_that_joins_and_an_emoji_are_no_mistake(self):
        self.assertRan(self.aio("config", "check", config=(
            "[x]\n\u0645\u06cc\u200c\u062e = \U0001F468\u200d\U0001F469 \u2764\ufe0f\n"
        )))


class PatientServers(Case):
    def test_servers_for_strangers_without_idle_timeout_are_one_warning_of_check_in_each_file(self):
        server = "[server/{}]\nprotocol = aio.examples.echo\nport = 0\n{}\n"
        exposed = "".join(server.format(name, "") for name in "abcde")
        local = (server.format("l", "address = 127.0.0.1\n  ::1")
                 + server.format("n", "address = localhost")
                 + server.format("i", "idle_timeout = 5m")
                 + server.format("u", "transport = udp").replace("examples.echo", "examples.echo_datagram")
                 + "[server/s]\nprotocol = aio.examples.echo\ntransport = unix\npath = s\n")
        self.write("more.conf", server.format("x", "address = ::1\n  0.0.0.0"))
        done = self.aio("config", "check", config="[aio]\ninclude = more.conf\n" + exposed + local)
        self.assertStatus(done, OK)
        self.assertSaid(r"aio\.conf:3:1: warning: 5 servers listen beyond loopback without "
                        r"idle_timeout: server/a, server/b, server/c and 2 more$", done)
        self.assertSaid(r"more\.conf:1:1: warning: a server listens beyond loopback without "
                        r"idle_timeout: server/x$", done)
        self.assertEqual(done.text.count("idle_timeout: "), 2, str(done))
        done = self.aio("config", "check", config=local)
        self.assertNotIn("idle_timeout", done.text, str(done))


class Comments(Case):
    def test_report_cfg_8_a_comment_inside_a_command_is_a_warning(self):
        config = (
            "[process/x]\nshell = yes\ncommand = case \"$$AIO_PROCESS_INDEX\" in\n"
            "    0) echo zero\n    ;;\n    *) echo other\n    ;;\n    esac\n    exec sleep 1000\n"
        )
        done = self.aio("config", "check", config=config)
        self.assertStatus(done, OK)
        self.assertSaid(r"^aio\.conf:5:5: warning: this line and 1 more are a comment, not part of "
                        r"the value of 'command'$", done.err)

    def test_report_cfg_8_a_clear_comment_is_a_warning_of_check_alone(self):
        config = "[x]\na =\n  one\n  # two\n  three\n"
        self.assertRan(self.aio("config", "-g", "x:a", config=config), "\none\nthree\n")
        done = self.aio("config", "check")
        self.assertStatus(done, OK)
        self.assertSaid(r"^aio\.conf:4:3: warning: this line is a comment, not part of the value of "
                        r"'a'$", done.err)


class Named(Case):
    """What is read because a user names it: nothing waits for ever, no device is touched."""

    def test_a_fifo_nobody_writes_to_ends_every_command(self):
        os.mkfifo(self.folder / "fifo")
        self.write("aio.conf", "[x]\na = ${file:fifo}\n")
        done = self.aio("config", "check")
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid("it is a pipe that nobody writes to", done.err)
        for args, status in ((("-c", "fifo", "config", "check"), USAGE),
                             (("config", "-f", "fifo", "-s", "x:a", "1"), USAGE),
                             (("config", "-f", "fifo", "dump"), USAGE)):
            done = self.aio(*args)
            self.assertStatus(done, status)
            self.assertSaid("nobody writes to", done.err)
        done = self.aio("config", "check", config="[aio]\ninclude = fifo\n")
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid(r"^aio\.conf:2:11: error: cannot read 'fifo'", done.err)

    def test_devices_sockets_and_folders_are_no_values(self):
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(str(self.folder / "socket"))
            for path, why in (("/dev/zero", "neither a regular file nor a pipe"),
                              ("/dev/tty", "neither a regular file nor a pipe"),
                              ("socket", "it is a socket"), (".", "Is a directory"),
                              ("/proc/1/mem", "neither|denied|Input/output|larger|root does not|UTF|NUL")):
                done = self.aio("config", "check", config=f"[x]\na = ${{file:{path}}}\n")
                self.assertStatus(done, BAD_CONFIG)
                self.assertSaid(why, done.err)

    def test_a_pipe_as_a_value_is_read_once_for_all(self):
        self.write("aio.conf", "[x]\na = ${file:/dev/stdin}\nb = ${a}${file:/dev/stdin}\n")
        reading, writing = os.pipe()
        os.write(writing, b"word\n")
        os.close(writing)
        with os.fdopen(reading) as pipe:
            done = self.aio("config", "-g", "x", "--show-secrets", stdin=pipe)
        self.assertRan(done, "a = word\nb = wordword\n")

    @unittest.skipUnless(ROOT, "only root can give files away")
    def test_root_holds_values_to_the_same_rule_as_files(self):
        os.chown(self.write("secret", "word"), 65534, 65534)
        done = self.aio("config", "check", config="[x]\na = ${file:secret}\n")
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid("root does not act on a file that belongs to user 65534", done.err)

    @unittest.skipUnless(ROOT, "only root can give files away")
    def test_root_holds_the_defaults_of_a_module_to_it(self):
        path = self.write("modules/my/mod/aio.conf", "[process/x]\ncommand = sleep 1000\n")
        self.write("aio.conf", "[aio]\nmodules = my.mod\nmodule_path = modules\n")
        os.chown(path, 65534, 65534)
        done = self.aio("config", "check", env=OWN_PATH)
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid(r"module 'my\.mod': cannot read '.*my/mod/aio\.conf': root does not act on it, "
                        r"because .*aio\.conf belongs to user 65534", done.err)


@unittest.skipUnless(ROOT, "only root can become another user")
class UserNamespace(Case):
    """The root of a namespace that has one user of the machine: all others have no number there."""

    OTHER = ["setpriv", "--reuid=1234", "--regid=1234", "--clear-groups", "unshare", "-r"]

    def setUp(self):
        super().setUp()
        if subprocess.run([*self.OTHER, "true"], capture_output=True, check=False).returncode != 0:
            self.skipTest("no user namespace can be made here")
        self.folder.chmod(0o755)
        self.write("aio.conf", "[mine]\na = 1\n").chmod(0o644)

    def check(self):
        return subprocess.run(
            [*self.OTHER, str(AIO), "-c", str(self.folder / "aio.conf"), "config", "check"],
            cwd=self.folder, env=clean_environment({"ASAN_OPTIONS": "detect_leaks=0"}),
            capture_output=True, text=True, check=False)

    def test_a_file_of_a_user_who_does_not_exist_there_is_read(self):
        done = self.check()
        self.assertEqual((done.returncode, done.stderr), (OK, ""))

    def test_but_not_one_that_everybody_may_write(self):
        (self.folder / "aio.conf").chmod(0o666)
        done = self.check()
        self.assertNotEqual(done.returncode, OK)
        self.assertSaid("may be written by everybody", done.stderr)


@unittest.skipUnless(ROOT, "only root can give files away")
class FolderOfAnotherUser(Case):
    """What root does with a configuration in the folder of bob, as after `sudo aio -c ./app.conf run`."""

    TICK = "[schedule/t]\nevery = 1s\nfunc = aio.examples.tick\n"

    def setUp(self):
        super().setUp()
        self.folder.chmod(0o755)
        self.write("bob/app.conf", self.TICK)
        self.write("etc/app.conf", self.TICK)
        os.chown(self.folder / "bob", 65534, 65534)

    def refused(self, *args, cwd=None):
        done = self.aio(*args, cwd=cwd)
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid("root does not act on it, because .*/bob belongs to user 65534", done.err)
        return done

    def test_every_way_to_it_is_refused_and_says_what_to_do(self):
        os.symlink("../bob/app.conf", self.folder / "etc/link.conf")
        os.symlink("../etc/app.conf", self.folder / "bob/planted.conf")
        for path in ("bob/app.conf", "etc/link.conf", "bob/planted.conf", "bob/../etc/app.conf"):
            with self.subTest(path):
                done = self.refused("-c", path, "run")
                self.assertSaid("give it, and every folder above it, to root", done.err)
        self.refused("-c", "./app.conf", "run", cwd=self.folder / "bob")

    def test_what_a_configuration_names_is_held_to_it_too(self):
        for text in ("[aio]\ninclude = ../bob/app.conf\n", "[aio]\ninclude = ../bob/*.conf\n",
                     f"[x]\na = ${{file:{self.folder}/bob/app.conf}}\n"):
            with self.subTest(text):
                self.write("etc/own.conf", text)
                self.refused("-c", "etc/own.conf", "config", "check")
        self.write("bob/logging.conf", "[logger_root]\nlevel = INFO\n")
        self.refused("-c", self.folder / "etc/app.conf", "config", "check",
                     cwd=self.folder / "bob")

    def test_nothing_is_changed_there(self):
        os.symlink("../etc/app.conf", self.folder / "bob/link.conf")
        for path in ("bob/app.conf", "bob/link.conf", "bob/new.conf"):
            for args in (("-c", path, "config", "-s", "schedule/t:every", "9s"),
                         ("config", "-f", path, "-s", "schedule/t:every", "9s"),
                         ("config", "-f", path, "unset", "schedule/t:every")):
                with self.subTest(args):
                    done = self.aio(*args)
                    self.assertNotEqual(done.status, 0)
                    self.assertEqual(self.read("bob/app.conf"), self.TICK)
                    self.assertEqual(self.read("etc/app.conf"), self.TICK)
                    self.assertFalse((self.folder / "bob/new.conf").exists())

    def test_what_was_given_to_the_process_is_read(self):
        with open(self.folder / "bob/app.conf", encoding="utf-8") as file:
            for name in ("/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"):
                done = self.aio("-c", name, "config", "-g", "schedule/t:every", stdin=file)
                self.assertRan(done, "1s\n")

    def test_bob_runs_it(self):
        done = self.aio("-c", "./app.conf", "config", "-g", "schedule/t:every",
                        cwd=self.folder / "bob", user="nobody", group="nogroup", extra_groups=[])
        self.assertRan(done, "1s\n")


@unittest.skipUnless(ROOT, "needs root")
class FolderOfEverybody(Case):
    """What an ordinary user does with a file that somebody else may have planted, as in /tmp."""

    def setUp(self):
        super().setUp()
        self.folder.chmod(0o1777)
        self.write("own/my.conf", FolderOfAnotherUser.TICK)
        self.plant("logging.conf", "[logger_root]\nlevel = WARNING\n")

    def plant(self, name, text):
        self.write(name, text)
        os.chown(self.folder / name, 1234, 1234)

    def as_nobody(self, *args):
        return self.aio(*args, user="nobody", group="nogroup", extra_groups=[])

    def test_a_logging_conf_is_not_read(self):
        done = self.as_nobody("-c", "own/my.conf", "config", "get", "logger_root:level")
        self.assertNotEqual(done.out, "WARNING\n")
        self.assertSaid(r"warning: logging\.conf is not read: 'logging\.conf' belongs to user 1234, in a folder that "
                        r"everybody may write", done.err)
        self.folder.chmod(0o755)
        self.assertRan(self.as_nobody("-c", "own/my.conf", "config", "get", "logger_root:level"),
                       "WARNING\n")

    def test_an_aio_conf_has_to_be_named(self):
        self.plant("aio.conf", FolderOfAnotherUser.TICK)
        done = self.as_nobody("config", "check")
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid(r"error: cannot trust 'aio\.conf', which nobody has named: 'aio\.conf' belongs to user 1234",
                        done.err)
        self.assertSaid(r"aio -c aio\.conf", done.err)
        self.assertStatus(self.as_nobody("-c", "aio.conf", "config", "check"), OK)
        done = self.as_nobody("config", "set", "x:password", "1")
        self.assertStatus(done, BAD_CONFIG)
        self.assertEqual(self.read("aio.conf"), FolderOfAnotherUser.TICK)

    def test_each_name_of_its_path_counts_and_a_link_as_itself(self):
        self.plant("etc/aio.conf", FolderOfAnotherUser.TICK)
        os.chown(self.folder / "etc", 1234, 1234)
        done = self.as_nobody("config", "check")
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid(r"cannot trust 'etc/aio\.conf'.*: 'etc' belongs to user 1234, in a folder", done.err)
        os.symlink("own/my.conf", self.folder / "aio.conf")
        os.chown(self.folder / "aio.conf", 1234, 1234, follow_symlinks=False)
        self.assertSaid(r"cannot trust 'aio\.conf'.*: 'aio\.conf' belongs to user 1234, in a folder",
                        self.as_nobody("config", "check").err)

    def test_what_a_pattern_finds_is_held_to_it_as_well(self):
        self.write("own/my.conf", "[aio]\ninclude = ../part-*.conf\n")
        self.plant("part-x.conf", FolderOfAnotherUser.TICK)
        done = self.as_nobody("-c", "own/my.conf", "config", "check")
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid(r"own/my\.conf:2:11: error: cannot read 'own/\.\./part-x\.conf': 'part-x\.conf' belongs to user "
                        r"1234, in a folder", done.err)
        self.write("own/my.conf", "[aio]\ninclude = ../part-x.conf\n")
        self.assertStatus(self.as_nobody("-c", "own/my.conf", "config", "check"), OK)

    def test_nor_does_a_file_of_the_patterns_own_name(self):
        self.write("own/my.conf", "[aio]\ninclude = ../[0-9]*.conf\n")
        self.plant("[0-9]*.conf", FolderOfAnotherUser.TICK)
        done = self.as_nobody("-c", "own/my.conf", "config", "check")
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid(r"cannot read 'own/\.\./\[0-9\]\*\.conf': .* belongs to user 1234", done.err)
        self.assertSaid("give it a name without", done.err)

    def test_what_the_user_has_named_of_a_pattern_is_not(self):
        self.plant("his/part-x.conf", FolderOfAnotherUser.TICK)
        os.chown(self.folder / "his", 1234, 1234)
        self.write("own/my.conf", "[aio]\ninclude = ../his/part-*.conf\n")
        self.assertStatus(self.as_nobody("-c", "own/my.conf", "config", "check"), OK)
        self.write("own/my.conf", "[aio]\ninclude = ../h*/part-*.conf\n")
        self.assertSaid("'his' belongs to user 1234", self.as_nobody("-c", "own/my.conf", "config", "check").err)

    @unittest.skipUnless(can_mount(), "cannot mount")
    def test_what_is_mounted_read_only_may_be_written_elsewhere(self):
        self.plant("mounted/aio.conf", FolderOfAnotherUser.TICK)
        (self.folder / "mounted").chmod(0o777)
        check = f"setpriv --reuid=65534 --regid=65534 --clear-groups {AIO} config check"
        for prepare in ("true", "mount --bind -o ro . . && cd $PWD && ! touch x 2>/dev/null"):
            done = subprocess.run(
                ["unshare", "-m", "sh", "-c", f"{prepare} && {check}"], cwd=self.folder / "mounted",
                env=clean_environment(), check=False, capture_output=True, text=True, timeout=PATIENCE)
            self.assertEqual(done.returncode, BAD_CONFIG, done.stderr)

    def test_a_file_that_everybody_may_write_is_a_strangers_in_a_sticky_folder(self):
        self.write("aio.conf", FolderOfAnotherUser.TICK)
        os.chown(self.folder / "aio.conf", 65534, 65534)
        (self.folder / "aio.conf").chmod(0o666)
        done = self.as_nobody("config", "check")
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid(r"cannot trust 'aio\.conf', .*: 'aio\.conf' may be written by everybody", done.err)
        self.folder.chmod(0o777)  # as file systems look that have no users of their own
        self.assertStatus(self.as_nobody("-c", "own/my.conf", "config", "check"), OK)
        (self.folder / "logging.conf").unlink()
        self.assertStatus(self.as_nobody("config", "check"), OK)

    def test_so_is_one_that_a_foreign_group_may_write(self):
        self.write("aio.conf", FolderOfAnotherUser.TICK)
        (self.folder / "logging.conf").unlink()
        (self.folder / "aio.conf").chmod(0o664)
        os.chown(self.folder / "aio.conf", 65534, 1234)
        done = self.as_nobody("config", "check")
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid(r"cannot trust 'aio\.conf', .*: 'aio\.conf' may be written by group 1234", done.err)
        os.chown(self.folder / "aio.conf", 65534, 65534)  # a group of their own, as Debian makes it
        (self.folder / "aio.conf").chmod(0o664)
        self.assertStatus(self.as_nobody("config", "check"), OK)

    def test_a_link_that_leads_to_a_locked_folder_holds_nobody_up(self):
        self.write("his/x", "")
        os.symlink("his/new.conf", self.folder / "aio.conf")
        os.chown(self.folder / "aio.conf", 1234, 1234, follow_symlinks=False)
        held = os.open(self.folder / "his", os.O_RDONLY)
        self.addCleanup(os.close, held)
        fcntl.flock(held, fcntl.LOCK_EX)
        done = self.as_nobody("config", "set", "aio:log_level", "DEBUG")
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid(r"cannot trust 'aio\.conf'", done.err)

    def test_an_owner_without_a_number_in_the_namespace_is_a_stranger(self):
        self.plant("aio.conf", FolderOfAnotherUser.TICK)
        for flags in (("--user",), ("--user", "--map-root-user")):
            done = subprocess.run(
                ["unshare", *flags, str(AIO), "config", "check"], cwd=self.folder, env=clean_environment(), check=False,
                text=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, user="nobody",
                group="nogroup", extra_groups=[])
            if done.returncode == 1 and "unshare" in done.stderr:
                self.skipTest(done.stderr)
            self.assertEqual(done.returncode, BAD_CONFIG, done.stderr)
            self.assertSaid(r"cannot trust 'aio\.conf', .*: 'aio\.conf' belongs to a user of outside", done.stderr)

    def test_a_link_to_nothing_is_not_written_through(self):
        os.symlink(self.folder / "own/new.conf", self.folder / "aio.conf")
        os.chown(self.folder / "aio.conf", 1234, 1234, follow_symlinks=False)
        (self.folder / "own").chmod(0o777)
        done = self.as_nobody("config", "set", "aio:log_level", "DEBUG")
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid(r"cannot trust 'aio\.conf'", done.err)
        self.assertFalse((self.folder / "own/new.conf").exists())

    def test_a_link_of_a_stranger_to_anything_stops_nobody_who_names_a_file(self):
        for target in ("nowhere", "own", "/dev/zero", "logging.conf"):
            (self.folder / "logging.conf").unlink()
            os.symlink(target, self.folder / "logging.conf")
            os.chown(self.folder / "logging.conf", 1234, 1234, follow_symlinks=False)
            done = self.as_nobody("-c", "own/my.conf", "config", "check")
            self.assertStatus(done, OK)
            self.assertSaid(r"warning: logging\.conf is not read: 'logging\.conf' belongs to user 1234", done.err)


class LoggingOverlay(Case):
    def test_it_configures_logging_and_nothing_else(self):
        self.write("own/my.conf", FolderOfAnotherUser.TICK)
        self.write("logging.conf", "[DEFAULT]\na = 1\n[loggers]\nkeys = root\n[logger_root]\nlevel = DEBUG\n"
                                   "[process/p]\ncommand = id\n[aio]\nmodules = x\n")
        done = self.aio("-c", "own/my.conf", "config", "check")
        self.assertStatus(done, BAD_CONFIG)
        for line, section in ((1, "DEFAULT"), (7, "process/p"), (9, "aio")):
            self.assertSaid(rf"^logging\.conf:{line}:1: error: \[{section}\] does not belong in logging\.conf$",
                            done.err)

    def test_nothing_of_one_that_holds_more_is_used(self):
        self.write("own/my.conf", FolderOfAnotherUser.TICK)
        self.write("logging.conf", "[aio]\nmodules = made\ninclude = more.conf\n[logger_root]\nlevel = DEBUG\n")
        done = self.aio("-c", "own/my.conf", "config", "check")
        self.assertStatus(done, BAD_CONFIG)
        self.assertEqual(len(re.findall("error:", done.err)), 1, done.err)
        dumped = self.aio("-c", "own/my.conf", "config")
        self.assertSaid(r"^\[schedule/", dumped.out)
        self.assertNotSaid("DEBUG|made", dumped.out)

    def test_a_pipe_of_this_name_is_held_to_it_as_well(self):
        self.write("own/my.conf", FolderOfAnotherUser.TICK)
        os.mkfifo(self.folder / "logging.conf")
        with subprocess.Popen(["sh", "-c", "printf '[aio]\\nmodules = x\\n' > logging.conf"],
                              cwd=self.folder):
            done = self.aio("-c", "own/my.conf", "config", "check")
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid(r"error: \[aio\] does not belong in logging\.conf$", done.err)

    def test_a_file_of_this_name_that_is_named_may_hold_all(self):
        self.write("logging.conf", FolderOfAnotherUser.TICK)
        for name in ("logging.conf", "./logging.conf", self.folder / "logging.conf"):
            self.assertStatus(self.aio("-c", name, "config", "check"), OK)
        self.write("aio.conf", "[aio]\ninclude = logging.conf\n")
        self.assertStatus(self.aio("config", "check"), OK)


class Reasons(Case):
    """Whatever cannot be written says why, in the words of the system."""

    def test_a_new_module(self):
        self.write("file", "")
        for folder, why in (("file/my", "Not a directory"), ("file", "Not a directory"),
                            ("/proc/my", "No such file or directory|Permission denied"),
                            ("x" * 300, "File name too long")):
            done = self.aio("module", "new", "my.example", "--dir", folder)
            self.assertStatus(done, FAILED)
            self.assertSaid(f"cannot be (made|written|the folder of a module): ({why})$", done.err)

    def test_a_configuration(self):
        done = self.aio("config", "-f", "no/such/aio.conf", "-s", "x:a", "1")
        self.assertStatus(done, FAILED)
        self.assertSaid("cannot write 'no/such/aio.conf': No such file or directory", done.err)

    def test_report_log_7_a_limit_of_the_file_size_is_an_error_of_the_write(self):
        self.write("aio.conf", "[x]\na = 1\n")
        done = subprocess.run(
            ["bash", "-c", 'ulimit -f 1; exec "$AIO" config -s x:a "$0"', "y" * 3000],
            cwd=self.folder, env=clean_environment({"AIO": str(AIO)}), capture_output=True,
            text=True, check=False,
        )
        self.assertEqual(done.returncode, FAILED, done.stderr)
        self.assertIn("cannot write 'aio.conf': File too large", done.stderr)
        self.assertEqual(self.read("aio.conf"), "[x]\na = 1\n")
        self.assertEqual(os.listdir(self.folder), ["aio.conf"])

    def test_standard_output(self):
        self.write("aio.conf", "[aio]\nmodules = probe.good\n[schedule/x]\nevery = 1h\n"
                               "func = aio.examples.tick\n")
        for command in ("config", "config dump", "config dump --json", "config schema",
                        "config schema --json", "config -g aio:modules", "config check --json",
                        "config -s aio:loops 2 --dry-run", "graph", "module list",
                        "module show aio.examples", "module new a.b", "test probe.good",
                        "test aio.app", "--version", "-h", "run -h", "config -h", "test -h"):
            with self.subTest(command=command), open("/dev/full", "w") as full:
                done = subprocess.run(
                    [str(AIO), *command.split()], cwd=self.folder,
                    env=clean_environment(), stdout=full,
                    stderr=subprocess.PIPE, text=True, check=False,
                )
                self.assertEqual(done.stderr, "aio: cannot write to standard output: "
                                              "No space left on device\n")
                self.assertEqual(done.returncode, FAILED)


class Colons(Case):
    def test_many_are_one_line_with_a_count_and_the_places(self):
        self.write("more.conf", "[listen:x]\n")
        done = self.aio("config", "check", config=(
            "[aio]\ninclude = more.conf\n[schedule:x]\nevery = 1h\nfunc = aio.examples.tick\n"
            "[schedule:y]\nevery = 1h\nfunc = aio.examples.tick\n"
        ))
        self.assertStatus(done, OK)
        self.assertEqual(len(done.err.splitlines()), 1, done.err)
        self.assertSaid(r"^aio\.conf:3:1: warning: 3 sections .* aio\.conf:3, 6, more\.conf:1$", done.err)


class Dollars(Case):
    def test_a_lone_dollar_says_all_that_may_follow(self):
        for text in ("$x", "a$", "$ {x}", "$(x)"):
            done = self.aio("config", "check", config=f"[x]\na = {text}\n")
            self.assertStatus(done, BAD_CONFIG)
            self.assertSaid(r"'\$' must be followed by '\$', '\{' or '<', found", done.err)


if __name__ == "__main__":
    main()
