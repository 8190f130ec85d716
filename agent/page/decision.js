// A person's word on a job whose FN can no longer be asked: only where the agent says that he may, with name and reason.
import { ask } from './api.js';
import { el, field, openForm } from './dom.js';
import { goodsOf, whatOf } from './meaning.js';
import { t } from './words.js';

class Missing extends Error {}

function choice(name, value, title, then) {
  const input = el('input', { type: 'radio', name, value });
  return { input, line: el('label.choice', {}, input, el('span', {}, el('strong', {}, title), el('span.small.muted', {}, then))) };
}

/** `evidence`: what is known, as the list of jobs shows it. */
export function openDecision(job, evidence, { changed, words }) {
  const made = choice('made', 'yes', t('decide_made'), t('decide_made_then'));
  const notMade = choice('made', 'no', t('decide_not_made'), t('decide_not_made_then'));
  const fd = el('input', { type: 'text', inputMode: 'numeric', maxLength: 10, name: 'fd_number' });
  const name = el('input', { type: 'text', maxLength: 100, name: 'name', autocomplete: 'name' });
  const reason = el('textarea', { maxLength: 500, rows: 3, name: 'reason' });
  const ofNumber = field(t('decide_fd'), fd);
  ofNumber.hidden = true;
  for (const { input } of [made, notMade]) input.addEventListener('change', () => (ofNumber.hidden = !made.input.checked));

  const said = () => {
    const number = fd.value.trim();
    if (!made.input.checked && !notMade.input.checked) throw new Missing(t('decide_choose'));
    if (made.input.checked && number !== '' && !(/^\d+$/.test(number) && Number(number) >= 1 && Number(number) <= 0xffffffff)) throw new Missing(t('decide_fd_bad'));
    if (name.value.trim() === '') throw new Missing(t('decide_name_empty'));
    if (reason.value.trim() === '') throw new Missing(t('decide_reason_empty'));
    const body = { made: made.input.checked, name: name.value.trim(), reason: reason.value.trim() };
    return body.made && number !== '' ? { ...body, fd_number: Number(number) } : body;
  };

  openForm({
    title: t('decide_title'),
    testId: 'decision-form',
    body: [
      el('p', {}, el('strong', {}, whatOf(job)), goodsOf(job) && el('span', {}, ` · ${goodsOf(job)}`)),
      evidence,
      el('p.lead', {}, t('decide_lead')),
      job.before && el('p.lead', {}, t('decide_look', { fd: job.before.last_fd_number })),
      made.line,
      notMade.line,
      ofNumber,
      field(t('decide_name'), name),
      field(t('decide_reason'), reason),
    ],
    closeWords: t('close'),
    submitWords: t('decide_submit'),
    words: (failure) => (failure instanceof Missing ? failure.message : words(failure)),
    submit: () => ask('POST', `/jobs/${job.id}/decision`, said()).then(changed),
  });
}
