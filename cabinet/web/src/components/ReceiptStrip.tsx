// The document as its paper looks: a strip with torn edges, monospaced, QR code at the foot.
import { useState } from 'react';
import { useI18n } from '../i18n';

export function ReceiptStrip({ lines, qrSrc }: { lines: string[]; qrSrc: string | null }) {
  const { t } = useI18n();
  const [qrFailed, setQrFailed] = useState(false);
  return (
    <figure className="strip" aria-label={t('receipt_label')} data-testid="receipt">
      <div className="strip-paper">
      <pre tabIndex={0}>{lines.join('\n')}</pre>
      {qrSrc &&
        (qrFailed ? (
          <p className="strip-qr-failed">{t('qr_failed')}</p>
        ) : (
          <img
            className="strip-qr"
            src={qrSrc}
            alt={t('qr_alt')}
            width={168}
            height={168}
            data-testid="qr"
            onError={() => setQrFailed(true)}
          />
        ))}
      </div>
    </figure>
  );
}
