"""Clients: names whose resolver keeps silent or has scripted answers, and a real HTTP proxy."""

import os
import shutil
import signal
import subprocess
import time
import unittest
from pathlib import Path

from support import AIO, Case, Running, SLOW, clean_environment, free_port, main

TINYPROXY = shutil.which("tinyproxy")
# Takes the place of the system's list of hosts, for one process and without any rights. (Its
# sibling resolv_wrapper does not reach the questions that getaddrinfo asks.)
[NSS_WRAPPER] = list(Path("/usr/lib").glob("*/libnss_wrapper.so")) or [None]

# A name server that takes questions and answers none; it lives in the process of aio.
SILENT = """
import os, socket, sys
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
server.set_inheritable(True)
os.execv(sys.argv[1], sys.argv[1:])
"""


class Client(Case):
    def dial(self, *words, prefix=(), shell=None):
        config = self.write("c.conf", "[aio/commands]\ndial = probe.dial\n")
        argv = [*prefix, str(AIO), "-c", str(config), "dial", *words]
        running = Running(argv, self.folder, clean_environment())
        self.addCleanup(running.kill)
        return running


# Only root can give a process name servers of its own, if need be the root of a namespace.
UNSHARE = ["unshare", *([] if os.geteuid() == 0 else ["-r"]), "-n", "-m"]


def can_unshare():
    return subprocess.run([*UNSHARE, "true"], capture_output=True, check=False).returncode == 0


@unittest.skipUnless(can_unshare(), "no namespace can be made here")
class Names(Client):
    def within(self):
        """Begins the command line of a process beside a silent resolver."""
        hosts = self.write("hosts", "127.0.0.1 localhost known.example\n")
        resolver = self.write("resolv.conf", "nameserver 127.0.0.1\noptions timeout:30\n")
        inside = (f"ip link set lo up && mount --bind {hosts} /etc/hosts && "
                  f"mount --bind {resolver} /etc/resolv.conf && exec \"$@\"")
        return [*UNSHARE, "/bin/sh", "-c", inside, "sh", "python3", "-c", SILENT]

    def beside_a_silent_resolver(self, *words):
        return self.dial(*words, prefix=self.within())

    def test_a_silent_resolver_holds_up_no_other_name_and_no_end(self):
        running = self.beside_a_silent_resolver(
            "silent.example:1", "silent.example:2", "silent-too.example:1", "known.example:1",
            "127.0.0.1:1",
        )
        running.wait_for(r"^127\.0\.0\.1:1: failed: 127\.0\.0\.1:1: Connection refused$")
        running.wait_for(r"^known\.example:1: failed: known\.example:1: 127\.0\.0\.1:1: Connection refused$")
        self.assertNotSaid(r"silent", running)
        begun = time.monotonic()
        running.send(signal.SIGINT)
        running.wait()
        self.assertLess(time.monotonic() - begun, 0.5 * SLOW)

    def test_a_client_waits_for_a_silent_resolver_as_long_as_it_wants(self):
        running = self.beside_a_silent_resolver("silent.example:1", "--timeout", "200ms")
        running.wait_for(
            r"^silent\.example:1: failed: silent\.example:1: the name was not resolved in time$"
        )
        begun = time.monotonic()
        running.wait()
        self.assertLess(time.monotonic() - begun, 0.5 * SLOW)


    def test_an_app_serves_and_connects_while_names_are_not_answered_and_stops_at_once(self):
        config = self.write("app.conf", (
            "[server/echo]\nprotocol = aio.examples.echo\naddress = 127.0.0.1\nport = 7777\n"
            "[client/known]\nprotocol = aio.examples.ping\nevery = 10ms\n"
            "address = known.example\nport = 7777\nwait_connected = no\n"
        ) + "".join(
            f"[client/silent{i}]\nprotocol = aio.examples.ping\naddress = silent{i}.example\n"
            "port = 1\nwait_connected = no\n" for i in range(3)))
        argv = [*self.within(), str(AIO), "-c", str(config), "run"]
        running = Running(argv, self.folder, clean_environment())
        self.addCleanup(running.kill)
        running.wait_for(r"Answer: ping 2$")
        self.assertNotSaid(r"Client\(silent", running)
        begun = time.monotonic()
        running.send(signal.SIGTERM)
        self.assertEqual(running.wait(), 0, running.report())
        self.assertLess(time.monotonic() - begun, 0.5 * SLOW)


@unittest.skipUnless(NSS_WRAPPER, "libnss-wrapper is not installed")
class ScriptedNames(Case):
    def hosts(self, *lines):
        """Replaces the list as a whole: each look finds the old or the new one."""
        self.write("next", "".join(f"{line}\n" for line in lines))
        os.replace(self.folder / "next", self.folder / "hosts")

    def client(self, port):
        return self.start(
            "[aio]\nresolver_cache = 50ms\n"
            "[client/x]\nprotocol = aio.examples.ping\nevery = 10ms\naddress = bank.example\n"
            f"port = {port}\nbackoff = 20ms\nbackoff_max = 100ms\nwait_connected = no\n",
            env={"LD_PRELOAD": NSS_WRAPPER, "NSS_WRAPPER_HOSTS": self.folder / "hosts",
                 "NSS_WRAPPER_DISABLE_DEEPBIND": "1"},  # which a sanitizer does not permit
        )

    def echo(self, address, port=0):
        return self.serve("[server/s]\nprotocol = aio.examples.echo\n"
                          f"address = {address}\nport = {port}\n")

    def test_the_one_address_of_a_name_that_answers_is_found(self):
        server, port = self.echo("127.0.0.7")
        self.hosts("127.0.0.5 bank.example", "127.0.0.6 bank.example", "127.0.0.7 bank.example")
        client = self.client(port)
        client.wait_for(rf"Client\(x\) aio\.examples\.ping connected to bank\.example:{port} "
                        rf"\(127\.0\.0\.7:{port}\)$")
        client.wait_for(r"Answer: ping 2$")
        self.assertStops(client)
        self.assertStops(server)

    def test_a_client_follows_a_name_that_moves(self):
        first, port = self.echo("127.0.0.5")
        self.hosts("127.0.0.5 bank.example")
        client = self.client(port)
        client.wait_for(r"Answer: ping 2$")
        second, _ = self.echo("127.0.0.6", port)
        self.hosts("127.0.0.6 bank.example")
        self.assertStops(first)
        client.wait_for(r"Client\(x\) aio\.examples\.ping connected to ", 2)
        client.wait_for(r"Answer: ping 2$", 2)
        self.assertStops(client)
        self.assertStops(second)

    def test_a_name_that_comes_to_be_is_found(self):
        server, port = self.echo("127.0.0.5")
        self.hosts("127.0.0.5 other.example")
        client = self.client(port)
        client.wait_for(r"Client\(x\) cannot connect to .*bank\.example.*: Name or service not known")
        self.hosts("127.0.0.5 bank.example")
        client.wait_for(r"Answer: ping 2$")
        self.assertStops(client)
        self.assertStops(server)


@unittest.skipUnless(TINYPROXY, "tinyproxy is not installed")
class Tinyproxy(Client):
    def setUp(self):
        super().setUp()
        self.echo, self.echo_port = self.serve(
            "[server/x]\nprotocol = aio.examples.echo\naddress = 127.0.0.1\nport = 0\n"
        )
        self.port = free_port()
        config = self.write("tinyproxy.conf", (
            f"Port {self.port}\nListen 127.0.0.1\nTimeout 60\nMaxClients 10\n"
            f"BasicAuth user pass\nConnectPort {self.echo_port}\nLogLevel Info\n"
            f"LogFile \"{self.folder}/tinyproxy.log\"\n"
        ))
        self.listens([TINYPROXY, "-d", "-c", str(config)], self.port)

    def through(self, credentials, target):
        return self.dial(target, "--proxy", f"http://{credentials}127.0.0.1:{self.port}")

    def test_a_tunnel_leads_to_the_server(self):
        for host in ("127.0.0.1", "localhost"):
            running = self.through("user:pass@", f"{host}:{self.echo_port}")
            running.wait_for(rf"^{host}:{self.echo_port}: hello$")
            running.wait()

    def test_a_refusal_says_why(self):
        running = self.through("user:wrong@", f"127.0.0.1:{self.echo_port}")
        running.wait_for(r"failed: .*: the proxy 127\.0\.0\.1:\d+: 40[17] ")
        running = self.through("user:pass@", "127.0.0.1:1")
        running.wait_for(r"failed: .*: the proxy 127\.0\.0\.1:\d+: 403 ")


if __name__ == "__main__":
    main()
