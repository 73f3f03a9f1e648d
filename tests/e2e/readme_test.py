"""What README.md says to type is typed here. (What it says to build: module_command_test.py.)"""

import os
import re
import subprocess

from support import AIO, Case, OK, SLOW, SOURCE, clean_environment, main

README = (SOURCE / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.S | re.M)


class Readme(Case):
    def test_every_ini_block_reads_and_interpolates(self):
        self.assertNotEqual(blocks("ini"), [])
        for number, block in enumerate(blocks("ini")):
            with self.subTest(block=block):
                name = self.write(f"{number}.conf", block).name
                # Overrides stand in for modules and values the reader has and we do not.
                done = self.aio("config", "-f", name)
                self.assertRan(done)
                done = self.aio("-c", name, "-o", "aio:modules=", "config", "dump")
                self.assertRan(done)

    def test_every_ini_block_is_right_but_for_the_readers_own_modules(self):
        for number, block in enumerate(blocks("ini")):
            name = self.write(f"{number}.conf", block.replace("my.example.", "probe.")
                              .replace("my.example", "probe").replace("my.other", "aio.examples")
                              .replace("probe.echo", "aio.examples.echo")).name
            done = self.aio("-c", name, "config", "check")
            self.assertStatus(done, OK)

    def test_every_config_command_works(self):
        self.write("aio.conf", next(b for b in blocks("ini") if "[server/web]" in b)
                   .replace("my.example.echo", "aio.examples.echo")
                   .replace("my.example", "aio.examples").replace("my.other", "probe"))
        environment = clean_environment()
        environment["PATH"] = f"{AIO.parent}:{environment['PATH']}"
        commands = [
            line for block in blocks("sh") for line in block.splitlines()
            if line.startswith("aio config")
        ]
        self.assertGreaterEqual(len(commands), 5)
        # The listener that the README sets does not exist here.
        commands.sort(key=lambda line: "my.listener" in line)
        for line in commands:
            with self.subTest(command=line):
                done = subprocess.run(
                    ["bash", "-c", line], cwd=self.folder, env=environment, capture_output=True,
                    text=True, timeout=30 * SLOW,
                )
                self.assertEqual(done.returncode, 0, line + "\n" + done.stdout + done.stderr)

    def test_the_report_it_shows_is_the_report_one_gets(self):
        shown = re.search(r"^    (etc/app\.conf:14:1: error: .*?)\n\n", README, re.S | re.M)
        text = "\n".join(line[4:] if line.startswith("    ") else line
                         for line in ("    " + shown.group(1)).splitlines())
        self.write("etc/app.conf", "#\n" * 11 + "[server/web]\nprotocol = aio.examples.echo\n"
                                                "prot = 8080\n")
        done = self.aio("-c", "etc/app.conf", "config", "check")
        self.assertIn(text, done.err)


class Modules(Case):
    """Code of modules/README.md that the build has made modules of."""

    def test_an_upload_knows_whether_it_is_complete(self):
        running, port = self.serve(
            "[server/x]\nprotocol = my.streams.upload\naddress = 127.0.0.1\nport = 0\n"
        )
        self.assertEqual(self.exchange(port, b"one\ntwo"), b"got one\ngot two\n")
        with self.connect(port) as client:
            client.sendall(b"one\ntw")
            self.assertEqual(client.recv(8), b"got one\n")
            self.assertNotSaid(r"not complete", running)
            self.assertStops(running)
            self.assertSaid(r"the upload is not complete$", running)

    def test_a_protocol_with_deadlines_serves_a_client_that_keeps_them(self):
        running, port = self.serve(
            "[server/x]\nprotocol = my.deadlines.talk\naddress = 127.0.0.1\nport = 0\n"
        )
        self.assertEqual(self.exchange(port, b"hello\nagain"), b"again")
        self.assertStops(running)

    def test_a_client_asks_a_server(self):
        running, port = self.serve(
            "[server/x]\nprotocol = my.streams.upload\naddress = 127.0.0.1\nport = 0\n"
        )
        self.write("c.conf", "[aio/commands]\nask = my.clients.ask\n")
        done = self.aio("-c", "c.conf", "ask", f"localhost:{port}", "one")
        self.assertRan(done)
        self.assertEqual(done.out, "got one\n")
        done = self.aio("-c", "c.conf", "ask", "127.0.0.1", "one")
        self.assertSaid(r"the target: the port is missing", done.err)
        self.assertStops(running)

    def front(self, upstream):
        running, port = self.serve("[aio]\nstop_timeout = 20s\n[server/x]\nprotocol = my.front.front\n"
                                   "address = 127.0.0.1\nport = 0\nidle_timeout = 1s\n"
                                   f"max_connections = 1\nbank = 127.0.0.1:{upstream}\n")
        return running, port

    def test_a_server_passes_on_to_another_one(self):
        bank, at = self.serve(
            "[server/x]\nprotocol = my.streams.upload\naddress = 127.0.0.1\nport = 0\n"
        )
        running, port = self.front(at)
        self.assertEqual(self.exchange(port, b"one\ntwo"), b"got one\ngot two\n")
        running.wait_for(r"passed on 7 and 16 bytes$")
        for _ in range(3): # a silent one gives its place back
            with self.connect(port) as client:
                with self.assertRaises(ConnectionResetError):
                    client.recv(1)
        with self.connect(port) as client: # and does not hold up a stop
            client.sendall(b"one\n")
            self.assertEqual(client.recv(8), b"got one\n")
            self.assertStops(running)
        self.assertStops(bank)

    def test_a_full_server_says_a_last_word(self):
        running, port = self.serve("[server/x]\nprotocol = my.greeter.counter\naddress = 127.0.0.1\n"
                                   "port = 0\nmax_connections = 1\nwhen_full = refuse\n")
        with self.connect(port) as first:
            first.sendall(b"data")
            self.assertEqual(self.exchange(port, b""), b"x is full\n")
        self.assertStops(running)

    def test_the_right_forms_of_how_long_things_live(self):
        running = self.start("[service/g]\nclass = my.lifetimes.greeter\n")
        for line in (r"Ada is expected$", r"hello Ada$", r"hello again, Ada$", r"call 2$"):
            running.wait_for(line)
        self.assertStops(running)


if __name__ == "__main__":
    main()
