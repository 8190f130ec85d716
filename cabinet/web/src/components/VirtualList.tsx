// A long list that draws only the rows in sight: fixed row height, so a hundred thousand rows cost what a screen costs.
import { useCallback, useEffect, useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import { visibleRows } from './visibleRows';

interface Props<T> {
  rows: readonly T[];
  rowHeight: number;
  keyOf: (row: T) => string;
  renderRow: (row: T, index: number) => ReactNode;
  /** Asked for when the end of what is loaded comes near. */
  onNearEnd: () => void;
  /** Told whether the first row is in sight: new rows above are then seen without a word. */
  onTop?: (atTop: boolean) => void;
  header?: ReactNode;
  footer?: ReactNode;
  label: string;
}

export function VirtualList<T>(props: Props<T>) {
  const { rows, rowHeight, keyOf, renderRow, onNearEnd, onTop, header, footer, label } = props;
  const box = useRef<HTMLDivElement>(null);
  const firstKey = useRef<string | null>(null);
  const [view, setView] = useState({ top: 0, height: 800 });

  const measure = useCallback(() => {
    const element = box.current;
    if (element) setView({ top: element.scrollTop, height: element.clientHeight });
  }, []);

  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [measure]);

  // Rows that arrive above what is being read must not push it away.
  useLayoutEffect(() => {
    const first = rows[0];
    const before = firstKey.current;
    firstKey.current = first === undefined ? null : keyOf(first);
    const element = box.current;
    if (!element || before === null || before === firstKey.current || element.scrollTop < rowHeight) return;
    const moved = rows.findIndex((row) => keyOf(row) === before);
    if (moved > 0) element.scrollTop += moved * rowHeight;
  }, [rows, keyOf, rowHeight]);

  const { first, last, nearEnd } = visibleRows(rows.length, rowHeight, view.top, view.height);
  const atTop = view.top < rowHeight;

  useEffect(() => {
    if (nearEnd) onNearEnd();
  }, [nearEnd, onNearEnd, rows.length]);

  useEffect(() => onTop?.(atTop), [atTop, onTop]);

  return (
    <div className="vlist" ref={box} onScroll={measure} role="table" aria-label={label} aria-rowcount={-1} tabIndex={0}>
      {header}
      <div className="vlist-body" role="rowgroup" style={{ height: rows.length * rowHeight }}>
        {rows.slice(first, last).map((row, offset) => (
          <div
            key={keyOf(row)}
            className="vlist-row"
            role="row"
            aria-rowindex={first + offset + 2}
            style={{ top: (first + offset) * rowHeight, height: rowHeight }}
          >
            {renderRow(row, first + offset)}
          </div>
        ))}
      </div>
      {footer}
    </div>
  );
}
