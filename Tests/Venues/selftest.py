"""Tests of the local venues and of the checkers beside them: `selftest.py [unittest's arguments]`; some minutes.

Without arguments everything that lies in `*_test.py` of this folder; with some, those: `selftest.py pm_venue_test pm_live_test.Clean`.
`MKT_VENUE_SEED` and `MKT_VENUE_FAULTS` choose another run.
"""

import logging
import os
import sys
import unittest

FOLDER = os.path.dirname(os.path.abspath(__file__))


def main():
    """Runs what was asked for; 1 if anything failed."""
    sys.path.insert(0, FOLDER)
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    loader = unittest.defaultTestLoader
    names = [name for name in sys.argv[1:] if not name.startswith("-")]
    tests = loader.loadTestsFromNames(names) if names else loader.discover(FOLDER, "*_test.py", FOLDER)
    result = unittest.TextTestRunner(verbosity=2).run(tests)
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
