"""Every file of etc/ is started."""

import configparser
import os
import re
import shutil
import signal
import socket
from pathlib import Path

from support import FAILED, SLOW, SOURCE, Case, free_port, main

SAMPLES = sorted((SOURCE / "etc").rglob("*.conf"))


def options(path):
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(path, encoding="utf-8")
    return parser


def threads(pid):
    """Their names, as the kernel has them: 15 characters at most."""
    return {each.read_text().strip() for each in Path(f"/proc/{pid}/task").glob("*/comm")}


class Samples(Case):
    def started(self, path, *words):
        """Starts one on free ports and waits until all of its servers and schedules run."""
        shutil.copytree(SOURCE / "etc", self.folder / "etc")
        parser = options(path)
        args = ["-c", path.relative_to(SOURCE)]
        # A client has to know the port of its server.
        sections = parser.sections()
        port = free_port() if any(each.startswith("client/") for each in sections) else 0
        for section in sections:
            if section.startswith("client/"):
                continue
            for option in parser.options(section):
                if option == "port" or option.endswith("_port"):
                    args += ["-o", f"{section}:{option}={port}"]
        running = self.start(None, *args, *words)
        for section in parser.sections():
            kind, _, name = section.partition("/")
            if kind == "server":
                running.wait_for(rf"Server\({re.escape(name)}\) \S+ started on ")
            elif kind == "client":
                running.wait_for(rf"Client\({re.escape(name)}\) \S+ connected to ")
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

    def test_the_client_gets_answers_and_survives_its_server(self):
        port = free_port()
        sample = ["-c", SOURCE / "etc/client.conf", "-o", f"server/echo:port={port}"]
        client = self.start(None, *sample, "-o", "server/echo:enabled=no",
                            "-o", "client/echo:every=10ms", "-o", "client/echo:backoff=20ms")
        client.wait_for(rf"WARNING\(aio\): Client\(echo\) cannot connect to 127\.0\.0\.1:{port}: ")
        for life in range(1, 4):
            server = self.start(None, *sample, "-o", "client/echo:enabled=no")
            server.port("echo")
            client.wait_for(r"Client\(echo\) aio\.examples\.ping connected to ")
            client.wait_for(r"INFO\(aio\.examples\): Answer: ping 2$", life)
            self.assertStops(server)
        self.assertStops(client)

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

    def test_chat_starts_logs_and_stops_in_the_order_of_modes_tutorial(self):
        running = self.started(SOURCE / "etc/chat.conf")
        running.wait_for(r"INFO\(aio\.examples\.users\): removing expired users$", 2)
        ports = {
            name: int(running.wait_for(rf"\[\^-{name}\]: Serving on 127\.0\.0\.1:(\d+)$").group(1))
            for name in ("websockets", "web")
        }
        with self.connect(ports["websockets"]) as client:
            client.sendall(b"Ozzy\n")
            self.assertEqual(client.recv(100), b"hello Ozzy\n")
            self.assertEqual(self.exchange(ports["web"], b""), b"1 users\n")
            self.assertStops(running)
            self.assertEqual(client.recv(100), b"")
        self.assertInOrder(
            [r"INFO\(aio\): Starting$", r"\[\^app\]: Starting$",
             r"\[\^-websockets\]: Starting$", r"\[\^-websockets\]: Started$",
             r"\[\^-users\]: Starting$", r"\[\^-users\]: Started$",
             r"\[\^-web\]: Starting$", r"\[\^-web\]: Serving on ", r"\[\^-web\]: Started$",
             r"\[\^app\]: Started$", r"INFO\(aio\): Started$",
             r"removing expired users$", r"removing expired users$",
             r"INFO\(aio\): Terminated received$", r"INFO\(aio\): Stopping$",
             r"\[\^app\]: Stopping$",
             r"\[\^-users\]: Stopping$", r"removing expired users$", r"\[\^-users\]: Stopped$",
             r"\[\^-web\]: Stopping$", r"\[\^-web\]: Stopped$",
             r"\[\^-websockets\]: Stopping$", r"\[\^-websockets\]: Stopped$",
             r"\[\^app\]: Stopped$", r"INFO\(aio\): Stopped$"],
            running.out,
        )

    def test_chat_draws_its_tree(self):
        drawn = self.aio("-c", SOURCE / "etc/chat.conf", "graph")
        self.assertEqual(drawn.status, 0, drawn)
        self.assertRegex(drawn.out, r"^supervisor/root\(1\)  one_for_one, .*\n"
                                    r" +service/app\(0\)  aio\.examples\.chat, .*\n$")

    def test_chat_tells_the_loop_of_each(self):
        running = self.started(SOURCE / "etc/chat.conf")
        running.wait_for(r"INFO\(aio\): Started$")
        self.assertIn("service/app/web", threads(running.pid))
        os.kill(running.pid, signal.SIGUSR2)
        running.wait_for(r"^loop main: \d+ tasks$")
        running.wait_for(r"^loop service/app/web: \d+ tasks$")
        running.wait_for(r"every 1s awaits sleep")
        for child in ("websockets", "web", "users"):
            running.wait_for(rf"^        service/app/{child}, running$")
        self.assertStops(running)

    def test_chat_says_which_port_is_taken(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            done = self.aio("-c", SOURCE / "etc/chat.conf", "-o", "service/app:websockets_port=0",
                            "-o", f"service/app:web_port={port}",
                            "-o", "service/app:restart=never", "run")
        self.assertEqual(done.status, FAILED, done)
        self.assertRegex(done.text, rf"\[\^-web\]: Start failed: 127\.0\.0\.1:{port}: "
                                    "Address already in use")

    def test_a_process_that_is_killed_comes_back(self):
        running = self.started(SOURCE / "etc/processes.conf")
        first = running.wait_for(r"Process\(clock\) sh started with pid (\d+)").group(1)
        os.kill(int(first), signal.SIGKILL)
        running.wait_for(r"Process\(clock\) pid %s was killed by SIGKILL$" % first)
        running.wait_for(r"Process\(clock\) sh started with pid (?!%s$)\d+" % first)
        self.assertStops(running)

    def test_pod_runs_what_the_words_add(self):
        running = self.started(SOURCE / "etc/pod.conf", "aio.examples.numbers:up_to=3")
        running.wait_for(r"the sum is 6$")
        running.wait_for(r"Bean\(aio\.examples\.numbers\) ended$")
        running.wait_for(r"Bean\(greet\) ended$")
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
