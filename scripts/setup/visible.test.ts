import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { visible as visibleOfCommands } from '../../shared/visible';
import { SetUpError, sayFailure } from './report.mjs';
import { visible } from './visible.mjs';

describe('hostile 10: what the set-up says of others is shown, not obeyed', () => {
  it('every character as the commands of the application show it', () => {
    const differing: number[] = [];
    for (let block = 0; block < 0x110000; block += 0x100) {
      const text = Array.from({ length: 0x100 }, (_, code) => `a${String.fromCodePoint(block + code)}`).join('');
      if (visible(text) !== visibleOfCommands(text)) differing.push(block);
    }
    expect(differing).toEqual([]);
    for (const text of ['❤\ufe0f\ufe0f', '1\ufe0f\u20e3', 'live\ufe0f', '⟨ESC⟩']) {
      expect(visible(text)).toBe(visibleOfCommands(text));
    }
  });

  it('a registry or a proxy says nothing in its name', () => {
    const written: string[] = [];
    const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    const hostile = 'bad\u001b]52;c;eA==\u0007\u009b2J\u202e\r\nset-up: all is well';
    try {
      sayFailure(new SetUpError(hostile, hostile));
      sayFailure(new Error(hostile));
      sayFailure(hostile);
    } finally {
      write.mockRestore();
    }
    const lines = written.join('').split('\n').slice(0, -1);
    expect(lines.filter((line) => line !== visible(line))).toEqual([]);
    expect(lines.filter((line) => line.startsWith('set-up: all'))).toEqual([]);
    expect(lines[0]).toBe('set-up: bad⟨ESC⟩]52;c;eA==⟨BEL⟩⟨U+009B⟩2J⟨U+202E⟩⟨CR⟩');
  });

  it('nothing of it writes in another way', () => {
    const writing = readdirSync('scripts/setup').filter(
      (name) =>
        name.endsWith('.mjs') &&
        /std(out|err)\.write|console\./.test(readFileSync(join('scripts/setup', name), 'utf8')),
    );
    // Of its own it says one sentence, on a Node too old to load anything else.
    expect(writing).toEqual(['node-version.mjs', 'report.mjs']);
  });
});
