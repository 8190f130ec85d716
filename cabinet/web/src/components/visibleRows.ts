// Which rows of a long list are in sight; arithmetic only, apart from the component so that it is tested.
export interface Visible {
  first: number;
  /** One past the last row to draw. */
  last: number;
  nearEnd: boolean;
}

const kOverscan = 8;
const kNear = 20;

export function visibleRows(count: number, rowHeight: number, top: number, height: number): Visible {
  const first = Math.max(0, Math.min(count, Math.floor(top / rowHeight)) - kOverscan);
  const last = Math.min(count, Math.ceil((top + height) / rowHeight) + kOverscan);
  return { first, last, nearEnd: last + kNear >= count };
}
