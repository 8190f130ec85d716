"""Runs every libFuzzer target a while, from its seeds under tests/fuzz/seeds/NAME, and reports each as one test."""
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def run(program, seconds):
    name = os.path.basename(program).removeprefix("fuzz_")
    seeds = os.path.join(ROOT, "tests", "fuzz", "seeds", name)
    with tempfile.TemporaryDirectory(prefix="kb-fuzz-") as corpus:
        command = [program, f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048", "-max_len=8192",
                   f"-artifact_prefix={ROOT}/build/reports/{name}-", corpus]
        if os.path.isdir(seeds):
            command.append(seeds)
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=seconds + 120)
    return name, done.returncode, done.stderr


def main(folder, seconds, report):
    programs = sorted(os.path.join(folder, name) for name in os.listdir(folder) if name.startswith("fuzz_"))
    passed = failed = 0
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for name, code, log in pool.map(lambda program: run(program, seconds), programs):
            runs = [line for line in log.splitlines() if line.startswith("Done ")]
            print(f"   fuzz {name}: {'ok, ' + runs[0] if code == 0 and runs else 'FAILED'}", flush=True)
            if code == 0:
                passed += 1
            else:
                failed += 1
                print(log[-6000:], flush=True)
    with open(report, "w", encoding="utf-8") as file:
        json.dump({"passed": passed, "failed": failed}, file)
    return 0 if failed == 0 and passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
