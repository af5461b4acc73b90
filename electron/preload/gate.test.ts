import { expect, it } from 'vitest';
import { refusalOf } from './gate';

const many = Object.fromEntries(Array.from({ length: 300_000 }, (_, at) => [`k${at}`, at]));

it.each([
  ['an object of too many members', 'alerts.rules', many],
  ['a list of too many elements', 'alerts.rules', { rules: new Array(300_000).fill(0) }],
  ['a text without measure', 'sources.add', { url: 'x'.repeat(5 * 1024 * 1024) }],
  ['a name without measure', 'x'.repeat(1_000), {}],
  ['what is no plain data', 'sources.add', { url: 1n }],
])('hostile 6: %s is refused before it leaves the process of the page, in a few words', (_of, name, args) => {
  const refusal = refusalOf(name, args);
  expect(refusal).toMatchObject({ ok: false, error: { kind: 'invalid' } });
  expect(JSON.stringify(refusal).length).toBeLessThan(200);
});

it('what a window of ours asks goes through', () => {
  expect(refusalOf('window.attach', {})).toBeNull();
  expect(refusalOf('sources.add', { name: '', url: 'https://host/feed', protocol: 'auto' })).toBeNull();
});
