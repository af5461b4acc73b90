import { expect, it } from 'vitest';
import { createLog, reportTo } from './log';

it('hostile 10: what others said reaches standard error shown, in lines that are no one else’s', () => {
  const lines: string[] = [];
  const log = createLog((line) => lines.push(...line.split('\n')));
  const hostile = 'closed: \u001b]52;c;eA==\u0007\u009b2J\u202e\u{e0041}\r\nwirewatch: all is well';
  log.info(hostile);
  log.warn(hostile);
  log.once('key', hostile);
  reportTo(log)(new Error(hostile));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  expect(lines.filter((line) => /[\u0000-\u001f\u007f-\u009f\u202e\u{e0041}]/u.test(line))).toEqual([]);
  expect(lines.filter((line) => line.startsWith('wirewatch: all'))).toEqual([]);
  expect(lines[0]).toContain('⟨ESC⟩]52;c;eA==⟨BEL⟩⟨U+009B⟩2J⟨U+202E⟩⟨U+E0041⟩⟨CR⟩');
});
