"""Greps the includes of each room against the arrows of docs/architecture.md. Exit 1 and one line per offence."""
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# A room may include itself and these. The longest matching prefix of a path decides which room it is in.
MAY_INCLUDE = {
    "protocol/core": [],
    "protocol/fiscal": ["protocol/core"],
    "protocol/shtrih": ["protocol/core", "protocol/fiscal"],
    "protocol/atol": ["protocol/core", "protocol/fiscal"],
    "protocol/cabinet": ["protocol/core", "protocol/fiscal"],
    "drivers": ["protocol/core", "protocol/fiscal", "protocol/shtrih", "protocol/atol"],
    # Emulators stand on the core alone, so that neither a driver's nor a codec's mistake can hide in them.
    "drivers/emulator": ["protocol/core", "drivers/asio.hpp"],
    "storage": ["protocol/core", "protocol/fiscal"],
    "config": [],
    "http": ["protocol/core"],
    "agent": ["drivers", "storage", "protocol", "config", "http"],
    "cabinet": ["config", "http", "storage/database.hpp", "protocol/cabinet", "protocol/core", "protocol/fiscal"],
}
# Nothing but tests and the program kkt-emulator may reach for these.
PRIVATE = ["drivers/emulator"]
# Each make's face of the emulator: it knows the virtual register, the virtual register knows no make.
with open(os.path.join(ROOT, "drivers/emulator/makes.def"), encoding="utf-8") as makes:
    for make in re.findall(r"^KB_MAKE\((\w+)\)", makes.read(), re.M):
        MAY_INCLUDE[f"drivers/{make}/emulator"] = ["protocol/core", "drivers/emulator"]
        PRIVATE.append(f"drivers/{make}/emulator")

PURE_FORBIDDEN = re.compile(
    r"<(boost/|asio|thread|mutex|fstream|filesystem|iostream|spdlog|sys/|unistd|fcntl|windows|netinet|random)")
PLATFORM = re.compile(
    r"<(sys/|unistd\.h|fcntl\.h|termios|poll\.h|netinet|arpa/|dirent\.h|windows\.h|winsock|linux/|asm/|signal\.h|pty\.h|grp\.h|pwd\.h|libudev)")
PLATFORM_ROOMS = ("drivers/transport/", "agent/service/")


def belongs(path, place):
    """A folder's files, or a file in parts: drivers/shtrih/emulator.cpp, emulator_tables.cpp."""
    return path == place or path.startswith((place + "/", place + ".", place + "_"))


def room_of(path):
    fits = [room for room in MAY_INCLUDE if belongs(path, room)]
    return max(fits, key=len, default=None)


def inside(path, places):
    return any(belongs(path, place) for place in places)


def offences(path, text):
    room = room_of(path)
    for number, line in enumerate(text.splitlines(), 1):
        found = re.match(r'\s*#\s*include\s+(["<])([^">]+)', line)
        if not found:
            continue
        kind, target = found.groups()
        where = f"{path}:{number}"
        if kind == '"' and room_of(target):
            if not inside(target, [room, *MAY_INCLUDE[room]]):
                yield f"{where}: {room} may not include {target}"
            if inside(target, PRIVATE) and not inside(path, PRIVATE):
                yield f"{where}: only tests and kkt-emulator may include {target}"
        if path.startswith("protocol/") and PURE_FORBIDDEN.search(f"<{target}"):
            yield f"{where}: protocol/ is pure, it may not include <{target}>"
        if kind == "<" and PLATFORM.search(f"<{target}"):
            allowed = path.startswith(PLATFORM_ROOMS) and path.endswith(("_posix.cpp", "_windows.cpp"))
            if not allowed and not inside(path, PRIVATE):
                yield f"{where}: platform header <{target}> outside a *_posix.cpp / *_windows.cpp pair"


def main():
    files = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "*.cpp", "*.hpp"], cwd=ROOT,
                           capture_output=True, text=True, check=True).stdout.split()
    found = []
    for path in files:
        if room_of(path):
            with open(os.path.join(ROOT, path), encoding="utf-8") as file:
                found.extend(offences(path, file.read()))
    print("\n".join(found) if found else f"layering: {len(files)} files keep to their rooms")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
