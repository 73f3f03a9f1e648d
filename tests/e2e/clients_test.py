"""Clients: names whose resolver keeps silent, and a real HTTP proxy."""

import os
import shutil
import signal
import time
import unittest

from support import AIO, Case, Running, SLOW, clean_environment, free_port, main

TINYPROXY = shutil.which("tinyproxy")

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


@unittest.skipUnless(os.geteuid() == 0, "only root can give a process name servers of its own")
class Names(Client):
    def beside_a_silent_resolver(self, *words):
        hosts = self.write("hosts", "127.0.0.1 localhost known.example\n")
        resolver = self.write("resolv.conf", "nameserver 127.0.0.1\noptions timeout:30\n")
        inside = (f"ip link set lo up && mount --bind {hosts} /etc/hosts && "
                  f"mount --bind {resolver} /etc/resolv.conf && exec \"$@\"")
        prefix = ["unshare", "-n", "-m", "/bin/sh", "-c", inside, "sh",
                  "python3", "-c", SILENT]
        return self.dial(*words, prefix=prefix)

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
