// Catches what a page throws while drawing, so that one bad answer never leaves a white screen.
import { Component, type ReactNode } from 'react';
import { getLang, translate } from '../i18n';

interface State {
  failed: string | null;
}

export class ErrorNet extends Component<{ children: ReactNode }, State> {
  override state: State = { failed: null };

  private readonly forget = () => this.setState({ failed: null });

  static getDerivedStateFromError(error: unknown): State {
    return { failed: error instanceof Error ? error.message : String(error) };
  }

  override componentDidMount(): void {
    window.addEventListener('hashchange', this.forget);
  }

  override componentWillUnmount(): void {
    window.removeEventListener('hashchange', this.forget);
  }

  override render(): ReactNode {
    if (this.state.failed === null) return this.props.children;
    const lang = getLang();
    return (
      <div className="note note-bad" role="alert">
        <p className="note-title">{translate(lang, 'crash')}</p>
        <p>{translate(lang, 'crash_cure')}</p>
        <pre className="note-code">{this.state.failed}</pre>
      </div>
    );
  }
}
