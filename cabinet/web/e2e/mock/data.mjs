// Invented shops for the mock cabinet: three registers in different states and a few thousand consistent documents.

const two = (n) => String(n).padStart(2, '0');
export const wall = (d) =>
  `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}T${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
export const day = (d) => wall(d).slice(0, 10);
const shifted = (date, days) => day(new Date(date.getFullYear(), date.getMonth(), date.getDate() + days));

// A small generator with a seed: every run shows the same shop.
function dice(seed) {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

const kGoods = [
  ['Чай чёрный байховый, 100 г', 18990, 11],
  ['Молоко 3,2 % 0,93 л', 9490, 2],
  ['Хлеб «Бородинский» нарезной', 6250, 2],
  ['Кофе в зёрнах «Арабика Бразилия Сантос», пакет с клапаном, 1 кг', 189900, 11],
  ['Яблоки сезонные, кг', 12900, 2],
  ['Пакет-майка', 790, 11],
];

const kShops = [
  { kkt: '00106900000001', model: 'ШТРИХ-М-02Ф', fn: '9999078900001234', address: 'г. Москва, ул. Лесная, д. 7', count: 2400, step: 190 },
  { kkt: '00106900000027', model: 'РИТЕЙЛ-01Ф', fn: '9999078900005678', address: 'г. Тверь, Советская ул., д. 12, павильон 4', count: 900, step: 420 },
  { kkt: '00106900000113', model: 'ЭЛВЕС-МФ', fn: '9999078900009012', address: 'Московская обл., г. Химки, Юбилейный пр-т, д. 3', count: 300, step: 900 },
];

function makeHead(shop, number, at, roll) {
  const base = {
    fn_serial: shop.fn,
    fd_number: number,
    form: 'full',
    datetime: wall(at),
    fiscal_sign: (roll(65536) * 65536 + roll(65536)) >>> 0,
    kkt_serial: shop.kkt,
    shift_number: 1 + Math.floor(number / 60),
    receipt_number: null,
    cashier: number % 3 ? 'Иванова А. П.' : 'Петров С. В.',
    ticket_received: true,
    source: 'archive',
    read_at: at.toISOString(),
    received_at: at.toISOString(),
    findings_count: 0,
    items: [],
  };
  const place = number % 60;
  if (number === 1) return { ...base, type: 1, operation: null, total_sum: null, payments: null, shift_number: null, items_count: 0 };
  if (place === 2) return { ...base, type: 2, operation: null, total_sum: null, payments: null, items_count: 0 };
  if (place === 1) return { ...base, type: 5, operation: null, total_sum: null, payments: null, items_count: 0 };
  const items = Array.from({ length: 1 + roll(4) }, () => {
    const [name, price, vat] = kGoods[roll(kGoods.length)];
    const quantity = 1 + roll(3);
    return { name, price, quantity, sum: price * quantity, nds: vat };
  });
  const sum = items.reduce((total, item) => total + item.sum, 0);
  const cash = roll(3) === 0 ? sum : 0;
  const type = place === 40 ? 31 : 3;
  return {
    ...base,
    type,
    operation: place === 30 ? 'sell_return' : 'sell',
    total_sum: sum,
    payments: { cash, electronic: sum - cash, advance: 0, credit: 0, counter: 0 },
    receipt_number: place,
    items_count: items.length,
    findings_count: place === 50 ? 1 : 0,
    items,
  };
}

export function makeDocument(shop, number, at) {
  return makeHead(shop, number, at, dice(number * 7919 + Number(shop.kkt.slice(-3))));
}

export function makeWorld(now = new Date()) {
  const documents = [];
  for (const shop of kShops) {
    for (let back = 0; back < shop.count; back += 1) {
      const number = shop.count - back;
      const head = makeDocument(shop, number, new Date(now.getTime() - back * shop.step * 1000 - 45_000));
      if (shop === kShops[2] && number > 280 && number <= 294) continue; // 14 documents that have not come
      if (back < 6) head.ticket_received = false;
      if (shop === kShops[1] && number < 500 && head.total_sum !== null) {
        Object.assign(head, { form: 'short', payments: null, items_count: 0, cashier: '', items: [], receipt_number: null });
      }
      documents.push(head);
    }
  }
  const seconds = (n) => new Date(now.getTime() - n * 1000);
  const events = [
    ['info', 'Смена открыта', 3_600],
    ['warning', 'Касса расходится с компьютером на 4 минуты', 9_000],
    ['info', 'Связь с кассой восстановлена', 40_000],
    ['error', 'Порт пропал: EOF', 40_060],
  ].map(([severity, text, age], index) => ({
    id: `e-${index}`,
    at: seconds(age).toISOString(),
    kind: 'device_state',
    severity,
    text,
    kkt_serial: '',
    fn_serial: null,
    fd_number: null,
  }));
  return { shops: kShops, documents, events, now };
}

const kCost = {
  too_old: 'Без обновления касса не сможет применять ставку НДС 22 %.',
  missing: 'Прошивка не обновится сама: обновлять придётся мастеру с кабелем.',
  failing: 'Карта отказывает: обновление может прерваться на середине.',
};

function live(index, now) {
  const at = new Date(now.getTime() - 4_000).toISOString();
  const common = { family: 'shtrih', inn: '7707000008', user: 'ООО «Ромашка»', ffd: '1.2', agent_id: 'a-1f0c', waits_for_continue: false, cover: 'closed', cash_in_drawer: 1500050 };
  const shift = { open: true, shift_number: 41, receipt_number: 17, over_24h: false, opened_at: `${day(now)}T08:58:00` };
  const fn = { phase: 3, last_document_at: wall(now), documents_left: 227600, warnings: [], serial_production: true, expires_on: shifted(now, 412) };
  const ofd = { unsent_documents: 0, first_unsent_fd: null, first_unsent_at: null, connected: true, last_ofd_code: 0, server: 'ofd.example.org:7777' };
  const firmware = { version: 'C.3', build: 56789, date: '2026-06-01', verdict: 'current', known_current: null, cost: '', advice: '', confidence: 'vendor_code', source: 'драйвер производителя (javapos): объёмно-сортовой учёт с 31.05.2023' };
  const card = { verdict: 'present', cost: '', total_bytes: 3_900_000_000, free_bytes: 3_100_000_000, io_errors: 0 };
  if (index === 0) {
    return { ...common, agent_hostname: 'kassa-1', online: true, last_seen: at, sample_at: at, state: 'ready', state_reason: '', mode: 'shift_open', paper: 'present', shift, fn, ofd: { ...ofd, unsent_documents: 6, first_unsent_fd: 2395, first_unsent_at: wall(now) }, clock_drift_s: 3, firmware, sd_card: card };
  }
  if (index === 1) {
    return {
      ...common, agent_hostname: 'tver-pc', online: true, last_seen: at, sample_at: at, state: 'reconciling', state_reason: '', mode: 'shift_open', paper: 'absent',
      shift: { ...shift, shift_number: 15, over_24h: true, opened_at: `${shifted(now, -1)}T08:10:00` },
      fn: { ...fn, expires_on: shifted(now, 21), warnings: ['key_expires_soon', 'ofd_overdue'] },
      ofd: { ...ofd, unsent_documents: 212, first_unsent_fd: 689, first_unsent_at: `${shifted(now, -11)}T12:00:00`, connected: false },
      clock_drift_s: -246, firmware: { ...firmware, version: 'B.9', build: 41200, date: '2023-03-15', verdict: 'too_old', cost: kCost.too_old, confidence: 'guess', source: 'по сходству с РИТЕЙЛ-01Ф' },
      sd_card: { verdict: 'failing', cost: kCost.failing, total_bytes: 3_900_000_000, free_bytes: 12_000_000, io_errors: 4 },
    };
  }
  const past = new Date(now.getTime() - 3 * 3_600_000).toISOString();
  return { ...common, agent_hostname: 'himki', online: false, last_seen: past, sample_at: past, state: 'ready', state_reason: '', mode: 'shift_closed', paper: 'unknown', cover: 'unknown', shift: { ...shift, open: false, shift_number: 5, opened_at: null }, fn: { ...fn, documents_left: null }, ofd, clock_drift_s: null, cash_in_drawer: null, firmware: { ...firmware, version: 'A.1', build: 0, date: null, verdict: 'unknown', cost: '', advice: 'Какая прошивка ЭЛВЕС-МФ достаточно нова, кабинету не известно. Назовите версию прошивки сервисному центру и спросите про НДС 22 % и ФФД 1.2.', confidence: null, source: '' }, sd_card: { verdict: 'missing', cost: kCost.missing, total_bytes: null, free_bytes: null, io_errors: 0 } };
}

export function completeness(world, shop) {
  const held = world.documents.filter((head) => head.kkt_serial === shop.kkt);
  const expected = Math.max(shop.count, ...held.map((head) => head.fd_number));
  const missing = expected - held.length;
  return {
    documents_expected: expected,
    documents_received: held.length,
    full: held.filter((head) => head.form === 'full').length,
    short: held.filter((head) => head.form === 'short').length,
    complete: missing === 0,
    missing_ranges: missing ? [{ fn_serial: shop.fn, from: 281, to: 294 }] : [],
  };
}

export function register(world, shop) {
  const last = publicHead(world.documents.find((head) => head.kkt_serial === shop.kkt));
  const state = live(kShops.indexOf(shop), world.now);
  return {
    kkt_serial: shop.kkt,
    model: shop.model,
    kkt_reg_number: '0000000001011546',
    address: shop.address,
    ...state,
    fn: { ...state.fn, fn_serial: shop.fn, last_fd_number: last.fd_number },
    completeness: completeness(world, shop),
    last_document: last,
  };
}

export function publicHead(head) {
  const shown = { ...head };
  delete shown.items;
  return shown;
}

const kWidth = 42;
const pair = (left, right) => left + ' '.repeat(Math.max(1, kWidth - left.length - right.length)) + right;
const center = (text) => ' '.repeat(Math.max(0, Math.floor((kWidth - text.length) / 2))) + text;
const rub = (kopecks) => `=${Math.floor(kopecks / 100)}.${two(kopecks % 100)}`;
const kNames = { 1: 'ОТЧЁТ О РЕГИСТРАЦИИ', 2: 'ОТЧЁТ ОБ ОТКРЫТИИ СМЕНЫ', 3: 'КАССОВЫЙ ЧЕК', 5: 'ОТЧЁТ О ЗАКРЫТИИ СМЕНЫ', 31: 'КАССОВЫЙ ЧЕК КОРРЕКЦИИ' };

export function paper(head) {
  const lines = [center('ООО «Ромашка»'), center('г. Москва, ул. Лесная, д. 7'), '', center(kNames[head.type] ?? 'ДОКУМЕНТ')];
  if (head.operation) lines.push(center(head.operation === 'sell' ? 'ПРИХОД' : 'ВОЗВРАТ ПРИХОДА'));
  lines.push('-'.repeat(kWidth));
  for (const item of head.items) {
    for (let at = 0; at < item.name.length; at += kWidth) lines.push(item.name.slice(at, at + kWidth));
    lines.push(pair(`  ${item.quantity} x ${(item.price / 100).toFixed(2)}`, rub(item.sum)));
  }
  if (head.total_sum !== null) {
    lines.push('-'.repeat(kWidth), pair('ИТОГ', rub(head.total_sum)));
    if (head.payments) lines.push(pair('НАЛИЧНЫМИ', rub(head.payments.cash)), pair('БЕЗНАЛИЧНЫМИ', rub(head.payments.electronic)));
  }
  lines.push('', pair('ЗН ККТ', head.kkt_serial), pair('ФН', head.fn_serial), pair('ФД', String(head.fd_number)), pair('ФП', String(head.fiscal_sign).padStart(10, '0')), pair(head.datetime.slice(0, 10), head.datetime.slice(11, 16)));
  return lines;
}

export function full(head) {
  const qr = head.total_sum === null ? null : `t=${head.datetime.slice(0, 16).replace(/[-:]/g, '')}&s=${(head.total_sum / 100).toFixed(2)}&fn=${head.fn_serial}&i=${head.fd_number}&fp=${head.fiscal_sign}&n=1`;
  const json = {
    fiscalDriveNumber: head.fn_serial, fiscalDocumentNumber: head.fd_number, dateTime: head.datetime, fiscalSign: head.fiscal_sign,
    shiftNumber: head.shift_number, operator: head.cashier, totalSum: head.total_sum, cashTotalSum: head.payments?.cash ?? 0, ecashTotalSum: head.payments?.electronic ?? 0,
    items: head.items.map((item) => ({ ...item, paymentType: 4, productType: 1 })),
  };
  return {
    head: publicHead(head),
    items: [],
    findings: head.findings_count ? [{ check: 'total', severity: 'error', text: 'Сумма позиций не равна итогу', field: '3/1020' }] : [],
    json: head.form === 'short' ? null : json,
    tlv_hex: '0300DC00'.concat(Buffer.from(JSON.stringify(json)).toString('hex').toUpperCase()).slice(0, 1200),
    qr,
    paper: paper(head),
  };
}

function emptySums() {
  return { revenue: 0, sales: 0, returns: 0, receipts: 0, return_receipts: 0, purchases: 0, purchase_returns: 0, correction_receipts: 0, corrections: 0, payments: { cash: 0, electronic: 0, advance: 0, credit: 0, counter: 0, unknown: 0 }, vat: [] };
}

function add(sums, head) {
  if (head.total_sum === null) return;
  const sign = head.operation === 'sell' ? 1 : -1;
  if (head.type === 31) {
    sums.correction_receipts += 1;
    sums.corrections += sign * head.total_sum;
    return;
  }
  sums.revenue += sign * head.total_sum;
  if (sign > 0) {
    sums.sales += head.total_sum;
    sums.receipts += 1;
  } else {
    sums.returns += head.total_sum;
    sums.return_receipts += 1;
  }
  if (!head.payments) sums.payments.unknown += sign * head.total_sum;
  else for (const [kind, sum] of Object.entries(head.payments)) sums.payments[kind] += sign * sum;
  for (const item of head.items) {
    const rate = item.nds === 2 ? ['10%', 10, 110] : ['22%', 22, 122];
    let entry = sums.vat.find((vat) => vat.code === item.nds);
    if (!entry) sums.vat.push((entry = { code: item.nds, rate: rate[0], sum: 0 }));
    entry.sum += sign * Math.round((item.sum * rate[1]) / rate[2]);
  }
}

/** The missing numbers lie between two held documents; so do their dates. The silent shop has a clock that stopped. */
function periodCompleteness(world, shop, from, to) {
  const held = world.documents.filter((head) => head.kkt_serial === shop.kkt);
  const edge = (number) => held.find((head) => head.fd_number === number)?.datetime ?? null;
  const ranges = completeness(world, shop)
    .missing_ranges.map((range) => ({ ...range, not_before: edge(range.from - 1), not_after: edge(range.to + 1) }))
    .filter((range) => (!range.not_after || range.not_after.slice(0, 10) >= from) && (!range.not_before || range.not_before.slice(0, 10) <= to))
    .map((range) => ({ ...range, certain: (range.not_before ?? '') >= from && (range.not_after ?? '9').slice(0, 10) <= to }));
  const count = (list) => list.reduce((n, range) => n + range.to - range.from + 1, 0);
  const { online, sample_at } = register(world, shop);
  const since = sample_at && wall(new Date(sample_at));
  const silent = !online && (!since || since < `${to}T23:59:59`);
  return {
    kkt_serial: shop.kkt, model: shop.model, missing: count(ranges.filter((range) => range.certain)), missing_at_most: count(ranges),
    silent, silent_since: silent ? since : null, complete: ranges.length === 0 && !silent, missing_ranges: ranges,
  };
}

export function totals(world, { from, to, register: kkt, group }) {
  const total = emptySums();
  const buckets = new Map();
  for (const head of world.documents) {
    const date = head.datetime.slice(0, 10);
    if (date < from || date > to || (kkt && head.kkt_serial !== kkt) || head.total_sum === null) continue;
    const key = group === 'register' ? head.kkt_serial : head.datetime.slice(0, group === 'hour' ? 13 : 10);
    if (!buckets.has(key)) buckets.set(key, { key, ...emptySums() });
    add(total, head);
    add(buckets.get(key), head);
  }
  const shops = world.shops.filter((shop) => !kkt || shop.kkt === kkt);
  return {
    from, to, group, total,
    buckets: [...buckets.values()].sort((a, b) => (a.key < b.key ? -1 : 1)),
    completeness: shops.map((shop) => periodCompleteness(world, shop, from, to)),
  };
}

/** What changed about a register: the first look, then a bad week. */
export function changes() {
  const ago = (hours) => new Date(Date.now() - hours * 3_600_000).toISOString();
  const list = [
    [2, 'paper', 'present', 'absent'], [3, 'paper', 'absent', 'present'], [20, 'sd_card', 'failing', 'present'],
    [26, 'agent', 'heard', 'silent'], [40, 'agent', 'silent', 'heard'], [50, 'register', 'reached', 'absent'],
    [51, 'register', 'absent', 'reached'], [60, 'cover', 'closed', 'open'], [61, 'cover', 'open', 'closed'],
    [200, 'firmware', 'C.3.56789 2026-06-01', 'C.3.51000 2024-02-01'], [900, 'fn', '9999078900001234', '9999078900000999'],
    [2000, 'paper', 'present', null], [2000, 'register', 'reached', null],
  ];
  return list.map(([hours, what, value, was]) => ({ at: ago(hours), what, value, was }));
}
