#!/usr/bin/env python3
"""Drives kkt-emulator's ATOL register as a program that shares no code with it: transport v2 over a pty, v3 over a
pty and TCP, from identification to the archive, and compares what it reads with the control API's truth.

Source: docs/sources.md#atol, sections 1 to 7. Usage: third_party_atol_client.py PATH/kkt-emulator
"""
import contextlib
import datetime
import json
import os
import select
import socket
import subprocess
import sys
import tempfile
import termios
import time
import tty
import urllib.request

ENQ, ACK, NAK, EOT, STX, ETX, DLE = b'\x05', b'\x06', b'\x15', b'\x04', b'\x02', b'\x03', b'\x10'


class Refused(Exception):
    def __init__(self, command, code, more):
        super().__init__(f'{command.hex()}: error {code:02X}')
        self.code, self.more = code, more


# ---- lines -----------------------------------------------------------------------------------------------------

class Line:
    def __init__(self, where):
        self.pending = bytearray()
        if os.path.exists(where):
            self.end = None
            self.fd = os.open(where, os.O_RDWR | os.O_NOCTTY)
            tty.setraw(self.fd)
            settings = termios.tcgetattr(self.fd)
            settings[4:6] = [termios.B115200] * 2
            termios.tcsetattr(self.fd, termios.TCSANOW, settings)
        else:
            host, _, port = where.rpartition(':')
            self.end = socket.create_connection((host, int(port)), 5)
            self.fd = self.end.fileno()

    def send(self, octets):
        while octets:
            octets = octets[os.write(self.fd, octets):]

    def octet(self, patience):
        """One byte, or b'' when none came in time."""
        if not self.pending:
            if not select.select([self.fd], [], [], patience)[0]:
                return b''
            got = os.read(self.fd, 4096)
            if not got:
                raise ConnectionError('the line is closed')
            self.pending += got
        return bytes([self.pending.pop(0)])

    def close(self):
        self.end.close() if self.end else os.close(self.fd)


# ---- transports ------------------------------------------------------------------------------------------------

class TransportTwo:
    """ENQ/ACK and stuffed frames."""

    T1, T2, T3, T4, T5, T6 = 0.5, 2.0, 0.5, 0.5, 20.0, 0.5

    def __init__(self, line):
        self.line = line

    def transact(self, request):
        self._announce()
        self._push(request)
        return self._pull()

    def _announce(self):
        for _ in range(5):
            self.line.send(ENQ)
            answer = self.line.octet(self.T1)
            if answer == ACK:
                return
            time.sleep(0.5 if answer in (NAK, ENQ) else 0)
        self.line.send(EOT)
        raise TimeoutError('nobody answers ENQ')

    def _push(self, request):
        body = b''.join(DLE + bytes([b]) if bytes([b]) in (DLE, ETX) else bytes([b]) for b in request) + ETX
        check = 0
        for b in body:
            check ^= b
        for _ in range(10):
            self.line.send(STX + body + bytes([check]))
            if self.line.octet(self.T4) == ACK:
                self.line.send(EOT)
                return
        raise TimeoutError('the frame was not taken')

    def _pull(self):
        assert self.line.octet(self.T5) == ENQ, 'no ENQ before the answer'
        self.line.send(ACK)
        for _ in range(10):
            while (start := self.line.octet(self.T2)) != STX:
                assert start, 'no answer'
            data, check, ended = bytearray(), 0, False
            while not ended:
                b = self.line.octet(self.T6)
                assert b, 'the answer broke off'
                check ^= b[0]
                if b == DLE:
                    b = self.line.octet(self.T6)
                    check ^= b[0]
                    data += b
                elif b == ETX:
                    ended = True
                else:
                    data += b
            if self.line.octet(self.T6) == bytes([check]):
                self.line.send(ACK)
                assert self.line.octet(self.T3) in (EOT, b'')
                return bytes(data)
            self.line.send(NAK)
        raise AssertionError('ten damaged answers')


class TransportThree:
    """Packets and the task buffer."""

    TABLE = []
    for seed in range(256):
        for _ in range(8):
            seed = (seed << 1 ^ 0x31 if seed & 0x80 else seed << 1) & 0xFF
        TABLE.append(seed)

    def __init__(self, line):
        self.line, self.packet_id, self.task_id = line, -1, -1
        self.results = {}
        assert self._call(b'\xc4')[:1] == b'\xa3', 'Abort is not confirmed'

    @classmethod
    def crc(cls, octets):
        value = 0xFF
        for b in octets:
            value = cls.TABLE[value ^ b]
        return value

    def transact(self, request):
        self.task_id = (self.task_id + 1) % 0xE0
        status = self._call(bytes([0xC1, 0x01, self.task_id]) + request)
        if status[0] in (0xA1, 0xA2):
            failed, answer = self._wait(self.task_id)
        else:
            assert status[0] in (0xA3, 0xA4), f'Add is answered by {status.hex()}'
            failed, answer = status[0] == 0xA4, status[1:]
        done = self._call(b'\xc4' if failed else bytes([0xC2, self.task_id]))
        assert done == b'\xa3', f'confirmation is answered by {done.hex()}'
        return answer

    def _wait(self, task, patience=30.0):
        until = time.monotonic() + patience
        while task not in self.results:
            assert time.monotonic() < until, f'no result of task {task:02X}'
            self._receive(0.5)
        return self.results.pop(task)

    def _call(self, data):
        self.packet_id = (self.packet_id + 1) % 0xE0
        whole = bytes([self.packet_id]) + data
        sealed = whole + bytes([self.crc(whole)])
        escaped = sealed[1:].replace(b'\xfd', b'\xfd\xed').replace(b'\xfe', b'\xfd\xee')
        packet = bytes([0xFE, len(data) & 0x7F, len(data) >> 7, self.packet_id]) + escaped
        for _ in range(3):
            self.line.send(packet)
            until = time.monotonic() + 2
            while time.monotonic() < until:
                got = self._receive(0.5)
                if got and got[0] == self.packet_id:
                    return got[1]
        raise TimeoutError(f'packet {packet.hex()} is not answered')

    def _receive(self, patience):
        """The next packet as (id, data), or None; results are put aside by task."""
        while (start := self.line.octet(patience)) != b'\xfe':
            if not start:
                return None
        low, high, number = (self._must() for _ in range(3))
        body = bytes(self._unescaped() for _ in range((low | high << 7) + 1))
        assert self.crc(bytes([number]) + body[:-1]) == body[-1], 'bad CRC'
        data = body[:-1]
        if number == 0xF0:
            assert data[0] in (0xA6, 0xA7)
            self.results[data[1]] = (data[0] == 0xA7, data[2:])
        return number, data

    def _must(self):
        b = self.line.octet(1.0)
        assert b, 'a packet broke off'
        return b[0]

    def _unescaped(self):
        b = self._must()
        assert b != 0xFE
        return {0xEE: 0xFE, 0xED: 0xFD}[self._must()] if b == 0xFD else b


# ---- the application -------------------------------------------------------------------------------------------

def bcd(value, width):
    return bytes.fromhex(f'{value:0{width * 2}d}')


def from_bcd(octets):
    return int(octets.hex())


def tlv(tag, value):
    return tag.to_bytes(2, 'little') + len(value).to_bytes(2, 'little') + value


def split_tlv(octets):
    found = {}
    while octets:
        tag, size = int.from_bytes(octets[:2], 'little'), int.from_bytes(octets[2:4], 'little')
        assert len(octets) >= 4 + size, 'a TLV is cut'
        found.setdefault(tag, []).append(octets[4:4 + size])
        octets = octets[4 + size:]
    return found


class Register:
    OWN_HEAD = {0x3F: b'\x44', 0x4D: b'\x4d', 0x74: b'\x4c', 0xA5: b'\x00'}

    def __init__(self, transport):
        self.transport = transport

    def ask(self, command, parameters=b''):
        """What comes after the answer's own head; Refused for an error."""
        command = bytes.fromhex(command) + parameters
        answer = self.transport.transact(b'\x00\x00' + command)
        head = self.OWN_HEAD.get(command[0])
        if command[0] == 0x45:
            assert answer[:1] == b'\x55' and len(answer) == 3
            return answer[1:]
        if head and answer[:1] == head:
            return answer[1:]
        assert answer[:1] == b'\x55', f'{command.hex()} is answered by {answer.hex()}'
        if answer[1] > 1:
            raise Refused(command, answer[1], answer[2:])
        return answer[2:]

    def refuses(self, code, command, parameters=b''):
        try:
            self.ask(command, parameters)
        except Refused as refused:
            assert refused.code == code, f'{command}: error {refused.code:02X}, not {code:02X}'
            return
        raise AssertionError(f'{command} was not refused')

    def mode(self):
        return self.ask('45')[0]

    def enter(self, mode):
        self.ask('48')
        self.ask('56', bytes([mode]) + bcd(30, 4))

    def register(self, number, first=0, second=0):
        return self.ask('91', bytes([number, first, second]))

    def requisite(self, tag, value):
        self.ask('E8', b'\x00\x01\x00' + tlv(tag, value))

    def item(self, name, price, thousandths, flags=0):
        cost = (price * thousandths + 500) // 1000
        self.ask('EA', b'\x00\x01\x00')
        self.ask('EB', bytes([flags]) + bcd(price, 7) + bcd(thousandths, 5) + bcd(cost, 7) + b'\x01' + bcd(0, 7)
                 + b'\x00\x01\x04\x00' + bcd(0, 7) + b'\x00\x00' + name.encode('cp866').ljust(128, b'\x00'))
        return cost

    def last_fd(self):
        status = self.ask('A4', b'\x30')
        assert len(status) == 30 and status[0] == 3
        return int.from_bytes(status[26:], 'little')

    def document(self, number):
        self.ask('A4', b'\x45' + number.to_bytes(4, 'little'))
        body = b''
        while True:
            part = b''
            while len(part) < 4 or len(part) - 4 < int.from_bytes(part[2:4], 'little'):
                try:
                    part += self.ask('A4', b'\x46')
                except Refused as end:
                    assert end.code == 0xDA and not part, 'a document ends inside a TLV'
                    return body
            body += part

    def poll_report(self, mode):
        seen = []
        until = time.monotonic() + 60
        while time.monotonic() < until:
            now = self.mode()
            if not seen or seen[-1] != now:
                seen.append(now)
            if now == mode:
                return seen
            time.sleep(0.05)
        raise AssertionError(f'the report never ends: {[hex(m) for m in seen]}')


def session(register, truth, model):
    # identify
    kind = register.ask('A5')
    assert kind[2] == model['code'], kind.hex()
    assert kind[10:].decode('cp866') == model['name'], kind[10:]
    assert len(register.ask('9D', b'\x01')[-5:]) == 5
    serial = register.register(0x16)
    assert serial.hex() == model['serial']
    assert from_bcd(register.register(0x18)[:1]) == model['line']
    assert register.ask('A4', b'\x31').decode() == model['fn']
    registration = register.ask('A4', b'\x43')
    assert registration[5:17].decode().strip() == '7707000008'
    register.refuses(0x7A, '69')
    register.refuses(0x8C, '56', b'\x01' + bcd(77, 4))
    register.refuses(0x66, '5A')

    # status
    status = register.ask('3F')
    assert len(status) == 29 and status[13] == model['code']
    clock = datetime.datetime.strptime('20' + status[2:8].hex(), '%Y%m%d%H%M%S')
    assert abs(clock - datetime.datetime.now()) < datetime.timedelta(minutes=2), clock
    assert register.mode() & 0x0F == 0

    # shift, with a cashier of its own
    start = register.last_fd()
    register.requisite(1021, 'Кассир Петрова'.encode('cp866'))
    register.enter(1)
    register.ask('9A', b'\x00')
    assert register.last_fd() == start + 1
    opened = split_tlv(register.document(start + 1))
    assert opened[1021] == ['Кассир Петрова'.encode('cp866')]
    assert register.ask('3F')[8] & 2

    # a sale: two items, card and cash
    cash = from_bcd(register.ask('4D'))
    register.ask('92', b'\x00\x01')
    register.requisite(1008, b'test@example.org')
    total = register.item('Чай', 9950, 2000) + register.item('Сыр', 74900, 333)
    assert from_bcd(register.register(0x14)[:5]) == total
    paid = register.ask('99', b'\x00\x02' + bcd(10000, 5))
    assert from_bcd(paid[:5]) == total - 10000 and from_bcd(paid[5:]) == 0
    register.ask('4A', b'\x00\x01' + bcd(0, 5))
    register.refuses(0x9A, '4A', b'\x00\x01' + bcd(0, 5))
    sale = register.last_fd()
    assert sale == start + 2
    assert from_bcd(register.ask('4D')) == cash + total - 10000
    receipt = split_tlv(register.document(sale))
    assert receipt[1054] == [b'\x01'] and int.from_bytes(receipt[1020][0], 'little') == total
    assert int.from_bytes(receipt[1081][0], 'little') == 10000
    assert [split_tlv(item)[1030][0].decode('cp866') for item in receipt[1059]] == ['Чай', 'Сыр']
    last = register.register(0x33)
    assert from_bcd(last[:5]) == sale and last[5] == 1 and from_bcd(last[6:13]) == total

    # a return
    register.ask('92', b'\x00\x02')
    register.item('Чай', 9950, 1000)
    register.ask('4A', b'\x00\x01' + bcd(0, 5))
    record = register.ask('A4', b'\x40' + (start + 3).to_bytes(4, 'little'))
    assert record[0] == 3 and record[15] == 2 and int.from_bytes(record[16:21], 'little') == 9950

    # X, then Z
    register.enter(2)
    register.ask('67', b'\x01')
    assert register.poll_report(0x02)[-1] == 0x02
    register.enter(3)
    register.ask('5A')
    seen = register.poll_report(0x03)
    assert 0x17 in seen, f'7.1 was not seen: {seen}'
    register.refuses(0x8F, '5A')
    register.ask('48')
    state = register.ask('A4', b'\x10')
    assert state[0] == 0
    end = register.last_fd()
    assert end == start + 4

    # the archive against the truth
    documents = truth()
    assert len(documents) == end
    for number in range(1, end + 1):
        body = register.document(number)
        kind = documents[number - 1]['type']
        whole = kind.to_bytes(2, 'little') + len(body).to_bytes(2, 'little') + body
        assert whole.hex().upper() == documents[number - 1]['tlv_hex'], f'document {number} differs'
    register.refuses(0xDA, 'A4', b'\x45' + (end + 1).to_bytes(4, 'little'))
    queue = register.ask('A4', b'\x20')
    assert int.from_bytes(queue[2:4], 'little') == from_bcd(register.register(0x2C))


@contextlib.contextmanager
def emulator(program, *arguments):
    process = subprocess.Popen([program, 'run', '--family', 'atol', '--control', '127.0.0.1:0', '--print-ms', '30',
                                *arguments], stdout=subprocess.PIPE, text=True)
    try:
        words = process.stdout.readline().split()
        yield words[words.index('line') + 1], words[words.index('control') + 1]
    finally:
        process.terminate()
        process.wait(10)


MODELS = {
    '30f': {'code': 61, 'name': 'АТОЛ 30Ф', 'line': 32},
    '22ptk': {'code': 63, 'name': 'АТОЛ FPrint-22ПТК', 'line': 48},
    '91f': {'code': 82, 'name': 'АТОЛ 91Ф', 'line': 32},
}


def main(program):
    runs = [('pty', 'v2', [TransportTwo], '30f'), ('pty', 'v3', [TransportThree], '22ptk'),
            ('tcp', 'v3', [TransportThree], '91f'), ('pty', 'auto', [TransportTwo, TransportThree], '30f')]
    with tempfile.TemporaryDirectory() as folder:
        for medium, framing, transports, model in runs:
            path = os.path.join(folder, 'kkt')
            listen = f'pty:{path}' if medium == 'pty' else 'tcp:127.0.0.1:0'
            with emulator(program, '--model', model, '--framing', framing, '--listen', listen, '--serial', '00106061000007',
                          '--fn-serial', '9999078900000042') as (line_name, control):
                def truth():
                    with urllib.request.urlopen(control + '/fn/documents', timeout=10) as answer:
                        return json.load(answer)

                facts = dict(MODELS[model], serial='00106061000007', fn='9999078900000042')
                for transport in transports:
                    line = Line(path if medium == 'pty' else line_name.removeprefix('tcp:'))
                    session(Register(transport(line)), truth, facts)
                    line.close()
                    time.sleep(0.1)
                    print(f'{medium} {framing} {transport.__name__}: ok', flush=True)
    print('all sessions passed')


if __name__ == '__main__':
    main(sys.argv[1])
