"""The command line: behaviour §1, cases 34–40."""

import array
import fcntl
import os
import signal
import subprocess
import termios
import time
from pathlib import Path

from support import (
    AIO, BAD_CONFIG, Case, FAILED, FORCED, OK, PATIENCE, USAGE, clean_environment, main,
)

HELLO = "[aio/commands]\nhello = aio.examples.hello\n"


class Help(Case):
    def test_case_34_no_command_prints_help_on_standard_error(self):
        done = self.aio()
        self.assertStatus(done, USAGE)
        self.assertEqual(done.out, "")
        self.assertSaid(r"(?i)^usage: aio ", done.err)
        self.assertInOrder([r"^\s+run\s+\S", r"^\s+config\s+\S", r"^\s+test\s+\S"], done.err)

    def test_help_lists_every_command_with_a_line(self):
        for flag in ("-h", "--help"):
            done = self.aio(flag)
            self.assertRan(done)
            self.assertInOrder(
                [r"(?i)^usage: aio ", r"^\s+run\s+\S", r"^\s+config\s+\S", r"^\s+test\s+\S",
                 r"^\s+module\s+\S"],
                done.out,
            )

    def test_help_lists_the_users_commands_after_the_built_in_ones(self):
        done = self.aio("-h", config=HELLO)
        self.assertRan(done)
        self.assertInOrder([r"^\s+run\s", r"^\s+test\s", r"^\s+hello\s+\S"], done.out)

    def test_help_of_a_command(self):
        for command, word in (("run", "--stop-timeout"), ("config", "--get"), ("test", "test")):
            done = self.aio(command, "-h")
            self.assertRan(done)
            self.assertSaid(rf"(?i)usage: aio {command}", done.out)
            self.assertSaid(word, done.out)

    def test_help_comes_before_any_mistake(self):
        for args, usage in (
            (("run", "-h", "-x"), "aio run "), (("run", "-x", "-h"), "aio run "),
            (("-o", "x", "run", "-h"), "aio run "), (("-x", "run", "-h"), "aio run "),
            (("config", "bad", "-h"), "aio config "), (("config", "get", "-h"), "aio config "),
            (("module", "bad", "-h"), "aio module "), (("module", "-x", "-h"), "aio module "),
            (("test", "nope", "-h"), "aio test "), (("test", "-x", "-h"), "aio test "),
            (("graph", "--dot", "--json", "-h"), "aio graph "),
            (("graph", "word", "-h"), "aio graph "), (("rum", "-h"), "aio "),
            (("-o", "x", "-h"), "aio "), (("-h", "-x"), "aio "),
        ):
            done = self.aio(*args, config=HELLO)
            self.assertRan(done)
            self.assertSaid(rf"usage: {usage}", done.out)
        self.assertRan(self.aio("rum", "-h", config="nonsense\n"))

    def test_help_of_run_names_every_option(self):
        done = self.aio("run", "-h")
        for word in ("-d", "-l", "--debug", "--stop-timeout", "--pid-file", "-c", "-o"):
            self.assertSaid(rf"{word}\b", done.out)
        self.assertSaid("trace, debug, info, warning, error, critical or off",
                        " ".join(done.out.split()))

    def test_help_does_not_need_a_good_configuration(self):
        done = self.aio("run", "-h", config="nonsense\n")
        self.assertStatus(done, OK)
        self.assertSaid("--stop-timeout", done.out)

    def test_what_cannot_be_said_is_still_a_status(self):
        with open("/dev/full", "wb") as full:
            wrong = self.start(None, "--nosuch", command=(), stderr=full)
        self.assertEnded(wrong, USAGE)

    def test_help_of_a_users_command_says_no_secret(self):
        self.write("pw", "hunter2\n")
        done = self.aio("-h", config="[aio/commands]\nfoo = a.b.${file:pw}\n")
        self.assertRan(done)
        self.assertNotSaid("hunter2", done)
        self.assertSaid(r"^\s+foo\s+\*{8}$", done.out)

    def test_a_closed_standard_output_is_a_failure_of_every_command_that_prints(self):
        self.write("aio.conf", HELLO + "[schedule/x]\nevery = 1\nfunc = aio.examples.tick\n")
        for args in (("config", "get", "aio:log_level"), ("config",), ("config", "schema"), ("graph",),
                     ("module", "list"), ("-h",), ("--version",), ("run", "-h")):
            done = self.aio(*args, preexec_fn=lambda: os.close(1))
            self.assertStatus(done, FAILED)
            self.assertEqual(
                done.err, "aio: cannot write to standard output: Bad file descriptor\n", args)
        for args in (("config", "check"),):  # says nothing
            self.assertStatus(self.aio(*args, preexec_fn=lambda: os.close(1)), OK)

    def test_report_cli_1_output_into_a_pipe_that_does_not_block_is_whole(self):
        config = "".join(f"[own.section{i}]\ntext = {'x' * 50}\n" for i in range(3000))
        whole = self.aio("config", "dump", config=config).out
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        running = subprocess.Popen(
            [str(AIO), "config", "dump"], cwd=self.folder, env=clean_environment(),
            stdin=subprocess.DEVNULL, stdout=writer, stderr=subprocess.PIPE,
        )
        os.close(writer)
        waiting = array.array("i", [0])
        deadline = time.monotonic() + PATIENCE
        while waiting[0] < 65536 and running.poll() is None and time.monotonic() < deadline:
            fcntl.ioctl(reader, termios.FIONREAD, waiting)
            time.sleep(0.01)
        with open(reader, encoding="utf-8") as pipe:
            got = pipe.read()
        self.assertEqual(running.communicate()[1], b"")
        self.assertEqual((running.returncode, len(got)), (OK, len(whole)))

    def test_no_library_is_searched_in_the_current_folder(self):
        mapped = {Path(line.split()[-1]).name for line in Path("/proc/self/maps").read_text().splitlines()}
        listed = subprocess.run(["ldd", AIO], capture_output=True, text=True, check=True).stdout
        for name in {line.split()[0] for line in listed.splitlines() if "=>" in line} | mapped:
            if ".so" in name:
                self.write(name, "planted\n")
        self.write("libaio_zones.so.0", "planted\n")
        self.assertRan(self.aio("--version"))
        self.assertRan(self.aio("config", "check", config="[schedule/x]\ncron = 0 0 * * *\n"
                                "timezone = Europe/Berlin\nfunc = aio.examples.tick\n"))

    def test_time_zones_that_cannot_be_loaded_are_an_error_with_its_place(self):
        self.write("lib/libaio_zones.so.0", "damaged\n")
        env = {"LD_LIBRARY_PATH": str(self.folder / "lib")}
        cron = "[schedule/x]\ncron = 0 0 * * *\ntimezone = {}\nfunc = aio.examples.tick\n"
        done = self.aio("config", "check", config=cron.format("Europe/Berlin"), env=env)
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid(r"aio\.conf:3:\d+: error: .*time zones cannot be read: \S+libaio_zones\.so\.0: ", done)
        self.assertRan(self.aio("config", "check", config=cron.format("UTC"), env=env))

    def test_version(self):
        done = self.aio("--version")
        self.assertRan(done)
        self.assertRegex(done.out, r"^aio \d+\.\d+\.\d+")


class WrongUsage(Case):
    def test_case_35_a_wrong_command_names_the_choices_and_the_nearest(self):
        done = self.aio("rum")
        self.assertStatus(done, USAGE)
        self.assertSaid(r"invalid choice: 'rum' \(choose from 'run', 'config', 'test'", done.err)
        self.assertSaid(r"did you mean '?run'?", done.err)
        self.assertSaid(r"(?i)^usage: aio ", done.out)

    def test_a_wrong_command_without_a_neighbour(self):
        done = self.aio("BAD")
        self.assertStatus(done, USAGE)
        self.assertSaid(r"invalid choice: 'BAD' \(choose from 'run', 'config', 'test'", done.err)
        self.assertNotSaid("did you mean", done.err)

    def test_the_users_commands_are_among_the_choices(self):
        done = self.aio("helo", config=HELLO)
        self.assertStatus(done, USAGE)
        self.assertSaid(r"invalid choice: 'helo' \(choose from .*'hello'\)", done.err)
        self.assertSaid(r"did you mean '?hello'?", done.err)

    def test_unknown_options_are_usage_errors(self):
        for args in (["--bogus", "run"], ["run", "--bogus"], ["config", "--bogus"],
                     ["test", "--bogus"], ["module", "list", "--bogus"]):
            done = self.aio(*args)
            self.assertStatus(done, USAGE)
            self.assertSaid("--bogus|'bogus'", done.err)

    def test_a_misspelt_option_names_its_neighbour(self):
        done = self.aio("run", "--stop-timeuot", "3")
        self.assertStatus(done, USAGE)
        self.assertSaid(r"did you mean '?--stop-timeout", done.err)

    def test_an_unknown_level_names_its_neighbour_or_all(self):
        for given, hint in (("debgu", r"did you mean 'DEBUG'\?$"),
                            ("verbose", "there are TRACE, DEBUG, INFO, WARNING, ERROR, CRITICAL, OFF$")):
            done = self.aio("run", "-l", given, config="")
            self.assertStatus(done, USAGE)
            self.assertSaid(f"^aio: -l {given}: there is no such level; {hint}", done.err)

    def test_a_dash_is_no_file_and_the_hint_names_standard_input(self):
        for command in (("-c", "-", "config", "check"), ("config", "-f", "-", "-g", "x:a")):
            done = self.aio(*command)
            self.assertStatus(done, USAGE)
            self.assertSaid("error: cannot read '-': No such file or directory$", done.err)
            self.assertSaid("^  standard input is /dev/stdin$", done.err)

    def test_options_without_their_value(self):
        for args in (["-c"], ["run", "-c"], ["-o"], ["run", "-l"], ["run", "--stop-timeout"]):
            self.assertStatus(self.aio(*args), USAGE)

    def test_a_wrong_level_is_a_usage_error(self):
        done = self.aio("run", "-l", "loud")
        self.assertStatus(done, USAGE)
        self.assertSaid("loud", done.err)

    def test_a_wrong_stop_timeout_is_a_usage_error(self):
        done = self.aio("run", "--stop-timeout", "soon")
        self.assertStatus(done, USAGE)
        self.assertSaid("soon", done.err)

    def test_a_wrong_subcommand_of_config_and_module(self):
        for command in ("config", "module"):
            done = self.aio(command, "lisst")
            self.assertStatus(done, USAGE)
            self.assertSaid("lisst", done.err)


class Files(Case):
    def setUp(self):
        super().setUp()
        self.write("one.conf", "[x]\na = 1\nb = 1\n")
        self.write("two.conf", "[x]\nb = 2\n")

    def test_case_36_c_before_and_after_the_command(self):
        self.assertRan(self.aio("-c", "one.conf", "config", "-g", "x:a"), "1\n")
        self.assertRan(self.aio("config", "-c", "one.conf", "-g", "x:a"), "1\n")
        self.assertRan(self.aio("config", "-g", "x:a", "-c", "one.conf"), "1\n")

    def test_c_repeated_the_later_file_wins(self):
        self.assertRan(
            self.aio("-c", "one.conf", "-c", "two.conf", "config", "-g", "x"), "a = 1\nb = 2\n"
        )
        self.assertRan(self.aio("-c", "two.conf", "-c", "one.conf", "config", "-g", "x:b"), "1\n")
        self.assertRan(self.aio("-c", "one.conf", "config", "-c", "two.conf", "-g", "x:b"), "2\n")

    def test_with_c_the_usual_places_are_not_read(self):
        done = self.aio("-c", "two.conf", "config", "-g", "x:z", config="[x]\nz = 1\n")
        self.assertStatus(done, 1)

    def test_case_37_a_missing_c_file_is_named(self):
        for args in (["-c", "nowhere.conf", "run"], ["run", "-c", "nowhere.conf"],
                     ["-c", "one.conf", "-c", "nowhere.conf", "config"]):
            done = self.aio(*args)
            self.assertStatus(done, USAGE)
            self.assertSaid(r"error: .*nowhere\.conf", done.err)

    def test_a_folder_as_c_file_is_refused(self):
        done = self.aio("-c", ".", "run")
        self.assertIn(done.status, (USAGE, BAD_CONFIG), str(done))
        self.assertNotEqual(done.err, "")


class Override(Case):
    CONFIG = "[aio]\nlog_level = WARNING\n[x]\na = file\n"

    def get(self, key, *before, env=None):
        done = self.aio(*before, "config", "-g", key, config=self.CONFIG, env=env)
        self.assertRan(done)
        return done.out

    def test_o_sets_a_value_above_every_file(self):
        self.assertEqual(self.get("x:a", "-o", "x:a=command"), "command\n")

    def test_o_after_the_command(self):
        self.assertRan(
            self.aio("config", "-g", "x:a", "-o", "x:a=late", config=self.CONFIG), "late\n"
        )

    def test_o_takes_a_value_with_equal_signs_and_colons(self):
        self.assertEqual(self.get("x:a", "-o", "x:a=b=c"), "b=c\n")
        self.assertEqual(self.get("x:a", "-o", "x:a=::1"), "::1\n")

    def test_o_makes_a_new_section(self):
        self.assertEqual(self.get("server/web:port", "-o", "server/web:port=1"), "1\n")

    def test_o_repeated_the_last_one_wins(self):
        self.assertEqual(self.get("x:a", "-o", "x:a=1", "-o", "x:a=2"), "2\n")

    def test_o_is_interpolated(self):
        self.assertEqual(self.get("x:a", "-o", "x:a=${aio:log_level}"), "WARNING\n")

    def test_o_without_its_parts_is_a_usage_error(self):
        for wrong in ("x", "x:a", "=1", "a=1"):
            done = self.aio("-o", wrong, "config")
            self.assertStatus(done, USAGE)
            self.assertNotEqual(done.err, "")

    def test_the_environment_sets_options_of_aio(self):
        env = {"AIO_LOG_LEVEL": "debug"}
        self.assertEqual(self.get("aio:log_level", env=env), "debug\n")

    def test_o_stands_above_the_environment(self):
        env = {"AIO_LOG_LEVEL": "debug"}
        got = self.get("aio:log_level", "-o", "aio:log_level=ERROR", env=env)
        self.assertEqual(got, "ERROR\n")

    def test_an_unknown_variable_is_a_warning(self):
        done = self.aio("config", "check", config=self.CONFIG, env={"AIO_LOG_LEVLE": "debug"})
        self.assertStatus(done, OK)
        self.assertSaid(r"(?i)warning.*AIO_LOG_LEVLE", done.err)
        self.assertSaid(r"(?i)did you mean.*log_level", done.err)

    def test_a_wrong_value_in_the_environment_is_an_error(self):
        done = self.aio("config", "check", config=self.CONFIG, env={"AIO_LOOPS": "many"})
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid(r"AIO_LOOPS|environment", done.err)


class UserCommands(Case):
    CONFIG = """
        [aio/commands]
        hello = aio.examples.hello
        Args = probe.args
        declared = probe.declared
        status = probe.status
        later = probe.later_command
        raising = probe.raising_command
        stopping = probe.stopping_command
    """

    def test_case_38_a_users_command_gets_its_arguments(self):
        done = self.aio("args", "a", "b", config=self.CONFIG)
        self.assertStatus(done, OK)
        self.assertEqual(done.out, "args: [a] [b]\n")

    def test_the_example_command_greets(self):
        done = self.aio("hello", config=self.CONFIG)
        self.assertRan(done)
        self.assertSaid("(?i)hello", done.out)

    def test_every_argument_after_its_name_is_its_own(self):
        done = self.aio("args", "-c", "x", "-o", "--help", "-h", "--", config=self.CONFIG)
        self.assertStatus(done, OK)
        self.assertEqual(done.out, "args: [-c] [x] [-o] [--help] [-h] [--]\n")

    def test_command_names_are_case_insensitive(self):
        self.assertStatus(self.aio("ARGS", config=self.CONFIG), OK)

    def test_one_that_stops_its_loop_is_a_failure_that_says_so(self):
        done = self.aio("stopping", config=self.CONFIG)
        self.assertStatus(done, FAILED)
        self.assertEqual(done.err, "aio: the command stopped its loop before it was done\n")

    def test_what_it_returns_is_the_exit_status(self):
        self.assertStatus(self.aio("status", "7", config=self.CONFIG), 7)
        self.assertStatus(self.aio("status", "0", config=self.CONFIG), 0)
        self.assertStatus(self.aio("status", "255", config=self.CONFIG), 255)

    def test_what_is_no_exit_status_is_255_and_said(self):
        for given in ("256", "300", "-1"):
            done = self.aio("status", given, config=self.CONFIG)
            self.assertStatus(done, 255)
            self.assertSaid(f"^aio: status returned {given}, which is no exit status", done.err)

    def test_a_command_may_be_a_coroutine(self):
        done = self.aio("later", config=self.CONFIG)
        self.assertStatus(done, 3)
        self.assertSaid("later is done", done.out)

    def test_declared_options_are_parsed_for_it(self):
        done = self.aio("declared", "--count", "3", "--who=you", config=self.CONFIG)
        self.assertStatus(done, OK)
        self.assertSaid("count=3 who=you", done.out)
        done = self.aio("declared", config=self.CONFIG)
        self.assertSaid("count=1 who=nobody", done.out)

    def test_a_wrong_declared_option_is_a_usage_error(self):
        self.assertStatus(self.aio("declared", "--cuont", "3", config=self.CONFIG), USAGE)
        self.assertStatus(self.aio("declared", "--count", "many", config=self.CONFIG), USAGE)

    def test_h_works_where_options_were_declared(self):
        done = self.aio("declared", "-h", config=self.CONFIG)
        self.assertRan(done)
        self.assertSaid("--count", done.out)
        self.assertSaid("how often", done.out)

    def test_a_command_that_raises_ends_with_1(self):
        done = self.aio("raising", config=self.CONFIG)
        self.assertStatus(done, 1)
        self.assertSaid("boom", done.err)

    def test_a_built_in_name_may_not_be_taken(self):
        done = self.aio("run", config="[aio/commands]\nrun = aio.examples.hello\n")
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid(r"aio\.conf:2:\d+: error: .*'?run'?", done.err)

    def test_a_command_that_is_none_names_both_kinds(self):
        done = self.aio("x", config="[aio/commands]\nx = aio.examples.echo\n")
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid("'aio.examples.echo' is a protocol, not a command", done.err)

    def test_a_command_that_does_not_exist_names_the_nearest(self):
        done = self.aio("x", config="[aio/commands]\nx = aio.examples.helo\n")
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid(r"did you mean '?aio\.examples\.hello", done.err)


class StoppedCommands(Case):
    CONFIG = """
        [aio/commands]
        waiting = probe.waiting_command
        busy = probe.busy_command
    """

    def waiting(self, how, *before):
        self.write("aio.conf", self.CONFIG)
        running = self.start(None, command=(*before, "waiting", how))
        running.wait_for("^waiting$")
        return running

    def test_one_that_ends_well_on_a_signal_says_its_status_itself(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            running = self.waiting("end")
            self.assertStops(running, OK, number)
            self.assertSaid("^cleaned up$", running)
            self.assertEqual(running.err, "")

    def test_one_that_is_cancelled_cleans_up_and_ends_with_128_and_the_signal(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            running = self.waiting("go on")
            self.assertStops(running, 128 + number, number)
            self.assertSaid("^cleaned up$", running)
            self.assertEqual(running.err, "")

    def test_one_that_breaks_meanwhile_says_why(self):
        running = self.waiting("break")
        self.assertStops(running, 143)
        self.assertEqual(running.err, "aio: broken\n")

    def test_a_second_signal_ends_it_at_once(self):
        running = self.waiting("hang")
        running.send(signal.SIGTERM)
        running.silent_for(".", 0.3)  # a second signal within 250 ms counts as the first
        self.assertStops(running, 130, signal.SIGINT)
        self.assertEqual(running.err, "aio: second signal (Interrupt), ending at once\n")

    def test_the_stop_deadline_counts(self):
        running = self.waiting("hang", "-o", "aio:stop_timeout=300ms")
        self.assertStops(running, FORCED)
        self.assertSaid("the stop deadline has passed: waiting has not ended", running.err)

    def test_a_plain_function_ends_as_any_program(self):
        self.write("aio.conf", self.CONFIG)
        running = self.start(None, command=("busy",))
        running.wait_for("^busy$")
        self.assertStops(running, -signal.SIGTERM)


class Modules(Case):
    def test_case_40_an_unknown_module_is_named(self):
        done = self.aio("run", config="[aio]\nmodules = no.such\n")
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid(r"aio\.conf:2:11: error: .*'no\.such'", done.err)

    def test_case_39_modules_are_loaded_in_order(self):
        done = self.aio("config", "-g", "aio:builtin")
        self.assertRan(done, "aio.app\n")
        running = self.start("[aio]\nmodules = aio.examples\n\tprobe\n", env={"PROBE_LOUD": 1})
        running.wait_for("probe is loaded")
        self.assertStops(running)


if __name__ == "__main__":
    main()
