import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type ReasonCode, reasons, reasonText } from '../../../shared/reasons';

const page = new URL('../../../docs/reasons.md', import.meta.url);

/** docs/reasons.md, made from the table. */
function render(): string {
  const rows = Object.entries(reasons).map(([code, { sentence, advice }]) => {
    const cell = (text: string): string => text.replace(/\|/g, '\\|').replace(/\{(\w+)\}/g, '*$1*');
    return `| \`${code}\` | ${cell(sentence)} | ${cell(advice)} |`;
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
    for (const { sentence, advice } of Object.values(reasons)) {
      expect(sentence).toMatch(/^[A-Z{].*([.:]|\{why\})$/);
      expect(advice).toMatch(/^$|^[A-Z].*\.$/);
    }
  });

  it('fill in what the evidence says, and drop what it does not', () => {
    expect(reasonText('rate-limited', { status: 429 })).toBe('The server asks us to slow down (429).');
    for (const code of Object.keys(reasons) as ReasonCode[]) expect(reasonText(code)).not.toContain('{');
  });
});
