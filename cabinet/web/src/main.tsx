// Entry of the cabinet's pages: theme, language, error net, then the application.
import { createRoot } from 'react-dom/client';
import { App } from './App';
import { getLang } from './i18n';
import './styles/base.css';
import './styles/shell.css';
import './styles/registers.css';
import './styles/documents.css';
import './styles/totals.css';

document.documentElement.lang = getLang();

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
createRoot(root).render(<App />);

if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  // Refused over plain HTTP and with a certificate the browser does not trust: then there is simply no offline page.
  navigator.serviceWorker.register('./sw.js').catch(() => undefined);
}
