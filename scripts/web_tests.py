"""The web pages' tests: units, a browser against the mock cabinet, a browser against the real one with a register that sells,
and the page of the agent, without and with a browser. Each writes its own report; the sum goes to ./run. No test may be
skipped."""
import contextlib
import http.server
import json
import os
import re
import sqlite3
import subprocess
import sys
import threading

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


def browser(env, test="cabinet/web/e2e/web.test.mjs"):
    done = subprocess.run(["node", "--test", "--test-reporter=tap", os.path.join(house.ROOT, test)], cwd=WEB, capture_output=True,
                          text=True, timeout=600, env={**os.environ, **env})
    told = {name: int(count) for name, count in re.findall(r"(?m)^# (pass|fail|skipped|cancelled) (\d+)$", done.stdout)}
    failed = told.get("fail", 0) + told.get("cancelled", 0) + told.get("skipped", 0)
    if done.returncode or failed:
        print(done.stdout[-8000:] + done.stderr[-2000:])
        failed = max(failed, 1)
    return told.get("pass", 0), failed


@contextlib.contextmanager
def control(actions):
    """POST /NAME does actions[NAME] and answers with its JSON: what a browser's test asks of the scene around it."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            try:
                status, told = 200, actions[self.path[1:]]() or {}
            except Exception as trouble:  # the test shall say it
                status, told = 500, {"error": str(trouble)}
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def on_the_real_cabinet():
    def forget_sessions():
        with contextlib.closing(sqlite3.connect(os.path.join(cabinet.data, "cabinet.db"), timeout=10)) as store, store:
            store.execute("DELETE FROM session")

    with house.Scene() as scene:
        emulator, cabinet, _ = demo.set_up(scene)
        newcomer = "newcomer@example.org"
        house.run("kkt-cabinet", "init", "--data", cabinet.data, "--email", newcomer, "--tenant", "Новый магазин",
                  "--password-stdin", stdin=cabinet.password + "\n")
        emulator.open_shift()
        for _ in range(170):  # more than three pages of the list
            emulator.sale()
        emulator.give_back()
        demo.arrived(emulator, cabinet)
        with control({"sale": emulator.sale, "away": lambda: cabinet.stop() and None, "back": lambda: cabinet.up() and None,
                      "forget": forget_sessions}) as scene_url:
            return browser({"KB_CABINET_URL": cabinet.url + "/", "KB_EMAIL": cabinet.EMAIL, "KB_PASSWORD": cabinet.password,
                            "KB_EMPTY_EMAIL": newcomer, "KB_SCENE_URL": scene_url})


def on_the_agent():
    with house.Scene() as scene:
        emulator = scene.add(house.Emulator(scene.folder, framing="v1", baud=115200)).up()
        agent = scene.add(house.Agent(scene.folder, None, [emulator.port_url], apis=True)).up()
        house.until("the register is ready", 30, lambda: agent.device()["state"] == "ready")

        def other_fn():
            emulator.cable(False)
            emulator.api.post("/power", {"action": "on"})
            emulator.close_shift()
            emulator.api.post("/fn", {"action": "replace"})
            emulator.cable(True)

        with control({"paper-out": lambda: emulator.api.post("/paper", {"present": False}),
                      "paper-in": lambda: emulator.api.post("/paper", {"present": True}),
                      "cut": lambda: emulator.api.post("/power", {"action": "cut", "at": "after_fn_commit"}),
                      "power": lambda: emulator.api.post("/power", {"action": "on"}), "other-fn": other_fn,
                      "away": lambda: agent.stop() and None, "back": lambda: agent.up() and None}) as scene_url:
            page = json.loads(house.run("kktctl", "--config", agent.config, "--json", "page"))["url"]
            return browser({"KB_AGENT_PAGE": page, "KB_SCENE_URL": scene_url}, "tests/page/page.test.mjs")


def main(report):
    total = {"passed": 0, "failed": 0}
    for name, part in (("units", units), ("browser, mock cabinet", lambda: browser({})),
                       ("browser, real cabinet", on_the_real_cabinet),
                       ("agent's page", lambda: browser({}, "tests/page/meaning.test.mjs")),
                       ("browser, agent's page", on_the_agent)):
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
