// The door: e-mail and password, with errors that say which of them and what to do.
import { Button, Input, type InputRef } from 'antd';
import { useEffect, useRef, useState, type KeyboardEvent, type SyntheticEvent } from 'react';
import { call, setCsrf, type ApiError } from '../api/client';
import { asApiError } from '../api/useQuery';
import { Logo } from '../components/Logo';
import { problemWords } from '../components/Notes';
import { setLang, useI18n, type I18n } from '../i18n';

interface Props {
  sessionOver: boolean;
  onLoggedIn: () => void;
}

function wrongWords(error: ApiError, i18n: I18n): { cause: string; cure: string | null } {
  return error.status === 401
    ? { cause: i18n.t('login_wrong'), cure: i18n.t('login_wrong_cure') }
    : problemWords(error, i18n);
}

export default function LoginPage({ sessionOver, onLoggedIn }: Props) {
  const i18n = useI18n();
  const { t, lang } = i18n;
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [touched, setTouched] = useState(false);
  const [busy, setBusy] = useState(false);
  const [caps, setCaps] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const emailInput = useRef<InputRef>(null);
  const passwordInput = useRef<InputRef>(null);

  useEffect(() => {
    document.title = `${t('login_title')} · ${t('app')}`;
    emailInput.current?.focus();
  }, [t]);

  const emailError = !email.trim() ? t('login_email_empty') : email.includes('@') ? null : t('login_email_bad');
  const passwordError = password ? null : t('login_password_empty');

  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    setTouched(true);
    setError(null);
    if (emailError) return emailInput.current?.focus();
    if (passwordError) return passwordInput.current?.focus();
    setBusy(true);
    try {
      const answer = await call<{ csrf?: string } | undefined>('/login', {
        method: 'POST',
        body: { email: email.trim(), password },
        keepsSession: true,
      });
      if (answer?.csrf) setCsrf(answer.csrf);
      onLoggedIn();
    } catch (caught) {
      setError(asApiError(caught));
      setBusy(false);
      passwordInput.current?.focus({ cursor: 'all' });
    }
  };

  const watchCaps = (event: KeyboardEvent) => setCaps(event.getModifierState('CapsLock'));
  const wrong = error && wrongWords(error, i18n);
  return (
    <main className="login">
      <form className="login-card" onSubmit={(event) => void submit(event)} noValidate aria-labelledby="login-title">
        <Logo size={48} />
        <h1 id="login-title">{t('login_title')}</h1>
        <p className="lead">{t('login_lead')}</p>

        {sessionOver && !error && (
          <p className="note note-calm" role="status">
            {t('login_session_over')}
          </p>
        )}
        {wrong && (
          <div className="note note-bad" role="alert" data-testid="login-error">
            <p className="note-title">{wrong.cause}</p>
            {wrong.cure && <p>{wrong.cure}</p>}
          </div>
        )}

        <label htmlFor="email">{t('login_email')}</label>
        <Input
          ref={emailInput}
          id="email"
          type="email"
          inputMode="email"
          autoComplete="username"
          size="large"
          value={email}
          status={touched && emailError ? 'error' : ''}
          aria-invalid={touched && emailError !== null}
          aria-describedby="email-error"
          onChange={(event) => setEmail(event.target.value)}
        />
        <p className="field-error" id="email-error" aria-live="polite">
          {touched && emailError}
        </p>

        <label htmlFor="password">{t('login_password')}</label>
        <Input.Password
          ref={passwordInput}
          id="password"
          autoComplete="current-password"
          size="large"
          value={password}
          status={touched && passwordError ? 'error' : ''}
          aria-invalid={touched && passwordError !== null}
          aria-describedby="password-error"
          onChange={(event) => setPassword(event.target.value)}
          onKeyUp={watchCaps}
        />
        <p className="field-error" id="password-error" aria-live="polite">
          {(touched && passwordError) || (caps && t('login_caps'))}
        </p>

        <Button type="primary" htmlType="submit" size="large" block loading={busy}>
          {t('login_submit')}
        </Button>
      </form>
      <button type="button" className="login-lang" onClick={() => setLang(lang === 'ru' ? 'en' : 'ru')}>
        {lang === 'ru' ? 'English' : 'Русский'}
      </button>
    </main>
  );
}
