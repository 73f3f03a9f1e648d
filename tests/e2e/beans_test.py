"""[bean/*] and beans on the command line: behaviour §5. The module `probe` says what happens."""

import signal
import subprocess

from support import FAILED, OK, USAGE, Case, main


class Beans(Case):
    def test_case_92_quick_start_and_102_the_process_ends_by_itself(self):
        done = self.aio("run", "probe.hello:hi=Ozzy", config="")
        self.assertStatus(done, OK)
        self.assertSaid(r"^hello world with \{hi: Ozzy\}$", done)

    def test_case_94_the_core_is_not_overridable_and_a_pair_needs_its_sign(self):
        done = self.aio("run", "probe.hello:core=probe.raises,hi=1", config="")
        self.assertStatus(done, OK)
        self.assertSaid(r"^hello world with \{hi: 1\}$", done)
        done = self.aio("run", "probe.hello:flag", config="")
        self.assertStatus(done, USAGE)
        self.assertSaid(r"'flag' has no value", done)

    def test_escapes_and_dollars_are_literal(self):
        done = self.aio("run", r"probe.hello:hi=a\,b\=c,x=${y}", config="")
        self.assertStatus(done, OK)
        self.assertSaid(r"^hello world with \{hi: a,b=c, x: \$\{y\}\}$", done)

    def test_case_95_ids_in_order_and_96_labels(self):
        done = self.aio(
            "run", "probe.listed:label=w",
            config="[bean/b]\ncore = probe.listed\nlabel = w\n[bean/a]\ncore = probe.listed\n",
        )
        self.assertStatus(done, OK)
        for line in ("bean 1 b w", "bean 2 a ", "bean 3 probe.listed w", "sees 1 b", "sees 2 a",
                     "sees 3 probe.listed", "label w: 2", "there is no bean with label 'nobody'"):
            self.assertSaid(f"^{line}$", done)

    def test_case_97_a_core_that_is_not_there_is_a_configuration_error(self):
        self.refused(
            "[bean/a]\ncore = probe.nope\n[bean/b]\nhi = 1\n[bean/c]\ncore = probe.tick\n",
            r":2:8: error: .*nope",
            r":3:1: error: .*core",
            r"'probe\.tick' is a schedule, not a bean",
        )

    def test_case_97_a_bean_that_raises_makes_the_status_1(self):
        running = self.start("[bean/a]\ncore = probe.raises\n[bean/b]\ncore = probe.forever\n")
        self.assertEnded(running, FAILED)
        self.assertSaid(r"ERROR.*Bean\(a\).*a bean raised", running)
        self.assertSaid(r"^forever leaves$", running)

    def test_case_104_and_107_a_handler_hears_which_signal_it_was(self):
        for number, name in ((signal.SIGINT, "SIGINT"), (signal.SIGTERM, "SIGTERM")):
            running = self.start("[bean/a]\ncore = probe.polite\n[bean/b]\ncore = probe.forever\n")
            running.wait_for(r"^polite waits$")
            self.assertStops(running, number=number)
            self.assertInOrder([rf"^polite hears {name}$", r"^polite ends$"], running.out)
            self.assertSaid(r"^forever leaves$", running)

    def test_case_109_simple_server(self):
        for number, name in ((signal.SIGINT, "SIGINT"), (signal.SIGTERM, "SIGTERM")):
            running = self.start("[bean/a]\ncore = probe.server\n")
            running.wait_for(r"^server run$")
            self.assertStops(running, number=number)
            self.assertInOrder(
                [r"^server startup$", r"^server run$", rf"^server on_stop {name}$",
                 r"^server cleanup$"],
                running.out,
            )

    def test_case_111_on_a_signal_the_producer_stops_and_the_queue_is_consumed(self):
        running = self.start("[bean/a]\ncore = probe.flow\nendless = yes\n")
        running.wait_for(r"^produced$")
        self.assertStops(running, number=signal.SIGINT)
        for i in range(1, 6):
            self.assertSaid(rf"^consumed {i}$", running)

    def test_case_113_tcp_server(self):
        running = self.start("[bean/a]\ncore = probe.tcp\nport = 0\n")
        running.wait_for(r"^tcp on_start 127\.0\.0\.1:\d+$")
        port = int(running.find(r"^tcp on_start")[0].text.rpartition(":")[2])
        self.assertEqual(self.exchange(port, b"hello"), b"hello")
        self.assertStops(running)
        self.assertInOrder(
            [r"^tcp on_setup$", r"listens on 127\.0\.0\.1:", r"^tcp on_start",
             r"^tcp on_stop SIGTERM$", r"^tcp on_cleanup$"],
            running.out,
        )

    def test_case_114_a_signal_during_setup(self):
        running = self.start("[bean/a]\ncore = probe.tcp\nport = 0\nslow = yes\n")
        running.wait_for(r"^tcp on_setup$")
        self.assertStops(running, number=signal.SIGINT)
        self.assertNotSaid(r"listens on", running)
        self.assertSaid(r"^tcp on_cleanup$", running)

    def test_lines_of_standard_input(self):
        path = self.folder / "input"
        path.write_bytes(b"one\n\ntwo\nthe last")
        for piped in (False, True):
            with open(path, "rb") as file:
                feed = subprocess.Popen(["cat", path], stdout=subprocess.PIPE) if piped else None
                running = self.start(
                    "[bean/a]\ncore = probe.lines\n", stdin=feed.stdout if piped else file
                )
                self.assertEnded(running, OK)
                if feed:
                    feed.stdout.close()
                    feed.wait()
            self.assertInOrder(
                [r"^line 'one'$", r"^line ''$", r"^line 'two'$", r"^line 'the last'$"], running.out
            )

    def test_beans_beside_something_else_do_not_end_the_process(self):
        running = self.start(
            "[bean/a]\ncore = probe.listed\nlabel = w\n"
            "[schedule/x]\nfunc = probe.tick\nevery = 100ms\n"
        )
        running.wait_for(r"Bean\(a\) ended")
        running.wait_for(r"^tick x ", 5)
        self.assertStops(running)


if __name__ == "__main__":
    main()
