"""clang-tidy-16 over the house's sources, in parallel, remembering clean files by content so that a second run is quick."""
import hashlib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# clang 16 reads libstdc++ 12 coroutines only when Asio is told that they are there.
EXTRA = ["--extra-arg=-DBOOST_ASIO_HAS_CO_AWAIT=1", "--extra-arg=-DBOOST_ASIO_HAS_STD_COROUTINE=1",
         "--extra-arg=-Wno-unknown-warning-option", "--extra-arg=-Wno-error"]


def fingerprint(paths):
    digest = hashlib.sha256()
    for path in paths:
        with open(os.path.join(ROOT, path), "rb") as file:
            digest.update(path.encode() + b"\0" + file.read() + b"\0")
    return digest.hexdigest()


def main(build):
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        listed = {os.path.relpath(entry["file"], ROOT) for entry in json.load(file)}
    ours = subprocess.run(["git", "ls-files", "*.cpp", "*.hpp", ".clang-tidy"], cwd=ROOT, capture_output=True,
                          text=True, check=True).stdout.split()
    # A header may change what any source means, so all headers are part of every source's fingerprint.
    headers = fingerprint([path for path in ours if not path.endswith(".cpp")])
    sources = [path for path in ours if path in listed and not path.startswith("tests/")]
    memory_path = os.path.join(build, "tidy-clean.json")
    try:
        with open(memory_path, encoding="utf-8") as file:
            clean = set(json.load(file))
    except (OSError, ValueError):
        clean = set()

    def key(path):
        return hashlib.sha256((headers + fingerprint([path])).encode()).hexdigest()

    todo = [path for path in sources if key(path) not in clean]
    print(f"   {len(sources)} files, {len(sources) - len(todo)} known to be clean", flush=True)

    def tidy(path):
        done = subprocess.run(["clang-tidy-16", "--quiet", "-p", build, *EXTRA, os.path.join(ROOT, path)],
                              capture_output=True, text=True, errors="replace")
        return path, done.returncode, done.stdout + (done.stderr if done.returncode else "")

    bad = 0
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for path, code, log in pool.map(tidy, todo):
            if code == 0:
                clean.add(key(path))
            else:
                bad += 1
                print(log.strip(), flush=True)
    with open(memory_path, "w", encoding="utf-8") as file:
        json.dump(sorted(clean), file)
    print(f"   clang-tidy: {len(todo) - bad} clean, {bad} with findings", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
