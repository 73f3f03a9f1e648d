"""[server/*] as it runs: behaviour §3, cases 48–56."""

import contextlib
import errno
import os
import re
import socket
import ssl
import stat
import subprocess
import time
import unittest

from support import (
    AIO, BAD_CONFIG, Case, FAILED, OK, PATIENCE, Running, SLOW, clean_environment, free_port,
    has_ipv6, main, read_all, read_line,
)
from system_calls import KNOWN, RECVFROM, refusing


def cpu_time(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def section(name="x", protocol="aio.examples.echo", address="127.0.0.1", port=0, **options):
    first = {"protocol": protocol, "address": address, "port": port}
    first.update(options)
    lines = "".join(f"{k} = {v}\n" for k, v in first.items() if v is not None)
    return f"[server/{name}]\n{lines}"


def local(transport, path="sock", **more):
    return section(address=None, port=None, transport=transport, path=path, **more)


class Tcp(Case):
    def test_case_48_a_protocol_serves(self):
        running, port = self.serve(section(protocol="aio.examples.adder", name="additiontest"))
        self.assertEqual(self.exchange(port, b"2 + 2 + 3\n").strip(), b"7")
        self.assertStops(running)

    def test_case_49_a_factory_builds_the_server(self):
        running, port = self.serve(
            section(protocol=None, factory="aio.examples.adder_factory")
        )
        self.assertEqual(self.exchange(port, b"17 + 5 + 1\n").strip(), b"23")
        self.assertStops(running)

    def test_case_49_a_factory_is_told_name_protocol_address_and_port(self):
        running = self.start(section(protocol=None, address=None, factory="probe.factory"))
        match = running.wait_for(r"^factory name=x protocol=no address=\* port=(\d+)$")
        port = running.port("x")
        self.assertEqual(int(match.group(1)), port)
        self.assertEqual(self.exchange(port, b"hello"), b"hello")
        self.assertStops(running)

    def test_with_both_the_factory_wins_and_gets_the_protocol(self):
        running, port = self.serve(section(factory="probe.factory"))
        running.wait_for(r"^factory name=x protocol=yes address=127\.0\.0\.1 ")
        self.assertStops(running)

    def test_case_50_neither_protocol_nor_factory(self):
        self.refused(
            "[server/test]\nport: 7070\naddress: 127.0.0.1\n",
            r"Section \[server/test\] must specify one of factory or protocol to start server",
        )

    def test_case_51_no_port(self):
        self.refused(
            "[server/test]\nfactory = aio.examples.adder_factory\n",
            r"Section \[server/test\] must specify port to listen on",
        )

    def test_case_53_without_address_every_address_is_served(self):
        running = self.start(section(address=None))
        match = running.wait_for(r"Server\(x\) aio\.examples\.echo started on \*:(\d+)$")
        port = int(match.group(1))
        self.assertNotEqual(port, 0)
        for host in ["127.0.0.1", "127.0.0.2"] + (["::1"] if has_ipv6() else []):
            self.assertEqual(self.exchange(port, b"hello", host), b"hello")
        self.assertStops(running)

    def test_case_54_the_log_line(self):
        port = free_port()
        running = self.start(section(port=port))
        running.wait_for(
            rf"INFO\(aio[^)]*\): Server\(x\) aio\.examples\.echo started on 127\.0\.0\.1:{port}$"
        )
        self.assertEqual(running.err, "")
        self.assertStops(running)

    def test_case_56_after_the_stop_the_port_is_free(self):
        running, port = self.serve(section())
        with self.connect(port) as client:
            client.sendall(b"x")
            self.assertEqual(client.recv(1), b"x")
            self.assertStops(running)
        again = self.start(section(port=port))
        self.assertEqual(again.port("x"), port)
        self.assertStops(again)

    def test_both_echoes_echo_a_lot(self):
        data = os.urandom(3_000_000)
        for protocol in ("aio.examples.echo", "aio.examples.echo_callback"):
            running, port = self.serve(section(protocol=protocol))
            with self.connect(port) as client:
                import threading

                sender = threading.Thread(
                    target=lambda c=client: (c.sendall(data), c.shutdown(socket.SHUT_WR))
                )
                sender.start()
                self.assertEqual(read_all(client), data)
                sender.join()
            self.assertStops(running)

    def test_several_addresses(self):
        running = self.start(section(address="127.0.0.1\n\t127.0.0.2", port=free_port()))
        for host in ("127.0.0.1", "127.0.0.2"):
            match = running.wait_for(rf"Server\(x\) \S+ started on {re.escape(host)}:(\d+)$")
            self.assertEqual(self.exchange(int(match.group(1)), b"hi", host), b"hi")
        self.assertStops(running)

    @unittest.skipUnless(has_ipv6(), "no IPv6 here")
    def test_an_ipv6_address(self):
        running = self.start(section(address="::1"))
        match = running.wait_for(r"Server\(x\) \S+ started on \[?::1\]?:(\d+)$")
        self.assertEqual(self.exchange(int(match.group(1)), b"hi", "::1"), b"hi")
        self.assertStops(running)

    def test_an_exception_closes_that_connection_only(self):
        running, port = self.serve(section(protocol="probe.raising_protocol"))
        with self.connect(port) as other:
            self.assertEqual(self.exchange(port, b"boom\n"), b"")
            running.wait_for(r"ERROR.*boom")
            other.sendall(b"fine\n")
            self.assertEqual(read_line(other), b"fine\n")
        self.assertStops(running)

    def test_max_connections_make_the_next_one_wait(self):
        running, port = self.serve(section(max_connections=2))
        first, second, third = (self.connect(port) for _ in range(3))
        for client in (first, second):
            client.sendall(b"x")
            self.assertEqual(client.recv(1), b"x")
        third.sendall(b"x")
        third.settimeout(0.4)
        with self.assertRaises(TimeoutError):
            third.recv(1)
        first.close()
        third.settimeout(10 * SLOW)
        self.assertEqual(third.recv(1), b"x")
        self.assertStops(running)

    def test_an_answer_arrives_whole_though_its_peer_goes_on_sending(self):
        running, port = self.serve(
            "[server/x]\nprotocol = probe.flood\naddress = 127.0.0.1\nport = 0\n")
        with socket.socket() as client:
            client.settimeout(PATIENCE)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(("127.0.0.1", port))
            client.sendall(b"go\n")
            total = 0
            while got := client.recv(1 << 18):
                if total // 1_000_000 != (total + len(got)) // 1_000_000:
                    client.sendall(b"more\n")
                total += len(got)
            self.assertEqual(total, 20_000_000)
        self.assertStops(running)

    def test_idle_timeout_closes_a_silent_connection(self):
        running, port = self.serve(section(idle_timeout="600ms"))
        with self.connect(port) as client:
            client.sendall(b"x")
            self.assertEqual(client.recv(1), b"x")
            begun = time.monotonic()
            try:
                self.assertEqual(client.recv(1), b"")
            except ConnectionResetError:
                pass
            self.assertAlmostEqual(time.monotonic() - begun, 0.6, delta=0.5 * SLOW)
        self.assertStops(running)

    def test_several_loops_serve_one_port(self):
        for loops in ("2", "all"):
            running, port = self.serve(section(loops=loops), "-o", "aio:loops=2")
            for _ in range(20):
                self.assertEqual(self.exchange(port, b"hello"), b"hello")
            self.assertStops(running)

    def test_two_servers_with_the_same_protocol(self):
        running, ports = self.serve(section("a") + section("b"))
        for port in ports:
            self.assertEqual(self.exchange(port, b"hello"), b"hello")
        self.assertStops(running)


class Busy(Case):
    def setUp(self):
        super().setUp()
        self.taken = socket.socket()
        self.addCleanup(self.taken.close)
        self.taken.bind(("127.0.0.1", 0))
        self.taken.listen()
        self.port = self.taken.getsockname()[1]

    def test_a_busy_port_is_an_error_with_the_systems_reason_and_1(self):
        for more in ({}, {"loops": 2}):
            running = self.start(section("a") + section(port=self.port, **more)
                                 + "[schedule/s]\nevery = 1\nfunc = probe.tick\n")
            self.assertEnded(running, FAILED)
            self.assertSaid(
                r"ERROR\(aio[^)]*\): Server\(x\) failed to start: .*Address already in use", running
            )
            self.assertNotSaid("^tick", running)

    def test_a_port_shared_by_another_process_is_busy_too(self):
        first, port = self.serve(section(loops=2), "-o", "aio:loops=2")
        self.write("second.conf", section(loops=2, port=port))
        second = self.start(None, "-c", "second.conf", "-o", "aio:loops=2")
        self.assertEnded(second, FAILED)
        self.assertSaid("Address already in use", second)
        self.assertStops(first)

    def test_reuse_port_shares_with_another_process(self):
        first, port = self.serve(section(reuse_port="yes"))
        self.write("second.conf", section(reuse_port="yes", port=port))
        second = self.start(None, "-c", "second.conf")
        self.assertEqual(second.port("x"), port)
        self.assertStops(second)
        self.assertStops(first)

    def test_every_server_that_cannot_start_is_named(self):
        with socket.create_server(("127.0.0.1", 0)) as other:
            running = self.start(section("a", port=self.port)
                                 + section("b", port=other.getsockname()[1]))
            running.wait_for(r"Server\(b\) failed to start: ")
        self.assertEnded(running, FAILED)
        self.assertSaid(r"Server\(a\) failed to start: ", running)
        self.assertSaid(r"Server\(b\) failed to start: ", running)

    def test_an_address_that_is_not_ours(self):
        running = self.start(section(address="192.0.2.1"))
        self.assertEnded(running, FAILED)
        self.assertSaid(r"Server\(x\) failed to start: .*assign requested address", running)

    def test_an_address_that_is_none(self):
        for address in ("not an address", "300.1.1.1"):
            running = self.start(section(address=address))
            self.assertIn(running.wait(), (FAILED, BAD_CONFIG), running.report())
            self.assertSaid(address, running)


    def test_an_interface_that_is_missing_is_named_where_it_is_bound(self):
        config = section(address="fe80::1%eth77")
        self.assertEqual(self.aio("config", "check", config=config).status, 0)
        running = self.start(config)
        self.assertEnded(running, FAILED)
        self.assertSaid(
            r"Server\(x\) failed to start: fe80::1%eth77: there is no interface 'eth77'$", running
        )


class Udp(Case):
    def test_datagrams_are_echoed(self):
        running, port = self.serve(
            section(protocol="aio.examples.echo_datagram", transport="udp")
        )
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(10 * SLOW)
            for size in (0, 1, 1000, 60000):
                client.sendto(b"x" * size, ("127.0.0.1", port))
                data, peer = client.recvfrom(70000)
                self.assertEqual((len(data), peer[1]), (size, port))
        self.assertStops(running)

    def test_a_busy_udp_port(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
            taken.bind(("127.0.0.1", 0))
            running = self.start(
                section(protocol="aio.examples.echo_datagram", transport="udp",
                        port=taken.getsockname()[1])
            )
            self.assertEnded(running, FAILED)
            self.assertSaid("Address already in use", running)


    @unittest.skipUnless(KNOWN, "needs the numbers of system calls")
    def test_a_server_that_may_not_receive_rests_and_says_so_once(self):
        running = self.start(
            section(protocol="aio.examples.echo_datagram", transport="udp"),
            preexec_fn=refusing([RECVFROM], errno.EPERM),
        )
        port = running.port("x")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.sendto(b"hello", ("127.0.0.1", port))
            running.wait_for(r"WARNING\(aio\): Server\(x\) cannot receive: Operation not permitted "
                             r"\(a firewall, a security module or a filter of system calls\)")
            before = cpu_time(running.pid)
            for _ in range(10):
                client.sendto(b"hello", ("127.0.0.1", port))
                time.sleep(0.1)
            self.assertLess(cpu_time(running.pid) - before, 0.5)
        self.assertStops(running)
        self.assertEqual(len(running.find("cannot receive")), 1)


class Unix(Case):
    def client(self, kind=socket.SOCK_STREAM, path="sock"):
        one = socket.socket(socket.AF_UNIX, kind)
        one.settimeout(10 * SLOW)
        self.addCleanup(one.close)
        if kind == socket.SOCK_STREAM:
            one.connect(str(self.folder / path))
        return one

    def started(self, config):
        running = self.start(config)
        running.wait_for(r"Server\(x\) \S+ started on \S*sock$")
        return running

    def test_a_stream_socket_serves_and_is_removed_at_the_end(self):
        running = self.started(local("unix"))
        client = self.client()
        client.sendall(b"hello")
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(read_all(client), b"hello")
        self.assertStops(running)
        self.assertFalse((self.folder / "sock").exists())

    def test_datagrams(self):
        running = self.started(local("unix-datagram", protocol="aio.examples.echo_datagram"))
        client = self.client(socket.SOCK_DGRAM)
        client.bind(str(self.folder / "client"))
        client.sendto(b"hello", str(self.folder / "sock"))
        self.assertEqual(client.recv(100), b"hello")
        self.assertStops(running)
        self.assertFalse((self.folder / "sock").exists())

    def test_mode_sets_the_permission(self):
        running = self.started(local("unix", mode="0660"))
        mode = stat.S_IMODE((self.folder / "sock").stat().st_mode)
        self.assertEqual(oct(mode), oct(0o660))
        self.assertStops(running)

    def test_a_dead_socket_is_replaced(self):
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(str(self.folder / "sock"))
        running = self.started(local("unix"))
        self.client()
        self.assertStops(running)

    def test_a_living_socket_is_not_replaced(self):
        with socket.socket(socket.AF_UNIX) as living:
            living.bind(str(self.folder / "sock"))
            living.listen()
            running = self.start(local("unix"))
            self.assertEnded(running, FAILED)
            self.assertSaid(r"Server\(x\) failed to start: .*(in use|sock)", running)
            self.assertTrue((self.folder / "sock").exists())

    def test_a_file_that_is_no_socket_is_never_replaced(self):
        self.write("sock", "precious\n")
        running = self.start(local("unix"))
        self.assertEnded(running, FAILED)
        self.assertEqual(self.read("sock"), "precious\n")

    def test_a_folder_that_does_not_exist(self):
        running = self.start(local("unix", path="no/such/sock"))
        self.assertEnded(running, FAILED)
        self.assertSaid(
            r"Server\(x\) failed to start: no/such/sock: folder 'no/such': No such file", running
        )

    def test_paths_that_no_shell_expands(self):
        for config in (
            section(tls_certificate="~/server.pem"),
            section() + "[aio]\nworking_directory = ~/app\n",
            section() + "[aio]\npid_file = ~/app.pid\n",
            section() + "[logger_root]\nhandlers = h\n[handler_h]\nclass = FileHandler\n"
            "args = ('~/app.log',)\n",
            "[aio]\ninclude = ~/app.conf\n",
            "[aio]\ninclude = ~/app/*.conf\n",
            section() + "[aio]\nmodule_path = ~/modules\n",
            "[mine]\nword = ${file:~/word}\n",
            "[process/p]\ncommand = ~/bin/app --once\n",
            "[process/p]\ncommand = true\nworking_directory = ~/app\n",
        ):
            folders = {"AIO_MODULE_PATH": None} if "module_path" in config else None
            done = self.aio("config", "check", config=config, env=folders)
            with self.subTest(config=config, said=done.text):
                self.assertSaid(r"no shell expands '~' here: write the whole path", done)

    def test_a_folder_of_modules_that_is_not_there_is_a_warning(self):
        config = section() + "[aio]\nmodule_path = no/modules\n"
        done = self.aio("config", "check", config=config, env={"AIO_MODULE_PATH": None})
        self.assertStatus(done, OK)
        self.assertSaid(r"^aio.conf:\d+:15: warning: \[aio\] module_path no/modules: .*"
                        r"No such file or directory", done.err)

    @unittest.skipUnless(os.geteuid() == 0, "needs root to lose a right")
    def test_a_port_that_needs_a_right_names_it(self):
        with open("/proc/sys/net/ipv4/ip_unprivileged_port_start") as first:
            if int(first.read()) <= 81:
                self.skipTest("any user may have the port")
        self.folder.chmod(0o755)
        drop = ["setpriv", "--bounding-set=-net_bind_service", "--inh-caps=-net_bind_service"]
        self.write("aio.conf", section(port=81))
        running = Running([*drop, str(AIO), "run"], self.folder, clean_environment())
        self.addCleanup(running.kill)
        self.assertEnded(running, FAILED)
        self.assertSaid(r"Permission denied \(a port below 1024 needs root or CAP_NET_BIND_SERVICE\)",
                        running)

    def test_a_line_that_is_too_long_is_no_error_of_the_server(self):
        running, port = self.serve("[aio]\nlog_level = DEBUG\n" + section(protocol="probe.slow_reply"))
        with self.connect(port) as client:
            client.sendall(b"x" * 100000)
        running.wait_for(r"DEBUG.*a line longer than \d+ bytes")
        self.assertStops(running)
        self.assertNotSaid("ERROR", running)

    def test_a_configuration_whose_path_no_shell_expands(self):
        self.write("etc/aio.conf", "[aio]\ninclude = ~/app.conf\n")
        for args in (("-c", "~/aio.conf"), ("-c", "etc/aio.conf")):
            done = self.aio(*args, "config", "check")
            self.assertSaid(r"no shell expands '~' here: write the whole path", done)

    def test_a_socket_whose_path_no_shell_expands(self):
        done = self.aio("config", "check", config=local("unix", path="~/sock"))
        self.assertSaid(r"warning: \[server/x\] path: '~' is the name of a folder", done)
        self.assertSaid(r"no shell expands '~' here", done)


class Tls(Case):
    def setUp(self):
        super().setUp()
        self.certificate("server", "/CN=localhost", "subjectAltName=DNS:localhost,IP:127.0.0.1")

    def certificate(self, name, subject, extension="basicConstraints=CA:TRUE"):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.pem", "-days", "30",
             "-subj", subject, "-addext", extension],
            cwd=self.folder, check=True, capture_output=True,
        )

    def config(self, **more):
        return section(tls_certificate="server.pem", tls_key="server.key", **more)

    def test_failed_handshakes_are_a_warning(self):
        running, port = self.serve(self.config())
        for _ in range(3):
            with contextlib.suppress(ConnectionResetError):
                self.exchange(port, b"GET / HTTP/1.0\r\n\r\n")
        running.wait_for(r"WARNING.*Server\(x\) closes connections: the TLS handshake failed: 1 from "
                         r"127\.0\.0\.1$")
        self.assertStops(running)
        self.assertEqual(len(running.find("WARNING")), 1, running.report())

    def test_a_certificate_with_a_byte_order_mark_is_named(self):
        path = self.folder / "server.pem"
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
        running = self.start(self.config())
        self.assertEnded(running, FAILED)
        self.assertSaid("it begins with a byte order mark, save it without one", running)

    def context(self):
        context = ssl.create_default_context(cafile=str(self.folder / "server.pem"))
        return context

    def tls(self, port, context=None):
        raw = self.connect(port)
        client = (context or self.context()).wrap_socket(raw, server_hostname="localhost")
        self.addCleanup(client.close)
        return client

    def test_echo_over_tls(self):
        for protocol in ("aio.examples.echo", "aio.examples.echo_callback"):
            running, port = self.serve(self.config(protocol=protocol))
            client = self.tls(port)
            data = os.urandom(100_000)
            client.sendall(data)
            got = b""
            while len(got) < len(data):
                got += client.recv(65536)
            self.assertEqual(got, data)
            self.assertIn(client.version(), ("TLSv1.2", "TLSv1.3"))
            self.assertStops(running)

    def test_the_end_is_said_in_tls_words(self):
        running, port = self.serve(self.config(protocol="aio.examples.adder"))
        client = self.tls(port)
        client.sendall(b"2 + 2 + 3\n")
        self.assertEqual(read_all(client).strip(), b"7")
        self.assertStops(running)

    def test_an_old_client_is_turned_away(self):
        running, port = self.serve(self.config(tls_min="1.3"))
        context = self.context()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            self.tls(port, context)
        self.tls(port)
        self.assertStops(running)

    def test_a_plain_client_does_no_harm(self):
        running, port = self.serve(self.config())
        with self.connect(port) as client:
            try:  # it is turned away, perhaps before it has said all
                client.sendall(b"GET / HTTP/1.0\r\n\r\n")
                client.shutdown(socket.SHUT_WR)
                read_all(client)
            except OSError:
                pass
        client = self.tls(port)
        client.sendall(b"x")
        self.assertEqual(client.recv(1), b"x")
        self.assertStops(running)

    def test_a_silent_client_does_not_hold_up_others_or_the_stop(self):
        running, port = self.serve(self.config())
        self.connect(port)
        client = self.tls(port)
        client.sendall(b"x")
        self.assertEqual(client.recv(1), b"x")
        self.assertStops(running, timeout=5 * SLOW)

    def test_a_client_certificate_is_required(self):
        self.certificate("client", "/CN=me")
        running, port = self.serve(self.config(tls_ca="client.pem", tls_client="require"))
        context = self.context()
        context.load_cert_chain(self.folder / "client.pem", self.folder / "client.key")
        client = self.tls(port, context)
        client.sendall(b"x")
        self.assertEqual(client.recv(1), b"x")
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            bare = self.tls(port)
            bare.sendall(b"x")
            if bare.recv(1) == b"":
                raise ConnectionError("closed")
        self.assertStops(running)

    def test_tls_over_a_unix_socket(self):
        running = self.start(local("unix", tls_certificate="server.pem", tls_key="server.key"))
        running.wait_for("started on")
        raw = socket.socket(socket.AF_UNIX)
        raw.settimeout(10 * SLOW)
        raw.connect(str(self.folder / "sock"))
        with self.context().wrap_socket(raw, server_hostname="localhost") as client:
            client.sendall(b"x")
            self.assertEqual(client.recv(1), b"x")
        self.assertStops(running)

    def test_a_missing_certificate_file_is_named(self):
        self.refused(section(tls_certificate="nowhere.pem", tls_key="server.key"),
                     r"tls_certificate: cannot read 'nowhere\.pem': No such file")

    def test_a_key_of_another_certificate(self):
        self.certificate("other", "/CN=other")
        running = self.start(section(tls_certificate="server.pem", tls_key="other.key"))
        self.assertEnded(running, FAILED)
        self.assertSaid(
            r"Server\(x\) failed to start: the key other\.key does not belong to the certificate "
            r"server\.pem$", running
        )


class Mistakes(Case):
    def test_a_protocol_that_does_not_fit_its_transport(self):
        self.refused(section(transport="udp"), r"aio\.conf:\d:\d+: error: ")
        self.refused(section(protocol="aio.examples.echo_datagram"), r"aio\.conf:\d:\d+: error: ")

    def test_options_that_do_not_fit_the_transport(self):
        for config in (
            section(path="sock"),
            section(address=None, port=None, transport="unix"),
            section(transport="unix", path="sock"),
            section(transport="udp", protocol="aio.examples.echo_datagram",
                    tls_certificate="a.pem", tls_key="a.key"),
            section(tls_key="a.pem"),
            section(tls_certificate="a", tls_key="b", tls_client="require"),
            section(tls_certificate="a", tls_key="b", tls_min="0.9"),
            section(transport="sctp"),
            section(max_connections=0),
            section(backlog=-1),
            section(loops=0),
            section(loop="7"),
            local("unix", path="x" * 200),
            local("unix", mode="999"),
        ):
            with self.subTest(config=config):
                self.refused(config, r"aio\.conf:\d:\d+: error: ")

    def test_the_wrong_kind_names_both(self):
        self.refused(
            section(protocol="aio.examples.tick"),
            r"'aio\.examples\.tick' is a schedule, not a protocol",
        )
        self.refused(
            section(protocol=None, factory="aio.examples.echo"),
            r"'aio\.examples\.echo' is a protocol, not a factory",
        )


if __name__ == "__main__":
    main()
