"""Runs a folder of unittest files, one line a test, and writes {"passed", "failed"} for ./run."""
import json
import os
import sys
import time
import unittest


class OneLineResult(unittest.TestResult):
    passed = 0

    def startTest(self, test):
        super().startTest(test)
        self.began = time.monotonic()
        print(f"   {test.shortDescription() or test.id()} ... ", end="", flush=True)

    def _end(self, word):
        print(f"{word} ({time.monotonic() - self.began:.1f} s)", flush=True)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1
        self._end("ok")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._end("FAILED")
        print(self.failures[-1][1], flush=True)

    def addError(self, test, err):
        super().addError(test, err)
        if hasattr(test, "shortDescription") and hasattr(self, "began"):
            self._end("ERROR")
        print(self.errors[-1][1], flush=True)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._end(f"SKIPPED: {reason}")


def main(folder, report):
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    sys.path[:0] = [os.path.join(root, "scripts"), os.path.join(root, folder)]
    suite = unittest.defaultTestLoader.discover(os.path.join(root, folder), pattern="test_*.py",
                                                top_level_dir=os.path.join(root, folder))
    result = OneLineResult()
    suite.run(result)
    failed = len(result.failures) + len(result.errors) + len(result.skipped)
    with open(os.path.join(root, report), "w", encoding="utf-8") as file:
        json.dump({"passed": result.passed, "failed": failed}, file)
    return 0 if failed == 0 and result.passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
