"""`aio config set` and `unset`: behaviour §2, dialect §10, cases 25–33."""

import os
import stat
import subprocess
import unittest

from support import AIO, BAD_CONFIG, Case, OK, USAGE, clean_environment, main


class Set(Case):
    def test_case_25_an_option_keeps_its_spelling_and_everything_around_it(self):
        config = "# mine\n[aio]\nLOG_Level = WARNING\n\n; and\nother: 1\n[x]\na=1\n"
        done = self.aio("config", "--set", "aio:log_level", "DEBUG", config=config)
        self.assertRan(done, "")
        self.assertEqual(self.read("aio.conf"), config.replace("WARNING", "DEBUG"))

    def test_case_26_several_lines_make_a_new_section(self):
        self.write("aio.conf", "[aio]\nlog_level = INFO\n")
        done = self.aio(
            "config", "-s", "listen/example:example-signal", r"my.listener\nmy.listener2"
        )
        self.assertRan(done, "")
        self.assertEqual(
            self.read("aio.conf"),
            "[aio]\nlog_level = INFO\n\n"
            "[listen/example]\nexample-signal = my.listener\n\tmy.listener2\n",
        )
        done = self.aio("config", "-g", "listen/example:example-signal")
        self.assertRan(done, "my.listener\nmy.listener2\n")

    def test_case_27_interpolation_is_written_raw(self):
        self.write("aio.conf", "[aio]\nlog_level = DEBUG\n")
        self.assertRan(self.aio("config", "-s", "aio/otherapp:log_level", "${aio:log_level}"))
        key = "aio/otherapp:log_level"
        self.assertRan(self.aio("config", "-g", key), "DEBUG\n")
        self.assertRan(self.aio("config", "-g", key, "-f", "aio.conf"), "${aio:log_level}\n")
        self.assertRan(
            self.aio("config", "-g", key, "-f", "aio.conf", "--interpolate"), "DEBUG\n"
        )

    def test_case_28_without_any_file_one_is_created(self):
        self.assertRan(self.aio("config", "-s", "x:a", "1"), "")
        self.assertEqual(self.read("aio.conf"), "[x]\na = 1\n")

    def test_the_first_file_found_is_the_target(self):
        self.write("etc/aio.conf", "[x]\na = 1\n")
        self.assertRan(self.aio("config", "set", "x:a", "2"))
        self.assertEqual(self.read("etc/aio.conf"), "[x]\na = 2\n")
        self.assertFalse((self.folder / "aio.conf").exists())

    def test_f_is_the_target_before_c(self):
        for name in ("f.conf", "c.conf", "aio.conf"):
            self.write(name, "[x]\na = 1\n")
        self.assertRan(self.aio("-c", "c.conf", "config", "-f", "f.conf", "-s", "x:a", "2"))
        self.assertEqual(self.read("f.conf"), "[x]\na = 2\n")
        self.assertEqual(self.read("c.conf"), "[x]\na = 1\n")
        self.assertRan(self.aio("-c", "c.conf", "config", "-s", "x:a", "3"))
        self.assertEqual(self.read("c.conf"), "[x]\na = 3\n")
        self.assertEqual(self.read("aio.conf"), "[x]\na = 1\n")

    def test_with_several_c_the_last_one_is_edited(self):
        self.write("one.conf", "[x]\na = 1\n")
        self.write("two.conf", "[x]\nb = 2\n")
        done = self.aio("-c", "one.conf", "-c", "two.conf", "config", "-s", "x:a", "9")
        self.assertStatus(done, OK)
        self.assertEqual(self.read("one.conf"), "[x]\na = 1\n")
        self.assertEqual(self.read("two.conf"), "[x]\nb = 2\na = 9\n")

    def test_it_says_which_layer_still_wins(self):
        self.write("aio.conf", "[aio]\nlog_level = INFO\n")
        done = self.aio("config", "-s", "aio:log_level", "ERROR", env={"AIO_LOG_LEVEL": "DEBUG"})
        self.assertStatus(done, OK)
        self.assertSaid("environment|AIO_LOG_LEVEL", done.err)
        self.assertEqual(self.read("aio.conf"), "[aio]\nlog_level = ERROR\n")

    def test_an_included_file_that_still_wins_is_named(self):
        self.write("conf.d/a.conf", "[x]\na = 1\n")
        self.write("aio.conf", "[aio]\ninclude = conf.d/*.conf\n[x]\n")
        done = self.aio("config", "-s", "x:a", "2")
        self.assertStatus(done, OK)
        self.assertSaid(r"conf\.d/a\.conf:2", done.err)

    def test_an_option_that_a_section_of_aio_does_not_have_is_a_warning(self):
        for key, hint in (("aio:log_levle", r"^  did you mean 'log_level'\?$"), ("aio:zzz", "^"),
                          ("server/web:adress", r"^  did you mean 'address'"),
                          ("supervisor/s:max_restart", r"^  did you mean 'max_restarts'")):
            section, option = key.rsplit(":", 1)
            done = self.aio("config", "-s", key, "1")
            self.assertStatus(done, OK)
            self.assertSaid(rf"^warning: unknown option '{option}' in \[{section}\]$", done.err)
            self.assertSaid(hint, done.err)
            self.assertIn(f"{option} = 1\n", self.read("aio.conf"))
        for key in ("aio:strict", "server/web:colour", "mine:log_levle", "listen/x:queu-full",
                    "logger_root:level", "schedule/s:restart", "aio/commands:hello"):
            self.assertEqual(self.aio("config", "-s", key, "1").err, "", key)

    def test_case_31_get_and_set_together(self):
        done = self.aio("config", "-g", "x:a", "-s", "x:a", "1")
        self.assertStatus(done, USAGE)
        self.assertSaid(
            r"Please use either -g \(--get\) or -s \(--set\) with aio config, not both", done.err
        )

    def test_case_32_set_without_a_colon(self):
        done = self.aio("config", "-s", "aio", "y")
        self.assertStatus(done, USAGE)
        self.assertSaid(r'Please specify a "section:key" to set the value for', done.err)
        self.assertFalse((self.folder / "aio.conf").exists())

    def test_set_without_a_value(self):
        self.assertStatus(self.aio("config", "-s", "aio:x"), USAGE)

    def test_case_33_utf_8_is_not_mangled(self):
        self.assertRan(self.aio("config", "-s", "x:a", "héllo → 世界"))
        self.assertEqual(self.read("aio.conf"), "[x]\na = héllo → 世界\n")
        self.assertRan(self.aio("config", "-g", "x:a"), "héllo → 世界\n")

    def test_escapes(self):
        self.assertRan(self.aio("config", "-s", "x:a", r"one\ttwo\\three\n four".replace(" ", "")))
        self.assertEqual(self.read("aio.conf"), "[x]\na = one\ttwo\\three\n\tfour\n")

    def test_the_section_is_before_the_last_colon(self):
        self.assertRan(self.aio("config", "-s", "a:b:c", "1"))
        self.assertEqual(self.read("aio.conf"), "[a:b]\nc = 1\n")

    def test_other_bytes_stay(self):
        before = "\ufeff[x]\r\n  a : 1\r\n\t\t\tmore\r\n# é\r\n  b=2\r\n\r\n[y]\r\nc = 3".encode()
        self.write("aio.conf", before)
        self.assertRan(self.aio("config", "-s", "x:b", "9"))
        self.assertEqual((self.folder / "aio.conf").read_bytes(), before.replace(b"b=2", b"b=9"))

    def test_set_needs_only_the_target_to_parse(self):
        self.write("aio.conf", "[aio]\nmodules = no.such\nbad_option = 1\nx = ${nope}\n")
        self.assertStatus(self.aio("config", "-s", "x:a", "1"), OK)
        self.write("aio.conf", "[x]\nbad line\n")
        done = self.aio("config", "-s", "x:a", "1")
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid(r"aio\.conf:2:1: error: ", done.err)
        self.assertEqual(self.read("aio.conf"), "[x]\nbad line\n")

    def test_what_cannot_be_spelled_is_refused_and_nothing_written(self):
        self.write("aio.conf", "[x]\na = 1\n")
        for key, value in (("x:a", "$bad"), ("x:a", r"one\n# two"), ("x:a=b", "1"), ("x:", "1"),
                           ("x:#a", "1"), ("x:a", " blank ")):
            done = self.aio("config", "-s", key, value)
            self.assertNotEqual(done.status, OK, str(done))
            self.assertNotEqual(done.err, "")
            self.assertEqual(self.read("aio.conf"), "[x]\na = 1\n")

    def test_report_cfg_7_a_value_that_cannot_be_seen_is_warned_of(self):
        self.write("aio.conf", "[x]\na = 1\nc = \u200b\n")
        for more in (("--dry-run",), ()):
            done = self.aio("config", "-s", "x:a", "\u200b7", *more)
            self.assertStatus(done, OK)
            self.assertSaid(r"^aio\.conf:2:5: warning: the value of 'a' holds a character that", done.err)
            self.assertNotSaid("'c'", done.err)
        self.assertEqual(self.read("aio.conf"), "[x]\na = \u200b7\nc = \u200b\n")

    def test_a_file_with_a_second_name_is_written_in_place_and_that_is_said(self):
        self.write("aio.conf", "[x]\na = 1\n")
        os.link(self.folder / "aio.conf", self.folder / "other.conf")
        done = self.aio("config", "-s", "x:a", "2")
        self.assertStatus(done, OK)
        self.assertSaid(r"'aio\.conf' was written in place: it has further names", done.err)
        self.assertEqual(self.read("other.conf"), "[x]\na = 2\n")

    def test_dry_run_prints_the_difference_and_writes_nothing(self):
        self.write("aio.conf", "[x]\na = 1\nb = 2\n")
        done = self.aio("config", "-s", "x:a", "9", "--dry-run")
        self.assertRan(done)
        self.assertSaid("^-a = 1$", done.out)
        self.assertSaid(r"^\+a = 9$", done.out)
        self.assertEqual(self.read("aio.conf"), "[x]\na = 1\nb = 2\n")

    def test_a_link_stays_a_link_and_its_target_is_edited(self):
        real = self.write("real/aio.conf", "[x]\na = 1\n")
        os.symlink(real, self.folder / "aio.conf")
        self.assertRan(self.aio("config", "-s", "x:a", "2"))
        self.assertTrue((self.folder / "aio.conf").is_symlink())
        self.assertEqual(real.read_text(), "[x]\na = 2\n")

    def test_the_mode_stays(self):
        path = self.write("aio.conf", "[x]\na = 1\n")
        path.chmod(0o640)
        self.assertRan(self.aio("config", "-s", "x:a", "2"))
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o640)

    @unittest.skipUnless(os.geteuid() == 0, "only root can give files away")
    def test_the_group_stays(self):
        path = self.write("aio.conf", "[x]\na = 1\n")
        os.chown(path, 0, 12)
        self.assertRan(self.aio("config", "-s", "x:a", "2"))
        self.assertEqual((path.stat().st_uid, path.stat().st_gid), (0, 12))

    def test_many_at_once_lose_nothing(self):
        self.write("aio.conf", "[x]\n")
        os.symlink("aio.conf", self.folder / "link.conf")
        argv = [str(AIO), "config", "-f"]
        many = [subprocess.Popen([*argv, ("aio.conf", "link.conf")[n % 2], "-s", f"x:o{n}", str(n)],
                                 cwd=self.folder, env=clean_environment()) for n in range(20)]
        for one in many:
            self.assertEqual(one.wait(), OK)
        lines = self.read("aio.conf").split("\n")
        self.assertEqual(sorted(l for l in lines if "=" in l),
                         sorted(f"o{n} = {n}" for n in range(20)))

    def test_no_temporary_file_is_left(self):
        self.write("aio.conf", "[x]\na = 1\n")
        self.assertRan(self.aio("config", "-s", "x:a", "2"))
        self.assertEqual(os.listdir(self.folder), ["aio.conf"])


class Unset(Case):
    def test_an_option_goes_and_the_rest_stays(self):
        self.write("aio.conf", "[x]\na = 1\n\tmore\n# c\nb = 2\n")
        self.assertRan(self.aio("config", "unset", "x:a"), "")
        self.assertEqual(self.read("aio.conf"), "[x]\n# c\nb = 2\n")

    def test_a_section_goes(self):
        self.write("aio.conf", "[x]\na = 1\n[y]\nb = 2\n[z]\nc = 3\n")
        self.assertRan(self.aio("config", "unset", "y"), "")
        self.assertEqual(self.read("aio.conf"), "[x]\na = 1\n[z]\nc = 3\n")

    def test_what_is_not_there_is_named(self):
        self.write("aio.conf", "[x]\nalpha = 1\n")
        done = self.aio("config", "unset", "x:alhpa")
        self.assertStatus(done, 1)
        self.assertSaid("alhpa", done.err)
        self.assertEqual(self.read("aio.conf"), "[x]\nalpha = 1\n")

    def test_dry_run(self):
        self.write("aio.conf", "[x]\na = 1\n")
        done = self.aio("config", "unset", "x:a", "--dry-run")
        self.assertRan(done)
        self.assertSaid("^-a = 1$", done.out)
        self.assertEqual(self.read("aio.conf"), "[x]\na = 1\n")


if __name__ == "__main__":
    main()
