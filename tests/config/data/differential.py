#!/usr/bin/env python3
"""Runs ini_driver and Python's configparser on the same documents and shows where they differ.

    differential.py DRIVER FIRST COUNT [FILE...]

COUNT generated documents from seed FIRST on, then each FILE on its own. Exit status 1: they differ.
"""
import json
import subprocess
import sys

import gen
import oracle

ERROR_KEYS = ("phase", "kind", "file", "line", "column", "section", "option", "at", "reference",
              "offset")


def comparable(error, like=None):
    """What both sides can vouch for: a cycle is a depth error in Python, found later."""
    out = {k: error[k] for k in ERROR_KEYS if k in error and (like is None or k in like)}
    if out["kind"] in ("InterpolationCycleError", "InterpolationDepthError"):
        out["kind"] = "InterpolationDepthError"
        out.pop("at", None)
    return out


def differences(want, got):
    out = [k for k in ("parsed", "ok", "sections", "raw", "order", "origins")
           if want.get(k) != got.get(k)]
    theirs = [comparable(e) for e in want["errors_all"]]
    ours = [comparable(e, like) for e, like in zip(got["errors_all"], theirs)]
    if theirs != ours or len(want["errors_all"]) != len(got["errors_all"]):
        out.append("errors_all")
    return out


def documents(first, count, paths):
    for seed in range(first, first + count):
        yield "seed %d" % seed, gen.generate(seed)["files"]
    for path in paths:
        with open(path, "rb") as file:
            yield path, [gen.as_item(file.read())]


def main(argv):
    driver = subprocess.Popen(argv[1], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    bad = total = 0
    for name, files in documents(int(argv[2]), int(argv[3]), argv[4:]):
        total += 1
        driver.stdin.write(json.dumps({"files": files}).encode() + b"\n")
        driver.stdin.flush()
        got = json.loads(driver.stdout.readline())
        want = oracle.answer(files, with_origins=True)
        parts = differences(want, got)
        if parts:
            bad += 1
            print("%s differs in %s\n  files  %r" % (name, ", ".join(parts), files))
            for part in parts:
                print("  python %s\n  ours   %s" % (want.get(part), got.get(part)))
    driver.stdin.close()
    print("%d documents, %d differ" % (total, bad))
    return 1 if bad or driver.wait() != 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
