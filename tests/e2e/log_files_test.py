"""Log files in trouble: no room for a new one, access lists, parts that cannot be moved, lost records."""

import os
import re
import shlex
import shutil
import signal
import socket
import struct
import time
import unittest

from support import AIO, Case, PATIENCE, Running, clean_environment, main

ROOT = os.geteuid() == 0
NOBODY = 65534

# A numbered line each 10 ms.
NUMBERS = """
[process/x]
shell = yes
command = i=0; while :; do i=$$((i+1)); echo "line $$i, long enough to reach the limit soon"; sleep 0.01; done
"""


def handler(kind, args):
    return ("[formatter_f]\nformat = %(message)s\n[logger_root]\nlevel = INFO\nhandlers = h\n"
            f"[handler_h]\nclass = {kind}\nargs = {args}\nformatter = f\n")


def access_list(*entries):
    """(tag, rights, number): 1 owner, 2 user, 4 group, 16 mask, 32 others."""
    return struct.pack("<I", 2) + b"".join(
        struct.pack("<HHI", tag, rights, number) for tag, rights, number in entries)


class Files(Case):
    def numbers(self, folder):
        """Of the lines in the files there."""
        text = ""
        for name in os.listdir(folder):
            with open(f"{folder}/{name}", encoding="utf-8") as file:
                text += file.read()
        return sorted(map(int, re.findall(r"line (\d+), long enough to reach the limit soon$", text, re.M)))


@unittest.skipUnless(ROOT and shutil.which("unshare"), "needs root and namespaces")
class FullDisks(Files):
    def on_disk(self, options, config, prepare=""):
        """Runs with `v` on a file system of its own; returns also the path to it from outside."""
        os.makedirs(self.folder / "v", exist_ok=True)
        self.write("aio.conf", config)
        script = (f"mount --make-rprivate /\nmount -t tmpfs -o {options} none v\n{prepare}"
                  f"exec {shlex.quote(str(AIO))} run")
        running = Running(["unshare", "-m", "sh", "-ec", script], self.folder, clean_environment())
        self.addCleanup(running.kill)
        return running, f"/proc/{running.pid}/cwd/v"

    def test_a_start_without_room_for_the_log_is_a_warning_until_there_is_room(self):
        for config in ("[aio]\nlog_file = v/x.log\n", handler("FileHandler", "('v/x.log',)")):
            running, disk = self.on_disk("size=1m,nr_inodes=4", config + NUMBERS, ": > v/1; : > v/2; : > v/3\n")
            running.wait_for(r"warning: the log cannot open 'v/x\.log': No space left on device; "
                             r"its records go to standard error until it can")
            running.wait_for(r"line 1, long enough")
            os.unlink(f"{disk}/1")
            running.wait_for(r"the log reaches 'v/x\.log' again")
            self.assertStops(running)

    def test_a_turn_without_room_for_the_new_file_loses_nothing(self):
        growing = r"warning: the log 'v/x\.log' is not rotated and goes on growing: cannot make its new file: No space"
        for kind, args in (("RotatingFileHandler", "('v/x.log', 'a', 300, 5)"),
                           ("TimedRotatingFileHandler", "('v/x.log', 'S', 1)")):
            running, disk = self.on_disk("size=1m,nr_inodes=4", handler(kind, args) + NUMBERS)
            running.wait_for(growing)
            parts = sorted(name for name in os.listdir(disk) if name != "x.log")
            self.assertEqual(len(parts), 2, parts)
            before = self.numbers(disk)
            with open(f"{disk}/{parts[0]}", encoding="utf-8") as file:
                removed = set(map(int, re.findall(r"line (\d+),", file.read())))
            os.unlink(f"{disk}/{parts[0]}")
            running.wait_for(r"the log 'v/x\.log' is rotated again")
            self.assertEqual(len(running.find(growing)), 1, running.report())
            running.send(signal.SIGSTOP)
            found = self.numbers(disk)
            running.send(signal.SIGCONT)
            self.assertEqual(found, sorted(set(range(1, found[-1] + 1)) - removed))
            self.assertGreater(found[-1], before[-1])
            self.assertFalse([name for name in os.listdir(disk) if name.startswith(".")])
            self.assertStops(running)

    def test_the_part_that_is_too_old_makes_room_for_the_new_file(self):
        for kind, args in (("RotatingFileHandler", "('v/x.log', 'a', 300, 2)"),
                           ("TimedRotatingFileHandler", "('v/x.log', 'S', 1, 2)")):
            running, disk = self.on_disk("size=1m,nr_inodes=4", handler(kind, args) + NUMBERS)
            deadline = time.monotonic() + PATIENCE
            while not os.path.isdir(disk) or 1 in self.patient_numbers(disk) or len(os.listdir(disk)) < 3:
                self.assertLess(time.monotonic(), deadline, running.report())
                time.sleep(0.05)
            self.assertNotSaid("not rotated", running)
            self.assertStops(running)

    def test_a_turn_that_fails_without_room_changes_no_part(self):
        sized = ("RotatingFileHandler", "('v/x.log', 'a', 300, 2)", ("x.log.2", "x.log.1"))
        # Long enough that the first period does not end while the app still starts as root.
        timed = ("TimedRotatingFileHandler", "('v/x.log', 'S', 5, 2)",
                 ("x.log.2020-01-01_00-00-00", "x.log.2020-01-01_00-00-01"))
        for (kind, args, names), foreign, action in (
                (sized, "x.log", "move"), (timed, "x.log", "move"),
                (sized, sized[2][0], "move"), (timed, timed[2][0], "remove")):
            prepare = ""
            for name in (*names, "x.log"):
                prepare += (f"echo {name} > v/{name}; chmod 666 v/{name}\n"
                            f"chown {0 if name == foreign else NOBODY} v/{name}\n")
            running, disk = self.on_disk("size=1m,nr_inodes=4,mode=1777",
                                         "[aio]\nuser = nobody\n" + handler(kind, args) + NUMBERS, prepare)
            running.wait_for(r"warning: the log 'v/x\.log' is not rotated and goes on growing: "
                             rf"cannot {action} '.*v/{re.escape(foreign)}': Operation not permitted")
            for name in names:
                self.assertEqual(self.read_from(disk, name), name + "\n")
            self.assertEqual(sorted(os.listdir(disk)), sorted(("x.log", *names)))
            self.assertStops(running)

    def test_a_part_that_a_reader_holds_makes_no_room_and_no_record_is_lost(self):
        for kind, args, names in (
                ("RotatingFileHandler", "('v/x.log', 'a', 300, 2)", ("x.log.2", "x.log.1")),
                ("TimedRotatingFileHandler", "('v/x.log', 'S', 1, 2)",
                 ("x.log.2020-01-01_00-00-00", "x.log.2020-01-01_00-00-01"))):
            prepare = f"echo old > v/{names[1]}; echo old > v/{names[0]}\nwhile ! [ -e go ]; do sleep 0.02; done; rm go\n"
            running, disk = self.on_disk("size=1m,nr_inodes=4", handler(kind, args) + NUMBERS, prepare)
            self.wait_until(running, lambda: os.path.exists(f"{disk}/{names[0]}"))
            with open(f"{disk}/{names[0]}", encoding="utf-8"):
                self.write("go", "")
                running.wait_for(r"warning: the log cannot open 'v/x\.log': No space left on device; its records go to "
                                 r"the file that was open before until it can")
                self.assertNotIn("x.log", os.listdir(disk))
                before = self.numbers(disk)
                self.wait_until(running, lambda: self.numbers(disk)[-1:] > before[-1:])
                found = self.numbers(disk)
                self.assertEqual(found, list(range(1, found[-1] + 1)))
                self.assertEqual(len(os.listdir(disk)), 2, os.listdir(disk))
            running.wait_for(r"the log reaches 'v/x\.log' again")
            self.assertStops(running)
            self.assertNotSaid("were lost", running)

    def wait_until(self, running, reached):
        deadline = time.monotonic() + PATIENCE
        while not reached():
            self.assertLess(time.monotonic(), deadline, running.report())
            time.sleep(0.02)

    def read_from(self, disk, name):
        with open(f"{disk}/{name}", encoding="utf-8") as file:
            return file.read()

    def patient_numbers(self, disk):
        """While files are being moved."""
        try:
            return self.numbers(disk) or [1]
        except FileNotFoundError:
            return [1]


class SharedFiles(Files):
    def written(self, name):
        try:
            return self.read(name)
        except FileNotFoundError:  # not made yet, or just being turned
            return ""

    def test_a_handler_goes_on_in_the_file_that_another_handler_has_made(self):
        lines = ("\n[process/x]\nshell = yes\ncommand = for i in $$(seq 200); do "
                 'echo "line $$i, long enough to reach the limit soon"; sleep 0.002; done; exec sleep 1000\n')
        second = "[logger_x]\nqualname = process\nhandlers = g\npropagate = 0\n"
        ticks = "[schedule/t]\nevery = 0.02\nfunc = aio.examples.tick\n"
        for args in ("('x.log', 'a')", "('./x.log',)"):
            for path in self.folder.glob("x.log*"):
                path.unlink()
            running = self.start(handler("RotatingFileHandler", "('x.log', 'a', 300, 1)") + second + ticks + lines +
                                 f"[handler_g]\nclass = FileHandler\nargs = {args}\nformatter = f\n")
            deadline = time.monotonic() + PATIENCE
            newest = ""
            while not re.search(r"^stdout: line 200, ", newest, re.M):
                self.assertLess(time.monotonic(), deadline, newest + running.report())
                time.sleep(0.005)
                newest = "".join(self.written(name) for name in ("x.log.1", "x.log"))
            self.assertStops(running)
            self.assertNotSaid("warning", running)


class LostRecords(Files):
    def test_the_last_number_is_the_exact_one(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
            receiver.bind(str(self.folder / "socket"))
            config = ("[formatter_f]\nformat = %(message)s\n[logger_root]\nlevel = INFO\nhandlers = h, all\n"
                      "[handler_h]\nclass = SysLogHandler\nargs = ('socket',)\nformatter = f\n"
                      "[handler_all]\nclass = FileHandler\nargs = ('all.log',)\nformatter = f\n")
            running = self.start(config + NUMBERS)
            running.wait_for(r"cannot write the log to .*socket: Resource temporarily unavailable \(1 record lost so far\)")
            time.sleep(0.3)
            self.assertStops(running)
            receiver.setblocking(False)
            received = 0
            try:
                while receiver.recv(65536):
                    received += 1
            except BlockingIOError:
                pass
        logged = self.read("all.log").count("\n")
        told = re.findall(r"(\d+) records? (?:lost so far|of the log to .*socket were lost)", running.err)
        self.assertEqual(int(told[-1]), logged - received, running.err)


@unittest.skipUnless(ROOT, "needs root")
class Rights(Files):
    USER = "[aio]\nuser = nobody\n"

    def setUp(self):
        super().setUp()
        os.chmod(self.folder, 0o755)
        os.mkdir(self.folder / "shared")
        os.chmod(self.folder / "shared", 0o1777)

    def test_a_new_file_gives_the_group_no_more_than_the_access_list_of_the_old_one(self):
        os.mkdir(self.folder / "his")
        os.chown(self.folder / "his", NOBODY, NOBODY)
        none = 0xFFFFFFFF
        given = access_list((1, 6, none), (2, 6, 1234), (2, 6, NOBODY), (4, 0, none), (16, 6, none), (32, 0, none))
        for user in ("", self.USER):
            for name, kind, args in (("x.log", "RotatingFileHandler", "('his/x.log', 'a', 300, 2)"),
                                     ("y.log", "TimedRotatingFileHandler", "('his/y.log', 'S', 1)")):
                path = self.folder / "his" / name
                path.write_text("")
                os.chown(path, 0, 4)
                try:
                    os.setxattr(path, "system.posix_acl_access", given)
                except OSError:
                    self.skipTest("the file system has no access lists")
                running = self.start(user + handler(kind, args) + NUMBERS)
                before = path.stat().st_ino
                deadline = time.monotonic() + PATIENCE
                while not path.exists() or path.stat().st_ino == before:
                    self.assertLess(time.monotonic(), deadline, running.report())
                    time.sleep(0.02)
                self.assertStops(running)
                self.assertEqual(os.getxattr(path, "system.posix_acl_access"), given)
                self.assertEqual(path.stat().st_mode & 0o7777, 0o660)
                for each in os.listdir(self.folder / "his"):
                    os.unlink(self.folder / "his" / each)

    def test_half_a_limit_is_a_warning(self):
        for args, missing in (("('x.log', 'a', 3000)", "backupCount"), ("('x.log', 'a', 0, 3)", "maxBytes")):
            done = self.accepted(handler("RotatingFileHandler", args))
            self.assertSaid(r"warning: \[handler_h\] 'x\.log' is never rotated and grows without limit: "
                            rf"{missing} is 0$", done)
        for args in ("('x.log',)", "('x.log', 'a', 3000, 3)"):
            self.assertNotSaid("never rotated", self.accepted(handler("RotatingFileHandler", args)))

    def test_a_part_that_cannot_be_moved_is_a_warning(self):
        rotating, timed = "RotatingFileHandler", "TimedRotatingFileHandler"
        sized = handler(rotating, "('shared/x.log', 'a', 300, 5)")
        cannot = r"warning: \[handler_h\] 'shared/x\.log' cannot be rotated and grows without limit: "
        for name in ("x.log.1", "x.log.2"):
            self.write(f"shared/{name}", "old\n")
        theirs = cannot + "nobody may not rename '.*/shared/x.log.1'"
        self.assertSaid(theirs, self.accepted(self.USER + sized))
        running = self.start(self.USER + sized + NUMBERS)
        running.wait_for(theirs)
        running.wait_for(r"the log 'shared/x\.log' is not rotated and goes on growing: cannot move "
                         r"'.*/shared/x\.log\.2': Operation not permitted")
        self.assertStops(running)
        os.unlink(self.folder / "shared/x.log")
        self.assertNotSaid("cannot be rotated", self.accepted(sized))  # root may
        os.unlink(self.folder / "shared/x.log.1")
        self.assertNotSaid("cannot be rotated", self.accepted(self.USER + sized))  # the next turn makes it
        os.mkdir(self.folder / "shared/x.log.1")
        in_the_way = cannot + "'.*/shared/x.log.1' is a folder"
        for user in ("", self.USER):
            self.assertSaid(in_the_way, self.accepted(user + sized))
        os.rmdir(self.folder / "shared/x.log.1")
        os.symlink("elsewhere", self.folder / "shared/x.log.1")
        self.assertSaid(cannot + "'.*/shared/x.log.1' is no regular file", self.accepted(sized))
        self.write("shared/y.log.2026-01-01_00-00-00", "old\n")
        by_time = {kept: handler(timed, f"('shared/y.log', 'S', 1, {kept})") for kept in (0, 1)}
        stays = (r"warning: \[handler_h\] old parts of 'shared/y\.log' cannot be removed: "
                 r"nobody may not remove '.*/shared/y\.log\.2026-01-01_00-00-00'")
        self.assertSaid(stays, self.accepted(self.USER + by_time[1]))
        self.assertNotSaid("cannot be", self.accepted(self.USER + by_time[0]))  # all are kept
        self.assertNotSaid("cannot be", self.accepted(by_time[1]))

    def test_a_plain_file_that_the_user_cannot_reopen_is_a_warning(self):
        os.mkdir(self.folder / "deep")
        os.mkdir(self.folder / "deep/er")
        os.chmod(self.folder / "deep", 0o700)
        tick = "[schedule/t]\nevery = 1h\nfunc = probe.tick\n"
        for log, title in (("log_file = {}\n", r"\[aio\] log_file"),
                           (handler("FileHandler", "('{}',)"), r"\[handler_h\]")):
            with self.subTest(title=title):
                cannot = rf"^aio.conf:\d+:\d+: warning: {title} '{{}}' cannot be reopened by SIGUSR1: "
                config = self.USER + log.format("deep/er/x.log") + tick
                away = cannot.format("deep/er/x.log") + "nobody may not search '.*/deep'$"
                self.assertSaid(away, self.accepted(config).err)
                running = self.start(config)
                running.wait_for(away)
                running.wait_for("^tick")
                self.assertStops(running)
                os.chown(self.write("shared/x.log", "old\n"), 0, 0)
                config = self.USER + log.format("shared/x.log") + tick
                self.assertSaid(cannot.format("shared/x.log") + "nobody may not write to it$",
                                self.accepted(config).err)
                os.chown(self.folder / "shared/x.log", NOBODY, NOBODY)
                self.assertNotSaid("reopened", self.accepted(config).err)
                self.assertNotSaid("reopened", self.accepted(config[len(self.USER):]).err
                                   if log.startswith("[") else "")

    def test_a_rotating_file_that_the_user_cannot_reopen_is_a_warning_as_well(self):
        os.mkdir(self.folder / "deep")
        os.mkdir(self.folder / "deep/er")
        os.chmod(self.folder / "deep", 0o700)
        config = self.USER + handler("RotatingFileHandler", "('deep/er/x.log', 'a', 300, 2)")
        self.assertSaid(r"warning: \[handler_h\] 'deep/er/x\.log' cannot be (rotated|reopened)",
                        self.accepted(config))

    def test_a_folder_that_cannot_be_read_hides_no_other_warning(self):
        os.mkdir(self.folder / "deep")
        os.chown(self.folder / "deep", NOBODY, NOBODY)
        os.chmod(self.folder / "deep", 0o311)
        config = ("[formatter_f]\nformat = %(message)s\n[logger_root]\nlevel = INFO\nhandlers = h, i\n"
                  "[handler_h]\nclass = TimedRotatingFileHandler\nargs = ('deep/x.log', 'S', 1, 2)\n"
                  "[handler_i]\nclass = RotatingFileHandler\nargs = ('deep/x.log', 'a', 300, 2)\n")
        kept = r"warning: \[handler_h\] old parts of 'deep/x\.log' cannot be removed: "
        shared = (r"warning: \[handler_i\] rotates the file of \[handler_h\], which rotates it as well: "
                  r"the limit that is reached first counts")
        for config, why, more in ((self.USER + config, "nobody may not read '.*/deep'", {}),
                                  (config, "cannot read '.*/deep/': Permission denied",
                                   {"user": NOBODY, "group": NOBODY, "extra_groups": []})):
            found = self.aio("config", "check", config=config, **more)
            if "Permission denied: " in found.err or "loading shared" in found.err:
                self.skipTest("nobody cannot reach the program")
            self.assertSaid(kept + why, found)
            self.assertSaid(shared, found)


if __name__ == "__main__":
    main()
