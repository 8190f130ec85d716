"""./run bench [NAME...]: the budgets of the house, each measured on the real programs, as a table and build/bench.json.

A row is {id, value, unit, limit, ratio, budget, ok}: what was measured, the best that could be, and their ratio; `budget`
says what is demanded of the value or the ratio. The exit code is 0 when every measured row is within its budget."""
import argparse
import contextlib
import json
import os
import random
import re
import socket
import sqlite3
import statistics
import subprocess
import sys
import termios
import threading
import time
import tty

import house

BACKLOG = 250_000


def row(name, value, unit, limit, ratio, budget, ok):
    return {"id": name, "value": round(value, 3), "unit": unit, "limit": None if limit is None else round(limit, 3),
            "ratio": None if ratio is None else round(ratio, 3), "budget": budget, "ok": bool(ok)}


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def bare_turns(pty, baud):
    """Seconds the register and this computer need to take turns, beside the line's time: a bare ENQ, answered by ACK;
    ten means of a hundred turns each."""
    enq, eot, turns, bits = b"\x05", b"\x04", 100, 20
    port = os.open(os.path.realpath(pty), os.O_RDWR | os.O_NOCTTY)
    try:
        tty.setraw(port)
        settings = termios.tcgetattr(port)
        settings[4] = settings[5] = getattr(termios, f"B{baud}")
        settings[6][termios.VMIN], settings[6][termios.VTIME] = 0, 20  # a read ends after 2 s
        termios.tcsetattr(port, termios.TCSANOW, settings)
        rounds = []
        for _ in range(10):
            began = time.monotonic()
            for _ in range(turns):
                os.write(port, enq)
                if not os.read(port, 1):
                    raise house.Trouble("the register does not answer a bare ENQ")
            rounds.append(max(0.0, (time.monotonic() - began) / turns - bits / baud))
        os.write(port, eot)
    finally:
        os.close(port)
    return rounds


def read_line():
    """1,000 documents over a pty at 115200, 200 of each other family and framing: the line's own time against the time
    it took. ATOL's v2 makes the two sides take turns five times a command (ENQ, frame, EOT, ACK, ACK, each awaited), and
    no host can be faster than these turns: its limit counts them, measured bare over the same line in the same run."""
    atol_v2_turns = 5
    wanted = [("read_line", "shtrih", "shtrih-m-02f", "v1", 1000), ("read_line shtrih v2", "shtrih", "nano-f", "v2", 200),
              ("read_line elves v1", "elves", "elves-mf", "v1", 200), ("read_line retail v1", "retail", "retail-01f", "v1", 200),
              ("read_line rr v1", "rr", "rr-04f", "v1", 200), ("read_line rr v2", "rr", "rr-04f", "v2", 200),
              ("read_line atol v2", "atol", "30f", "v2", 200), ("read_line atol v3", "atol", "22ptk", "v3", 200)]
    for name, family, model, framing, count in wanted:
        with house.Scene() as scene:
            emulator = scene.add(house.Emulator(scene.folder, family=family, model=model, framing=framing, baud=115200,
                                                extra=["--preload", str(count + 1), "--ofd-silent"])).up(60)
            takes_turns = (family, framing) == ("atol", "v2")
            pty = emulator.listen.partition(":")[2]
            before = bare_turns(pty, 115200) if takes_turns else []
            told = json.loads(house.run("kb_bench_read_line", emulator.port_url, str(count), "1", timeout=300))
            after = bare_turns(pty, 115200) if takes_turns else []
        least, budget = told["wire_seconds"], "ratio >= 0.90"
        if takes_turns:
            turn = statistics.median(before + after)
            least += told["commands"] * atol_v2_turns * turn
            budget += (f" of the protocol's own limit (of the line's: {told['wire_seconds'] / told['elapsed_seconds']:.3f}; "
                       f"bare turn: {turn * 1e6:.0f} us)")
        ratio = least / told["elapsed_seconds"]
        yield row(name, count / told["elapsed_seconds"], "documents/s", count / least, ratio, budget, ratio >= 0.90)


def close_to():
    """From the moment the register has closed a receipt until its row is in the journal, and until the cabinet shows it."""
    sales = 60
    rng = random.Random(1)
    with house.Scene() as scene:
        emulator = scene.add(house.Emulator(scene.folder, framing="v1", baud=115200)).up()
        cabinet = scene.add(house.Cabinet(scene.folder)).init().up().log_in()
        agent = scene.add(house.Agent(scene.folder, cabinet, [emulator.port_url]))
        agent.enrol(cabinet.enrolment_code()).up()
        emulator.open_shift()
        serial = emulator.fn_serial()
        house.until("the cabinet has what was there", 30, lambda: len(list(cabinet.list(fn=serial))) == 2)
        closed, journal_seen, cabinet_seen = {}, {}, {}
        over = threading.Event()

        def watch_journal():
            journal = sqlite3.connect(f"file:{agent.data}/journal.db?mode=ro", uri=True)
            while not over.is_set():
                newest = journal.execute("SELECT max(fd_number) FROM document").fetchone()[0]
                journal_seen.setdefault(newest, time.monotonic())
                time.sleep(0.005)

        def watch_cabinet():
            api = house.Api(cabinet.url, cabinet.ca_file)
            api.headers = cabinet.api.headers
            while not over.is_set():
                newest = api.get(f"/api/v1/documents?fn={serial}&limit=1")["documents"][0]["fd_number"]
                cabinet_seen.setdefault(newest, time.monotonic())
                time.sleep(0.02)

        watchers = [threading.Thread(target=work) for work in (watch_journal, watch_cabinet)]
        for watcher in watchers:
            watcher.start()
        for _ in range(sales):
            document = emulator.sale()
            closed[document["fd_number"]] = time.monotonic()
            time.sleep(rng.uniform(0.3, 2.5))
        time.sleep(4)
        over.set()
        for watcher in watchers:
            watcher.join()

    def delays(seen):
        # A number skipped by the watcher arrived together with the next one it saw.
        return [min(at for number, at in seen.items() if number is not None and number >= fd) - began
                for fd, began in closed.items()]

    for name, seen, limit in (("close_to_journal", journal_seen, 1.5), ("close_to_cabinet", cabinet_seen, 3.0)):
        p99 = percentile(delays(seen), 0.99)
        yield row(name, p99, "s, p99", limit, p99 / limit, f"<= {limit} s", p99 <= limit)


def journal_append():
    """Durable documents per second against raw SQLite with the same rows and batches."""
    with house.Scene() as scene:
        told = json.loads(house.run("kb_bench_journal", "100000", "500", scene.folder, timeout=300))
    yield row("journal_append", told["rows_per_s"], "documents/s", told["raw_rows_per_s"], told["ratio"],
              "ratio >= 0.7", told["ratio"] >= 0.7)


def backlog(scene, cabinet):
    agent = scene.add(house.Agent(scene.folder, cabinet, []))
    told = json.loads(house.run("kb_bench_fill_journal", agent.data, str(BACKLOG), timeout=300))
    return agent, told["fn_serial"]


def drain():
    """A full FN's backlog from the agent's journal over HTTPS to the cabinet's commit, both on this machine."""
    with house.Scene() as scene:
        cabinet = scene.add(house.Cabinet(scene.folder)).init().up().log_in()
        agent, serial = backlog(scene, cabinet)
        agent.enrol(cabinet.enrolment_code())
        store = sqlite3.connect(f"file:{cabinet.data}/cabinet.db?mode=ro", uri=True)
        memory = []
        began = time.monotonic()
        agent.up()

        def all_there():
            memory.append(house.rss_mib(agent.pid))
            return store.execute("SELECT count(*) FROM document").fetchone()[0] == BACKLOG

        house.until("the backlog is drained", 300, all_there, pause=0.25)
        seconds = time.monotonic() - began
    rate = BACKLOG / seconds
    quarter = len(memory) // 4
    growth = max(memory[3 * quarter:]) - max(memory[:quarter + 1])
    print(f"   drain: {seconds:.1f} s, agent memory {min(memory):.1f}..{max(memory):.1f} MiB, "
          f"growth from the first to the last quarter {growth:+.1f} MiB", flush=True)
    yield row("drain", rate, "documents/s", 5000, rate / 5000, ">= 5000 /s, memory flat (growth <= 8 MiB)",
              rate >= 5000 and growth <= 8)


def idle():
    """One register, polled, nothing sold: memory and share of a core over half a minute."""
    with house.Scene() as scene:
        emulator = scene.add(house.Emulator(scene.folder, framing="v1", baud=115200)).up()
        cabinet = scene.add(house.Cabinet(scene.folder)).init().up().log_in()
        agent = scene.add(house.Agent(scene.folder, cabinet, [emulator.port_url]))
        agent.enrol(cabinet.enrolment_code()).up()
        house.until("the register is ready", 30, lambda: agent.device()["state"] == "ready")
        time.sleep(15)
        cpu, at = house.cpu_seconds(agent.pid), time.monotonic()
        time.sleep(30)
        share = (house.cpu_seconds(agent.pid) - cpu) / (time.monotonic() - at) * 100
        memory = house.rss_mib(agent.pid)
    yield row("idle", memory, "MiB RSS", 20, memory / 20, "<= 20 MiB", memory <= 20)
    yield row("idle_cpu", share, "% of a core", 0.3, share / 0.3, "<= 0.3 %", share <= 0.3)


def start():
    """exec until READY=1, with a full FN's documents in the journal; the median of nine."""
    times = []
    with house.Scene() as scene:
        cabinet = scene.add(house.Cabinet(scene.folder)).init().up().log_in()
        agent, _ = backlog(scene, cabinet)
        for _ in range(9):
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
                path = os.path.join(scene.folder, "notify")
                if os.path.exists(path):
                    os.unlink(path)
                notify.bind(path)
                notify.settimeout(20)
                began = time.monotonic()
                agent.start("kkt-agent", "--config", agent.config, env={"NOTIFY_SOCKET": path})
                while b"READY=1" not in notify.recv(4096):
                    pass
                times.append((time.monotonic() - began) * 1000)
                agent.kill()
    middle = percentile(times, 0.5)
    yield row("start", middle, "ms", 300, middle / 300, "<= 300 ms", middle <= 300)


class Till:
    """A shop program that rings receipts over the native API of an agent with a register and a cabinet."""

    def __init__(self, scene, cores=None):
        emulator = scene.add(house.Emulator(scene.folder, framing="v1", baud=115200)).up()
        cabinet = scene.add(house.Cabinet(scene.folder)).init().up().log_in()
        self.agent = scene.add(house.Agent(scene.folder, cabinet, [emulator.port_url], apis=True))
        self.agent.enrol(cabinet.enrolment_code())
        with on_cores(cores):
            self.agent.up()
        house.until("the register is ready", 30, lambda: self.agent.device()["state"] == "ready")
        with open(os.path.join(self.agent.data, "api.token"), encoding="ascii") as file:
            self.token = file.read().strip()
        self.api = house.Api(f"http://127.0.0.1:{self.agent.api_ports['native']}", timeout=90)
        self.api.headers["Authorization"] = f"Bearer {self.token}"
        self.rung = 0

    def hand_in(self):
        self.rung += 1
        self.api.headers["Idempotency-Key"] = f"receipt {self.rung}"
        return self.api.post("/api/v1/devices/default/jobs", {
            "kind": "receipt", "operation": "sell", "cashier": "Иванова А.А.",
            "items": [{"name": "Чай", "price": "12.50", "quantity": 2, "vat": "none"}],
            "payments": {"electronic": "25.00"}})

    def ring(self, meanwhile=None):
        """One receipt to its end; the seconds it took. `meanwhile(path)` is told of its job once that is accepted."""
        began = time.monotonic()
        path = f"/api/v1/jobs/{self.hand_in()['id']}"
        if meanwhile:
            meanwhile(path)
        job = self.api.get(path + "?wait=60")
        if job["state"] != "done":
            raise house.Trouble(f"a receipt is not done: {job}")
        return time.monotonic() - began


@contextlib.contextmanager
def on_cores(cores):
    """Programs started meanwhile run on these cores only; None: on any."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores or before)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def histogram(text, name):
    """(upper bound, how many up to there) of a Prometheus histogram."""
    found = re.findall(rf'^{name}_bucket\{{le="([^"]+)"\}} (\d+)', text, re.MULTILINE)
    return [(float(bound), int(count)) for bound, count in found]


def bare_flushes(folder):
    """Seconds of an fdatasync of one page on this disk, with nothing else going on: what every durable step waits for."""
    times = []
    with open(os.path.join(folder, "flushes"), "wb") as file:
        file.write(b"\0" * 4096)
        for _ in range(300):
            file.seek(0)
            file.write(b"\0" * 4096)
            file.flush()
            began = time.monotonic()
            os.fdatasync(file.fileno())
            times.append(time.monotonic() - began)
    return times


def own_time(receipts, within=None):
    """Rings so many receipts; how long they took, share -> upper bound of the agent's own ms, and bare flushes there."""
    with house.Scene(within=within) as scene:
        till = Till(scene)
        till.ring()  # opens the shift, and so takes two attempts: it is not counted
        took = [till.ring() for _ in range(receipts)]
        _, _, text = till.agent.api.ask("GET", "/metrics", raw=True)
        counts = histogram(text.decode(), "kkt_print_overhead_seconds")
        flushes = bare_flushes(scene.folder)
    measured = counts[-1][1]
    if measured < receipts:
        raise house.Trouble(f"only {measured} of {receipts} receipts were measured")
    return took, lambda share: next(upper for upper, count in counts if count >= share * measured) * 1000, flushes


def print_overhead():
    """200 receipts by the native API, one after the other, on a register with a true line at 115200: what the agent
    itself takes of each, from the request's arrival to its stored end, without the time in which the register is asked or
    answers (kkt_print_overhead_seconds; the p99 is the upper bound of its bucket). Once with the journal in memory, and
    once on this disk, where each receipt waits for three flushes: accepted, begun, ended."""
    for name, within in (("print_overhead", "/dev/shm"), ("print_overhead on disk", None)):
        took, own_ms, flushes = own_time(200, within if within and os.path.isdir(within) else None)
        median, p99 = percentile(flushes, 0.5) * 1000, percentile(flushes, 0.99) * 1000
        print(f"   {name}: median <= {own_ms(0.5):g} ms of receipts of {percentile(took, 0.5) * 1000:.0f} ms; "
              f"a bare flush there: median {median:.2f} ms, p99 {p99:.2f} ms", flush=True)
        budget = 5 if within else 5 + 3 * p99
        yield row(name, own_ms(0.99), "ms, p99", budget, own_ms(0.99) / budget,
                  "<= 5 ms" if within else f"<= 5 ms + 3 flushes of {p99:.2f} ms", own_ms(0.99) <= budget)


def api_rate():
    """How a register and a job are, asked by 16 kept-alive connections without pipelining as fast as they are answered,
    while the very job prints: the whole agent on one core, the askers on the others. And what that costs the receipt,
    against receipts rung in turn with nobody asking."""
    pairs, connections = 12, 16
    cores = sorted(os.sched_getaffinity(0))
    own, others = {cores[0]}, set(cores[1:]) or {cores[0]}
    alone, loaded, answers, seconds, longest = [], [], 0, 0.0, 0.0
    with on_cores(others), house.Scene() as scene:
        till = Till(scene, own)
        askers = scene.add(house.Program("askers", scene.folder))
        till.ring()
        for _ in range(pairs):
            time.sleep(1)  # the one before is read and sent
            alone.append(till.ring())
            time.sleep(1)
            loaded.append(till.ring(lambda job: askers.start(
                "kb_bench_load_status", str(till.agent.api_ports["native"]), till.token, str(connections), "1", "60",
                "/api/v1/devices/default", job)))
            askers.stop()
            told = json.loads(askers.log_tail(1))
            answers += told["answers"]
            seconds += told["seconds"]
            longest = max(longest, told["longest_ms"])
    rate = answers / seconds
    print(f"   api_rate: {answers} answers in {seconds:.1f} s, the slowest after {longest:.1f} ms", flush=True)
    yield row("api_rate", rate, "requests/s", 20000, rate / 20000, ">= 20000 /s on one core", rate >= 20000)
    with_load, without = statistics.median(loaded), statistics.median(alone)
    ratio = with_load / without
    yield row("api_rate receipt", with_load * 1000, "ms, median", without * 1000, ratio,
              "ratio <= 1.05: not delayed", ratio <= 1.05)


BENCHES = {"read_line": read_line, "close_to_journal": close_to, "close_to_cabinet": close_to,
           "print_overhead": print_overhead, "api_rate": api_rate,
           "journal_append": journal_append, "drain": drain, "idle": idle, "start": start}


def table(rows):
    header = ("id", "value", "unit", "limit", "ratio", "budget", "ok")
    lines = [header] + [tuple("" if r[key] is None else ("ok" if r[key] is True else "OVER" if r[key] is False
                              else str(r[key])) for key in header) for r in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines)


def main():
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(BENCHES)}; default: all")
    names = parser.parse_args().names or list(BENCHES)
    for name in names:
        if name not in BENCHES:
            parser.error(f"no benchmark named {name}; there are: {', '.join(BENCHES)}")
    rows = []
    for bench in dict.fromkeys(BENCHES[name] for name in names):
        print(f"== {bench.__doc__}", flush=True)
        try:
            rows.extend(bench())
        except (house.Trouble, OSError, subprocess.SubprocessError, sqlite3.Error, KeyError) as trouble:
            print(f"   {trouble}", flush=True)
            rows.append(row(bench.__name__, 0, "not measured", None, None, str(trouble)[:60], False))
    with open(os.path.join(house.ROOT, "build", "bench.json"), "w", encoding="utf-8") as file:
        json.dump(rows, file, indent=1)
    print(table(rows))
    return 0 if all(r["ok"] for r in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
