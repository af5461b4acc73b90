import { describe, expect, it } from 'vitest';
import { understand } from './understand';

/** Names are counted, so that a test can say them. */
function read(pasted: string) {
  let made = 0;
  const answer = understand(pasted, () => String(++made));
  if (!answer.ok) throw new Error(JSON.stringify(answer.errors));
  return answer.understood;
}

describe('an address that is pasted', () => {
  it.each([
    ['  https://host/path  ', 'https://host/path'],
    ['"wss://host:8443/x?y=1"', 'wss://host:8443/x?y=1'],
    ['<http://host/a#part>', 'http://host/a'],
    ['localhost:9090/metrics', 'http://localhost:9090/metrics'],
    ['192.168.1.5:8123', 'http://192.168.1.5:8123/'],
    ['api.example.com/v2/status', 'https://api.example.com/v2/status'],
  ])('%s is read as %s', (pasted, url) => {
    expect(read(pasted)).toMatchObject({ from: 'address', draft: { url, protocol: 'auto' }, secrets: [] });
  });

  it('has its login and its tokens taken out, and speaks of them by name', () => {
    const { draft, secrets } = read('https://me:pass%20word@host/feed?token=s3cret&page=2');
    expect(draft.url).toBe('https://host/feed?token=*secret.pasted-2*&page=2');
    expect(draft.reach?.credential).toEqual({ kind: 'basic', user: 'me', password: 'pasted-1' });
    expect(secrets).toEqual([
      { name: 'pasted-1', value: 'pass word' },
      { name: 'pasted-2', value: 's3cret' },
    ]);
    expect(JSON.stringify(draft)).not.toMatch(/s3cret|pass.{1,3}word/);
  });

  it.each([
    ['', 'nothing'],
    ['ftp://host/x', 'does not speak ftp'],
    ['file:///home/me/a.jsonl', 'file of this machine'],
    ['two words', 'space'],
  ])('%j is refused with what to do', (pasted, why) => {
    const answer = understand(pasted, () => 'x');
    expect(answer).toMatchObject({ ok: false, errors: [{ field: 'pasted' }] });
    expect(JSON.stringify(answer)).toContain(why);
  });
});

describe('the address of a broker', () => {
  it('is taken, and its login is what the broker is told', () => {
    const read = understand('mqtt://ada:hush@h.test:1883', () => 'x1');
    if (!read.ok) throw new Error(read.errors[0]?.message);
    const { draft, secrets } = read.understood;
    expect(draft).toMatchObject({
      url: 'mqtt://h.test:1883',
      recipe: { speak: { protocol: 'mqtt', user: 'ada', password: expect.stringMatching(/^\*secret\..*\*$/) } },
    });
    expect(draft).not.toHaveProperty('reach');
    expect(secrets).toMatchObject([{ value: 'hush' }]);
    expect(understand('stomps://h.test', () => 'x2')).toMatchObject({ ok: true });
  });
});
