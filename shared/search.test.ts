import { expect, it } from 'vitest';
import { matchesField } from './search';

it('behaviour 57: the fields of a body with NaN in it are found, and what is no number by its word', () => {
  const body = '{"loss": NaN, "rtt": 3, "worst": -Infinity, "note": "a \\"NaN"}';
  expect(matchesField(body, ['rtt'], '3')).toBe(true);
  expect(matchesField(body, ['loss'], 'nan')).toBe(true);
  expect(matchesField(body, ['loss'], 'null')).toBe(false);
  expect(matchesField(body, ['worst'], '-Infinity')).toBe(true);
  expect(matchesField(body, ['note'], 'a "NaN')).toBe(true);
  expect(matchesField('NaN and more', ['loss'], 'NaN')).toBe(false);
});
