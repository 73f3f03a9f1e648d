"""Supervisors, restarts and aio graph, from outside."""

import json
import os
import re
import shutil
import socket
import subprocess
import time

from support import BAD_CONFIG, FAILED, FORCED, OK, PATIENCE, USAGE, Case, main


def section(name, function, **options):
    lines = [f"[schedule/{name}]", f"func = {function}"]
    return "\n".join(lines + [f"{key} = {value}" for key, value in options.items()]) + "\n"


def supervisor(name, **options):
    return "\n".join(
        [f"[supervisor/{name}]"] + [f"{key} = {value}" for key, value in options.items()]
    ) + "\n"



class StubbornTask(Case):
    def test_a_task_that_takes_its_cancellation_for_an_error_lets_others_work(self):
        running = self.start(
            supervisor("all", strategy="one_for_all")
            + "[service/s]\nclass = probe.tries_for_ever\nsupervisor = all\nstop_timeout = 500ms\n"
            + "[process/p]\ncommand = sh -c 'sleep 0.3; exit 1'\nsupervisor = all\n"
            + "[server/x]\nprotocol = aio.examples.echo\naddress = 127.0.0.1\nport = 0\n",
            "--stop-timeout", "1s",
        )
        port = int(running.wait_for(r"started on 127\.0\.0\.1:(\d+)$").group(1))
        running.wait_for("failed, tries again", 21)
        client = self.connect(port)
        for _ in range(3):
            client.sendall(b"hello\n")
            self.assertEqual(client.recv(100), b"hello\n")
        self.assertLess(len(running.find("failed, tries again")), 60)
        self.assertStops(running, FORCED)
        self.assertSaid("service/s has not ended", running)


class Backlog(Case):
    """Sockets stay bound over a restart: clients wait instead of being refused."""

    KINDS = {
        "server": ("[server/x]\nprotocol = probe.mistaken_protocol\n",
                   r"Server\(x\) \S+ started on "),
        "service": ("[service/x]\nclass = probe.mistaken_server\n", r"Serving on "),
        "child": ("[service/x]\nclass = probe.mistaken_child\n", r"Serving on "),
        "child apart": ("[service/x]\nclass = probe.mistaken_child_apart\n", r"Serving on "),
        "bean": ("[bean/x]\ncore = probe.mistaken_bean_server\n", r"Bean\(x\) listens on "),
    }

    def crash(self, port):
        """A connection that says something, or ends, makes it crash."""
        self.connect(port).sendall(b"x\n")

    def restarted(self, kind, **options):
        text, started = self.KINDS[kind]
        running = self.start(text + "address = 127.0.0.1\nport = 0\nsupervisor = s\n"
                             + supervisor("s", **options))
        port = int(running.wait_for(started + r"127\.0\.0\.1:(\d+)$").group(1))
        running.wait_for(r"INFO\(aio\): Started$")
        return running, port, started

    def test_clients_wait_while_it_is_down(self):
        for kind in self.KINDS:
            with self.subTest(kind=kind):
                running, port, started = self.restarted(kind, backoff="700ms")
                self.crash(port)
                running.wait_for("; it starts again in ")
                while len(running.find(started)) == 1:
                    self.connect(port)
                    time.sleep(0.02)
                running.wait_for("/x runs again")
                self.assertEqual(len(running.find(started + rf"127\.0\.0\.1:{port}$")), 2)
                self.assertStops(running)

    def test_a_client_that_came_meanwhile_is_served(self):
        for kind in self.KINDS:
            with self.subTest(kind=kind):
                running, port, _ = self.restarted(kind, backoff="500ms")
                self.crash(port)
                running.wait_for("; it starts again in ")
                self.crash(port)
                running.wait_for("; it starts again in ", 2)
                self.assertStops(running)

    def test_a_unit_that_stays_down_refuses(self):
        for kind in self.KINDS:
            with self.subTest(kind=kind):
                text, started = self.KINDS[kind]
                running = self.start(
                    text + "address = 127.0.0.1\nport = 0\nsupervisor = s\n"
                    + supervisor("s", strategy="forfeit_one")
                    + section("y", "probe.tick", every="100ms"))
                port = int(running.wait_for(started + r"127\.0\.0\.1:(\d+)$").group(1))
                running.wait_for(r"INFO\(aio\): Started$")
                self.crash(port)
                running.wait_for("/x crashed: .*; it stays stopped")
                deadline = time.monotonic() + PATIENCE
                refused = False
                while not refused and time.monotonic() < deadline:
                    try:
                        socket.create_connection(("127.0.0.1", port), PATIENCE).close()
                        time.sleep(0.02)
                    except ConnectionRefusedError:
                        refused = True
                    except ConnectionResetError:
                        pass  # the socket was closed while this connection was in its queue
                self.assertTrue(refused, running.report())
                self.assertStops(running, FAILED)


class Restarts(Case):
    def test_case_176_one_for_one_leaves_the_neighbour_alone(self):
        running = self.start(
            supervisor("s", backoff="50ms", max_restarts=100)
            + section("z", "probe.fails", every="300ms", first="after", on_error="crash",
                      supervisor="s")
            + section("y", "probe.tick", every="100ms", supervisor="s"))
        running.wait_for(r"schedule/z crashed: .*; it starts again in ", 2)
        running.wait_for(r"schedule/z runs again")
        self.assertStops(running)
        self.assertEqual(len(running.find(r"Scheduler started \(y\)")), 1)
        self.assertGreaterEqual(len(running.find(r"Scheduler started \(z\)")), 2)

    def test_case_178_who_is_forfeited_stays_stopped(self):
        running = self.start(
            supervisor("s", strategy="forfeit_one")
            + section("z", "probe.fails", every="100ms", on_error="crash", supervisor="s")
            + section("y", "probe.tick", every="100ms"))
        running.wait_for("schedule/z crashed: .*; it stays stopped")
        running.wait_for("^tick", 5)
        self.assertStops(running, FAILED)
        self.assertEqual(len(running.find("schedule/z crashed")), 1)

    def test_case_179_too_many_restarts_end_the_app_with_1(self):
        running = self.start(
            supervisor("s", max_restarts=3, over="10s", backoff="5ms")
            + section("z", "probe.fails", every="20ms", on_error="crash", supervisor="s"))
        self.assertEnded(running, FAILED)
        self.assertSaid(r"CRITICAL\(aio\): supervisor/s: Max restarts exceeded \(3 within 10s\)",
                        running)
        self.assertSaid(r"CRITICAL\(aio\):   caused by: .*boom", running)
        self.assertEqual(len(running.find(r"Scheduler started \(z\)")), 4)

    def test_case_180_a_replacement_takes_the_place(self):
        running = self.start(
            supervisor("s", replacement="schedule/spare", backoff="5ms")
            + section("z", "probe.fails", every="20ms", on_error="crash", supervisor="s")
            + section("spare", "probe.tick", every="50ms"))
        running.wait_for("schedule/z crashed: .*; schedule/spare takes its place")
        running.wait_for("^tick", 2)
        self.assertStops(running)

    def test_a_replacement_that_waits_for_its_key_stops_no_loop(self):
        os.mkfifo(self.folder / "pem")  # nobody writes to it
        running = self.start(
            supervisor("s", replacement="server/spare", backoff="5ms")
            + section("z", "probe.fails", every="20ms", on_error="crash", supervisor="s")
            + section("y", "probe.tick", every="50ms")
            + "[server/spare]\nprotocol = aio.examples.echo\nport = 0\ntls_certificate = pem\n")
        running.wait_for("schedule/z crashed: .*; server/spare takes its place")
        running.wait_for("^tick", len(running.find("^tick")) + 20)
        self.assertStops(running)

    def test_a_restart_without_a_supervisor(self):
        running = self.start(
            section("z", "probe.fails", every="20ms", on_error="crash", restart="on_failure"))
        self.assertEnded(running, FAILED)
        self.assertSaid(r"schedule/z: Max restarts exceeded \(5 within 10s\)", running)

    def test_a_stop_in_a_back_off_ends_at_once(self):
        running = self.start(
            supervisor("s", backoff="1h", backoff_max="2h")
            + section("z", "probe.fails", every="20ms", on_error="crash", supervisor="s"))
        running.wait_for("schedule/z crashed")
        begin = time.monotonic()
        self.assertStops(running)
        self.assertLess(time.monotonic() - begin, PATIENCE / 3)

    def test_signals_tell_of_starts_and_stops(self):
        running = self.start(
            section("y", "probe.tick", every="1h")
            + "[listen/x]\nservice-started = aio.examples.print\n"
              "service-stopped = aio.examples.print\n")
        running.wait_for("Listener received: schedule/y")
        self.assertStops(running)
        self.assertEqual(len(running.find("Listener received: schedule/y")), 2)

    def test_a_server_keeps_its_port_when_its_group_starts_again(self):
        running = self.start(
            supervisor("s", strategy="one_for_all", backoff="5ms", max_restarts=1000)
            + "[server/echo]\nprotocol = aio.examples.adder\naddress = 127.0.0.1\nport = 0\n"
              "supervisor = s\n"
            + section("z", "probe.fails", every="200ms", first="after", on_error="crash",
                      supervisor="s"))
        running.wait_for(r"Server\(echo\) .* started on", 3)
        ports = {re.search(r":(\d+)$", line.text).group(1)
                 for line in running.find(r"Server\(echo\) .* started on")}
        self.assertEqual(len(ports), 1)
        for _ in range(20):  # whoever comes in between waits, nobody is refused
            with self.connect(int(ports.copy().pop())):
                pass
        self.assertStops(running)


CONFIG = (
    supervisor("net", strategy="rest_for_one")
    + supervisor("inner", supervisor="net")
    + section("db", "aio.examples.tick", every="1h", supervisor="net")
    + section("web", "aio.examples.tick", every="1h", supervisor="inner", depends="schedule/db")
    + section("alone", "aio.examples.tick", every="1h", loop="own")
)


class Graph(Case):
    def test_case_169_the_tree_as_text(self):
        self.assertRan(self.aio("graph", config=CONFIG), (
            "supervisor/net(3)  rest_for_one, 5 within 10s\n"
            "     schedule/db(0)  aio.examples.tick, loop main, restart on_failure, init\n"
            "     supervisor/inner(1)  one_for_one, 5 within 10s\n"
            "          schedule/web(0)  aio.examples.tick, loop main, restart on_failure, init, "
            "after schedule/db\n"
            "schedule/alone(0)  aio.examples.tick, loop own, restart never, init\n"))

    def test_case_170_the_tree_for_graphviz(self):
        done = self.aio("graph", "--dot", config=CONFIG)
        self.assertStatus(done, OK)
        self.assertSaid(r'^    "supervisor/net" -> "schedule/db";$', done)
        self.assertSaid(r'^    "schedule/web" -> "schedule/db" \[style = dotted', done)
        self.assertSaid(r'^    "schedule/alone" \[shape = ellipse, fillcolor = white', done)
        if shutil.which("dot"):
            drawn = subprocess.run(["dot", "-T", "plain"], input=done.out, text=True,
                                   capture_output=True, check=True)
            self.assertEqual(len(re.findall("^node ", drawn.stdout, re.M)), 5)
            self.assertEqual(len(re.findall("^edge ", drawn.stdout, re.M)), 4)

    def test_the_tree_as_json(self):
        done = self.aio("graph", "--json", config=CONFIG)
        nodes = {one["name"]: one for one in json.loads(done.out)}
        self.assertEqual(list(nodes), ["supervisor/net", "schedule/db", "supervisor/inner",
                                       "schedule/web", "schedule/alone"])
        self.assertEqual(nodes["schedule/web"]["above"], "supervisor/inner")
        self.assertEqual(nodes["schedule/web"]["depends"], ["schedule/db"])
        self.assertEqual(nodes["supervisor/net"]["above"], None)

    def test_a_label_is_shown(self):
        config = section("a", "aio.examples.tick", every="1h", label="front")
        self.assertIn(", label front\n", self.aio("graph", config=config).out)
        self.assertIn("label front", self.aio("graph", "--dot").out)
        self.assertEqual(json.loads(self.aio("graph", "--json").out)[0]["label"], "front")

    def test_report_cfg_2_a_secret_label_is_not_shown(self):
        for secret in ("topsecret-xyz", "abc"):
            self.write("sec.txt", secret + "\n")
            config = section("a", "aio.examples.tick", every="1h", label="${file:sec.txt}")
            for form in ((), ("--dot",), ("--json",)):
                done = self.aio("graph", *form, config=config)
                self.assertStatus(done, OK)
                self.assertIn("********", done.out)
                self.assertNotIn(secret, done.out)
        self.write("func.txt", "aio.examples.tick\n")
        done = self.aio("graph", config=section("a", "${file:func.txt}", every="1h"))
        self.assertIn("schedule/a(0)  ********, loop main", done.out)

    def test_how_many_of_a_process(self):
        for count, said in ((1, "/bin/true, loop"), (3, "/bin/true, 3 times, loop")):
            done = self.aio("graph", config=f"[process/p]\ncommand = /bin/true\ncount = {count}\n")
            self.assertStatus(done, OK)
            self.assertIn(f"process/p(0)  {said} main", done.out)

    def test_it_needs_a_good_configuration_and_one_form(self):
        self.assertStatus(self.aio("graph", config="[schedule/x]\n"), BAD_CONFIG)
        self.assertStatus(self.aio("graph", "--dot", "--json", config=CONFIG), USAGE)
        self.assertRan(self.aio("graph", config="[aio]\n"), "")

    def test_it_is_documented(self):
        done = self.aio("graph", "-h")
        self.assertStatus(done, OK)
        self.assertSaid("--dot", done)


if __name__ == "__main__":
    main()
