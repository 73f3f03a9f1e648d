"""Every file of etc/ is started."""

import configparser
import os
import re
import shutil
import signal

from support import Case, SOURCE, SLOW, main

SAMPLES = sorted((SOURCE / "etc").rglob("*.conf"))


def options(path):
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(path, encoding="utf-8")
    return parser


class Samples(Case):
    def started(self, path):
        """Starts one on free ports and waits until all of its servers and schedules run."""
        shutil.copytree(SOURCE / "etc", self.folder / "etc")
        parser = options(path)
        args = ["-c", path.relative_to(SOURCE)]
        for section in parser.sections():
            if section.startswith(("server/", "bean/")) and parser.has_option(section, "port"):
                args += ["-o", f"{section}:port=0"]
        running = self.start(None, *args)
        for section in parser.sections():
            kind, _, name = section.partition("/")
            if kind == "server":
                running.wait_for(rf"Server\({re.escape(name)}\) \S+ started on ")
            elif kind == "service":
                running.wait_for(rf"\[\^{re.escape(name)}\]: Started$")
            elif kind == "bean":
                running.wait_for(rf"Bean\({re.escape(name)}\) \S+ started with id ")
            elif kind == "schedule":
                running.wait_for(rf"Scheduler started \({re.escape(name)}\): ")
            elif kind == "process":
                running.wait_for(rf"Process\({re.escape(name)}(\[0\])?\) \S+ started with pid")
        return running

    def test_every_sample_starts_and_stops(self):
        self.assertNotEqual(SAMPLES, [])
        for path in SAMPLES:
            with self.subTest(sample=path.name):
                shutil.rmtree(self.folder / "etc", True)
                self.assertStops(self.started(path))

    def test_every_sample_is_checked(self):
        for path in SAMPLES:
            done = self.aio("-c", path, "config", "check", cwd=self.folder)
            self.assertRan(done)

    def test_hello_does_what_it_says(self):
        running = self.started(SOURCE / "etc/hello.conf")
        running.wait_for(r"^Listener received: BOOM!$", 2)
        port = running.port("addition")
        self.assertEqual(self.exchange(port, b"2 + 2 + 3\n").strip(), b"7")
        self.assertStops(running)

    def test_processes_do_what_they_say(self):
        running = self.started(SOURCE / "etc/processes.conf")
        running.wait_for(r"INFO\(process\.clock\): stdout: .*\d\d:\d\d:\d\d")
        for index in range(3):
            running.wait_for(rf"stdout: worker {index} of 3 is at work in the mine$")
        running.wait_for(r"INFO\(process\.watcher\): stdout: +2\ttwo$")
        self.assertStops(running)
        for index in range(3):
            self.assertSaid(rf"\[{index}\] stdout: worker {index} goes home$", running)
        self.assertInOrder(
            [r"Process\(watcher\) pid \d+ was killed by SIGTERM$",
             r"Process\(worker\[\d\]\) pid \d+ exited with status 0$"],
            running.text(),
        )

    def test_chat_starts_and_stops_in_the_order_of_its_tree(self):
        running = self.started(SOURCE / "etc/chat.conf")
        running.wait_for(r"INFO\(aio\.examples\.users\): refreshed, 2 users$")
        with self.connect(running.port("websockets")) as client:
            client.sendall(b"hello\n")
            self.assertEqual(client.recv(100), b"hello\n")
            page = self.exchange(running.port("web"), b"")
            self.assertRegex(page.decode(), r"^1 connected, \d+ users\n$")
        self.assertStops(running)
        self.assertInOrder(
            [r"\[\^chat\]: Starting$",
             r"\[\^-websockets\]: Starting$", r"\[\^-websockets\]: Started$",
             r"\[\^-users\]: Starting$", r"\[\^-users\]: Started$", r"\[\^chat\]: Started$",
             r"Server\(web(sockets)?\) .* started on",
             r"\[\^chat\]: Stopping$",
             r"\[\^-users\]: Stopping$", r"\[\^-users\]: Stopped$",
             r"\[\^-websockets\]: Stopping$", r"0 connections are left$",
             r"\[\^-websockets\]: Stopped$", r"\[\^chat\]: Stopped$"],
            running.out,
        )

    def test_chat_draws_its_tree(self):
        drawn = self.aio("-c", SOURCE / "etc/chat.conf", "graph")
        self.assertEqual(drawn.status, 0, drawn)
        self.assertRegex(drawn.out, r"^supervisor/chat\(3\)  rest_for_one, .*\n"
                                    r" +service/chat\(0\)  aio\.examples\.chat, .*\n"
                                    r" +server/websockets\(0\) .* after service/chat\n"
                                    r" +server/web\(0\) .*loop own, .* after service/chat\n$")

    def test_a_process_that_is_killed_comes_back(self):
        running = self.started(SOURCE / "etc/processes.conf")
        first = running.wait_for(r"Process\(clock\) sh started with pid (\d+)").group(1)
        os.kill(int(first), signal.SIGKILL)
        running.wait_for(r"Process\(clock\) pid %s was killed by SIGKILL$" % first)
        running.wait_for(r"Process\(clock\) sh started with pid (?!%s$)\d+" % first)
        self.assertStops(running)

    def test_pod_does_what_it_says(self):
        running = self.started(SOURCE / "etc/pod.conf")
        running.wait_for(r"hello world$")
        running.wait_for(r"the sum is 5050$")
        running.wait_for(r"127\.0\.0\.1:\d+ is open$")
        running.wait_for(r"Bean\(greet\) ended$")
        self.assertStops(running)


if __name__ == "__main__":
    main()
