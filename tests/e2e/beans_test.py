"""[bean/*] and beans on the command line: behaviour §5. The module `probe` says what happens."""

import json
import os
import pty
import signal
import subprocess
import time

from support import FAILED, FORCED, OK, PATIENCE, SLOW, USAGE, Case, main

SERVER = "[bean/a]\ncore = probe.server\n"
FLOW = "[bean/a]\ncore = probe.flow\n"
LINES = "[bean/a]\ncore = probe.lines\n"


class Beans(Case):
    def test_case_92_quick_start_and_the_process_ends_by_itself(self):
        begun = time.monotonic()
        done = self.aio("run", "probe.hello:hi=Ozzy", config="")
        self.assertGreaterEqual(time.monotonic() - begun, 1)
        self.assertStatus(done, OK)
        self.assertSaid(r"^hello world with \{hi: Ozzy\}$", done)

    def test_case_94_the_core_is_not_overridable_and_a_pair_needs_its_sign(self):
        done = self.aio("run", "probe.hello:core=probe.raises,hi=1", config="")
        self.assertStatus(done, OK)
        self.assertSaid(r"^hello world with \{hi: 1\}$", done)
        done = self.aio("run", "probe.hello:flag", config="")
        self.assertStatus(done, USAGE)
        self.assertSaid(r"'flag' has no value", done)

    def test_case_93_the_grammar_of_the_command_line(self):
        beans = {
            "probe.hello": "",
            "probe.hello:": "",
            "probe.hello:a=1,b=2": "a: 1, b: 2",
            "probe.hello:a=": "a: ",
            r"probe.hello:hi=a\,b\=c,x=${y}": "hi: a,b=c, x: ${y}",
            r"probe.hello:hi=\\,url=http://x:80/?a=b c": "hi: \\, url: http://x:80/?a=b c",
            "probe.hello:hi=héllo\nworld": "hi: héllo\nworld",
        }
        done = self.aio("run", *beans, config="")
        self.assertStatus(done, OK)
        for typed, shown in beans.items():
            self.assertIn(f"hello world with {{{shown}}}\n", done.out, typed)

    def test_case_93_what_is_no_bean_is_refused(self):
        for typed, why in (
            ("", "names no bean"), (":a=1", "names no bean"), ("probe.hello:=1", "no name"),
            ("probe.hello:a=1,", "ends with a comma"), ("probe.hello:a=1,,b=2", "'' has no value"),
            ("probe.hello:a=1,A=2", "'A' is given twice"), ("probe hello", "is no name"),
            ("probe.[x", "is no name"), ("probe.hello:label", "'label' has no value"),
        ):
            with self.subTest(typed=typed):
                done = self.aio("run", typed, config="")
                self.assertStatus(done, USAGE)
                self.assertSaid(why, done.err)

    def test_case_183_an_app_that_has_nothing_more_to_do_ends_with_0_once_it_has_started(self):
        done = self.aio("run", "probe.hello", config="")
        self.assertStatus(done, OK)
        self.assertInOrder(
            [r"INFO\(aio\): Started$", r"Bean\(probe\.hello\) ended$", r"Everything has ended$",
             r"Stopping$", r"Stopped$"], done.out)

    def test_case_93_the_same_bean_twice_is_two(self):
        done = self.aio("run", "probe.hello:hi=1", "probe.hello:hi=2", config="")
        self.assertStatus(done, OK)
        self.assertSaid(r"^hello world with \{hi: 1\}$", done)
        self.assertSaid(r"^hello world with \{hi: 2\}$", done)
        self.assertSaid(r"Bean\(probe\.hello#2\) probe\.hello started with id 2$", done)

    def test_case_95_a_bean_typed_is_another_than_one_of_the_file_of_that_name(self):
        done = self.aio(
            "run", "probe.hello:hi=1", "probe.hello:hi=2",
            config="[bean/probe.hello]\ncore = probe.hello\nhi = file\nmore = x\n",
        )
        self.assertStatus(done, OK)
        self.assertSaid(r"^hello world with \{hi: file, more: x\}$", done)
        self.assertSaid(r"^hello world with \{hi: 1\}$", done)
        self.assertSaid(r"^hello world with \{hi: 2\}$", done)
        self.assertSaid(r"Bean\(probe\.hello\) probe\.hello started with id 1$", done)
        self.assertSaid(r"Bean\(probe\.hello#2\) probe\.hello started with id 2$", done)
        self.assertSaid(r"Bean\(probe\.hello#3\) probe\.hello started with id 3$", done)

    def test_case_93_options_of_a_bean_are_checked_there_too(self):
        done = self.aio("run", "probe.counted:count=many", config="")
        self.assertStatus(done, 78)
        self.assertSaid(r"error: .*count", done.err)
        self.assertSaid(r"error: .*whom", done.err)
        done = self.aio("run", "probe.counted:whom=x,lable=y", config="")
        self.assertStatus(done, 78)
        self.assertSaid(r"error: .*lable", done.err)
        done = self.aio("run", "probe.counted:whom=x,rest=y", config="")
        self.assertStatus(done, OK)
        done = self.aio("run", "probe.counted:whom=x,rest=y", config="[aio]\nstrict = yes\n")
        self.assertStatus(done, 78)
        self.assertSaid(r"error: .*rest", done.err)

    def test_case_95_ids_in_order_and_case_96_labels(self):
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

    def test_case_98_any_option_is_seen_through_the_configuration(self):
        config = "[my]\nMY_KEY = 5\n[bean/a]\ncore = probe.configured\n"
        done = self.aio("run", config=config)
        self.assertStatus(done, OK)
        self.assertSaid(r"^configured 5$", done)

    def test_case_99_which_level_counts_when_a_bean_runs(self):
        config = "[aio]\nlog_level = debug\n[bean/a]\ncore = probe.configured\n[my]\nMY_KEY = 1\n"
        self.assertSaid("DEBUG", self.aio("run", config=config).out)
        self.assertNotSaid("DEBUG|INFO", self.aio("run", "-l", "error"))
        config = config.replace("log_level = debug", "")
        self.assertNotSaid("DEBUG", self.aio("run", config=config))
        self.assertSaid("DEBUG", self.aio("run", env={"AIO_LOG_LEVEL": "debug"}).out)
        self.assertStatus(self.aio("run", "-l", "DEBUG"), OK)
        self.assertStatus(self.aio("run", "-l", "LOUD"), USAGE)

    def test_case_100_debug_shows_the_beans_configuration_on_standard_error(self):
        done = self.aio("run", "--debug", "probe.configured:hi=1", config="[my]\nMY_KEY = 5\n")
        self.assertStatus(done, OK)
        data, _ = json.JSONDecoder().raw_decode(done.err[done.err.index("{"):])
        self.assertEqual(data["bean/probe.configured"]["hi"], "1")
        self.assertSaid("DEBUG", done.out)

    def test_case_101_a_missing_file_is_wrong_usage(self):
        done = self.aio("-c", "nowhere.conf", "run", "probe.hello")
        self.assertStatus(done, USAGE)
        self.assertSaid(r"nowhere\.conf", done.err)

    def test_case_102_no_beans_end_at_once_and_ended_ones_all_together(self):
        begun = time.monotonic()
        done = self.aio("run", config="[bean/a]\ncore = probe.hello\nenabled = no\n")
        self.assertStatus(done, OK)
        self.assertLess(time.monotonic() - begun, 1 * SLOW)
        self.assertNotSaid("hello", done.out)
        done = self.aio("run", "probe.listed:label=w", "probe.hello:hi=1", config="")
        self.assertStatus(done, OK)
        self.assertInOrder([r"^bean 1 ", r"Bean\(probe\.listed\) ended", r"^hello world"], done.out)

    def test_case_103_a_bean_without_a_handler_is_cancelled_at_once(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            running = self.start("[bean/a]\ncore = probe.forever\n[bean/b]\ncore = probe.server\n")
            running.wait_for(r"^server run$")
            self.assertStops(running, number=number, timeout=5 * SLOW)
            self.assertSaid(r"^forever leaves$", running)
            self.assertSaid(r"^server cleanup$", running)

    def test_case_104_and_case_107_a_handler_hears_which_signal_it_was(self):
        for number, name in ((signal.SIGINT, "SIGINT"), (signal.SIGTERM, "SIGTERM")):
            for more in ("", "[aio]\nstop_timeout = none\n"):
                running = self.start(
                    more + "[bean/a]\ncore = probe.polite\n[bean/b]\ncore = probe.forever\n"
                )
                running.wait_for(r"^polite waits$")
                running.wait_for(r"INFO\(aio\): Started$")
                self.assertStops(running, number=number, timeout=5 * SLOW)
                self.assertInOrder([rf"^polite hears {name}$", r"^polite ends$"], running.out)
                self.assertSaid(r"^forever leaves$", running)

    def test_case_105_a_bean_that_does_not_end_is_cancelled_after_its_stop_timeout(self):
        running = self.start("[bean/a]\ncore = probe.unwilling\nstop_timeout = 500ms\n")
        running.wait_for(r"^unwilling waits$")
        begun = time.monotonic()
        self.assertStops(running)
        self.assertGreaterEqual(time.monotonic() - begun, 0.45)
        self.assertLess(time.monotonic() - begun, 4 * SLOW)
        self.assertInOrder([r"^unwilling hears SIGTERM$", r"^unwilling leaves$"], running.out)

    def test_case_105_one_that_ignores_its_cancellation_is_named_and_ended_by_force(self):
        running = self.start(
            "[aio]\nstop_timeout = 1s\n"
            "[bean/a]\ncore = probe.unwilling\ndeaf = yes\nstop_timeout = 200ms\n"
        )
        running.wait_for(r"^unwilling waits$")
        self.assertStops(running, FORCED)
        self.assertInOrder([r"^unwilling hears SIGTERM$", r"^unwilling stays$"], running.out)
        self.assertNotSaid(r"^unwilling leaves$", running)
        self.assertSaid(r"bean/a.* awaits sleep", running)

    def test_case_106_a_signal_sent_again_is_heard_again_and_a_second_stop_ends_all(self):
        running = self.start("", "probe.pings:count=2", "probe.pings")
        self.assertEnded(running, OK)
        self.assertInOrder(
            [r"^probe\.pings hears ping 1$", r"^called ", r"^probe\.pings hears ping 2$", r"^called "],
            running.out,
        )
        running = self.start("[bean/a]\ncore = probe.unwilling\n")
        running.wait_for(r"^unwilling waits$")
        running.send(signal.SIGTERM)
        running.wait_for(r"^unwilling hears SIGTERM$")
        running.insist()
        self.assertEnded(running, 128 + signal.SIGTERM)

    def test_case_108_a_signal_to_others(self):
        config = "".join(f"[bean/{n}]\ncore = probe.pings\n" for n in "ab")
        running = self.start(config + "[bean/c]\ncore = probe.pings\ncount = 1\n")
        self.assertEnded(running, OK)
        for name in "abc":
            self.assertSaid(rf"^{name} hears ping 1$", running)
        self.assertSaid(r"^called 3$", running)

    def test_case_108_across_loops_and_to_one_that_has_ended_with_its_loop(self):
        config = (
            "[aio]\nloops = 2\n[bean/a]\ncore = probe.listed\nlabel = w\nloop = own\n"
            "[bean/b]\ncore = probe.pings\nloop = own\ncount = 3\nafter = yes\n"
            "[bean/c]\ncore = probe.forever\nloop = 1\n"
            "[bean/d]\ncore = probe.pings\nloop = 1\ncount = 2\nafter = yes\n"
        )
        running = self.start(config)
        running.wait_for(r"Bean\(d\) ended")
        running.wait_for(r"Bean\(b\) ended")
        self.assertStops(running)
        self.assertEqual(len(running.find(r"^called [12]$")), 5, running.report())
        self.assertEqual(len(running.find(r"^after 1$")), 2)

    def test_an_error_of_a_handler_of_the_stop_ends_the_bean_and_is_the_status(self):
        running = self.start("[bean/a]\ncore = probe.bad_handler\n")
        running.wait_for(r"^bad_handler waits$")
        self.assertStops(running, FAILED, timeout=5 * SLOW)
        self.assertSaid(r"ERROR.*Bean\(a\).*a handler raised", running)

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

    def test_case_109_an_error_in_any_part_ends_it_with_status_1_and_cleanup_runs(self):
        for part in ("startup", "run", "cleanup", "on_stop"):
            with self.subTest(part=part):
                running = self.start(SERVER + f"fails_at = {part}\n")
                if part in ("cleanup", "on_stop"):
                    running.wait_for(r"^server run$")
                    running.send(signal.SIGTERM)
                self.assertEnded(running, FAILED, 5 * SLOW)
                self.assertSaid(r"^server cleanup$", running)
                self.assertSaid(rf"ERROR.*Bean\(a\).*failed at {part}", running)

    def consumed(self, running):
        return sorted(int(line.text.split()[1]) for line in running.find(r"^consumed \d+$"))

    def produced(self, running):
        return sorted(int(line.text.split()[1]) for line in running.find(r"^produced \d+$"))

    def test_case_110_the_end_of_the_producer_drains_the_queue_and_ends_the_process(self):
        for items, more in ((5, ""), (5, "consumers = 1\nqueue_size = 1\n"), (0, ""), (40, "")):
            with self.subTest(items=items, more=more):
                running = self.start(FLOW + f"items = {items}\n{more}")
                self.assertEnded(running, OK)
                self.assertSaid(r"^produced all$", running)
                self.assertEqual(self.consumed(running), list(range(1, items + 1)))

    def test_case_111_on_a_signal_the_producer_stops_and_the_queue_is_consumed(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            running = self.start(FLOW + "endless = yes\nconsumers = 1\n")
            running.wait_for(r"^produced all$")
            self.assertStops(running, number=number)
            self.assertEqual(self.consumed(running), [1, 2, 3, 4, 5])

    def test_case_111_stopped_with_a_full_queue_nothing_is_lost(self):
        running = self.start(
            FLOW + "endless = yes\nitems = 1000\nconsumers = 2\nqueue_size = 3\n"
        )
        running.wait_for(r"^produced 8$")
        self.assertStops(running)
        self.assertEqual(self.consumed(running), self.produced(running))
        self.assertLess(len(self.consumed(running)), 20)

    def test_case_112_an_error_of_either_side_is_the_status_even_with_a_full_queue(self):
        for more in ("produce_fails_at = 1\nconsumers = 1", "produce_fails_at = 9\nconsumers = 3",
                     "consume_fails_at = 1\nconsumers = 3", "consume_fails_at = 9\nconsumers = 1"):
            with self.subTest(more=more):
                running = self.start(FLOW + f"{more}\nitems = 1000\nqueue_size = 2\n")
                self.assertEnded(running, FAILED)
                self.assertSaid(r"ERROR.*Bean\(a\).*a (producer|consumer) raised", running)
                self.assertNotSaid(r"^produced all$", running)

    def test_case_112_an_error_while_the_queue_drains_is_the_status_too(self):
        running = self.start(FLOW + "endless = yes\nconsumers = 1\nconsume_fails_at = 4\n")
        running.wait_for(r"^produced all$")
        self.assertStops(running, FAILED)
        self.assertEqual(self.consumed(running), [1, 2, 3])

    def test_case_113_tcp_server(self):
        running = self.start("[bean/a]\ncore = probe.tcp\nport = 0\n")
        running.wait_for(r"^tcp on_start 127\.0\.0\.1:\d+$")
        port = int(running.find(r"^tcp on_start")[0].text.rpartition(":")[2])
        self.assertEqual(self.exchange(port, b"hello"), b"hello")
        self.assertStops(running)
        self.assertInOrder(
            [r"^tcp on_setup$", r"listens on 127\.0\.0\.1:", r"^tcp on_start",
             r"^tcp on_signal SIGTERM$", r"^tcp on_stop SIGTERM$", r"^tcp on_cleanup$"],
            running.out,
        )

    def test_case_114_a_signal_during_setup(self):
        running = self.start("[bean/a]\ncore = probe.tcp\nport = 0\nslow = yes\n")
        running.wait_for(r"^tcp on_setup$")
        self.assertStops(running, number=signal.SIGINT)
        self.assertNotSaid(r"listens on|^tcp on_stop", running)
        self.assertInOrder([r"^tcp on_signal SIGINT$", r"^tcp on_cleanup$"], running.out)

    def test_case_113_where_it_listens_unless_it_is_told(self):
        running = self.start("[bean/a]\ncore = probe.tcp\n")
        running.wait_for(r"^tcp on_start 127\.0\.0\.1:9399$|9399.*in use")  # others may have it
        if running.find(r"^tcp on_start"):
            self.assertStops(running)
        running = self.start("[bean/a]\ncore = probe.tcp\naddress = nowhere.invalid\n")
        self.assertEnded(running, FAILED)
        self.assertSaid(r"ERROR.*Bean\(a\)", running)

    def test_case_93_arguments_of_the_base_classes_are_checked_before_the_start(self):
        for core, wrong, named in (
            ("tcp", "port = many", "port"), ("tcp", "port = 65536", "port"),
            ("tcp", "port = -1", "port"), ("tcp", "prot = 18999", "did you mean.*port"),
            ("tcp", "addres = 1.2.3.4", "did you mean.*address"),
            ("flow", "consumers = many", "consumers"), ("flow", "consumers = 0", "consumers"),
            ("flow", "consmers = 3", "did you mean.*consumers"),
        ):
            with self.subTest(wrong=wrong):
                self.refused(f"[bean/a]\ncore = probe.{core}\n{wrong}\n", named)
        done = self.aio("run", "probe.flow:consumers=0", config="")
        self.assertStatus(done, 78)
        self.assertSaid(r"error: .*consumers", done.err)

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

    def test_standard_input_without_anything_in_it(self):
        for given in (subprocess.DEVNULL, subprocess.PIPE):
            running = self.start(LINES, stdin=given)
            if given == subprocess.PIPE:
                running.popen.stdin.close()
            self.assertEnded(running, OK)
            self.assertNotSaid(r"^line ", running)
        running = self.start(LINES, preexec_fn=lambda: os.close(0))
        self.assertEnded(running, OK)
        self.assertNotSaid(r"^line ", running)

    def test_standard_input_that_cannot_be_read_is_the_status(self):
        with open(self.folder / "written", "wb") as file:
            running = self.start(LINES, stdin=file)
            self.assertEnded(running, FAILED)
        self.assertSaid(r"ERROR.*Bean\(a\).*standard input", running)

    def test_standard_input_of_a_terminal_and_a_stop_while_it_waits(self):
        for ends in ("input", "signal"):
            ours, theirs = pty.openpty()
            running = self.start(LINES, stdin=theirs)
            os.close(theirs)
            os.write(ours, b"typed\n")
            running.wait_for(r"^line 'typed'$")
            if ends == "input":
                os.write(ours, b"last\x04\x04")  # end of file, after what was typed
                self.assertEnded(running, OK)
                self.assertSaid(r"^line 'last'$", running)
            else:
                self.assertStops(running)
            os.close(ours)

    def test_a_very_long_line_of_standard_input(self):
        running = self.start(LINES, stdin=subprocess.PIPE)
        running.popen.stdin.write(b"x" * 20_000_000 + b"\nend")
        running.popen.stdin.close()
        self.assertEnded(running, OK)
        self.assertInOrder([r"^line of 20000000 bytes$", r"^line 'end'$"], running.out)
        running = self.start(LINES, stdin=subprocess.PIPE)
        try:
            for _ in range(80):
                running.popen.stdin.write(b"x" * (1 << 20))
        except BrokenPipeError:
            pass
        self.assertEnded(running, FAILED)
        self.assertSaid(r"ERROR.*a line of standard input is longer than", running)

    def test_beans_beside_something_else_do_not_end_the_process(self):
        running = self.start(
            "[bean/a]\ncore = probe.listed\nlabel = w\n"
            "[schedule/x]\nfunc = probe.tick\nevery = 100ms\n"
        )
        running.wait_for(r"Bean\(a\) ended")
        running.wait_for(r"^tick x ", 5)
        self.assertStops(running)

    def test_beans_and_a_process_that_have_all_ended_run_until_they_are_stopped(self):
        running = self.start(
            "[bean/a]\ncore = probe.listed\nlabel = w\n"
            "[process/p]\ncommand = /bin/true\n"
        )
        running.wait_for(r"Bean\(a\) ended")
        running.wait_for(r"process/p has ended")
        time.sleep(0.5 * SLOW)
        self.assertNotSaid(r"Everything has ended", running)
        self.assertStops(running)

    def test_the_beans_of_the_readme_do_what_it_says(self):
        running = self.start("", "my.beans.hello:hi=Ozzy,label=x", "my.beans.squares:last=9")
        running.wait_for(r"INFO\(my\.beans\): hello Ozzy$")
        running.wait_for(r"Bean\(my\.beans\.squares\) ended$")
        for number in range(1, 10):
            self.assertSaid(rf"INFO\(my\.beans\): {number} x {number} = {number * number}$", running)
        self.assertStops(running)
        self.assertSaid(r"INFO\(my\.beans\): bye$", running)


if __name__ == "__main__":
    main()
