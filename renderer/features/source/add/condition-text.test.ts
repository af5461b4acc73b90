import { describe, expect, it } from 'vitest';
import type { Condition } from '../../../../shared/recipe';
import { conditionsText, readConditions } from './condition-text';

const both: readonly (readonly [string, readonly Condition[]])[] = [
  ['type = auth_ok', [{ path: 'type', is: 'auth_ok' }]],
  [
    'result = null and id = 1',
    [
      { path: 'result', is: null },
      { path: 'id', is: 1 },
    ],
  ],
  ['id = "1"', [{ path: 'id', is: '1' }]],
  ['data.ok = true', [{ path: 'data.ok', is: true }]],
  ['result', [{ path: 'result', exists: true }]],
  ['~ ^welcome and more', [{ matches: '^welcome and more' }]],
  ['[{"path":"type","in":["a","b"]}]', [{ path: 'type', in: ['a', 'b'] }]],
];

describe('what an answer must show', () => {
  it.each(both)('%s is read and written', (text, conditions) => {
    expect(readConditions(text)).toEqual({ ok: true, conditions });
    expect(conditionsText(conditions)).toBe(text);
  });

  it('is nothing where nothing is written', () => {
    expect(readConditions('  ')).toEqual({ ok: true, conditions: undefined });
    expect(conditionsText(undefined)).toBe('');
  });

  it('says what is no way to a value', () => {
    expect(readConditions('a..b = 1')).toEqual({ ok: false, message: '“a..b” is not the way to a value.' });
    expect(readConditions('[{')).toEqual({ ok: false, message: 'Not JSON.' });
  });
});
