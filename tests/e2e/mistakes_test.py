"""Mistakes in modules: each kind of thing that a module offers, walked one by one.

A mistake of the program (an option asked for that is not declared, or as another type) is an error
once, and the unit crashes by its policy. It is not a line for each run or connection.
"""

import re
import socket

from support import BAD_CONFIG, FAILED, OK, Case, free_port, main

UNDECLARED = r"option 'undeclared' of \[[^]]+\] was not declared"
ANOTHER = r"option 'grace' of \[[^]]+\] is a duration.*, not a whole number"


class Mistakes(Case):
    def assertCrashes(self, running, unit, why=UNDECLARED):
        """Ends with 1 by itself; the error is told once, and once more as the reason of the end."""
        self.assertEnded(running, FAILED)
        errors = running.find(rf" ERROR\(.*{why}")
        self.assertEqual(len(errors), 1, running.report())
        self.assertSaid(rf" CRITICAL\(.*{unit} crashed: .*{why}", running)
        self.assertLess(len(running.find(why)), 5, running.report())

    def talk(self, port, count=5):
        for _ in range(count):
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
                    client.sendall(b"hello\n")
                    client.recv(100)
            except OSError:
                return

    def test_schedules(self):
        for func in ("mistake", "mistake_later"):
            for more, why in (("", UNDECLARED), ("as = another type\n", ANOTHER)):
                with self.subTest(func=func, why=why):
                    running = self.start(
                        f"[schedule/x]\nevery = 10ms\nfunc = probe.{func}\n{more}"
                    )
                    self.assertCrashes(running, "schedule/x", why)

    def test_a_schedule_with_an_error_callback(self):
        running = self.start(
            "[schedule/x]\nevery = 10ms\nfunc = probe.mistake\nerr = probe.error\n"
        )
        self.assertCrashes(running, "schedule/x")

    def test_callbacks(self):
        for callback, why in (("mistaken_callback", UNDECLARED),
                              ("mistaken_result", "the result of schedule 'x' is int, asked for")):
            with self.subTest(callback=callback):
                running = self.start(
                    "[schedule/x]\nevery = 10ms\nfunc = probe.no_mistake\n"
                    f"cb = probe.{callback}\n"
                )
                self.assertCrashes(running, "schedule/x", why)

    def test_the_policy_of_a_unit_decides(self):
        running = self.start(
            "[schedule/x]\nevery = 10ms\nfunc = probe.mistake\nsupervisor = s\n"
            "[supervisor/s]\nmax_restarts = 2\nover = 1m\nbackoff = 10ms\n"
        )
        self.assertEnded(running, FAILED)
        self.assertEqual(len(running.find(rf" ERROR\(aio\): schedule/x: .*{UNDECLARED}")), 3,
                         running.report())

    def test_listeners(self):
        for listener in ("mistaken_listener", "mistaken_listener_later"):
            for emitter in ("emits_asked", "posts_asked"):
                with self.subTest(listener=listener, emitter=emitter):
                    running = self.start(
                        f"[schedule/x]\nevery = 10ms\nfunc = probe.{emitter}\n"
                        f"[listen/l]\nasked = probe.{listener}\n"
                    )
                    self.assertEnded(running, FAILED)
                    self.assertSaid(rf"Error calling listener: {UNDECLARED}", running)
                    self.assertSaid(rf"CRITICAL\(aio\): a listener crashed: {UNDECLARED}", running)
                    self.assertLess(len(running.find(UNDECLARED)), 10, running.report())

    def test_protocols(self):
        for protocol in ("mistaken_protocol", "mistaken_callbacks"):
            for more, why in (("", UNDECLARED), ("as = another type\n", ANOTHER)):
                with self.subTest(protocol=protocol, why=why):
                    running, port = self.serve(
                        f"[server/x]\nprotocol = probe.{protocol}\naddress = 127.0.0.1\nport = 0\n"
                        f"{more}"
                    )
                    self.talk(port)
                    self.assertCrashes(running, "server/x", why)

    def test_datagram_protocols(self):
        running, port = self.serve(
            "[server/x]\nprotocol = probe.mistaken_datagrams\ntransport = udp\n"
            "address = 127.0.0.1\nport = 0\n"
        )
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            for _ in range(5):
                client.sendto(b"hello", ("127.0.0.1", port))
        self.assertCrashes(running, "server/x")

    def test_factories(self):
        running = self.start(
            "[server/x]\nfactory = probe.mistaken_factory\naddress = 127.0.0.1\nport = 0\n"
        )
        self.assertEnded(running, FAILED)
        self.assertSaid(rf"Server\(x\) failed to start: {UNDECLARED}", running)

    def test_beans(self):
        for bean in ("mistaken_bean", "mistaken_handler"):
            with self.subTest(bean=bean):
                self.assertCrashes(self.start(f"[bean/x]\ncore = probe.{bean}\n"), "bean/x")

    def test_a_server_that_is_a_bean(self):
        port = free_port()
        running = self.start(f"[bean/x]\ncore = probe.mistaken_bean_server\nport = {port}\n")
        running.wait_for(r"Bean\(x\) listens on")
        self.talk(port)
        self.assertCrashes(running, "bean/x")

    def test_services(self):
        self.assertCrashes(self.start("[service/x]\nclass = probe.mistaken_timer\n"), "service/x")

    def test_services_that_serve(self):
        for name in ("mistaken_server", "mistaken_child"):
            with self.subTest(name=name):
                running = self.start(f"[service/x]\nclass = probe.{name}\n")
                port = int(running.wait_for(r"Serving on 127\.0\.0\.1:(\d+)").group(1))
                self.talk(port)
                self.assertEnded(running, FAILED)
                self.assertSaid(rf"CRITICAL\(.*service/x crashed: {UNDECLARED}", running)
                self.assertLess(len(running.find(UNDECLARED)), 5, running.report())

    def test_a_child_that_crashes_in_its_start_names_the_unit(self):
        running = self.start("[service/x]\nclass = probe.mistaken_start_of_child\n")
        self.assertEnded(running, FAILED)
        self.assertSaid(rf"ERROR\(aio\): service/x could not start: {UNDECLARED}", running)

    def test_commands(self):
        done = self.aio("x", config="[aio/commands]\nx = probe.mistaken_command\n")
        self.assertStatus(done, FAILED)
        self.assertSaid("option 'undeclared' of command 'x' is not declared", done.err)


class Constructors(Case):
    """What a service has from its first hook on is named with its class and its place."""

    def test_each(self):
        for name, member in (("early", r"every\(\)"), ("early_spawn", r"spawn\(\)"),
                             ("early_context", r"context\(\)")):
            with self.subTest(name=name):
                running = self.start(f"[service/x]\nclass = probe.{name}\n")
                self.assertEnded(running, FAILED)
                self.assertSaid(
                    rf"service/x: .*::{name}: {member} cannot be used before the service starts: "
                    r"use it in on_start, not in the constructor", running
                )

    def test_the_class_of_a_child_is_named(self):
        running = self.start("[service/x]\nclass = probe.early_child\n")
        self.assertEnded(running, FAILED)
        self.assertSaid(r"::early_spawn: spawn\(\) cannot be used .* in on_start", running)


class PlainFunctions(Case):
    def test_a_service_takes_them_wherever_it_takes_coroutines(self):
        running = self.start("[service/x]\nclass = probe.plain\n")
        for line in (r"^spawn$", r"^cast$", r"^call 7$", r"^later 100$", r"^every x$", r"^cron$"):
            running.wait_for(line)
        self.assertStops(running)
        self.assertSaid(r"^on_exit$", running)

    def test_a_coroutine_that_returns_something_runs_as_well(self):
        done = self.aio("run", "probe.returning_bean")
        self.assertStatus(done, OK)
        self.assertSaid(r"^the bean runs$", done.out)
        running, port = self.serve(
            "[server/x]\nprotocol = probe.returning_protocol\naddress = 127.0.0.1\nport = 0\n"
        )
        self.assertEqual(self.exchange(port, b""), b"served")
        self.assertStops(running)


class Empty(Case):
    """An option without a value, and one whose reference has none, are one mistake each."""

    SECTIONS = (("service/a", "class"), ("bean/b", "core"), ("schedule/c", "every = 1h\nfunc"),
                ("process/d", "command"), ("server/e", "transport = unix\nprotocol = "
                 "aio.examples.echo\npath"), ("listen/f", "x"))

    def test_each_is_one_message(self):
        for section, option in self.SECTIONS:
            name = option.rpartition("\n")[2]
            for value, wrong in (("", rf"{name}:? is empty"), ("${nope}", "there is no option")):
                if section.startswith("listen") and not value:
                    continue
                done = self.aio("config", "check", config=f"[{section}]\n{option} = {value}\n")
                self.assertStatus(done, BAD_CONFIG)
                self.assertEqual(done.err.count("error: "), 1, str(done))
                self.assertSaid(rf"error: \[{section}\] {'' if value else wrong}", done.err)
                self.assertSaid(wrong, done.err)


class ToldOnce(Case):
    """A module that cannot be loaded is one error, however many places name it."""

    def test_everywhere(self):
        self.write("mods/my/broken/broken.so", "hello\n")
        self.write("mods/my/empty/aio.conf", "")
        for module, why in (("my.broken", "is not an ELF file"), ("my.empty", "has no library"),
                            ("my.missing", "unknown module 'my.missing'")):
            for listed in ("", f"modules = {module}\n"):
                with self.subTest(module=module, listed=listed):
                    done = self.aio(
                        "config", "check", env={"AIO_MODULE_PATH": "mods"},
                        config=f"[aio]\n{listed}"
                        f"[schedule/x]\nevery = 1\nfunc = {module}.f\ncb = {module}.c\n"
                        f"[schedule/y]\nevery = 1\nfunc = {module}.f\n"
                        f"[listen/z]\na = {module}.l\nb = {module}.l\n"
                        f"[service/q]\nclass = {module}.x\n[bean/q]\ncore = {module}.x\n"
                        f"[server/q]\nprotocol = {module}.x\nport = 0\n"
                        f"[aio/commands]\nhi = {module}.c\n",
                    )
                    self.assertStatus(done, BAD_CONFIG)
                    self.assertSaid(why, done.err)
                    self.assertEqual(len(re.findall(r"error:", done.err)), 1, done.err)
                    self.assertSaid(rf"aio\.conf:{2 if listed else 4}:\d+: error:", done.err)


if __name__ == "__main__":
    main()
