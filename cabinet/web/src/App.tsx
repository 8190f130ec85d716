// Decides what is on the screen: login, or the shell with the page the address names.
import { App as AntApp, ConfigProvider } from 'antd';
import enUS from 'antd/locale/en_US';
import ruRU from 'antd/locale/ru_RU';
import dayjs from 'dayjs';
import 'dayjs/locale/ru';
import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import { call, setCsrf, setSessionLostHandler } from './api/client';
import type { Session } from './api/types';
import { asApiError } from './api/useQuery';
import { ErrorNet } from './components/ErrorNet';
import { EmptyNote, ProblemNote } from './components/Notes';
import { Shell } from './components/Shell';
import { useI18n } from './i18n';
import type { ApiError } from './api/client';
import { href, parseHash, useHash } from './router';
import { antdTheme, useDark } from './theme';

const LoginPage = lazy(() => import('./pages/LoginPage'));
const RegistersPage = lazy(() => import('./pages/RegistersPage'));
const RegisterPage = lazy(() => import('./pages/RegisterPage'));
const DocumentsPage = lazy(() => import('./pages/DocumentsPage'));
const TotalsPage = lazy(() => import('./pages/TotalsPage'));
const ConnectPage = lazy(() => import('./pages/ConnectPage'));
const RejectedPage = lazy(() => import('./pages/RejectedPage'));

type Gate =
  | { kind: 'asking' }
  | { kind: 'failed'; error: ApiError }
  | { kind: 'out'; sessionOver: boolean }
  | { kind: 'in'; session: Session };

async function readSession(): Promise<Gate> {
  try {
    const session = await call<Session>('/session', { keepsSession: true });
    setCsrf(session.csrf);
    return { kind: 'in', session };
  } catch (error) {
    const problem = asApiError(error);
    return problem.status === 401 ? { kind: 'out', sessionOver: false } : { kind: 'failed', error: problem };
  }
}

function useGate(): [Gate, () => void] {
  const [gate, setGate] = useState<Gate>({ kind: 'asking' });
  const [round, setRound] = useState(0);
  useEffect(() => {
    let wanted = true;
    setSessionLostHandler(() =>
      setGate((old) => (old.kind === 'in' ? { kind: 'out', sessionOver: true } : old)),
    );
    void readSession().then((next) => {
      if (wanted) setGate(next);
    });
    return () => {
      wanted = false;
    };
  }, [round]);
  return [gate, () => setRound((n) => n + 1)];
}

function Page() {
  const { t } = useI18n();
  const { path } = parseHash(useHash());
  const [section = 'registers', id] = path;
  switch (section) {
    case 'registers':
      return id ? <RegisterPage key={id} kktSerial={id} /> : <RegistersPage />;
    case 'documents':
      return <DocumentsPage />;
    case 'totals':
      return <TotalsPage />;
    case 'connect':
      return <ConnectPage />;
    case 'rejected':
      return <RejectedPage />;
    default:
      return (
        <EmptyNote title={t('page_missing')} cure={t('page_missing_cure')}>
          <a href={href(['registers'])}>{t('nav_registers')}</a>
        </EmptyNote>
      );
  }
}

function Waiting() {
  const { t } = useI18n();
  return (
    <div className="waiting" role="status">
      <span className="waiting-bar" />
      <span className="visually-hidden">{t('loading')}</span>
    </div>
  );
}

function Gated() {
  const [gate, again] = useGate();
  switch (gate.kind) {
    case 'asking':
      return <Waiting />;
    case 'failed':
      return (
        <main className="gate">
          <ProblemNote error={gate.error} onRetry={again} />
        </main>
      );
    case 'out':
      return <LoginPage sessionOver={gate.sessionOver} onLoggedIn={again} />;
    case 'in':
      return (
        <Shell session={gate.session} onLoggedOut={again}>
          <ErrorNet>
            <Suspense fallback={<Waiting />}>
              <Page />
            </Suspense>
          </ErrorNet>
        </Shell>
      );
  }
}

export function App() {
  const dark = useDark();
  const { lang } = useI18n();
  const theme = useMemo(() => antdTheme(dark), [dark]);
  dayjs.locale(lang);
  return (
    <ConfigProvider theme={theme} locale={lang === 'ru' ? ruRU : enUS} button={{ autoInsertSpace: false }}>
      <AntApp message={{ maxCount: 3 }}>
        <ErrorNet>
          <Suspense fallback={<Waiting />}>
            <Gated />
          </Suspense>
        </ErrorNet>
      </AntApp>
    </ConfigProvider>
  );
}
