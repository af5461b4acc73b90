import { describe, expect, it } from 'vitest';
import { notificationText } from './notification-text';

const markup =
  '<b>all is well</b> <a href="https://evil.example">open</a> <img src="file:///etc/passwd" alt=\'x\'/> & &lt;';

describe('hostile 11: a desktop notification says what it is given and no more', () => {
  it('what a server of Linux takes for markup is escaped in the body', () => {
    const { body } = notificationText({ title: 't', body: markup }, 'linux');
    expect(body).not.toMatch(/[<>"']|&(?!#\d+;)/);
    const read = body.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
    expect(read).toBe(markup);
  });

  it.each(['darwin', 'win32'] as const)('%s reads no markup: what is written is what is shown', (platform) => {
    expect(notificationText({ title: markup.slice(0, 100), body: markup }, platform)).toEqual({
      title: markup.slice(0, 100),
      body: markup,
    });
  });

  it.each(['linux', 'darwin', 'win32'] as const)('on %s it is bounded, however it is written', (platform) => {
    for (const one of ['x', '&', '\u202e', '\u{1f600}', '\ud800', '\n']) {
      const text = notificationText({ title: one.repeat(100_000), body: one.repeat(100_000) }, platform);
      expect([...text.title].length).toBe(120);
      expect([...text.body].length).toBeLessThanOrEqual(300 * 5);
      expect(text.body).toMatch(/…$/);
      expect(text.body).not.toMatch(/\p{Cs}/u);
      if (platform === 'linux') expect(text.body).not.toMatch(/&(?!#\d+;)/);
    }
  });

  it('nothing in it hides or breaks', () => {
    const text = notificationText({ title: 'a\u202eb\nc', body: '\u001b]8;;x\u0007\u200b' }, 'linux');
    expect(text).toEqual({ title: 'a⟨U+202E⟩b⟨LF⟩c', body: '⟨ESC⟩]8;;x⟨BEL⟩⟨U+200B⟩' });
  });
});
