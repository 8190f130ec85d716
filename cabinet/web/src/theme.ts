// Colours and proportions, light and dark, given both to Ant Design and to our own CSS (as custom properties).
import { theme as antTheme, type ThemeConfig } from 'antd';
import { useSyncExternalStore } from 'react';

export type ThemeChoice = 'auto' | 'light' | 'dark';

const kStorageKey = 'kb.theme';
const media = window.matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();
let choice: ThemeChoice = readChoice();

function readChoice(): ThemeChoice {
  try {
    const kept = localStorage.getItem(kStorageKey);
    return kept === 'light' || kept === 'dark' ? kept : 'auto';
  } catch {
    return 'auto';
  }
}

function isDark(): boolean {
  return choice === 'dark' || (choice === 'auto' && media.matches);
}

function apply(): void {
  document.documentElement.dataset.theme = isDark() ? 'dark' : 'light';
  for (const listener of listeners) listener();
}

media.addEventListener('change', apply);
apply();

export function setThemeChoice(next: ThemeChoice): void {
  choice = next;
  try {
    localStorage.setItem(kStorageKey, next);
  } catch {
    // A private window may refuse: the choice then lasts as long as the page.
  }
  apply();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export function useDark(): boolean {
  return useSyncExternalStore(subscribe, isDark);
}

export function useThemeChoice(): ThemeChoice {
  return useSyncExternalStore(subscribe, () => choice);
}

export const kFont =
  "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', 'DejaVu Sans', sans-serif";

export function antdTheme(dark: boolean): ThemeConfig {
  return {
    algorithm: dark ? antTheme.darkAlgorithm : antTheme.defaultAlgorithm,
    token: {
      colorPrimary: dark ? '#2fa392' : '#0f6b5f',
      colorInfo: dark ? '#2fa392' : '#0f6b5f',
      colorLink: dark ? '#5cc4b4' : '#0f6b5f',
      colorBgLayout: dark ? '#0f1413' : '#f4f5f2',
      colorBgContainer: dark ? '#171d1c' : '#ffffff',
      colorBgElevated: dark ? '#1d2423' : '#ffffff',
      colorBorder: dark ? '#33403d' : '#cdd3cd',
      colorBorderSecondary: dark ? '#263130' : '#e3e7e1',
      colorText: dark ? '#e6ebe8' : '#1a2321',
      colorTextSecondary: dark ? '#a3b0ab' : '#55625e',
      borderRadius: 8,
      fontFamily: kFont,
      fontSize: 14,
      motionDurationMid: '0.12s',
      motionDurationSlow: '0.18s',
    },
    components: { Segmented: { trackBg: dark ? '#202927' : '#e6eae4' } },
  };
}
