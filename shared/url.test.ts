import { describe, expect, it } from 'vitest';
import { parseUrl } from './url';

/** Letters of which no two are the same, so that each is dear to write in ASCII. */
const letters = (count: number) =>
  Array.from({ length: count }, (_, at) => String.fromCodePoint(0x4e00 + (at % 20_000))).join('');
const many = letters(60_000);
/** Marks that must be put in order before anything else is done with them. */
const marks = '\u0327\u0301'.repeat(60_000);

describe('an address', () => {
  it.each([
    ['after two slashes', `https://${many}/`],
    ['after one or none', `wss:${many}`],
    ['after backslashes', `http:\\\\${many}\\a`],
    ['behind a user', `https://user:password@${many}:443/`],
    ['with tabs in what stands before it', `\u0001 h\tttp\ns:/\t/${many}?a`],
    ['in percent codes', `ftp://${encodeURIComponent(letters(20_000))}`],
    ['of marks', `https://${marks}`],
    ['in any case', `HtTpS://${many}`],
  ])('hostile 6: whose host is longer than any name is none, without an attempt to read it: %s', (_where, text) => {
    expect(parseUrl(text) === null).toBe(true);
  });

  it.each([
    ['after two slashes', `//${many}/`],
    ['after a scheme', `http:${many}/`],
    ['after other slashes', `\\/${many}`],
  ])('hostile 6: that leads on from another is held to the same: %s', (_where, text) => {
    expect(parseUrl(text, 'https://a.test/b') === null).toBe(true);
  });

  it('is as long as it likes behind its host, and before it', () => {
    const path = 'é'.repeat(5_000);
    expect(parseUrl(`https://a.test/${path}?${path}#${path}`)?.host).toBe('a.test');
    expect(parseUrl(`https://${'u'.repeat(5_000)}:${'p'.repeat(5_000)}@a.test/`)?.host).toBe('a.test');
    expect(parseUrl(path, 'https://a.test/b/')?.pathname).toContain('/b/%C3%A9');
    expect(parseUrl(`/${path}`, 'https://a.test/b/')?.host).toBe('a.test');
    expect(parseUrl(`file:///${'a/'.repeat(2_000)}b`)?.protocol).toBe('file:');
  });

  it('in other letters is read', () => {
    expect(parseUrl('https://bücher.example/')?.host).toBe('xn--bcher-kva.example');
    expect(parseUrl(`https://${letters(60)}.test/`)).not.toBeNull();
  });

  it('that is none is null', () => {
    expect(parseUrl('nothing')).toBeNull();
    expect(parseUrl('')).toBeNull();
  });
});
