"""Prints "PASSED FAILED" of a test report: ctest's JUnit XML or {"passed": N, "failed": N}. No report is a failure."""
import json
import sys
import xml.etree.ElementTree as xml


def counts(path):
    try:
        if path.endswith(".json"):
            with open(path, encoding="utf-8") as file:
                report = json.load(file)
            return report["passed"], report["failed"]
        suite = xml.parse(path).getroot()
        total = int(suite.get("tests"))
        failed = int(suite.get("failures"))
        skipped = int(suite.get("skipped", 0)) + int(suite.get("disabled", 0))
        # A test that could not run has proved nothing.
        return total - failed - skipped, failed + skipped
    except (OSError, ValueError, KeyError, TypeError, xml.ParseError) as problem:
        print(f"counts: {path}: {problem}", file=sys.stderr)
        return 0, 1


print(*counts(sys.argv[1]))
