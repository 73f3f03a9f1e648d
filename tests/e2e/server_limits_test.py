"""Servers at their limits: of connections, of files, of memory; and peers that are gone."""

import os
import resource
import signal
import socket
import struct
import time
import unittest
from pathlib import Path

from support import BAD_CONFIG, Case, FAILED, SLOW, main, read_all

SERVER = "[server/x]\nprotocol = aio.examples.echo\naddress = 127.0.0.1\nport = 0\n"
PORTS = r"on 127\.0\.0\.1:(\d+)$"

# What a bean and the children of a service say of a limit is said in their sections, too.
KINDS = {
    "server": (SERVER, r"Server\(x\) \S+ started " + PORTS),
    "service": ("[service/x]\nclass = aio.examples.chat\nwebsockets_port = 0\nweb_port = 0\n",
                r"websockets\]: Serving " + PORTS),
    "bean": ("[bean/x]\ncore = aio.examples.echo_server\nport = 0\n",
             r"Bean\(x\) listens " + PORTS),
}


def processor_time(pid):
    """Seconds, of all threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Listening(Case):
    def listening(self, kind, more, **how):
        text, pattern = KINDS[kind]
        running = self.start(text + more, **how)
        port = int(running.wait_for(pattern).group(1))
        running.wait_for(r"INFO\(aio\): Started$")
        return running, port

    def answers(self, client):
        client.settimeout(15 * SLOW)
        client.sendall(b"hello\n")
        self.assertIn(b"hello\n", client.recv(100))

    def assertIdle(self, running, seconds=1.0):
        """It neither spins nor is it held up."""
        before = processor_time(running.pid)
        time.sleep(seconds)
        self.assertLess(processor_time(running.pid) - before, 0.3 * seconds, running.report())


class Clients(Listening):
    """A server, a service and a bean judge their clients in the same way."""

    def assertReset(self, client):
        client.settimeout(15 * SLOW)
        with self.assertRaises(ConnectionResetError):
            client.recv(100)

    def test_a_client_has_its_number_of_connections(self):
        for kind in KINDS:
            with self.subTest(kind=kind):
                running, port = self.listening(kind, "address_connections = 1\n")
                with socket.create_connection(("127.0.0.1", port)) as first:
                    with socket.create_connection(("127.0.0.1", port)) as second:
                        self.assertReset(second)
                    running.wait_for(r"refuses connections: the clients have as many as "
                                     r"address_connections allows: 1 from 127\.0\.0\.1$")
                    first.setblocking(False)
                    with self.assertRaises(BlockingIOError):
                        first.recv(1)
                self.assertEqual(running.stop(), 0, running.report())

    def test_a_denied_client_is_reset(self):
        for kind in KINDS:
            with self.subTest(kind=kind):
                running, port = self.listening(kind, "deny = 10.0.0.0/8 127.0.0.1\n")
                with socket.create_connection(("127.0.0.1", port)) as client:
                    self.assertReset(client)
                self.assertEqual(running.stop(), 0, running.report())


class ProxiedDatagrams(Listening):
    HEADER = (b"\r\n\r\n\0\r\nQUIT\n\x21\x12\0\x0c" + socket.inet_aton("192.0.2.1")
              + socket.inet_aton("192.0.2.2") + struct.pack("!HH", 4242, 53))

    def test_a_datagram_with_its_header_is_answered_to_the_proxy_and_others_are_dropped(self):
        running = self.start(
            SERVER.replace("examples.echo", "examples.echo_datagram")
            + "transport = udp\nproxy_protocol = required\nproxy_from = 127.0.0.1\n")
        port = running.port("x")
        running.wait_for(r"INFO\(aio\): Started$")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as proxy:
            proxy.settimeout(15 * SLOW)
            proxy.connect(("127.0.0.1", port))
            for payload in (b"one", b"two"):
                proxy.send(b"without a header")
                proxy.send(self.HEADER + payload)
                self.assertEqual(proxy.recv(100), payload)
        running.wait_for(r"WARNING\(\S+\): Server\(x\) refuses datagrams: they do not begin with a "
                         r"valid PROXY header: 1 from 127\.0\.0\.1$")
        self.assertStops(running)


class Children(Listening):
    """However many clients come, a process that has ended can start again."""

    def children(self, running):
        return Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()

    def restart_all(self, limit, section):
        process = "[process/x]\ncommand = sleep 1000\n" + section
        running = self.start(
            SERVER + process + "[supervisor/s]\nbackoff = 700ms\nmax_restarts = 3\nover = 20s\n",
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)))
        port = running.port("x")
        running.wait_for(r"INFO\(aio\): Started$")
        count = len(running.find(r"Process\(x.* started with pid"))
        served = self.connect(port)
        self.answers(served)
        clients = [self.connect(port) for _ in range(limit * 3 // 2)]
        running.wait_for(r"Server\(x\) cannot accept: Too many open files")
        for pid in self.children(running):
            os.kill(int(pid), signal.SIGKILL)
        running.wait_for(r"Process\(x.* started with pid", 2 * count)
        self.assertNotSaid("cannot make a pipe|Max restarts", running)
        self.answers(served)
        for client in clients:
            client.close()
        self.answers(self.connect(port))
        self.assertStops(running)

    def test_several_under_a_supervisor(self):
        self.restart_all(64, "count = 6\nsupervisor = s\n")

    def test_one_that_restarts(self):
        self.restart_all(40, "restart = on_failure\n")

    def test_more_of_them_than_the_usual_reserve_has_room_for(self):
        self.restart_all(256, "count = 30\nsupervisor = s\n")


class SeveralListeners(Listening):
    """The connections of all that listen leave processes what they need for their restart."""

    def restarts(self, sections, patterns, limit, then=None):
        running = self.start(
            sections + "[process/w]\ncommand = sleep 0.7\ncount = 2\nrestart = always\n"
            "supervisor = s\n[supervisor/s]\nbackoff = 100ms\nmax_restarts = 1000\nover = 1s\n",
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)))
        ports = [int(running.wait_for(pattern).group(1)) for pattern in patterns]
        running.wait_for(r"INFO\(aio\): Started$")
        running.wait_for(r"Process\(w.* started with pid", 4)
        clients = [self.connect(port) for _ in range(60) for port in ports]
        running.wait_for(r"cannot accept: Too many open files")
        count = len(running.find(r"Process\(w.* started with pid"))
        running.wait_for(r"Process\(w.* started with pid", count + 6)
        if then:
            then(running)
        self.assertNotSaid("cannot make a pipe|Max restarts|ERROR|CRITICAL", running)
        for client in clients:
            client.close()
        for port in ports:
            self.answers(self.connect(port))
        self.assertStops(running)

    def test_three_servers(self):
        names = ("x", "y", "z")
        for limit in (44, 56):
            with self.subTest(limit=limit):
                self.restarts("".join(SERVER.replace("/x]", f"/{name}]") for name in names),
                              [rf"Server\({name}\) \S+ started " + PORTS for name in names],
                              limit)

    def test_three_servers_on_several_loops(self):
        names = ("x", "y", "z")
        self.restarts("[aio]\nloops = 3\n" + "".join(
            SERVER.replace("/x]", f"/{name}]") + "loops = all\n" for name in names),
                      [rf"Server\({name}\) \S+ started " + PORTS for name in names], 66)

    def test_a_server_a_service_and_a_bean(self):
        self.restarts("".join(text for text, _ in KINDS.values()),
                      [pattern for _, pattern in KINDS.values()], 50)

    def test_a_server_and_a_client_that_opens_connections_without_end(self):
        with socket.create_server(("127.0.0.1", 0), backlog=200) as far:
            text = (SERVER + "[service/h]\nclass = probe.holder\nperiod = 5ms\n"
                    f"target = 127.0.0.1:{far.getsockname()[1]}\n[aio]\nmodules = probe\n")
            self.restarts(text, [KINDS["server"][1]], 64, then=self.holds)

    def holds(self, running):
        """The client has what servers have to leave free, but not what processes need."""
        running.wait_for(r"holds \d+: 127\.0\.0\.1:\d+: Too many open files")


class RunningChildren(Listening):
    """What running processes hold is in use, and not reserved a second time."""

    def rounds(self, limit, count, least):
        """Clients one after the other; then as many as there is room for."""
        running = self.start(
            SERVER + f"[process/p]\ncommand = sleep 1000\ncount = {count}\nrestart = always\n",
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)))
        port = running.port("x")
        running.wait_for(r"INFO\(aio\): Started$")
        for _ in range(3):
            with self.connect(port) as client:
                self.answers(client)
        clients = [self.connect(port) for _ in range(least)]
        for client in clients:
            self.answers(client)
        for client in clients:
            client.close()
        self.answers(self.connect(port))
        self.assertNotSaid("cannot accept", running)
        self.assertStops(running)

    def test_half_of_the_limit_is_free_for_clients(self):
        self.rounds(128, 20, 16)

    def test_few_descriptors(self):
        self.rounds(40, 2, 4)

    def test_many_processes(self):
        self.rounds(256, 40, 40)

    def test_with_hardly_any_descriptors_clients_are_served_one_after_the_other(self):
        for limit in (22, 24, 26, 28):
            with self.subTest(limit=limit):
                running = self.start(
                    SERVER + "[process/p]\ncommand = sleep 1000\ncount = 2\nrestart = always\n",
                    preexec_fn=lambda value=limit: resource.setrlimit(
                        resource.RLIMIT_NOFILE, (value, value)))
                port = running.port("x")
                running.wait_for(r"INFO\(aio\): Started$")
                for _ in range(4):
                    with self.connect(port) as client:
                        self.answers(client)
                self.assertStops(running)


class Limits(Listening):
    def test_a_full_server_says_so_once_and_when_it_has_room_again(self):
        for kind in KINDS:
            with self.subTest(kind=kind):
                running, port = self.listening(kind, "max_connections = 2\n")
                clients = [self.connect(port) for _ in range(4)]
                running.wait_for(r"WARNING\([^)]*\): Server\([^)]*\) is full: it has 2 connections, "
                                 r"as many as max_connections allows; further ones wait$")
                for client in clients[:2]:
                    self.answers(client)
                self.assertIdle(running, 0.5)
                clients[0].close()
                running.wait_for(r"WARNING\([^)]*\): Server\([^)]*\) has room again: 1 of 2 ")
                self.answers(clients[2])
                clients[1].close()
                self.answers(clients[3])
                self.assertStops(running)
                self.assertEqual(len(running.find("is full")), 1, running.report())
                self.assertEqual(len(running.find("has room again")), 1, running.report())

    def test_a_full_server_that_refuses_says_the_last_word_of_its_protocol(self):
        running = self.start(
            SERVER.replace("aio.examples.echo", "probe.polite_echo")
            + "max_connections = 1\nwhen_full = refuse\n")
        port = running.port("x")
        running.wait_for(r"INFO\(aio\): Started$")
        with self.connect(port) as first:
            self.answers(first)
            for question in (b"", b"question\n" * 100):
                with self.connect(port) as refused:
                    refused.sendall(question)
                    refused.settimeout(15 * SLOW)
                    self.assertEqual(read_all(refused), b"421 x is full\n")
            self.answers(first)
        running.wait_for(r"refuses connections: it has as many as max_connections allows: 1 from "
                         r"127\.0\.0\.1$")
        self.answers(self.connect(port))
        self.assertStops(running)

    def test_a_client_that_reads_nothing_does_not_hold_up_the_stop(self):
        for protocol in ("flood", "callback_flood"):
            with self.subTest(protocol=protocol):
                running = self.start(
                    SERVER.replace("aio.examples.echo", f"probe.{protocol}")
                    + "linger = 500ms\nmax_buffered = 64M\n")
                port = running.port("x")
                running.wait_for(r"INFO\(aio\): Started$")
                with self.connect(port) as deaf:
                    deaf.sendall(b"go\n")
                    self.assertTrue(deaf.recv(1))  # it has begun to send
                    begun = time.monotonic()
                    self.assertStops(running)
                    self.assertLess(time.monotonic() - begun, 5 * SLOW)
                self.assertSaid("it stops, and the clients took nothing of their answers for linger",
                                running)

    def test_idle_timeout_is_an_option_of_all_that_listen(self):
        for kind in KINDS:
            with self.subTest(kind=kind):
                running, port = self.listening(kind, "idle_timeout = 300ms\n")
                with self.connect(port) as client:
                    client.settimeout(15 * SLOW)
                    self.assertEqual(client.recv(1), b"")
                self.assertStops(running)

    def test_a_client_that_sends_nothing_is_closed_after_first_byte_timeout(self):
        for kind in KINDS:
            with self.subTest(kind=kind):
                running, port = self.listening(kind, "first_byte_timeout = 300ms\n")
                with self.connect(port) as silent, self.connect(port) as talking:
                    self.answers(talking)
                    silent.settimeout(15 * SLOW)
                    self.assertEqual(silent.recv(1), b"")
                    self.answers(talking)
                self.assertStops(running)

    def test_a_client_that_never_reads_is_reset_after_write_timeout(self):
        for kind in KINDS:
            with self.subTest(kind=kind):
                running, port = self.listening(kind, "write_timeout = 500ms\n")
                with self.connect(port) as deaf:
                    deaf.settimeout(15 * SLOW)
                    with self.assertRaises(ConnectionError):
                        while True:
                            deaf.sendall(b"x" * 1023 + b"\n")
                running.wait_for(r"closes connections: the clients took nothing for write_timeout: "
                                 r"1 from 127\.0\.0\.1$")
                self.answers(self.connect(port))
                self.assertStops(running)

    def test_a_limit_that_is_none_is_refused(self):
        for option in ("max_connections = some", "max_connections = 0", "keepalive = 0",
                       "keepalive_probes = 128", "keepalive_interval = none", "backlog = 0",
                       "idle_timeout = soon", "first_byte_timeout = 0", "write_timeout = 0s", "keepalive = 10h"):
            self.refused(SERVER + option, r"aio\.conf:\d+:\d+: error: \[server/x\] "
                         + option.partition(" ")[0])
        self.refused(KINDS["bean"][0] + "keepalive = soon\n",
                     r"aio\.conf:4:\d+: error: \[bean/x\] keepalive: 'soon' is not a duration")

    @unittest.skipIf(os.geteuid() != 0, "only root can make a peer vanish")
    def test_a_peer_that_has_vanished_is_noticed(self):
        tcp_repair = 19
        for kind in KINDS:
            with self.subTest(kind=kind):
                running, port = self.listening(
                    kind, "keepalive = 1s\nkeepalive_interval = 1s\nkeepalive_probes = 1\n"
                    "max_connections = 1\n")
                gone = self.connect(port)
                self.answers(gone)
                gone.setsockopt(socket.IPPROTO_TCP, tcp_repair, struct.pack("i", 1))
                gone.close()  # without a word to the other side
                begun = time.monotonic()
                self.answers(self.connect(port))  # there is room again
                self.assertLess(time.monotonic() - begun, 6 * SLOW)
                self.assertStops(running)


class SmallMachine(Listening):
    def limited(self, number, value, config=SERVER):
        def limit():
            resource.setrlimit(number, (value, value))

        return self.listening("server", config.removeprefix(SERVER), preexec_fn=limit)

    def test_with_64_files_more_clients_wait_and_are_served(self):
        running, port = self.limited(resource.RLIMIT_NOFILE, 64)
        clients = [self.connect(port) for _ in range(150)]
        running.wait_for(r"WARNING\(aio\): Server\(x\) cannot accept: Too many open files \(this "
                         r"process may have 64, see ulimit -n\); \d+ stay free for other work, "
                         r"see \[aio\] reserve_files$")
        self.answers(clients[0])
        self.assertIdle(running)
        while clients:
            self.answers(clients[0])
            clients.pop(0).close()
        running.wait_for(r"INFO\(aio\): Server\(x\) accepts again, after \d+ failures$")
        self.answers(self.connect(port))
        self.assertStops(running)
        self.assertEqual(len(running.find("cannot accept")), 1, running.report())
        self.assertNotSaid("ERROR|CRITICAL", running)

    def test_with_too_few_files_to_start_the_reason_is_said(self):
        for files in range(4, 40):
            def limit(value=files):
                resource.setrlimit(resource.RLIMIT_NOFILE, (value, value))

            done = self.aio("run", "-o", "aio:stop_timeout=5s", config=SERVER + """
[server/y]
protocol = aio.examples.echo
transport = unix
path = sock
loops = all
[aio]
loops = 2
[schedule/daily]
func = probe.tick
cron = 0 3 * * *
[schedule/end]
func = probe.stops_app
every = 1s
""", preexec_fn=limit)
            with self.subTest(files=files, said=done.text):
                if done.status == 0:
                    break
                self.assertIn(done.status, (FAILED, BAD_CONFIG), str(done))
                self.assertSaid("Too many open files", done)
                self.assert_limit_named(done, files)
        self.assertEqual(done.status, 0, str(done))

    def assert_limit_named(self, done, files):
        for line in done.text.splitlines():
            if "Too many open files" in line:
                self.assertIn(f"(this process may have {files}, see ulimit -n)", line)

    def test_with_too_few_files_for_a_child_the_limit_is_named(self):
        seen = 0
        for files in range(8, 40):
            def limit(value=files):
                resource.setrlimit(resource.RLIMIT_NOFILE, (value, value))

            done = self.aio("run", "-o", "aio:stop_timeout=5s", config="""
[aio]
modules = probe
[process/p]
command = /bin/sleep 60
restart = never
[schedule/end]
func = probe.stops_app
every = 500ms
""", preexec_fn=limit)
            with self.subTest(files=files, said=done.text):
                seen += "Too many open files" in done.text
                self.assert_limit_named(done, files)
                if done.status == 0 and "Too many" not in done.text:
                    break
        self.assertGreater(seen, 0)
        self.assertEqual(done.status, 0, str(done))

    def test_while_a_full_process_is_stopped_it_ends_in_time(self):
        running, port = self.limited(resource.RLIMIT_NOFILE, 64)
        clients = [self.connect(port) for _ in range(100)]
        running.wait_for("cannot accept: Too many open files")
        self.assertStops(running)
        for client in clients:
            try:
                self.assertEqual(read_all(client), b"")
            except ConnectionResetError:
                pass  # it was never accepted


if __name__ == "__main__":
    main()
