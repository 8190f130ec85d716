"""The web pages' tests: units, a browser against the mock cabinet, and a browser against the real one with a register that
sells. Each writes its own report; the sum goes to ./run. A test the mock is needed for is not run against the real cabinet:
it has passed before, against the mock."""
import json
import os
import re
import subprocess
import sys

import demo
import house

WEB = os.path.join(house.ROOT, "cabinet", "web")


def units():
    done = subprocess.run(["npx", "--no-install", "vitest", "run", "--reporter=json"], cwd=WEB, capture_output=True, text=True,
                          timeout=300)
    told = json.loads(done.stdout[done.stdout.index("{"):])
    if done.returncode:
        print(done.stdout[-4000:] + done.stderr[-2000:])
    return told["numPassedTests"], told["numFailedTests"] + (0 if told["success"] or told["numFailedTests"] else 1)


def browser(env, may_skip):
    done = subprocess.run(["node", "--test", "--test-reporter=tap", "e2e/web.test.mjs"], cwd=WEB, capture_output=True, text=True,
                          timeout=600, env={**os.environ, **env})
    told = {name: int(count) for name, count in re.findall(r"(?m)^# (pass|fail|skipped|cancelled) (\d+)$", done.stdout)}
    failed = told.get("fail", 0) + told.get("cancelled", 0) + (0 if may_skip else told.get("skipped", 0))
    if done.returncode or failed:
        print(done.stdout[-8000:] + done.stderr[-2000:])
        failed = max(failed, 1)
    return told.get("pass", 0), failed


def on_the_real_cabinet():
    with house.Scene() as scene:
        emulator, cabinet, _ = demo.set_up(scene)
        emulator.open_shift()
        for _ in range(12):
            emulator.sale()
        emulator.give_back()
        demo.arrived(emulator, cabinet)
        return browser({"KB_CABINET_URL": cabinet.url + "/", "KB_EMAIL": cabinet.EMAIL, "KB_PASSWORD": cabinet.password,
                        "KB_SALE_URL": f"http://{emulator.control}/sale"}, may_skip=True)


def main(report):
    total = {"passed": 0, "failed": 0}
    for name, part in (("units", units), ("browser, mock cabinet", lambda: browser({}, may_skip=False)),
                       ("browser, real cabinet", on_the_real_cabinet)):
        try:
            passed, failed = part()
        except (house.Trouble, OSError, ValueError, KeyError, subprocess.SubprocessError) as trouble:
            print(f"{name}: {trouble}")
            passed, failed = 0, 1
        print(f"   web, {name}: {passed} passed, {failed} failed", flush=True)
        total["passed"] += passed
        total["failed"] += failed
    with open(report, "w", encoding="utf-8") as file:
        json.dump(total, file)
    return 0 if total["failed"] == 0 and total["passed"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
