// The frame around every page: sections, connection state, language, appearance, leaving.
import {
  BarChartOutlined,
  FileTextOutlined,
  InboxOutlined,
  LinkOutlined,
  LogoutOutlined,
  MoreOutlined,
  ShopOutlined,
} from '@ant-design/icons';
import { App, Button, Dropdown, type MenuProps } from 'antd';
import { useEffect, type ReactNode } from 'react';
import { call } from '../api/client';
import { live, useLiveConnection, useLiveState } from '../api/liveClient';
import type { Session } from '../api/types';
import { asApiError } from '../api/useQuery';
import { setLang, useI18n, type Key } from '../i18n';
import { href, parseHash, useHash } from '../router';
import { setThemeChoice, useThemeChoice, type ThemeChoice } from '../theme';
import { Logo } from './Logo';
import { problemWords } from './Notes';

const kSections: { path: string; label: Key; icon: ReactNode }[] = [
  { path: 'registers', label: 'nav_registers', icon: <ShopOutlined /> },
  { path: 'documents', label: 'nav_documents', icon: <FileTextOutlined /> },
  { path: 'totals', label: 'nav_totals', icon: <BarChartOutlined /> },
  { path: 'connect', label: 'nav_connect', icon: <LinkOutlined /> },
  { path: 'rejected', label: 'nav_rejected', icon: <InboxOutlined /> },
];

function Sections({ current }: { current: string }) {
  const { t } = useI18n();
  return (
    <nav className="sections" aria-label={t('nav')}>
      {kSections.map(({ path, label, icon }) => (
        <a key={path} href={href([path])} aria-current={current === path ? 'page' : undefined}>
          {icon}
          <span>{t(label)}</span>
        </a>
      ))}
    </nav>
  );
}

export function LiveBadge() {
  const { t } = useI18n();
  const state = useLiveState();
  return (
    <span className={`live live-${state}`} role="status" data-testid="live" data-state={state}>
      <span className="mark-dot" aria-hidden="true" />
      <span className="live-text">{t(`live_${state}`)}</span>
    </span>
  );
}

function LostBanner() {
  const { t } = useI18n();
  const state = useLiveState();
  if (state !== 'lost') return null;
  return (
    <div className="lost" role="alert" data-testid="lost-banner">
      <div>
        <strong>{t('live_lost')}</strong> <span>{t('live_lost_cure')}</span>
      </div>
      <Button size="small" onClick={() => live.wake()}>
        {t('live_now')}
      </Button>
    </div>
  );
}

function useMenu(onLoggedOut: () => void): MenuProps {
  const { t, lang } = useI18n();
  const choice = useThemeChoice();
  const i18n = useI18n();
  const { message } = App.useApp();
  const logout = async () => {
    try {
      await call('/logout', { method: 'POST', keepsSession: true });
      onLoggedOut();
    } catch (error) {
      const problem = asApiError(error);
      // A session that is already over is what was asked for.
      if (problem.status === 401) onLoggedOut();
      else void message.error(problemWords(problem, i18n).cause);
    }
  };
  const themes: ThemeChoice[] = ['auto', 'light', 'dark'];
  return {
    selectable: true,
    selectedKeys: [`theme-${choice}`, `lang-${lang}`],
    items: [
      {
        type: 'group',
        label: t('theme'),
        children: themes.map((theme) => ({ key: `theme-${theme}`, label: t(`theme_${theme}`) })),
      },
      {
        type: 'group',
        label: t('language'),
        children: [
          { key: 'lang-ru', label: 'Русский' },
          { key: 'lang-en', label: 'English' },
        ],
      },
      { type: 'divider' },
      { key: 'logout', label: t('logout'), icon: <LogoutOutlined /> },
    ],
    onClick: ({ key }) => {
      const theme = themes.find((name) => key === `theme-${name}`);
      if (theme) setThemeChoice(theme);
      else if (key === 'lang-ru') setLang('ru');
      else if (key === 'lang-en') setLang('en');
      else void logout();
    },
  };
}

interface ShellProps {
  session: Session;
  onLoggedOut: () => void;
  children: ReactNode;
}

export function Shell({ session, onLoggedOut, children }: ShellProps) {
  const { t } = useI18n();
  const { path } = parseHash(useHash());
  const current = path[0] ?? 'registers';
  const menu = useMenu(onLoggedOut);
  useLiveConnection();

  useEffect(() => {
    const section = kSections.find((s) => s.path === current);
    document.title = section ? `${t(section.label)} · ${t('app')}` : t('app');
  }, [current, t]);

  const skip = () => document.getElementById('content')?.focus();
  return (
    <div className="shell">
      <button type="button" className="skip" onClick={skip}>
        {t('skip')}
      </button>
      <aside className="side">
        <div className="brand">
          <Logo />
          <div className="brand-text">
            <strong>{t('app')}</strong>
            <span title={session.tenant.name}>{session.tenant.name}</span>
          </div>
          <LiveBadge />
          <Dropdown menu={menu} trigger={['click']} placement="bottomRight">
            <Button type="text" className="menu-top" icon={<MoreOutlined />} aria-label={t('menu')} />
          </Dropdown>
        </div>
        <Sections current={current} />
        <Dropdown menu={menu} trigger={['click']} placement="topLeft">
          <button type="button" className="who">
            <span className="who-letter" aria-hidden="true">
              {session.user.email.slice(0, 1).toUpperCase()}
            </span>
            <span className="who-name">{session.user.email}</span>
            <MoreOutlined aria-hidden="true" />
          </button>
        </Dropdown>
      </aside>
      <main id="content" className="content" tabIndex={-1}>
        <LostBanner />
        {children}
      </main>
    </div>
  );
}
