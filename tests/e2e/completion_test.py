"""Bash completion: aio/cli/completion.bash, called as bash calls it."""

import os
import pty
import re
import select
import shlex
import shutil
import subprocess
import time
import unittest

from support import AIO, Case, PATIENCE, SOURCE, clean_environment, main

SCRIPT = SOURCE / "aio/cli/completion.bash"
CONFIG = """
[aio]
log_level = INFO
[aio/commands]
greet = aio.examples.hello
[schedule/tick]
every = 1
func = aio.examples.tick
[client/bank]
address = 10.0.0.1
port = 443
[listen/two]
one = aio.examples.print
    aio.examples.print
"""


@unittest.skipUnless(shutil.which("bash"), "no bash")
class Completion(Case):
    def complete(self, line):
        """What is offered for the line with the cursor at its end."""
        self.write("aio.conf", CONFIG)
        # As bash does it: blanks part words, ':' and '=' are words of their own.
        words = re.findall(r"[:=]+|[^\s:=]+", line)
        if line[-1].isspace():
            words.append("")
        call = (f"source {shlex.quote(str(SCRIPT))}\n"
                f"COMP_WORDS=({shlex.join(words)}) COMP_CWORD={len(words) - 1}\n"
                f"COMP_LINE={shlex.quote(line)} COMP_POINT={len(line)}\n"
                "_aio\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n")
        env = clean_environment()
        env["PATH"] = f"{AIO.parent}:{os.environ['PATH']}"
        done = subprocess.run(["bash", "-c", call], cwd=self.folder, env=env, text=True,
                              capture_output=True, timeout=PATIENCE)
        self.assertEqual(done.stderr, "")
        return done.stdout.split()

    def assertOffers(self, line, *wanted):
        self.assertEqual(sorted(self.complete(line)), sorted(wanted), line)

    def assertAmong(self, line, *wanted):
        got = self.complete(line)
        for one in wanted:
            self.assertIn(one, got, line)

    def test_commands_are_offered_those_of_the_user_too(self):
        self.assertAmong("aio ", "run", "config", "test", "graph", "module", "greet", "--version")
        self.assertOffers("aio gr", "graph", "greet")
        self.assertOffers("aio -c aio.conf gr", "graph", "greet")
        self.write("other.conf", "[aio/commands]\ngrow = aio.examples.hello\n")
        self.assertOffers("aio -c other.conf gr", "graph", "grow")

    def test_files_follow_c(self):
        self.assertOffers("aio -c ai", "aio.conf")
        self.assertOffers("aio run -c ai", "aio.conf")
        self.assertOffers("aio greet ai", "aio.conf")

    def test_levels(self):
        levels = ("trace", "debug", "info", "warning", "error", "critical", "off")
        self.assertOffers("aio run -l ", *levels)
        self.assertOffers("aio run --log-level ", *levels)
        self.assertOffers("aio run --log-level=tr", "trace")

    def test_options_of_run(self):
        self.assertAmong("aio run -", "-d", "-l", "--debug", "--stop-timeout", "--pid-file")
        self.assertOffers("aio run --st", "--stop-timeout")

    def test_beans(self):
        self.assertAmong("aio run ", "aio.examples.greet", "probe.hello")
        self.assertOffers("aio run aio.examples.greet:", "who=")
        self.assertOffers("aio run aio.examples.numbers:up_to=1,con", "1,consumers=")

    def test_actions_of_config(self):
        self.assertAmong("aio config ", "get", "set", "unset", "check", "diff", "schema", "-g", "-s")
        self.assertOffers("aio config un", "unset")
        self.assertAmong("aio config --", "--origin", "--show-secrets", "--dry-run")

    def test_sections_that_are_there(self):
        for action in ("-g", "--get", "get", "unset"):
            self.assertOffers(f"aio config {action} li", "listen/two")
            self.assertOffers(f"aio config {action} aio", "aio", "aio/builtin_commands",
                              "aio/commands")

    def test_options_that_are_there(self):
        for action in ("-g", "get", "unset"):
            self.assertOffers(f"aio config {action} schedule/tick:", "every", "func")
            self.assertOffers(f"aio config {action} listen/two:", "one")

    def test_options_that_may_be_there(self):
        for action in ("-s", "--set", "set"):
            self.assertOffers(f"aio config {action} sch", "schedule/tick:")
            self.assertAmong(f"aio config {action} schedule/tick:", "every", "cron", "timezone")
            self.assertOffers(f"aio config {action} aio:log_f", "log_file", "log_format")
            self.assertOffers(f"aio config {action} listen/two:", "one", "queue", "queue_policy")
            self.assertOffers(f"aio config {action} aio:log_level ")

    def test_sections_and_options_of_clients(self):
        self.assertOffers("aio config -g cli", "client/bank")
        self.assertOffers("aio config -s cli", "client/bank:")
        self.assertOffers("aio config -g client/bank:", "address", "port")
        self.assertAmong("aio config -s client/bank:", "address", "backoff", "tls_ca", "protocol")
        self.assertOffers("aio run -o client/bank:tls_c", "tls_ca=", "tls_certificate=")
        self.assertAmong("aio config schema ", "client", "client/bank")

    def test_a_file_alone(self):
        self.write("other.conf", "[mine]\nname = 1\n")
        self.assertOffers("aio config -f other.conf -g ", "DEFAULT", "mine")
        self.assertOffers("aio config -f other.conf -g mine:", "name")
        self.assertOffers("aio config -f oth", "other.conf")

    def test_overrides(self):
        self.assertOffers("aio -o aio:log_l", "log_level=")
        self.assertOffers("aio run -o sched", "schedule/tick:")

    def test_sections_of_the_schema(self):
        self.assertAmong("aio config schema ", "aio", "aio/commands", "server", "listen/two")
        self.assertOffers("aio config schema super", "supervisor")

    def test_modules(self):
        for command in ("test", "module show"):
            self.assertOffers(f"aio {command} aio.e", "aio.examples")
        self.assertOffers("aio module ", "new", "list", "show")
        self.assertAmong("aio test ", "--")

    def test_graph(self):
        self.assertOffers("aio graph --", "--dot", "--json")


@unittest.skipUnless(shutil.which("bash"), "no bash")
class RealBash(Case):
    """Bash breaks words, keeps quotes and puts in what is offered, on a terminal."""

    def read_until(self, terminal, mark):
        text = ""
        deadline = time.monotonic() + PATIENCE
        while mark not in text:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([terminal], [], [], left)[0]:
                self.fail(f"no {mark!r} in {text!r}")
            text += os.read(terminal, 65536).decode(errors="replace")
        return text

    def end(self, pid, terminal):
        os.close(terminal)
        os.waitpid(pid, 0)

    def typed(self, line):
        """The words of the line after a tabulator at its end."""
        env = clean_environment()
        env.update(PATH=f"{AIO.parent}:{os.environ['PATH']}", TERM="dumb", PS1="ready> ",
                   INPUTRC=os.devnull, HISTFILE="")
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.folder)
            os.execvpe("bash", ["bash", "--norc", "--noprofile", "-i"], env)
        self.addCleanup(self.end, pid, terminal)
        self.read_until(terminal, "ready> ")
        os.write(terminal, f"source {shlex.quote(str(SCRIPT))}; echo sour''ced\n".encode())
        self.read_until(terminal, "sourced\r\nready> ")
        # To the begin of the line, then to its end: what is there is printed, not run.
        os.write(terminal, f"{line}\t\x01printf '<%s>' \x05; echo '<e''nd>'\n".encode())
        said = self.read_until(terminal, "<end>").partition("<end>")[0]
        return re.findall("<([^<>]*)>", said[said.rindex("\n"):])

    def assertCompleted(self, line, *wanted):
        self.assertEqual(self.typed(line)[-len(wanted):], list(wanted), line)

    def test_a_key_of_the_file_that_c_names(self):
        config = CONFIG + "first = 3s\n"
        self.write("h.conf", config)
        self.write("h i.conf", config)
        for option in ("-c h.conf", "-ch.conf", "--config=h.conf", "-c 'h i.conf'",
                       "-c h\\ i.conf", '-c "h i.conf"'):
            self.assertCompleted(f"aio {option} config get listen/two:fi",
                                 "get", "listen/two:first")

    def test_a_quoted_word(self):
        self.write("aio.conf", CONFIG)
        for word in ('"schedule/tick:ev', "'schedule/tick:ev", '"schedule/tick":ev',
                     "schedule/tick:ev"):
            self.assertCompleted(f"aio config get {word}", "get", "schedule/tick:every")


if __name__ == "__main__":
    main()
