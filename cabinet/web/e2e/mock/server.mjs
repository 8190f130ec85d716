// A cabinet that only pretends: serves the built pages and invented data with the real API's shapes
// (docs/cabinet-api.yaml), and does on request what is hard to ask of a real one (go away, come back, ring a sale).
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { changes, completeness, full, makeDocument, makeWorld, publicHead, register, totals } from './data.mjs';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
const kTypes = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.png': 'image/png', '.webmanifest': 'application/manifest+json' };
// The same policy as the real cabinet's, so that a page which breaks it fails here.
const kPolicy =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
export const kEmail = 'owner@example.org';
export const kPassword = 'demo-password';

function problem(res, status, code, detail, extra = {}) {
  res.writeHead(status, { 'Content-Type': 'application/problem+json' });
  res.end(JSON.stringify({ type: 'about:blank', title: 'Problem', status, code, detail, ...extra }));
}

function json(res, value, headers = {}) {
  res.writeHead(200, { 'Content-Type': 'application/json', ...headers });
  res.end(JSON.stringify(value));
}

const order = (head) => `${head.datetime}|${head.fn_serial}|${String(head.fd_number).padStart(10, '0')}`;

function list(world, params) {
  const limit = Number(params.get('limit') ?? 50);
  // Like the real one, a search by text looks at so many documents a page, and may then have found none yet.
  const scan = params.get('text') ? 700 : Infinity;
  const types = params.get('type')?.split(',').map(Number);
  const text = params.get('text')?.toLowerCase();
  const min = params.get('min_sum');
  const max = params.get('max_sum');
  const older = world.documents
    .filter((head) => !params.get('before') || order(head) < params.get('before'))
    .sort((a, b) => (order(a) < order(b) ? 1 : -1));
  const looked = older.slice(0, scan);
  const wanted = looked.filter(
    (head) =>
      (!params.get('register') || head.kkt_serial === params.get('register')) &&
      (!types || types.includes(head.type)) &&
      (!params.get('operation') || head.operation === params.get('operation')) &&
      (!params.get('from') || head.datetime.slice(0, 10) >= params.get('from')) &&
      (!params.get('to') || head.datetime.slice(0, 10) <= params.get('to')) &&
      (!min || (head.total_sum ?? -1) >= Number(min)) &&
      (!max || (head.total_sum ?? Infinity) <= Number(max)) &&
      (!text || head.cashier.toLowerCase().includes(text) || String(head.fd_number) === text || head.items.some((item) => item.name.toLowerCase().includes(text))),
  );
  const page = wanted.slice(0, limit);
  if (wanted.length > limit) return { documents: page.map(publicHead), next: order(page[page.length - 1]) };
  return { documents: page.map(publicHead), next: older.length > looked.length ? order(looked[looked.length - 1]) : null };
}

function qrSvg(text) {
  const cells = [];
  const n = 25;
  let state = text.length;
  for (let y = 0; y < n; y += 1) {
    for (let x = 0; x < n; x += 1) {
      state = (Math.imul(state ^ (x * 31 + y * 17), 1664525) + 1013904223) >>> 0;
      if (state & 0x10000) cells.push(`M${x} ${y}h1v1h-1z`);
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-2 -2 ${n + 4} ${n + 4}" shape-rendering="crispEdges"><rect x="-2" y="-2" width="100%" height="100%" fill="#fff"/><path d="${cells.join('')}"/></svg>`;
}

class Mock {
  constructor() {
    this.world = makeWorld();
    this.streams = new Set();
    this.sessions = new Set();
    this.away = false;
    this.empty = false;
    this.permitted = new Set();
    this.commands = [];
  }

  /** Of the first register everything is allowed, of the second X reports, of the others nothing. */
  commandsOf(kkt) {
    const place = this.world.shops.findIndex((shop) => shop.kkt === kkt);
    const said = this.permitted.has(kkt);
    return {
      permitted: said,
      permission_by: said ? kEmail : null,
      permission_at: said ? new Date().toISOString() : null,
      agent_allows: [['x_report', 'close_shift', 'message'], ['x_report']][place] ?? [],
      commands: this.commands.filter((command) => command.kkt === kkt),
    };
  }

  async command(kkt, req, res) {
    let body = '';
    for await (const chunk of req) body += chunk;
    const key = req.headers['idempotency-key'];
    const { kind, text } = JSON.parse(body);
    if (!key) return problem(res, 400, 'bad_value', 'no key', { field: 'Idempotency-Key' });
    const known = this.commands.find((command) => command.key === key);
    if (known) return json(res, known);
    const at = (s) => new Date(Date.now() + s * 1000).toISOString();
    const command = {
      id: `c-${this.commands.length + 1}`, kind, args: text ? { text } : {}, state: 'sent', code: '', detail: '', sent_by: kEmail,
      sent_at: at(0), expires_at: at(900), taken_at: null, finished_at: null, document: null, kkt, key,
    };
    this.commands.unshift(command);
    const step = (change) => {
      Object.assign(command, change);
      this.tell('command', { kkt_serial: kkt, id: command.id });
    };
    setTimeout(() => step({ state: 'taken', taken_at: at(0) }), 100);
    const shop = this.world.shops.find((entry) => entry.kkt === kkt);
    const last = this.world.documents.find((head) => head.kkt_serial === kkt);
    const ends = {
      close_shift: { state: 'done', document: { fn_serial: shop.fn, fd_number: last.fd_number, fiscal_sign: last.fiscal_sign } },
      x_report: { state: 'done' },
      message: { state: 'refused', code: 'no_paper', detail: 'в кассе нет бумаги' },
    };
    setTimeout(() => step({ finished_at: at(0), ...ends[kind] }), 300);
    return json(res, command);
  }

  async permission(kkt, req, res) {
    let body = '';
    for await (const chunk of req) body += chunk;
    if (JSON.parse(body).permitted) this.permitted.add(kkt);
    else this.permitted.delete(kkt);
    return json(res, this.commandsOf(kkt));
  }

  tell(event, data) {
    for (const stream of this.streams) stream.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  sale() {
    const shop = this.world.shops[0];
    const number = Math.max(...this.world.documents.filter((d) => d.kkt_serial === shop.kkt).map((d) => d.fd_number)) + 1;
    // Shift reports have fixed places in the invented numbering; a rung sale is always a receipt.
    const head = { ...makeDocument(shop, 10, new Date()), fd_number: number, ticket_received: false };
    this.world.documents.unshift(head);
    this.tell('document', publicHead(head));
    this.tell('register', { kkt_serial: shop.kkt, completeness: completeness(this.world, shop) });
    return head;
  }

  session(req) {
    const id = /kkt_session=(\w+)/.exec(req.headers.cookie ?? '')?.[1];
    return id && this.sessions.has(id) ? id : null;
  }

  control(path, res) {
    if (path === '/__mock/sale') return json(res, publicHead(this.sale()));
    if (path === '/__mock/away') {
      this.away = true;
      for (const stream of this.streams) stream.destroy();
      return json(res, {});
    }
    if (path === '/__mock/back') this.away = false;
    if (path === '/__mock/empty') this.empty = true;
    if (path === '/__mock/filled') this.empty = false;
    if (path === '/__mock/forget') this.sessions.clear();
    return json(res, {});
  }

  async login(req, res) {
    let body = '';
    for await (const chunk of req) body += chunk;
    const { email, password } = JSON.parse(body);
    if (email !== kEmail || password !== kPassword) return problem(res, 401, 'unauthorized', 'wrong e-mail or password');
    const id = Math.random().toString(36).slice(2);
    this.sessions.add(id);
    return json(res, this.who(), { 'Set-Cookie': `kkt_session=${id}; HttpOnly; SameSite=Strict; Path=/` });
  }

  who() {
    return { user: { email: kEmail, role: 'owner' }, tenant: { name: 'ООО «Ромашка»' }, csrf: '0f3c' };
  }

  events(req, res) {
    res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    res.write(': hello\n\n');
    this.streams.add(res);
    req.on('close', () => this.streams.delete(res));
  }

  post(path, req, res) {
    if (req.headers['x-csrf-token'] !== '0f3c') return problem(res, 403, 'csrf', 'X-CSRF-Token is missing or wrong');
    if (path === '/logout') {
      this.sessions.delete(this.session(req));
      res.writeHead(204).end();
      return undefined;
    }
    const to = /^\/registers\/(\d+)\/(commands|permission)$/.exec(path);
    if (to) return to[2] === 'commands' ? this.command(to[1], req, res) : this.permission(to[1], req, res);
    if (path === '/enrolment-codes') return json(res, { code: 'K7QX29AB', expires_at: new Date(Date.now() + 7_200_000).toISOString() });
    return problem(res, 404, 'not_found', 'no such route');
  }

  get(path, params, res) {
    const { world } = this;
    const document = /^\/documents\/(\d+)\/(\d+)(\/qr\.svg)?$/.exec(path);
    if (path === '/session') return json(res, this.who());
    if (this.empty && path === '/registers') return json(res, { registers: [] });
    if (this.empty && path === '/documents') return json(res, { documents: [], next: null });
    if (path === '/registers') return json(res, { registers: world.shops.map((shop) => register(world, shop)) });
    if (/^\/registers\/\d+\/history$/.test(path)) return json(res, { changes: changes() });
    const of = /^\/registers\/(\d+)\/commands$/.exec(path);
    if (of) return json(res, this.commandsOf(of[1]));
    if (path.startsWith('/registers/')) {
      const shop = world.shops.find((entry) => entry.kkt === path.slice(11));
      if (!shop) return problem(res, 404, 'not_found', 'no such register');
      const { documents_expected, documents_received, full: whole, short } = completeness(world, shop);
      const fns = [{ fn_serial: shop.fn, documents_expected, documents_received, full: whole, short, first_fd: 1, last_fd: documents_expected, first_at: '2026-01-10T08:30:00', last_at: '2026-11-23T10:00:00' }];
      return json(res, { ...register(world, shop), fns, events: world.events });
    }
    if (path === '/documents') return json(res, list(world, params));
    if (document) {
      const head = world.documents.find((entry) => entry.fn_serial === document[1] && entry.fd_number === Number(document[2]));
      if (!head) return problem(res, 404, 'not_found', 'no such document');
      if (!document[3]) return json(res, full(head));
      res.writeHead(200, { 'Content-Type': 'image/svg+xml' });
      return res.end(qrSvg(full(head).qr ?? ''));
    }
    if (path === '/totals') return json(res, totals(world, { group: 'day', ...Object.fromEntries(params) }));
    if (path === '/agents') {
      const at = (s) => new Date(Date.now() - s * 1000).toISOString();
      return json(res, {
        agents: [
          { agent_id: 'a-1f0c', hostname: 'kassa-1', agent_version: '0.1.0', enrolled_at: at(864_000), last_seen: at(7), online: true, registers: ['00106900000001'] },
          { agent_id: 'a-22d1', hostname: 'himki', agent_version: '0.1.0', enrolled_at: at(86_400), last_seen: at(10_800), online: false, registers: ['00106900000113'] },
        ],
      });
    }
    if (path === '/rejected') {
      const at = (s) => new Date(Date.now() - s * 1000).toISOString();
      return json(res, {
        rejected: [
          { fn_serial: '9999078900001234', fd_number: 171, kkt_serial: '00106900000001', code: 'conflict', reason: 'другие байты под тем же номером', rejected_by: 'cabinet', first_at: at(9000), last_at: at(600), times: 2 },
          { fn_serial: '9999078900005678', fd_number: 690, kkt_serial: '00106900000027', code: 'bad_tlv', reason: 'тег 1059: длина 312 больше остатка 290', rejected_by: 'cabinet', first_at: at(90_000), last_at: at(90_000), times: 1 },
          { fn_serial: '9999078900001234', fd_number: 166, kkt_serial: '00106900000001', code: 'bad_tlv', reason: 'документ № 166 не читается: тег 1059: длина 312 больше остатка 290', rejected_by: 'agent', first_at: at(95_000), last_at: at(95_000), times: 1 },
          { fn_serial: null, fd_number: null, kkt_serial: null, code: 'bad_json', reason: 'documents[7].fd_number: not a whole number', rejected_by: 'cabinet', first_at: at(99_000), last_at: at(99_000), times: 1 },
        ],
      });
    }
    return problem(res, 404, 'not_found', 'no such route');
  }

  file(path, res) {
    const name = join(dist, normalize(path === '/' ? '/index.html' : path));
    if (!name.startsWith(dist) || !existsSync(name)) return problem(res, 404, 'not_found', 'no such file');
    res.writeHead(200, { 'Content-Type': kTypes[extname(name)] ?? 'application/octet-stream' });
    return createReadStream(name).pipe(res);
  }

  handle(req, res) {
    res.setHeader('Content-Security-Policy', kPolicy);
    const url = new URL(req.url, 'http://mock');
    if (url.pathname.startsWith('/__mock/')) return this.control(url.pathname, res);
    if (this.away) return req.socket.destroy();
    if (!url.pathname.startsWith('/api/v1')) return this.file(url.pathname, res);
    const path = url.pathname.slice(7);
    if (path === '/login') return this.login(req, res);
    if (!this.session(req)) return problem(res, 401, 'unauthorized', 'not logged in');
    if (path === '/events') return this.events(req, res);
    return req.method === 'POST' ? this.post(path, req, res) : this.get(path, url.searchParams, res);
  }
}

export async function startMock(port = 0) {
  const mock = new Mock();
  const server = createServer((req, res) => void mock.handle(req, res));
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await startMock(Number(process.env.PORT ?? 8099));
  console.log(`mock cabinet: ${url}  ${kEmail} / ${kPassword}`);
}
