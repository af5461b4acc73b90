import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { adviceOf, type ReasonCode, reasons, sayReason, withNote } from '../../../shared/reasons';
import { partsOf } from '../../../shared/sentence';

const page = new URL('../../../docs/reasons.md', import.meta.url);

/** docs/reasons.md, made from the table. */
function render(): string {
  const rows = Object.entries(reasons).map(([code, { sentence }]) => {
    const plain = (text: string): string => text.replace(/[*[\]]/g, '');
    const cell = (text: string): string => text.replace(/\|/g, '\\|').replace(/\{(\w+)\}/g, '*$1*');
    return `| \`${code}\` | ${cell(plain(sentence))} | ${cell(adviceOf(code as ReasonCode))} |`;
  });
  return `# Reasons

Every change of a connection's state carries a code, a sentence and its evidence. This is the whole table of codes, made
from \`shared/reasons.ts\`; words in *italics* are filled in from the evidence. After a change of the table, bring this
page up to date with \`WRITE_DOCS=1 npx vitest run reasons.test.ts\`.

| code | what it says | what you can do |
|---|---|---|
${rows.join('\n')}
`;
}

describe('reasons', () => {
  it('are documented as they are', () => {
    if (process.env.WRITE_DOCS === '1') writeFileSync(page, render());
    expect(readFileSync(page, 'utf8')).toBe(render());
  });

  it('are whole sentences with advice that is one too', () => {
    for (const [code, { sentence }] of Object.entries(reasons)) {
      expect(sentence).toMatch(/^[A-Z{].*([.:]|\{why\})$/);
      expect(adviceOf(code as ReasonCode)).toMatch(/^$|^[A-Z].*\.$/);
    }
  });

  it('fill in what the evidence says, and drop what it does not', () => {
    expect(sayReason('rate-limited', { status: 429 }).text).toBe('The server asks us to slow down (429).');
    for (const code of Object.keys(reasons) as ReasonCode[]) expect(sayReason(code).text).not.toMatch(/[{}*[\]]/);
  });

  it('are composed of stretches: the figure that matters, and what may be left out; nobody takes them apart', () => {
    const values = { message: 'certificate has expired', certificate: ' (certificate of CN=*.example)' };
    const untrusted = sayReason('certificate-invalid', values);
    expect(untrusted.text).toContain('expired (certificate of CN=*.example).');
    expect(partsOf(untrusted).filter(({ as }) => as === 'detail')).toEqual([
      { text: ' (certificate of CN=*.example)', as: 'detail' },
    ]);
    const busy = sayReason('server-trouble', { status: 503 });
    const retry = withNote(sayReason('retry-due', { attempt: 2, transport: 'SSE', why: busy }), 'asked-hourly', {
      hours: '2.0',
    });
    expect(retry.text).toBe(
      'Attempt 2, with SSE. Before: The server is in trouble (503). The server asks us to wait 2.0 h; it is asked again hourly.',
    );
    expect(partsOf(retry).filter(({ as }) => as === 'figure')).toEqual([{ text: '503', as: 'figure' }]);
    expect(
      partsOf(retry)
        .map(({ text }) => text)
        .join(''),
    ).toBe(retry.text);
    // Nothing in a value is taken for a mark.
    expect(sayReason('reattach', { why: '{seconds} *now* [x]' }).text).toBe('Attaching again: {seconds} *now* [x].');
    expect(sayReason('opened', { transport: 'SSE' })).not.toHaveProperty('parts');
  });
});
