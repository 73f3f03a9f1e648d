"""Reading a configuration, as `aio config` shows it: behaviour §2, cases 1–24."""

import json
import os
import resource
import shutil
import unittest
from pathlib import Path

from support import BAD_CONFIG, Case, FAILED, MODULES, OK, USAGE, main


def few_files():
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

BARE = {"AIO_MODULE_PATH": None}


class Search(Case):
    def test_case_1_aio_conf_of_the_folder_is_found(self):
        self.write("aio.conf", "[aio]\nwho = x\n[x]\na = cwd\n".replace("who = x\n", ""))
        self.assertRan(self.aio("config", "-g", "x:a"), "cwd\n")

    def test_case_2_etc_aio_conf_is_found(self):
        self.write("etc/aio.conf", "[x]\na = etc\n")
        self.assertRan(self.aio("config", "-g", "x:a"), "etc\n")

    def test_case_3_the_folder_wins_over_etc_which_is_not_read(self):
        self.write("etc/aio.conf", "[x]\na = etc\nb = etc\n")
        self.write("aio.conf", "[x]\na = cwd\n")
        self.assertRan(self.aio("config", "-g", "x"), "a = cwd\n")

    def test_case_4_a_file_of_another_name_is_found_by_c(self):
        self.write("custom.conf", "[x]\na = custom\n")
        self.assertRan(self.aio("-c", "custom.conf", "config", "-g", "x:a"), "custom\n")

    def test_case_5_no_configuration_at_all_leaves_the_defaults(self):
        self.assertRan(self.aio("config", "-g", "aio:log_level", env=BARE), "INFO\n")


class Dump(Case):
    def test_case_20_the_whole_dump_without_a_file(self):
        done = self.aio("config", env=BARE)
        self.assertRan(done)
        self.assertTrue(done.out.startswith("[DEFAULT]\n\n[aio]\nbuiltin = aio.app\n"), str(done))
        aio = done.out.split("[aio]\n", 1)[1].split("\n\n", 1)[0].split("\n")
        self.assertIn("log_level = INFO", aio)
        self.assertInOrder([r"^\[logger_root\]$", r"^level = INFO$"], done.out)
        for block in done.out.rstrip("\n").split("\n\n"):
            self.assertRegex(block, r"^\[")
        self.assertTrue(done.out.endswith("\n\n"), repr(done.out[-40:]))

    def test_dump_is_the_default_subcommand(self):
        self.assertEqual(self.aio("config").out, self.aio("config", "dump").out)

    def test_the_dump_holds_what_a_parser_reads_back(self):
        import configparser

        self.write("aio.conf", "[x]\na = 1\n\t2\n[DEFAULT]\nk = v\n")
        done = self.aio("config")
        self.assertRan(done)
        parser = configparser.ConfigParser(interpolation=None)
        parser.read_string(done.out)
        self.assertEqual(parser["x"]["a"], "1\n2")
        self.assertEqual(parser["x"]["k"], "v")

    def test_a_dump_with_errors_prints_the_good_values(self):
        done = self.aio("config", "dump", config="[x]\na = 1\nb = ${nope}\nc = 3\n")
        self.assertStatus(done, BAD_CONFIG)
        self.assertInOrder([r"^\[x\]$", r"^a = 1$", r"^c = 3$"], done.out)
        self.assertSaid(r"aio\.conf:3:5: error: ", done.err)

    def test_json_is_json(self):
        done = self.aio("config", "--json", config="[x]\na = 1\n\t2\nb = \"q\" \\ é\n")
        self.assertRan(done)
        data = json.loads(done.out)
        self.assertEqual(data["x"], {"a": "1\n2", "b": '"q" \\ é'})
        self.assertEqual(data["aio"]["log_level"], "INFO")


class Get(Case):
    def test_case_21_a_section_prints_key_and_value(self):
        done = self.aio("config", "-g", "aio", env=BARE)
        self.assertRan(done)
        self.assertSaid("^builtin = aio.app$", done.out)
        self.assertSaid("^log_level = INFO$", done.out)

    def test_case_22_the_long_form_and_the_word(self):
        for words in (["--get"], ["get"], ["-g"]):
            done = self.aio("config", *words, "aio/builtin_commands")
            self.assertRan(done)
            self.assertInOrder([r"^run = ", r"^config = ", r"^test = "], done.out)

    def test_case_23_an_option_prints_the_bare_value(self):
        config = "[listen/example]\nexample-signal = my.listener\n"
        done = self.aio("config", "-g", "listen/example:example-signal", config=config)
        self.assertRan(done, "my.listener\n")

    def test_case_24_a_missing_option_names_itself_and_its_neighbours(self):
        done = self.aio("config", "-g", "aio:log_levle")
        self.assertStatus(done, 1)
        self.assertEqual(done.out, "")
        self.assertSaid("log_levle", done.err)
        self.assertSaid(r"did you mean '?log_level", done.err)

    def test_case_24_a_missing_section_names_itself_and_its_neighbours(self):
        done = self.aio("config", "-g", "handler_consol", config="[handler_console]\nx = 1\n")
        self.assertStatus(done, 1)
        self.assertSaid("handler_consol", done.err)
        self.assertSaid(r"did you mean '?\[?handler_console", done.err)

    def test_get_fails_only_for_what_it_needs(self):
        config = "[x]\na = 1\nb = ${nope}\n"
        self.assertRan(self.aio("config", "-g", "x:a", config=config), "1\n")
        done = self.aio("config", "-g", "x:b")
        self.assertStatus(done, BAD_CONFIG)

    def test_get_runs_no_module_code(self):
        config = "[aio]\nmodules = probe\n[x]\na = 1\n"
        done = self.aio("config", "-g", "x:a", config=config, env={"PROBE_LOUD": 1})
        self.assertRan(done, "1\n")


class Layers(Case):
    def module(self, name, text):
        self.write(f"modules/{name.replace('.', '/')}/aio.conf", text)

    def get(self, key, modules):
        path = self.folder / "modules"
        text = "\n\t".join(modules)
        self.write("aio.conf", f"[aio]\nmodules = {text}\n[x]\nuser = 1\n{self.user}")
        return self.aio("config", "-g", key, env={"AIO_MODULE_PATH": path})

    user = ""

    def test_case_6_only_modules_with_a_file_bring_defaults(self):
        self.module("m1", "[x]\na = 1\n")
        (self.folder / "modules/m2").mkdir(parents=True)
        self.module("m3", "[x]\nc = 3\n")
        self.assertRan(self.get("x", ["m1", "m3"]), "a = 1\nc = 3\nuser = 1\n")

    def test_case_9_the_users_file_wins_over_a_modules_default(self):
        self.module("m1", "[x]\na = mod\nb = mod\n")
        self.user = "a = user\n"
        self.assertRan(self.get("x", ["m1"]), "a = user\nb = mod\nuser = 1\n")

    def test_case_10_a_later_module_overrides_an_earlier_one(self):
        self.module("m1", "[x]\na = 1\n")
        self.module("m2", "[x]\na = 2\n")
        self.assertRan(self.get("x:a", ["m1", "m2"]), "2\n")
        self.assertRan(self.get("x:a", ["m2", "m1"]), "1\n")

    def test_modules_are_interpolated_before_their_defaults_are_known(self):
        self.module("m1", "[x]\na = 1\n")
        text = "[aio]\nmodules = ${names:first}\n[names]\nfirst = m1\n"
        done = self.aio("config", "-g", "x:a", config=text,
                        env={"AIO_MODULE_PATH": self.folder / "modules"})
        self.assertRan(done, "1\n")

    def test_a_module_in_a_dotted_name_brings_no_defaults(self):
        self.module("m1", "[x]\na = 1\n")
        done = self.aio("config", "-g", "x:a", config="[schedule/s]\nevery = 1\nfunc = m1.f\n",
                        env={"AIO_MODULE_PATH": self.folder / "modules"})
        self.assertStatus(done, 1)

    def test_case_17_the_same_option_in_two_layers_is_no_duplicate(self):
        self.module("m1", "[x]\nuser = 0\n")
        self.assertRan(self.get("x:user", ["m1"]), "1\n")


class Include(Case):
    def test_files_are_added_sorted_above_the_one_that_names_them(self):
        self.write("conf.d/b.conf", "[x]\na = b\nc = b\n")
        self.write("conf.d/a.conf", "[x]\na = a\nb = a\n")
        self.write("conf.d/ignored.txt", "[x]\na = txt\n")
        config = "[aio]\ninclude = conf.d/*.conf\n[x]\na = main\nd = main\n"
        done = self.aio("config", "-g", "x", config=config)
        self.assertStatus(done, OK)
        self.assertEqual(
            sorted(done.out.splitlines()), ["a = b", "b = a", "c = b", "d = main"], str(done)
        )

    def test_an_include_is_relative_to_the_file_that_names_it(self):
        self.write("etc/aio.conf", "[aio]\ninclude = more.conf\n")
        self.write("etc/more.conf", "[aio]\ninclude = deep/last.conf\n[x]\na = 1\n")
        self.write("etc/deep/last.conf", "[x]\nb = 2\n")
        done = self.aio("config", "-g", "x")
        self.assertRan(done, "a = 1\nb = 2\n")

    def test_a_literal_name_must_exist(self):
        config = "[aio]\ninclude = missing.conf\n"
        self.refused(config, r"aio\.conf:2:\d+: error: .*missing\.conf")

    def test_a_pattern_may_match_nothing(self):
        (self.folder / "conf.d").mkdir()
        self.assertEqual(self.accepted("[aio]\ninclude = conf.d/*.conf\n").err, "")
        self.assertEqual(self.accepted("[aio]\ninclude = *.ini\n").err, "")

    def test_report_cfg_1_a_pattern_in_a_folder_that_is_not_there_is_a_warning(self):
        for pattern in ("confd/*.conf", "confd/*/x.conf", f"{self.folder}/confd/*.conf"):
            done = self.accepted(f"[aio]\ninclude = {pattern}\n")
            self.assertSaid(r"^aio\.conf:2:11: warning: nothing is included: there is no folder "
                            "'.*confd'$", done.err)

    def test_a_cycle_is_an_error(self):
        self.write("b.conf", "[aio]\ninclude = aio.conf\n")
        self.refused("[aio]\ninclude = b.conf\n", r"b\.conf:2:\d+: error: .*aio\.conf")

    def test_an_error_in_an_included_file_names_that_file(self):
        self.write("conf.d/a.conf", "[x]\nbad line\n")
        self.refused("[aio]\ninclude = conf.d/*.conf\n", r"conf\.d/a\.conf:2:1: error: ")


class Dialect(Case):
    def get(self, key, config, env=None):
        return self.aio("config", "-g", key, config=config, env=env)

    def test_case_8_a_colon_delimits_too_and_order_is_kept(self):
        config = "[section1]\nbar: 1\nfoo: 2\n[section2]\nbar: 3\nfoo: 4\n"
        done = self.aio("config", "-f", "aio.conf", config=config)
        self.assertRan(
            done,
            "[DEFAULT]\n\n[section1]\nbar = 1\nfoo = 2\n\n[section2]\nbar = 3\nfoo = 4\n\n",
        )

    def test_case_11_option_names_fold_section_names_do_not(self):
        config = "[aio]\nLOG_Level = WARNING\n"
        self.assertRan(self.get("aio:log_level", config), "WARNING\n")
        self.assertRan(self.get("aio:LOG_LEVEL", config), "WARNING\n")
        self.assertStatus(self.get("AIO:log_level", config), 1)

    def test_case_12_a_value_of_several_lines(self):
        config = "[x]\nmodules = aio.core\n    aio.signals\n"
        self.assertRan(self.get("x", config), "modules = aio.core\n\taio.signals\n")
        self.assertRan(self.get("x:modules", config), "aio.core\naio.signals\n")

    def test_case_14_an_unknown_reference_names_everything(self):
        done = self.get("x:b", "[x]\nb = ${nope}\n")
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid(r"aio\.conf:2:5: error: ", done.err)
        self.assertSaid("nope", done.err)
        self.assertSaid(r"^    b = \$\{nope\}$", done.err)
        self.assertSaid(r"^        \^$", done.err)

    def test_case_15_a_loop_is_named_and_no_hang(self):
        done = self.get("x:b", "[x]\nb = ${c}\nc = ${b}\n")
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid(r"x:b -> x:c -> x:b", done.err)

    def test_case_15_eleven_steps_are_too_deep(self):
        lines = "".join(f"v{i} = ${{v{i + 1}}}\n" for i in range(11)) + "v11 = end\n"
        self.assertRan(self.get("x:v1", "[x]\n" + lines), "end\n")
        done = self.get("x:v0", "[x]\n" + lines)
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid("10|ten|deep", done.err)

    def test_a_chain_that_is_too_deep_is_one_error_at_its_beginning(self):
        up = ["v0 = x\n"] + [f"v{i} = ${{v{i - 1}}}${{v{i - 1}}}\n" for i in range(1, 40)]
        for lines in (up, up[::-1]):
            done = self.aio("config", "check", config="[x]\n" + "".join(lines))
            self.assertStatus(done, BAD_CONFIG)
            self.assertEqual(done.err.count("error: "), 1, done)
        done = self.get("x:v12", "[x]\n" + "".join(up))
        self.assertSaid(r"aio.conf:14:7: error: \[x\] v12: its references are more than 10 steps deep: "
                        r"x:v12 -> x:v11 -> .* -> x:v2$", done.err)

    def test_two_chains_that_end_alike_are_two_errors(self):
        tail = "".join(f"t{i} = ${{t{i + 1}}}\n" for i in range(5)) + "t5 = end\n"
        heads = "".join("".join(f"{name}{i} = ${{{name}{i + 1}}}\n" for i in range(6)) +
                        f"{name}6 = ${{t0}}\n" for name in "ab")
        for lines in (tail + heads, heads + tail):
            done = self.aio("config", "check", config="[x]\n" + lines)
            self.assertStatus(done, BAD_CONFIG)
            self.assertEqual(done.err.count("error: "), 2, done)
            for name in "ab":
                self.assertSaid(rf"error: \[x\] {name}0: its references are more than 10 steps deep: ",
                                done.err)

    def test_a_reference_without_its_name_says_what_to_write(self):
        for text, hint in (("${env:}", r"write \${env:NAME}"), ("${env::-x}", r"write \${env:NAME}"),
                           ("${file:}", r"write \${file:PATH}"),
                           ("${:x}", r"write \${section:option}"),
                           ("${x:}", r"write \${section:option}"),
                           ("${file:pw:-none}", "takes no default"),
                           ("${nope:-d}", r"a default is written \${section:nope:-d}")):
            done = self.aio("config", "check", config=f"[x]\nb = {text}\n")
            self.assertStatus(done, BAD_CONFIG)
            self.assertSaid(hint, done.err)

    def test_a_letter_of_another_script_is_named(self):
        done = self.aio("config", "check",
                        config="[schedule/x]\nevery = 1\nfunc = \u0430io.examples.tick\n")
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid(r"\\u0430 is not the letter 'a', although it looks like it: write 'a'", done.err)

    def test_two_stars_include_every_folder_below(self):
        self.write("conf.d/a.conf", "[a]\nx = 1\n")
        self.write("conf.d/deep/er/b.conf", "[b]\nx = 2\n")
        done = self.aio("config", "get", "b:x", config="[aio]\ninclude = conf.d/**/*.conf\n")
        self.assertRan(done, "2\n")
        self.assertRan(self.aio("config", "get", "a:x"), "1\n")

    def test_case_16_a_bad_dollar_says_how_to_write_one(self):
        done = self.get("x:b", "[x]\nb = a $x\n")
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid(r"aio\.conf:2:7: error: ", done.err)
        self.assertSaid(r"\$\$", done.err)

    def test_case_17_a_duplicate_in_one_file_names_both_lines(self):
        done = self.get("x:a", "[x]\na = 1\na = 2\n[y]\n[x]\n")
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid(r"aio\.conf:3:1: error: .*'?a'?", done.err)
        self.assertSaid(r"aio\.conf:5:1: error: .*x", done.err)
        self.assertSaid(r"aio\.conf:2\b", done.err)

    def test_case_18_default_is_listed_after_a_sections_own_options(self):
        done = self.get("x", "[DEFAULT]\nk = v\n[x]\na = 1\n")
        self.assertRan(done, "a = 1\nk = v\n")

    def test_case_19_comments_are_whole_lines_only(self):
        config = "[x]\n# one\n; two\na = 1 # x\nb = 2\n  # three\n  more ; y\n"
        self.assertRan(self.get("x", config), "a = 1 # x\nb = 2\n\tmore ; y\n")

    def test_both_brackets_dollars_and_defaults(self):
        config = """
            [x]
            a = 1
            b = ${a} $<a> ${x:a} $<x:a> $$
            c = ${env:WORD} ${env:NONE:-no ${a} <} $<y:z:-text:-more>
            d = ${file:data/text}
        """
        self.write("data/text", "from $ a file\n")
        env = {"WORD": "$ and ${a}"}
        self.assertRan(self.get("x:b", config, env), "1 1 1 1 $\n")
        self.assertRan(self.get("x:c", config, env), "$ and ${a} no ${a <} text:-more\n")
        done = self.aio("config", "-g", "x:d", "--show-secrets", env=env)
        self.assertRan(done, "from $ a file\n")

    def test_missing_environment_and_file_are_errors(self):
        done = self.get("x:a", "[x]\na = ${env:NO_SUCH_THING}\n")
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid("NO_SUCH_THING", done.err)
        done = self.get("x:a", "[x]\na = ${file:no/such}\n")
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid("no/such", done.err)

    def test_a_file_that_is_not_utf_8_is_refused_with_its_place(self):
        self.write("aio.conf", b"[x]\na = \xff\n")
        done = self.aio("config", "check")
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid(r"aio\.conf:2:5: error: ", done.err)

    def test_case_33_utf_8_comes_back_as_it_went_in(self):
        self.assertRan(self.get("ä:ö", "[ä]\nÖ = héllo → 世界\n"), "héllo → 世界\n")


class Secrets(Case):
    CONFIG = """
        [db]
        password = ${file:secret.txt}
        url = postgres://me:${password}@host/
        host = plain
    """

    def setUp(self):
        super().setUp()
        self.write("secret.txt", "hunter2\n")

    def test_a_value_from_a_file_prints_as_stars(self):
        self.assertRan(self.aio("config", "-g", "db:password", config=self.CONFIG), "********\n")

    def test_what_used_a_secret_is_one(self):
        done = self.aio("config", "-g", "db", config=self.CONFIG)
        self.assertRan(done, "password = ********\nurl = ********\nhost = plain\n")

    def test_show_secrets_shows_them(self):
        done = self.aio("config", "-g", "db:url", "--show-secrets", config=self.CONFIG)
        self.assertRan(done, "postgres://me:hunter2@host/\n")

    def test_nothing_prints_them_otherwise(self):
        for args in (["dump"], ["--json"], ["-g", "db", "--origin"], ["diff"],
                     ["set", "db:host", "x", "--dry-run"], ["check"]):
            done = self.aio("config", *args, config=self.CONFIG)
            self.assertNotSaid("hunter2", done)

    def test_debug_output_of_run_does_not_print_them(self):
        done = self.aio("run", "--debug", config=self.CONFIG)
        self.assertNotSaid("hunter2", done)

    def test_a_caret_does_not_show_one(self):
        config = self.CONFIG + "        bad = ${password} $x\n"
        done = self.aio("config", "check", config=config)
        self.assertStatus(done, BAD_CONFIG)
        self.assertNotSaid("hunter2", done)

    def test_a_declared_secret_is_one_too(self):
        config = "[schedule/s]\nevery = 1\nfunc = probe.options\ntoken = abc123\n"
        self.assertStatus(self.aio("config", "check", config=config), OK)
        config += "[other]\nuses = x ${schedule/s:token}\n"
        done = self.aio("run", "--debug", config=config + "[server/s]\nport = 99999\n")
        self.assertNotSaid("abc123", done)
        done = self.aio("run", "--debug", config=config + "[aio]\npid_file = /proc/x\n")
        self.assertNotSaid("abc123", done)
        self.assertSaid(r'"token": "\*{8}"', done)
        self.assertSaid(r'"uses": "\*{8}"', done)

    def test_a_caret_does_not_show_what_a_module_declared_secret(self):
        for line in ("token = abc123 $x", "token = abc123\n  grace = 5s\n", "ever = abc123"):
            config = f"[schedule/s]\nevery = 1\nfunc = probe.options\ntoken = abc123\n{line}\n"
            done = self.aio("config", "check", config=config)
            self.assertNotSaid("abc123", done.err.replace("ever = abc123", ""))

    def test_no_message_says_one(self):
        wrong = (
            ("aio", "log_level"), ("aio", "user"), ("aio", "modules"), ("aio", "module_path"),
            ("aio", "umask"), ("schedule/s", "depends"), ("schedule/s", "func"),
            ("schedule/s", "cron"), ("server/s", "protocol"), ("server/s", "address"),
            ("server/s", "tls_certificate"), ("listen/l", "x"), ("handler_h", "class"),
            ("formatter_f", "format"), ("aio/commands", "x"), ("logger_root", "handlers"),
        )
        for secret in ("hunter2", "vm", "/hunter2/x.pem", "unix:/hunter2/x", "lab.hunter2.go",
                       "%(hunter2)s"):
            self.write("sec.txt", secret + "\n")
            for section, option in wrong:
                with self.subTest(secret=secret, section=section, option=option):
                    config = f"[{section}]\n{option} = ${{file:sec.txt}}\n"
                    if section == "server/s" and option != "protocol":
                        config += "protocol = aio.examples.echo\n"
                    if section == "schedule/s" and option != "func":
                        config += "func = probe.tick\n"
                    done = self.aio("config", "check", config=config)
                    self.assertNotSaid(r"hunter2|'vm'", done)

    def test_the_error_of_a_users_command_says_none(self):
        self.write("sec.txt", "boom\n")
        config = "[aio/commands]\nfails = probe.raising_command\n[x]\np = ${file:sec.txt}\n"
        done = self.aio("fails", config=config)
        self.assertStatus(done, FAILED)
        self.assertEqual(done.err, "aio: ********\n")

    def test_no_other_command_says_one(self):
        self.write("sec.txt", "hunter2.one\n")
        config = "[aio]\nmodule_path = ${file:sec.txt}\n[aio/commands]\nx = ${file:sec.txt}\n"
        for args in (["x"], ["module", "show", "nothing"], ["graph"], ["run"]):
            done = self.aio(*args, config=config, env=BARE)
            self.assertNotEqual(done.status, OK, str(done))
            self.assertSaid("unknown module", done.err)
            self.assertNotSaid("hunter2", done)

    def test_no_failed_start_says_one(self):
        self.write("sec.txt", "/none/hunter2\n")
        self.write("host.txt", "hunter2.invalid\n")
        for line in ("port = 0\naddress = ${file:host.txt}", "transport = unix\npath = ${file:sec.txt}",
                     "port = 0\ntls_certificate = ${file:sec.txt}\ntls_key = ${file:sec.txt}",
                     "port = 0\n[aio]\nworking_directory = ${file:sec.txt}",
                     "port = 0\n[aio]\npid_file = ${file:sec.txt}"):
            with self.subTest(line=line):
                done = self.aio("run", config=f"[server/s]\nprotocol = aio.examples.echo\n{line}\n")
                self.assertNotEqual(done.status, OK, str(done))
                self.assertNotSaid("hunter2", done)

    def test_report_cfg_7_no_warning_of_an_unseen_character_says_one(self):
        section = "[schedule/x]\nevery = 1h\nfunc = probe.options\n"
        token = "hunter\u200b2"
        done = self.aio("config", "check", config=section + f"token = {token}\n")
        self.assertSaid("warning: the value of 'token' holds a character", done)
        self.assertNotSaid("hunter", done)
        done = self.aio("-o", f"schedule/x:token={token}", "config", "check", config=section)
        self.assertSaid("warning: the value of 'token' holds a character", done)
        self.assertNotSaid("hunter", done)

    def test_no_crash_says_one(self):
        path = self.write("hunter2", "#!/none/interpreter\n")
        os.chmod(path, 0o755)
        self.write("sec.txt", f"{path}\n")
        done = self.aio("run", config="[process/p]\ncommand = ${file:sec.txt}\n")
        self.assertNotEqual(done.status, OK, str(done))
        self.assertSaid(r"\*{8}", done)
        self.assertNotSaid("hunter2", done)


class Origin(Case):
    def test_origin_names_the_line_and_what_was_overridden(self):
        self.write("one.conf", "[x]\na = 1\n")
        self.write("two.conf", "[x]\n\na = 2\n")
        done = self.aio("-c", "one.conf", "-c", "two.conf", "config", "-g", "x:a", "--origin")
        self.assertRan(done)
        self.assertSaid(r"two\.conf:3\b", done.out)
        self.assertSaid(r"one\.conf:2\b", done.out)
        self.assertInOrder(["2", "1"], done.out)

    def test_origin_of_a_default_the_environment_and_the_command_line(self):
        done = self.aio("-o", "x:a=1", "config", "--origin", env={"AIO_LOG_LEVEL": "DEBUG"})
        self.assertRan(done)
        self.assertSaid(r"builtin = aio\.app.*aio\.app/aio\.conf:\d+", done.out)
        self.assertSaid(r"log_level = DEBUG.*(environment|AIO_LOG_LEVEL)", done.out)
        self.assertSaid(r"a = 1.*command line", done.out)


class Diff(Case):
    def test_diff_shows_only_what_differs_from_the_defaults(self):
        done = self.aio("config", "diff", env=BARE,
                        config="[aio]\nlog_level = DEBUG\nloops = 1\n[x]\na = 1\n")
        self.assertStatus(done, OK)
        self.assertSaid("log_level", done.out)
        self.assertSaid("DEBUG", done.out)
        self.assertSaid(r"\[x\]", done.out)
        self.assertNotSaid("builtin", done.out)

    def test_diff_of_nothing_is_empty(self):
        self.assertRan(self.aio("config", "diff", env=BARE), "")

    def test_diff_as_json(self):
        config = "[aio]\nlog_level = DEBUG\n[x]\na = 1\n"
        done = self.aio("config", "diff", "--json", config=config)
        self.assertRan(done)
        data = json.loads(done.out)
        self.assertEqual(data["aio"]["log_level"], {"default": "INFO", "value": "DEBUG"})
        self.assertEqual(data["x"], {"a": {"default": None, "value": "1"}})
        done = self.aio("config", "diff", "--json", "--origin")
        self.assertRan(done)
        level = json.loads(done.out)["aio"]["log_level"]
        self.assertEqual(level["value"]["origin"], "aio.conf:2")
        self.assertRegex(level["default"]["origin"], r"^aio\.app/aio\.conf:\d+$")

    def test_diff_of_nothing_as_json_is_an_empty_object(self):
        done = self.aio("config", "diff", "--json", env=BARE)
        self.assertRan(done, "{}\n")

    def test_diff_with_origin(self):
        done = self.aio("config", "diff", "--origin", config="[aio]\nlog_level = DEBUG\n")
        self.assertRan(done)
        self.assertInOrder([r"^-log_level = INFO  # aio\.app/aio\.conf:\d+$",
                            r"^\+log_level = DEBUG  # aio\.conf:2$",
                            r"^\+# over aio\.app/aio\.conf:\d+: INFO$"], done.out)


class Schema(Case):
    def test_schema_lists_type_default_help_and_owner(self):
        done = self.aio("config", "schema")
        self.assertRan(done)
        for option in ("every", "cron", "timezone", "overlap", "max_running", "jitter", "spacing",
                       "protocol", "factory", "transport", "address", "port", "path", "backlog",
                       "max_connections", "idle_timeout", "tls_certificate", "tls_min", "depends",
                       "enabled", "loop", "stop_timeout", "label", "stop_timeout", "log_level",
                       "blocking_timeout", "pid_file", "worker_threads"):
            self.assertSaid(rf"\b{option}\b", done.out)
        for default in ("10000", "1024", "30s", "UTC"):
            self.assertSaid(rf"\b{default}\b", done.out)

    def test_schema_of_one_section(self):
        done = self.aio("config", "schema", "schedule")
        self.assertRan(done)
        self.assertSaid(r"\bevery\b", done.out)
        self.assertNotSaid(r"\btransport\b", done.out)

    def test_schema_knows_every_section_of_aio(self):
        done = self.aio("config", "schema")
        self.assertRan(done)
        for section in ("aio/commands", "aio/testing", "listen/NAME"):
            self.assertSaid(rf"^\[{section}\]  # declared by aio$", done.out)
        for asked, section in (("listen", "listen/NAME"), ("listen/x", "listen/NAME"),
                               ("aio/testing", "aio/testing"), ("logger_root", "logger_NAME")):
            done = self.aio("config", "schema", asked)
            self.assertRan(done)
            self.assertEqual([l for l in done.out.split("\n") if l.startswith("[")],
                             [f"[{section}]  # declared by aio"])

    def test_schema_of_nothing_names_the_nearest_and_prints_no_empty_line(self):
        done = self.aio("config", "schema", "sever")
        self.assertStatus(done, FAILED)
        self.assertEqual(done.err, "error: nothing is declared for [sever]\n"
                                   "  did you mean 'server'?\n")
        done = self.aio("config", "schema", "zzzzzz")
        self.assertStatus(done, FAILED)
        self.assertEqual(done.err, "error: nothing is declared for [zzzzzz]\n")

    def test_schema_as_json(self):
        done = self.aio("config", "schema", "--json")
        self.assertRan(done)
        json.loads(done.out)


class Check(Case):
    def test_json_lists_what_is_wrong_and_nothing_else_is_printed(self):
        done = self.aio("config", "check", "--json", config="[aio]\nlogg_level = INFO\n")
        self.assertStatus(done, BAD_CONFIG)
        self.assertEqual(done.err, "")
        [one] = json.loads(done.out)
        self.assertEqual(set(one), {"file", "line", "column", "severity", "message", "hint"})
        self.assertEqual((one["file"], one["line"], one["column"], one["severity"]),
                         ("aio.conf", 2, 1, "error"))
        self.assertIn("logg_level", one["message"])
        self.assertIn("log_level", one["hint"])

    def test_json_of_nothing_wrong_is_an_empty_list(self):
        self.assertRan(self.aio("config", "check", "--json", config="[x]\na = 1\n"), "[]\n")

    def test_json_of_a_missing_file_has_no_place(self):
        done = self.aio("-c", "nope.conf", "config", "check", "--json")
        self.assertStatus(done, USAGE)
        [one] = json.loads(done.out)
        self.assertEqual((one["file"], one["line"], one["hint"]), (None, None, None))

    def test_a_good_configuration(self):
        done = self.accepted("[schedule/x]\nevery = 1\nfunc = aio.examples.tick\n")
        self.assertEqual(done.err, "")

    def test_no_file_is_written_in_one_role_and_used_in_another(self):
        tick = "[schedule/x]\nevery = 1\nfunc = aio.examples.tick\n"
        self.write("part.conf", "[mine]\na = 1\n")
        self.write("word", "secret\n")
        os.link(self.write("hard", "x\n"), self.folder / "other")
        os.symlink("aio.conf", self.folder / "link")
        server = "[server/s]\nprotocol = aio.examples.echo\n"
        for config, writer, other in (
            ("[aio]\nlog_file = ./aio.conf\n", "log_file './aio.conf'", "configuration file"),
            ("[aio]\nlog_file = link\n", "log_file 'link'", "configuration file 'aio.conf'"),
            ("[aio]\npid_file = aio.conf\n", "pid_file 'aio.conf'", "configuration file"),
            ("[aio]\ninclude = part.conf\nlog_file = part.conf\n", "log_file", "file 'part.conf'"),
            ("[aio]\nlog_file = same\npid_file = same\n", "pid_file 'same'",
             r"log_file 'same' as well \(aio.conf:2:12\)"),
            ("[aio]\nlog_file = word\n[mine]\nb = ${file:word}\n", "log_file", r"the file of \[mine\] b"),
            ("[aio]\nlog_handlers = h\n[handler_h]\nclass = RotatingFileHandler\n"
             "args = ('hard', 'a', 100, 2)\n" + server + "port = 0\ntls_certificate = other\n"
             "tls_key = other\n", r"\[handler_h\] 'hard'", r"\[server/s\] tls_certificate 'other'"),
            ("[aio]\nlog_file = sock\n" + server + "transport = unix\npath = sock\n",
             "log_file", r"\[server/s\] path 'sock'"),
            ("[aio]\npid_file = sock\n" + server + "transport = unix\npath = ./sock\n",
             "pid_file", r"\[server/s\] path './sock'"),
            ("[aio]\nlog_file = hard\n[client/c]\nprotocol = aio.examples.ping\naddress = localhost\n"
             "port = 1\ntls = yes\ntls_certificate = other\n", "log_file",
             r"\[client/c\] tls_certificate 'other'"),
            ("[aio]\nlog_file = word\n[DEFAULT]\nb = ${file:word}\n", "log_file",
             r"the file of \[DEFAULT\] b"),
        ):
            with self.subTest(config=config):
                self.refused(config + tick, rf"aio\.conf:\d+:\d+: error: .*{writer}.* is .*{other}")
                self.assertEqual(self.read("aio.conf"), config + tick)
        two_logs = "[aio]\nlog_handlers = h\n  g\n[handler_h]\nclass = FileHandler\nargs = ('x',)\n" \
                   "[handler_g]\nclass = FileHandler\nargs = ('x',)\n"
        self.accepted(two_logs + tick)
        self.accepted("[aio]\nlog_file = /dev/null\npid_file = x.pid\n" + tick)

    def test_a_file_without_options_is_an_input_as_well(self):
        tick = "[schedule/x]\nevery = 1\nfunc = aio.examples.tick\n"
        server = "[server/s]\nprotocol = aio.examples.echo\ntransport = unix\npath = etc/a.inc\n"
        handler = ("[handler_h]\nclass = RotatingFileHandler\nargs = ('etc/a.inc', 'a', 100, 2)\n"
                   "[aio]\nlog_handlers = h\n")
        for text in ("", "# nothing yet\n"):
            self.write("etc/a.inc", text)
            for more in ("[aio]\nlog_file = etc/a.inc\n", "[aio]\npid_file = etc/a.inc\n",
                         "[aio]\nlog_file = ./etc/../etc/a.inc\n", server + "[aio]\n", handler):
                for include in ("etc/a.inc", "etc/*.inc", "etc/**"):
                    config = f"{more}include = {include}\n{tick}"
                    with self.subTest(config=config):
                        done = self.aio("run", config=config)
                        self.assertStatus(done, BAD_CONFIG)
                        self.assertSaid(r"'\S+' is the configuration file '\S+' as well", done.err)
                        self.assertEqual(self.read("etc/a.inc"), text)
        self.write("e2.conf", "# nothing yet\n")
        self.write("logging.conf", "\n")
        self.write("aio.conf", tick)
        for args in (("-c", "e2.conf", "-o", "aio:log_file=e2.conf"),
                     ("-o", "aio:log_file=logging.conf"), ("-o", "aio:pid_file=logging.conf")):
            with self.subTest(args=args):
                done = self.aio(*args, "run")
                self.assertStatus(done, BAD_CONFIG)
                self.assertSaid(r"is the configuration file '\S+\.conf' as well", done.err)

    def test_a_command_writes_its_log_to_no_file_that_was_read(self):
        self.write("etc/a.inc", "# nothing yet\n")
        self.write("word", "w\n")
        for file in ("etc/a.inc", "aio.conf", "word"):
            config = (f"[aio]\ninclude = etc/*.inc\nlog_file = {file}\n[mine]\na = ${{file:word}}\n"
                      "[aio/commands]\nhi = aio.examples.hello\n")
            done = self.aio("hi", config=config)
            self.assertStatus(done, BAD_CONFIG)
            self.assertSaid(rf"log_file '{file}' is the ", done.err)
            self.assertEqual(self.read("aio.conf"), config)

    def test_a_library_and_the_defaults_of_a_module_are_inputs(self):
        shutil.copytree(Path(MODULES) / "probe", self.folder / "m/probe")
        self.write("m/probe/aio.conf", "# no defaults\n")
        for file in ("m/probe/probe.so", "m/probe/aio.conf"):
            before = (self.folder / file).read_bytes()
            done = self.aio("run", env={"AIO_MODULE_PATH": "m"},
                            config=f"[aio]\nmodules = probe\nlog_file = {file}\n")
            self.assertStatus(done, BAD_CONFIG)
            self.assertSaid(rf"log_file '{file}' is the (library|configuration file)", done.err)
            self.assertEqual((self.folder / file).read_bytes(), before)

    def test_no_file_has_the_name_of_the_environment(self):
        done = self.aio("config", "check", config="[aio]\nlog_file = environment\n",
                        env={"AIO_LOG_LEVEL": "DEBUG"})
        self.assertStatus(done, OK)

    def test_a_command_that_nobody_can_type_is_refused(self):
        for name, why in (("-x", "a word that begins with '-'"), ("two words", "holds no blanks")):
            self.refused(f"[aio/commands]\n{name} = aio.examples.hello\n",
                         rf"aio\.conf:2:1: error: \[aio/commands\] '{name}' can never be called.*{why}")

    def test_an_option_that_would_be_ignored_is_refused(self):
        self.write("f", "[x]\na = 1\n")
        for args, option in (
            (("schema", "-f", "f"), "-f"), (("check", "-f", "f"), "-f"),
            (("dump", "--interpolate"), "--interpolate"), (("--interpolate",), "--interpolate"),
            (("get", "x:a", "--interpolate"), "--interpolate"),
            (("set", "x:a", "2", "--interpolate", "-f", "f"), "--interpolate"),
            (("get", "x:a", "--dry-run"), "--dry-run"), (("check", "--dry-run"), "--dry-run"),
            (("dump", "--dry-run"), "--dry-run"), (("schema", "--dry-run"), "--dry-run"),
            (("set", "x:a", "2", "--json", "-f", "f"), "--json"), (("unset", "x", "--json"), "--json"),
            (("set", "x:a", "2", "--origin"), "--origin"), (("check", "--origin"), "--origin"),
            (("schema", "--origin"), "--origin"), (("check", "--show-secrets"), "--show-secrets"),
            (("set", "x:a", "2", "--show-secrets", "-f", "f"), "--show-secrets"),
        ):
            with self.subTest(args=args):
                done = self.aio("config", *args, config="[x]\na = 1\n")
                self.assertStatus(done, USAGE)
                self.assertSaid(rf"^aio: config \w+: {option} is not possible here; ", done.err)
                self.assertEqual(self.read("f"), "[x]\na = 1\n")

    def test_a_newline_in_a_name_is_shown_as_an_escape(self):
        self.write("aio.conf", "")
        for args in (("config", "set", "-f", "f", "a\nb:d", "x"), ("run", "aio.examples.tick\nmore"),
                     ("config", "get", "a\nb"), ("config", "get", "a\nb:c"), ("a\nb",),
                     ("config", "a\nb"), ("-c", "a\nb", "run"), ("module", "show", "a\nb"),
                     ("module", "a\nb"), ("test", "a\nb"), ("config", "unset", "a\nb"),
                     ("config", "schema", "a\nb"), ("-o", "a\nb", "run"), ("run", "--x\ny"),
                     ("config", "--x\ny"), ("module", "new", "a\nb"),
                     ("module", "new", "my.m", "--dir", "aio.conf/\nb")):
            with self.subTest(args=args):
                done = self.aio(*args)
                self.assertNotEqual(done.status, OK)
                self.assertSaid(r"\\x0a", done.err)
                self.assertNotRegex(done.err, r"(?m)^(b|y|more)\b")

    def test_more_files_than_descriptors_are_all_known(self):
        tick = "[schedule/x]\nevery = 1\nfunc = aio.examples.tick\n"
        for i in range(100):
            self.write(f"parts/{i:03}.conf", f"[mine/{i}]\na = 1\n")
        config = "[aio]\ninclude = parts/*.conf\nlog_file = {}\n" + tick
        for path in ("./aio.conf", "parts/099.conf"):
            done = self.aio("config", "check", config=config.format(path), preexec_fn=few_files)
            self.assertStatus(done, BAD_CONFIG)
            self.assertSaid(f"log_file '{path}' is the configuration file", done.err)

    def test_a_pid_file_in_a_folder_that_is_not_there_is_refused_with_its_place(self):
        tick = "[schedule/x]\nevery = 1\nfunc = aio.examples.tick\n"
        self.refused("[aio]\npid_file = nod/x.pid\n" + tick,
                     r"aio\.conf:2:12: error: \[aio\] pid_file nod/x\.pid: No such file")
        done = self.aio("run", config="[aio]\npid_file = /proc/x.pid\n" + tick)
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid(r"^aio\.conf:2:12: error: \[aio\] pid_file /proc/x\.pid: No such file", done.err)

    def test_check_knows_what_no_log_can_be_written_to(self):
        tick = "[schedule/x]\nevery = 1\nfunc = aio.examples.tick\n"
        for path, why in (("/dev/stdin", "descriptor 0 is not open for writing"),
                          ("/dev/fd/77", "descriptor 77 is not open")):
            self.write("aio.conf", f"[aio]\nlog_file = {path}\n" + tick)
            for args in (("config", "check"), ("run",)):
                with open("/dev/null", "rb") as reading:
                    done = self.aio(*args, stdin=reading)
                self.assertStatus(done, BAD_CONFIG)
                self.assertSaid(rf"^aio\.conf:2:12: error: .*cannot open '{path}': {why}$", done.err)

    def test_check_and_run_agree_on_a_closed_standard_output(self):
        config = ("[aio]\nlog_file = /dev/stdout\nlog_handlers = consoleHandler\n  seen\n"
                  "[handler_seen]\nclass = StreamHandler\nargs = (sys.stderr,)\n"
                  "[schedule/x]\nevery = 1000\nfunc = aio.examples.tick\n")
        done = self.aio("config", "check", config=config, preexec_fn=lambda: os.close(1))
        self.assertStatus(done, OK)
        self.assertEqual(done.err, "")
        running = self.start(config, preexec_fn=lambda: os.close(1))
        running.wait_for(r"Scheduler started \(x\)")
        self.assertStops(running)

    def test_an_empty_log_level_is_refused_wherever_it_is_given(self):
        why = r"error: \[aio\] log_level: unknown level ' ?'"
        self.refused("[aio]\nlog_level =\n", r"^aio\.conf:2:12: " + why)
        for given, env in ((("-o", "aio:log_level="), {}), ((), {"AIO_LOG_LEVEL": " "})):
            done = self.aio(*given, "config", "check", config="", env=env)
            self.assertStatus(done, BAD_CONFIG)
            self.assertSaid(why, done.err)
        self.assertStatus(self.aio("config", "check", config="", env={"AIO_LOG_LEVEL": ""}), OK)

    def test_a_section_that_only_looks_like_aio_is_refused_by_check_and_run(self):
        for name in ("aio ", "\u0430\u0456\u043e", "aio\u00a0"):
            config = f"[{name}]\nuser = nobody\n[process/p]\ncommand = id -un\n"
            for args in (("config", "check"), ("run",)):
                done = self.aio(*args, config=config)
                self.assertStatus(done, BAD_CONFIG)
                self.assertSaid(r"^aio\.conf:1:1: error: .* is not a section of aio$", done.err)
                self.assertSaid(r"^  did you mean \[aio\]\?", done.err)
        done = self.aio("-o", "\u0430\u0456\u043e:user=nobody", "config", "check", config="")
        self.assertStatus(done, BAD_CONFIG)
        done = self.aio("config", "check", config="", env={"\u0410IO_USER": "nobody"})
        self.assertSaid("did you mean AIO_USER\\?", done.err)

    def test_a_space_around_the_name_of_a_section_is_told(self):
        done = self.aio("config", "check", config="[schedule/a ]\nevery = 1s\nfunc = probe.tick\n")
        self.assertStatus(done, OK)
        self.assertSaid(r"^aio\.conf:1:1: warning: the name in \[schedule/a \] begins or ends with a space", done.err)
        self.assertSaid(r"^  did you mean \[schedule/a\]\?$", done.err)
        done = self.aio("config", "check", config="[ schedule/a ]\nevery = 1s\nfunc = probe.tick\n")
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid(r"^  did you mean \[schedule/a\]\?", done.err)

    def test_report_cfg_6_a_variable_that_is_no_utf_8_is_refused(self):
        done = self.aio("config", "check", config="[x]\na = ${env:FOO}\n", env={"FOO": "caf\udce9"})
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid(r"^aio\.conf:2:5: error: .*\$\{env:FOO\}.* is not text: it is not UTF-8", done.err)

    def test_report_cfg_7_blanks_that_separate_nothing(self):
        tick = "func = aio.examples.tick\n"
        self.refused("[schedule/x]\nevery = 1\u00a0s\n" + tick, r"2:9: error: (.*\n)+.*no-break space")
        done = self.accepted("[process/x]\ncommand = /bin/echo a\u00a0b\n")
        self.assertSaid(r"^aio\.conf:2:11: warning: .*a no-break space is part of a word", done.err)

    def test_check_starts_nothing(self):
        config = "[server/x]\nprotocol = aio.examples.echo\ntransport = unix\npath = sock\n"
        self.accepted(config)
        self.assertEqual(os.listdir(self.folder), ["aio.conf"])

    def test_check_evaluates_every_value_even_of_sections_nobody_owns(self):
        self.refused("[mine]\na = ${nope}\n", r"aio\.conf:2:5: error: ")

    def test_an_unknown_option_of_an_owned_section(self):
        self.refused(
            "[aio]\nlog_levle = INFO\n",
            r"^aio\.conf:2:1: error: unknown option 'log_levle' in \[aio\]$",
            r"^    log_levle = INFO$", r"^    \^$", r"^  did you mean 'log_level'\?$",
        )

    def test_an_option_of_a_functions_section_may_be_its_own(self):
        base = "[schedule/x]\nevery = 1\nfunc = aio.examples.tick\n"
        self.accepted(base + "extra = 42\n")
        self.refused(base + "evrey = 2\n", "unknown option 'evrey'", "did you mean 'every'")
        self.refused(base + "extra = 42\n[aio]\nstrict = yes\n", "unknown option 'extra'")

    def test_near_names_of_options(self):
        base = "[server/x]\nport = 0\nprotocol = aio.examples.echo\n"
        for wrong in ("adress", "prot", "backlgo", "max_conections", "max_connectoins"):
            self.refused(base + f"{wrong} = 1\n", f"unknown option '{wrong}'")
        for fine in ("sort", "pot", "hello", "base"):
            self.accepted(base + f"{fine} = 1\n")

    def test_a_declared_option_of_a_function_is_checked(self):
        base = "[schedule/x]\nevery = 1\nfunc = probe.options\n"
        self.refused(base, "token")
        self.refused(base + "token = t\ngrace = soon\n", r"aio\.conf:5:\d+: error: .*grace")
        self.refused(base + "token = t\ncolour = blue\n", "blue")
        self.accepted(base + "token = t\ngrace = 5s\ncolour = red\ncount = 3\n")

    def test_an_option_that_a_function_declares_is_not_a_misspelling(self):
        self.accepted("[schedule/x]\nevery = 1\nfunc = probe.options\ntoken = t\nevery2 = 1\n")

    def test_sections_nobody_owns_are_the_users(self):
        self.accepted("[mine]\na = 1\n[my/own]\nb = 2\n")

    def test_sections_nearly_owned_are_errors(self):
        for wrong, right in (("sever/web", "server"), ("schedul/x", "schedule"),
                             ("lisetn/x", "listen"), ("ai0/commands", None)):
            if right:
                self.refused(f"[{wrong}]\na = 1\n", right)

    def test_kinds_that_come_later_are_reserved(self):
        for kind in ("cluster/x", "socket/x", "web/x"):
            self.refused(f"[{kind}]\na = 1\n", r"aio\.conf:1:\d+: error: .*not in this version")

    def test_a_supervisor_has_to_be_there(self):
        base = "[supervisor/main]\n[schedule/x]\nevery = 1\nfunc = aio.examples.tick\n"
        self.accepted(base + "supervisor = main\nrestart = always\n")
        self.refused(base + "supervisor = mian\n",
                     r"aio\.conf:5:\d+: error: .*\[supervisor/mian\]\n.*\n.*\n.*'main'")

    def test_case_18_default_never_becomes_a_signal_or_a_command(self):
        self.accepted("[DEFAULT]\nroot = /srv\n[listen/x]\ns = aio.examples.print\n"
                      "[aio/commands]\nhi = aio.examples.hello\n")
        done = self.aio("-h")
        self.assertNotSaid(r"^\s+root\b", done.out)

    def test_default_counts_in_an_owned_section_only_where_it_is_known(self):
        self.accepted("[DEFAULT]\nport = 0\nnonsense = 1\nadress = 1\n"
                      "[server/x]\nprotocol = aio.examples.echo\n[aio]\nlog_level = INFO\n")

    def test_colon_sections_are_read_with_a_warning(self):
        config = "[schedule:x]\nevery = 1\nfunc = aio.examples.tick\n"
        done = self.aio("config", "check", config=config)
        self.assertStatus(done, OK)
        self.assertSaid(r"aio\.conf:1:\d+: warning: .*schedule", done.err)
        running = self.start(None)
        running.wait_for(r"Scheduler started \(x\): aio\.examples\.tick")
        self.assertStops(running)

    def test_durations(self):
        base = "[schedule/x]\nfunc = aio.examples.tick\nevery = "
        for good in ("2", "0.5", "2s", "500ms", "1m30s", "2h", "1d"):
            self.accepted(base + good + "\n")
        for bad in ("soon", "2x", "-1", "0", "", "1 2", "nan", "inf", "1e400"):
            self.refused(base + bad + "\n", r"aio\.conf:3:\d+: error: ")

    def test_booleans(self):
        base = "[aio]\nstrict = "
        for good in ("1", "yes", "TRUE", "on", "0", "no", "False", "off"):
            self.accepted(base + good + "\n")
        for bad in ("2", "maybe", "ja", ""):
            self.refused(base + bad + "\n", r"aio\.conf:2:\d+: error: ")

    def test_ranges(self):
        base = "[server/x]\nprotocol = aio.examples.echo\nport = "
        for good in ("0", "1", "65535"):
            self.accepted(base + good + "\n")
        for bad in ("-1", "65536", "http", "0x10"):
            self.refused(base + bad + "\n", r"aio\.conf:3:\d+: error: ")

    def test_depends_on_what_does_not_exist(self):
        self.refused(
            "[schedule/x]\nevery = 1\nfunc = aio.examples.tick\ndepends = server/web\n",
            r"aio\.conf:4:\d+: error: .*server/web",
        )

    def test_a_cycle_of_depends_is_printed(self):
        part = "[schedule/{}]\nevery = 1\nfunc = aio.examples.tick\ndepends = schedule/{}\n"
        self.refused(
            part.format("a", "b") + part.format("b", "a"),
            r"schedule/a -> schedule/b -> schedule/a|schedule/b -> schedule/a -> schedule/b",
        )

    def test_a_wrong_kind_names_both(self):
        self.refused(
            "[schedule/x]\nevery = 1\nfunc = aio.examples.echo\n",
            r"^aio\.conf:3:8: error: 'aio\.examples\.echo' is a protocol, not a schedule$",
        )

    def test_a_wrong_dotted_name_names_the_nearest(self):
        self.refused(
            "[schedule/x]\nevery = 1\nfunc = aio.examples.tikc\n",
            r"^aio\.conf:3:8: error: module 'aio\.examples' has no 'tikc'$",
            r"did you mean 'aio\.examples\.tick'",
        )
        self.refused(
            "[schedule/x]\nevery = 1\nfunc = aio.exmaples.tick\n",
            r"unknown module 'aio\.exmaples'", r"did you mean 'aio\.examples'",
        )


@unittest.skipUnless(os.geteuid() == 0, "only root can give files away")
class Unreadable(Case):
    """A file that cannot be read is like one that is missing: 2, and only the error is printed."""

    WORDS = (["run"], ["graph"], ["test"], ["config", "check"], ["config", "dump"],
             ["config", "diff"], ["config", "schema"], ["config", "-g", "aio:loops"],
             ["config", "set", "x:a", "1"], ["config", "unset", "x:a"])

    def unread(self, path, why):
        for words in self.WORDS:
            done = self.aio("-c", path, *words)
            self.assertStatus(done, USAGE)
            self.assertEqual(done.out, "")
            self.assertEqual(done.err, f"error: cannot read '{path}': {why}\n")

    def test_a_missing_file(self):
        self.unread("nope.conf", "No such file or directory")

    def test_a_folder(self):
        self.unread(".", "Is a directory")

    def test_a_device_that_never_ends(self):
        for path in ("/dev/full", "/dev/zero"):
            self.unread(path, "it is neither a regular file nor a pipe")

    def test_a_file_of_too_many_bytes(self):
        with open(self.write("big.conf", ""), "r+b") as big:
            big.truncate((64 << 20) + 1)
        done = self.aio("-c", "big.conf", "config", "check")
        self.assertStatus(done, USAGE)
        self.assertEqual(done.err, "error: cannot read 'big.conf': it is larger than 64 MiB\n")

    def test_a_pipe_and_the_null_device_are_read(self):
        reading, writing = os.pipe()
        os.write(writing, b"[x]\na = piped\n")
        os.close(writing)
        with os.fdopen(reading) as pipe:
            done = self.aio("-c", "/dev/stdin", "config", "-g", "x:a", stdin=pipe)
        self.assertRan(done, "piped\n")
        self.assertRan(self.aio("-c", "/dev/null", "config", "check"), "")


class Trust(Case):
    def test_root_refuses_a_configuration_others_own(self):
        path = self.write("aio.conf", "[x]\na = 1\n")
        os.chown(path, 65534, 65534)
        done = self.aio("run")
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid(r"aio\.conf", done.err)

    def test_root_refuses_a_configuration_others_may_write(self):
        path = self.write("aio.conf", "[x]\na = 1\n")
        path.chmod(0o666)
        done = self.aio("config", "check")
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid(r"aio\.conf", done.err)

    def test_root_neither_shows_nor_changes_what_others_may_write(self):
        path = self.write("aio.conf", "[x]\na = 1\n")
        path.chmod(0o666)
        for args in (("-g", "x:a"), ("-s", "x:a", "2"), ("unset", "x:a"), ("-f", path, "-g", "x:a"),
                     ("-f", path, "-s", "x:a", "2")):
            done = self.aio("config", *args)
            self.assertStatus(done, BAD_CONFIG)
            self.assertSaid("aio.conf': root does not act on a file that may be written by "
                            "everybody", done.err)
            self.assertEqual(done.out, "")
        self.assertEqual(self.read("aio.conf"), "[x]\na = 1\n")

    def test_root_refuses_an_included_file_others_own(self):
        self.write("aio.conf", "[aio]\ninclude = more.conf\n")
        os.chown(self.write("more.conf", "[x]\na = 1\n"), 65534, 65534)
        self.assertStatus(self.aio("run"), BAD_CONFIG)


if __name__ == "__main__":
    main()
