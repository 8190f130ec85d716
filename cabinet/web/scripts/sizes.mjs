// Prints what a browser loads first and what comes later, plain and gzipped, from the built dist.
import { readFileSync, readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const dist = new URL('../dist/', import.meta.url);
const html = readFileSync(new URL('index.html', dist), 'utf8');
const first = new Set([...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map((m) => m[1]));
const rows = readdirSync(new URL('assets/', dist))
  .map((name) => `assets/${name}`)
  .map((name) => {
    const bytes = readFileSync(new URL(name, dist));
    return { name, first: first.has(name), plain: bytes.length, gzip: gzipSync(bytes).length };
  })
  .sort((a, b) => Number(b.first) - Number(a.first) || b.gzip - a.gzip);
const kib = (n) => `${(n / 1024).toFixed(1).padStart(8)} KiB`;
for (const row of rows) console.log(`${row.first ? 'first' : 'later'} ${kib(row.plain)} ${kib(row.gzip)} gzip  ${row.name}`);
const sum = (list, key) => list.reduce((total, row) => total + row[key], 0);
const firsts = rows.filter((row) => row.first);
console.log(`first load: ${kib(sum(firsts, 'plain'))} plain, ${kib(sum(firsts, 'gzip'))} gzip`);
console.log(`everything: ${kib(sum(rows, 'plain'))} plain, ${kib(sum(rows, 'gzip'))} gzip`);
