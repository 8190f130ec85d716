#!/usr/bin/env python3
"""What kkt-emulator must survive: SIGKILL at any moment, a power cut inside a receipt, a cable pulled out.

Usage: survival.py PATH/kkt-emulator
"""
import json, os, random, signal, subprocess, sys, tempfile, threading, time, urllib.error, urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from third_party_client import Line, Register, V1  # noqa: E402


class Emulator:
    def __init__(self, program, folder, *extra):
        self.path = os.path.join(folder, 'kkt')
        self.process = subprocess.Popen([program, 'run', '--listen', 'pty:' + self.path, '--state',
                                         os.path.join(folder, 'state'), '--control', '127.0.0.1:0', '--print-ms',
                                         '10', *extra], stdout=subprocess.PIPE, text=True)
        words = self.process.stdout.readline().split()
        self.control = words[words.index('control') + 1]

    def call(self, target, body=None):
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(self.control + target, data), timeout=20) as answer:
            return json.load(answer)

    def end(self, how=signal.SIGKILL):
        self.process.send_signal(how)
        self.process.wait(10)


def killed_at_random(program, folder, rounds):
    answered, chance = {}, random.Random(5)
    for _ in range(rounds):
        emulator = Emulator(program, folder)
        killer = threading.Timer(chance.uniform(0.02, 0.25), lambda: emulator.process.kill())
        killer.start()
        try:
            while True:
                done = emulator.call('/sale', {})
                answered[done['fd_number']] = done['tlv_hex']
        except (urllib.error.URLError, ConnectionError, OSError, ValueError):
            pass
        except Exception as broken:  # http.client's own family of broken connections
            assert 'Remote' in str(type(broken)) or 'Incomplete' in str(type(broken)), broken
        killer.join()
        emulator.process.wait(10)
    emulator = Emulator(program, folder)
    documents = emulator.call('/fn/documents')
    assert [d['fd_number'] for d in documents] == list(range(1, len(documents) + 1)), 'gaps'
    for number, tlv in answered.items():
        assert documents[number - 1]['tlv_hex'] == tlv, f'document {number} was answered and is not there'
    emulator.end(signal.SIGTERM)
    assert not os.path.lexists(emulator.path), 'the link stays after the end'
    print(f'{rounds} kills: {len(answered)} answered documents, none lost')


def power_cut(program, folder):
    emulator = Emulator(program, folder)
    if not emulator.call('/state')['shift']['open']:
        emulator.call('/shift/open', {})
    for at, grows in (('before_fn_commit', 0), ('after_fn_commit', 1)):
        before = emulator.call('/state')['fn']['last_fd']
        emulator.call('/power', {'action': 'cut', 'at': at})
        assert not emulator.call('/state')['receipt_open'], f'a receipt is open before {at}'
        line = Line(emulator.path)
        register = Register(V1(line))
        register.wait_printing()
        try:
            register.sell('Чай', 100)
            raise SystemExit('a register without power answered')
        except AssertionError as silent:
            assert 'no answer' in str(silent), silent
        emulator.call('/power', {'action': 'on'})
        line.buffer = b''
        state = emulator.call('/state')
        assert state['fn']['last_fd'] == before + grows, at
        assert state['receipt_open'] == (grows == 0), 'an open receipt outlives the cut, a closed one does not'
        if state['receipt_open']:
            register.ask('88')
        line.close()
        time.sleep(0.1)
    emulator.end()
    print('power cuts: ok')


def cable(program, folder):
    emulator = Emulator(program, folder)
    before = os.readlink(emulator.path)
    line = Line(emulator.path)
    Register(V1(line)).wait_printing()
    emulator.call('/fault', {'kind': 'hang_up'})
    try:
        line.read(1)
        raise SystemExit('the hang-up was not seen')
    except (AssertionError, OSError) as gone:
        assert 'no answer' not in str(gone), 'the hang-up was not seen'
    line.close()
    for _ in range(100):
        if os.path.lexists(emulator.path) and os.path.exists(emulator.path):
            break
        time.sleep(0.05)
    line = Line(emulator.path)
    Register(V1(line)).wait_printing()
    line.close()
    emulator.end()
    print(f'hang-up: {before} -> {os.readlink(emulator.path)}, ok')


def main(program):
    with tempfile.TemporaryDirectory() as folder:
        killed_at_random(program, folder, 12)
        power_cut(program, folder)
        cable(program, folder)


if __name__ == '__main__':
    main(sys.argv[1])
