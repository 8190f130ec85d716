#!/bin/sh
# The first process of the machine in QEMU: real udevd with the shipped rules, real USB stack, four registers on it.
# /host is the folder shared with run.py: results go out as files, what happens as lines on the console.
export PATH=/bin:/sbin:/usr/bin
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
mkdir -p /dev/pts /host /var/kkt /run/udev
mount -t devpts none /dev/pts
mount -t tmpfs none /tmp
while read -r module; do insmod "/lib/modules/$module" || echo "insmod $module failed"; done < /mods
mount -t 9p -o trans=virtio,version=9p2000.L,cache=none host /host || poweroff -f
ip link set lo up
udevd --daemon
udevadm trigger --action=add
udevadm settle
chown kkt:dialout /var/kkt
chmod 700 /var/kkt

say() { echo "$(cut -d' ' -f1 /proc/uptime) $*"; }

# NAME VID:PID PORT-OF-THE-HUB FORM: the registers. Their emulators outlive every cable.
registers='
a 2912:0005 0 two_acm
b 1fc9:0083 1 acm
c 04d9:b534 2 acm
d abcd:1980 3 vendor'
number() { case "$1" in a) echo 1 ;; b) echo 2 ;; c) echo 3 ;; d) echo 4 ;; esac; }

emulator() { # NAME [ARGUMENT...]
    local n; n=$(number "$1"); shift
    kkt-emulator run --model shtrih-m-02f --listen "tcp:127.0.0.1:700$n" --state "/var/register$n.state" --control "127.0.0.1:900$n" \
        --serial "000000000000000$n" --fn-serial "999900000000000$n" --print-ms 20 --preload 60 "$@" >> "/host/emulator$n.log" 2>&1 &
    echo $! > "/tmp/emulator$n.pid"
}
plug() { # NAME PORT [CUT]
    echo "$registers" | while read -r name id _ form; do
        [ "$name" = "$1" ] || continue
        usbip_device "$id" "S000$(number "$name")" "$2" "$form" "127.0.0.1:700$(number "$name")" "${3:-0}" 2>> /host/usb.log &
        echo $! > "/tmp/device-$1.pid"
    done
}
pull() { kill "$(cat "/tmp/device-$1.pid")" 2>/dev/null; }
pulled() { ! kill -0 "$(cat "/tmp/device-$1.pid")" 2>/dev/null; }
agent() {
    setpriv --reuid kkt --regid dialout --clear-groups kkt-agent --config /etc/agent.toml > /host/agent.log 2>&1 &
    agent_pid=$!
}
cpu() { awk '{ print $14 + $15 }' "/proc/$agent_pid/stat"; } # hundredths of a second
descriptors() { ls "/proc/$agent_pid/fd" | wc -l; }
ready() { wget -q -O - http://127.0.0.1:8761/status 2>/dev/null | grep -c '"state": "\(ready\|busy\|reconciling\)"'; }
until_ready() { # COUNT SECONDS
    local left=$(($2 * 5))
    while [ "$(ready)" != "$1" ]; do
        left=$((left - 1))
        [ $left -gt 0 ] || { say "FAIL: not $1 registers within $2 s"; wget -q -O - http://127.0.0.1:8761/status > /host/status-failed.json; return 1; }
        sleep 0.2
    done
}
idle() { # WHAT: cost of five quiet seconds
    sleep 2
    local before; before=$(cpu)
    sleep 5
    say "IDLE $1: $(($(cpu) - before)) hundredths of a second of CPU in 5 s"
}

for name in a b c d; do emulator "$name"; done
agent
sleep 3
until_ready 0 30
idle "no register"
say "fds before: $(descriptors)"

# 1. Everything is plugged in for the first time, and found.
for name in a b c d; do plug "$name" "$(($(number "$name") - 1))"; done
say "plugged"
until_ready 4 120 && say "STEP found"
ls -l /dev/kkt /dev/bus/usb/* /dev/ttyACM* > /host/nodes.txt 2>&1
idle "four registers"
before=$(descriptors)

# 2. Cables are pulled in the middle of documents and put into other ports, round after round, while the registers sell.
for name in a b c d; do kill "$(cat "/tmp/emulator$(number "$name").pid")"; done
sleep 1
for name in a b c d; do emulator "$name" --sales 2/s; done
sleep 2
round=0
while [ $round -lt "${ROUNDS:-3}" ]; do
    round=$((round + 1))
    for name in a b c d; do
        pull "$name"
        while ! pulled "$name"; do sleep 0.05; done
    done
    [ $round != 1 ] || { idle "all cables pulled"; say "fds pulled: $(descriptors)"; }
    # Other ports, another order, and each cable goes again after some bytes: in the middle of whatever goes on.
    for name in d b a c; do plug "$name" "$((($(number "$name") + round) % 4 + 4 * (round % 2)))" $((700 * round + 531 * $(number "$name"))); sleep 0.3; done
    left=600
    for name in a b c d; do while ! pulled "$name" && [ $left -gt 0 ]; do sleep 0.1; left=$((left - 1)); done; done
    say "STEP round $round: every cable cut in mid-byte"
    for name in c a d b; do plug "$name" "$((($(number "$name") + round + 2) % 4))"; done
    until_ready 4 120 && say "STEP round $round: found again"
    ls /dev/ttyACM* | tr '\n' ' ' && echo
    sleep 2
done

# 3. The boot loader is never spoken to: it would cut itself off.
pull b
while ! pulled b; do sleep 0.05; done
plug b 5
until_ready 4 120
pull b
while ! pulled b; do sleep 0.05; done
usbip_device 1fc9:0089 S0002 5 vendor 127.0.0.1:7099 1 2>> /host/usb.log &
loader=$!
sleep 3
wget -q -O - http://127.0.0.1:8761/status > /host/status-loader.json
kill $loader
wait $loader
plug b 5
until_ready 4 120 && say "STEP back from the boot loader"

# 4. The registers stop selling; everything has to arrive.
for name in a b c d; do kill "$(cat "/tmp/emulator$(number "$name").pid")"; done
sleep 1
for name in a b c d; do emulator "$name"; done
until_ready 4 120
sleep 5
say "fds after: $(descriptors) (was $before)"
[ "$(descriptors)" -le $((before + 2)) ] || say "FAIL: descriptors leak"
turn=0
while [ ! -e /host/done ] && [ $turn -lt 120 ]; do
    turn=$((turn + 1))
    for n in 1 2 3 4; do wget -q -O "/host/documents$n.part" "http://127.0.0.1:900$n/fn/documents" && mv "/host/documents$n.part" "/host/documents$n.json"; done
    wget -q -O /host/status.part http://127.0.0.1:8761/status && mv /host/status.part /host/status.json
    kktctl --config /etc/agent.toml --json status > /host/kktctl.json 2> /host/kktctl.err
    sleep 1
done
kill $agent_pid
wait $agent_pid
cp /var/kkt/* /host/journal/
say "STEP end"
poweroff -f
