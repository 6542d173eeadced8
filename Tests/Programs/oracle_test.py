"""Generated sessions of both venues against the oracle: every book at every moment, every trade, every gap, twice the same bytes."""

import concurrent.futures
import os
import tempfile
import unittest

from support import feed, oracle, run

SEEDS = range(1, int(os.environ.get("MKT_ORACLE_SEEDS", "12")) + 1)


def check(venue, profile, seed, folder, options=(), generator=()):
    """Generates, replays twice and checks; gives what is wrong, or nothing."""
    name = os.path.join(folder, f"{venue}-{profile}-{seed}-{'-'.join(options).strip('-')}")
    made = oracle(
        "generate.py", venue, "--seed", seed, "--profile", profile, "--seconds", 90, *generator, "--recording", name + ".rec", "--truth",
        name + ".truth")
    if made.returncode:
        return f"generator: {made.stderr}"
    first = run(feed(venue), "--replay", name + ".rec", "--log-level", "error", *options)
    if first.returncode or first.stderr:
        return f"status {first.returncode}: {first.stderr[:500]}"
    again = run(feed(venue), "--replay", name + ".rec", "--log-level", "error", *options)
    if again.stdout != first.stdout:
        return "two replays differ"
    with open(name + ".events", "wb") as file:
        file.write(first.stdout)
    verify = ["--verify-all"] if "all" in options else []
    checked = oracle("check.py", "--recording", name + ".rec", "--truth", name + ".truth", "--events", name + ".events", *verify)
    if checked.returncode:
        return checked.stdout + checked.stderr
    valid = oracle("validate.py", name + ".events")
    return valid.stdout + valid.stderr if valid.returncode else None


class OracleTests(unittest.TestCase):
    def all_seeds(self, venue, profile, options=(), generator=()):
        with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(2) as pool:
            jobs = {seed: pool.submit(check, venue, profile, seed, folder, options, generator) for seed in SEEDS}
            for seed, job in jobs.items():
                with self.subTest(venue=venue, profile=profile, seed=seed, options=options):
                    self.assertIsNone(job.result())

    def test_polymarket_cleanSessions_everyHashChecked(self):
        self.all_seeds("polymarket", "clean", ("--verify", "all"))

    def test_polymarket_chaos_everyHashChecked(self):
        self.all_seeds("polymarket", "chaos", ("--verify", "all"))

    def test_polymarket_chaos_hashesSampled(self):
        self.all_seeds("polymarket", "chaos", ("--verify", "sample"))

    def test_polymarket_recipeChange_isOneDriftAndNoGap(self):
        self.all_seeds("polymarket", "clean", ("--verify", "all"), ("--recipe-change",))

    def test_kalshi_cleanSessions(self):
        self.all_seeds("kalshi", "clean")

    def test_kalshi_chaos(self):
        self.all_seeds("kalshi", "chaos")

    def test_oracle_failsWhenEventsAreSpoilt(self):
        result = oracle("selftest.py", "--seeds", 2)
        self.assertEqual(result.returncode, 0, result.stdout[-2000:] + result.stderr[-2000:])


if __name__ == "__main__":
    unittest.main()
