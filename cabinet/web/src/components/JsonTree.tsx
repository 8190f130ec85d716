// A document's fields by their FNS names, folded where they nest; sums are also shown as money, and times (the
// register's clock counted as if it were UTC) as clock times.
import { formatMoney } from '../format/money';
import { wallDateTime } from '../format/time';
import { useI18n } from '../i18n';

const kMoney = /(sum|price|^nds\d+$|^ndsNo$|duty)$/i;
const kRate = /^(nds|unitNds)$/;
const kTime = /date(time)?$/i;

function Leaf({ name, value }: { name: string; value: unknown }) {
  const { lang } = useI18n();
  const isTime = typeof value === 'number' && kTime.test(name);
  const isMoney = typeof value === 'number' && kMoney.test(name) && !kRate.test(name);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return (
    <>
      <span className={`json-value json-${typeof value}`}>{text}</span>
      {isTime && <span className="muted"> {wallDateTime(new Date(value * 1000).toISOString())}</span>}
      {isMoney && <span className="muted"> {formatMoney(value, lang)}</span>}
    </>
  );
}

function Node({ name, value, depth }: { name: string; value: unknown; depth: number }) {
  const { n } = useI18n();
  if (value === null || typeof value !== 'object') {
    return (
      <div className="json-line">
        <span className="json-name">{name}</span>
        <Leaf name={name} value={value} />
      </div>
    );
  }
  const entries = Object.entries(value as Record<string, unknown>);
  return (
    <details open={depth < 3} className="json-node">
      <summary>
        <span className="json-name">{name}</span>
        <span className="muted">{n('tree_items', entries.length)}</span>
      </summary>
      <div className="json-inner">
        {entries.map(([key, inner]) => (
          <Node key={key} name={Array.isArray(value) ? `[${Number(key) + 1}]` : key} value={inner} depth={depth + 1} />
        ))}
      </div>
    </details>
  );
}

export function JsonTree({ value }: { value: Record<string, unknown> }) {
  return (
    <div className="json" data-testid="fields">
      {Object.entries(value).map(([key, inner]) => (
        <Node key={key} name={key} value={inner} depth={1} />
      ))}
    </div>
  );
}
