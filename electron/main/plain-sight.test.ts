import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inPlainSight } from './plain-sight';
import { type Question, questions } from './questions';

describe('hostile 11: what a person must agree to shows every character', () => {
  it.each([
    ['no-break spaces', 'rm\u00a0a\u202f', 'rm⟨U+00A0⟩a⟨U+202F⟩'],
    ['ideographic and other wide blanks', '\u3000\u2003\u1680', '⟨U+3000⟩⟨U+2003⟩⟨U+1680⟩'],
    ['the blank Braille pattern and fillers', '\u2800\u3164\uffa0\u115f', '⟨U+2800⟩⟨U+3164⟩⟨U+FFA0⟩⟨U+115F⟩'],
    ['zero width', 'a\u200bb\u200d\u2060\ufeff\u00ad\u034f', 'a⟨U+200B⟩b⟨U+200D⟩⟨U+2060⟩⟨U+FEFF⟩⟨U+00AD⟩⟨U+034F⟩'],
    ['a long run of spaces', `token${' '.repeat(312)}; rm -rf ~`, 'token⟨× 312 spaces⟩; rm -rf ~'],
    ['a long run of another character', `a${'/'.repeat(40)}b`, 'a/⟨× 40⟩b'],
    ['a long run of what is not seen', '\u00a0'.repeat(500), '⟨U+00A0⟩⟨× 500⟩'],
    ['marks of direction', '\u202edas\u202c\u2066\u200f\u061c', '⟨U+202E⟩das⟨U+202C⟩⟨U+2066⟩⟨U+200F⟩⟨U+061C⟩'],
    ['letters written from the right, which turn what follows', 'echo \u05d0 1 2', 'echo ⟨U+05D0⟩ 1 2'],
    ['line ends and tabs', 'a\nb\r\nc\td\u2028e', 'a⟨LF⟩b⟨CR⟩⟨LF⟩c⟨TAB⟩d⟨U+2028⟩e'],
    ['many line ends', '\n'.repeat(80), '⟨LF⟩⟨× 80⟩'],
    ['escapes, C1 and DEL', '\u001b[2J\u009b\u007f', '⟨ESC⟩[2J⟨U+009B⟩⟨U+007F⟩'],
    [
      'tags, selectors, private and unassigned',
      '\u{e0041}\ufe0f\u{e0100}\ue000\u0378',
      '⟨U+E0041⟩⟨U+FE0F⟩⟨U+E0100⟩⟨U+E000⟩⟨U+0378⟩',
    ],
    ['half of a pair', 'a\ud800b', 'a⟨U+D800⟩b'],
    ['what looks like a name of ours', 'a⟨LF⟩⟨× 9⟩', 'a⟨U+27E8⟩LF⟨U+27E9⟩⟨U+27E8⟩× 9⟨U+27E9⟩'],
    ['a heap of one mark', `a${'\u0301'.repeat(400)}b`, 'a⟨U+0301⟩⟨× 400⟩b'],
    ['heaps of marks', 'e\u0301 a\u0300\u0301\u0302', 'e\u0301 a⟨U+0300⟩⟨U+0301⟩⟨U+0302⟩'],
  ])('%s', (_, text, shown) => {
    expect(inPlainSight(text)).toBe(shown);
  });

  it('a plain command stays as it is', () => {
    const text = 'vault read -field=token "secret/feeds/Zürich"  | tr -d \'\\n\' # 00000000, 東京';
    expect(inPlainSight(text)).toBe(text);
  });

  it('a question of main’s shows every character of what it is given, whatever it asks', () => {
    const hostile = `a${' '.repeat(312)}\u00a0\u2800\u202e\u200b\n\n⟨LF⟩b`;
    const shown = inPlainSight(hostile);
    /** Each question with nothing but hostile texts. A question that is new has no row here: that is an error of types. */
    const given: { readonly [Name in keyof typeof questions]: Parameters<(typeof questions)[Name]> } = {
      run: [hostile, [hostile, hostile]],
      send: [{ source: hostile, commands: [hostile], held: [hostile], more: [hostile, hostile] }],
      post: [{ source: hostile, body: hostile, to: [hostile], billed: true }],
      open: [hostile],
      outside: [hostile],
    };
    for (const [name, args] of Object.entries(given)) {
      const { message, detail, buttons } = Reflect.apply(Reflect.get(questions, name), questions, args) as Question;
      const said = [message, detail, ...buttons].join('|');
      expect(said, name).toContain(shown);
      const ours = said.replaceAll(shown, '');
      expect(ours, name).toMatch(/^[ -~“”\n]*$/);
    }
  });

  it('what no dialog shows in full is not asked for: there is nothing to say yes to', () => {
    const hidden = '\u200b\u200c'.repeat(900);
    const given = {
      run: questions.run(`vault read${hidden}; rm -rf ~`, []),
      runFor: questions.run('vault read', [hidden]),
      send: questions.send({ source: 'a', commands: [], held: [], more: [hidden] }),
      post: questions.post({ source: 'a', body: hidden, to: ['https://h.test/'], billed: false }),
      open: questions.open(`file:///${hidden}`),
      outside: questions.outside(`https://docs.test/${hidden}`),
    };
    for (const { detail, buttons } of Object.values(given)) {
      expect(buttons).toEqual(['Close']);
      expect(detail.length).toBeLessThan(300);
    }
    const longest = questions.run('vault read secret/feeds '.padEnd(2000, 'ab '), ['https://feeds.example:8443']);
    expect(longest.buttons).toHaveLength(2);
  });

  it('nothing else is asked', () => {
    const asking: string[] = [];
    for (const name of readdirSync('electron/main', { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts') || name.endsWith('.test.ts')) continue;
      const text = readFileSync(join('electron/main', name), 'utf8');
      if (text.includes('showMessageBox')) asking.push(name);
      if (!/from '.*\/ask'/.test(text)) continue;
      for (const [, what] of text.matchAll(/(?<!function )\bask\(([^)]*)/g)) expect(what, name).toMatch(/^questions\./);
    }
    expect(asking).toEqual(['ask.ts']);
  });
});
