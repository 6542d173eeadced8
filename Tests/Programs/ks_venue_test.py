"""The local Kalshi and its checker, by their self-test."""

import os
import subprocess
import sys
import unittest

SELFTEST = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "Venues", "ks_selftest.py")


class KalshiVenueTests(unittest.TestCase):
    def test_selftest_isGreen(self):
        done = subprocess.run([sys.executable, SELFTEST], capture_output=True, text=True, timeout=900, check=False)
        self.assertEqual(done.returncode, 0, done.stderr[-4000:])


if __name__ == "__main__":
    unittest.main()
