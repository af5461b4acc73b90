import { describe, expect, it } from 'vitest';
import { notificationText } from './notification-text';

const markup =
  '<b>all is well</b> <a href="https://evil.example">open</a> <img src="file:///etc/passwd" alt=\'x\'/> & &lt;';

describe('hostile 11: a desktop notification says what it is given and no more', () => {
  it('what a server of Linux takes for markup is escaped in the body', () => {
    const { body } = notificationText({ title: 't', body: markup }, 'linux');
    expect(body).not.toMatch(/[<>]|&(?!(?:amp|lt|gt);)/);
    const read = { amp: '&', lt: '<', gt: '>' };
    expect(body.replace(/&(amp|lt|gt);/g, (_, name: keyof typeof read) => read[name])).toBe(markup);
  });

  it('desktops that know five entities and show every other as it is written show what was written', () => {
    const { body } = notificationText({ title: 't', body: `It's "down" ${markup}` }, 'linux');
    // As GNOME's shell and its kin read a body: these five by name, no numbers.
    expect(body.replace(/&(?!(?:amp|quot|apos|lt|gt);)/g, '&amp;')).toBe(body);
    expect(body).toContain(`It's "down" &lt;b&gt;`);
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
      if (platform === 'linux') expect(text.body).not.toMatch(/&(?!amp;)/);
    }
  });

  it('nothing in it hides or breaks', () => {
    const text = notificationText({ title: 'a\u202eb\nc', body: '\u001b]8;;x\u0007\u200b' }, 'linux');
    expect(text).toEqual({ title: 'a⟨U+202E⟩b⟨LF⟩c', body: '⟨ESC⟩]8;;x⟨BEL⟩⟨U+200B⟩' });
  });
});
