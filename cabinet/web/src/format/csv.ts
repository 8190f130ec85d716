// Tables as CSV for Russian spreadsheets: semicolons, a byte order mark, CRLF.

/** Quotes what needs it, and keeps a text from being taken for a formula by the spreadsheet. */
export function csvCell(value: string | number, isNumber = typeof value === 'number'): string {
  let text = String(value);
  if (!isNumber && /^[=+\-@\t\r]/.test(text)) text = `'${text}`;
  return /[";\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export interface CsvNumber {
  number: string;
}

export type CsvValue = string | number | CsvNumber;

export function toCsv(rows: CsvValue[][]): string {
  const line = (row: CsvValue[]) =>
    row.map((cell) => (typeof cell === 'object' ? csvCell(cell.number, true) : csvCell(cell))).join(';');
  return `\ufeff${rows.map(line).join('\r\n')}\r\n`;
}

export function download(name: string, text: string, type = 'text/csv;charset=utf-8'): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser needs the address a moment longer than the click.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
