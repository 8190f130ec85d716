// Bytes as a technician reads them: offset, then eight or sixteen bytes a line.
import { useMemo } from 'react';
import { useNarrow } from './Bits';

export function HexView({ hex }: { hex: string }) {
  const perLine = useNarrow() ? 8 : 16;
  const text = useMemo(() => {
    const bytes = hex.match(/../g) ?? [];
    const lines: string[] = [];
    for (let at = 0; at < bytes.length; at += perLine) {
      const offset = at.toString(16).toUpperCase().padStart(4, '0');
      lines.push(`${offset}  ${bytes.slice(at, at + perLine).join(' ')}`);
    }
    return lines.join('\n');
  }, [hex, perLine]);
  return (
    <pre className="hex" data-testid="hex" tabIndex={0}>
      {text}
    </pre>
  );
}
