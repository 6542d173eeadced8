"""Runs every process test against the programs in MKT_BIN, and says so if a part of them cannot run."""

import os
import shutil
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TOOLS = ("pm-feed", "kalshi-feed", "mkt-merge", "mkt-decide", "mkt-sink")


def main():
    folder = os.environ.get("MKT_BIN")
    if not folder:
        sys.exit("MKT_BIN is not set; it names the folder of the built programs: run make test-programs")
    missing = [tool for tool in TOOLS if not os.access(os.path.join(folder, tool), os.X_OK)]
    missing += [tool for tool in ("jq", "sqlite3", "bash") if not shutil.which(tool)]
    if missing:
        sys.exit(f"missing: {', '.join(missing)}; run make test, which builds and installs them")
    os.environ["MKT_BIN"] = os.path.abspath(folder)
    sys.path.insert(0, HERE)
    suite = unittest.defaultTestLoader.discover(HERE, pattern=sys.argv[1] if len(sys.argv) > 1 else "*_test.py")
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    failed = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - failed - len(result.skipped)} passed, {failed} failed, {len(result.skipped)} skipped")
    sys.exit(0 if result.wasSuccessful() and result.testsRun else 1)


if __name__ == "__main__":
    main()
