import { describe, expect, it } from 'vitest';
import type { AlertRule } from '../../../shared/alert';
import { conditionSentence, emptyRule, fieldsOfRule, ruleOf } from './rule-fields';

const rule = (condition: AlertRule['condition']): AlertRule => ({
  id: 'r1',
  name: 'Busy',
  source: 'orders',
  severity: 'critical',
  enabled: false,
  condition,
});

describe('a rule and its form', () => {
  it.each([
    rule({ kind: 'down', seconds: 30 }),
    rule({ kind: 'stale' }),
    rule({ kind: 'gap' }),
    rule({ kind: 'gap', unproven: true }),
    rule({ kind: 'metric', series: 'value:cpu.percent', is: 'below', threshold: 1.5, clear: 2, seconds: 10 }),
    rule({ kind: 'match', search: 'type:order "was refused"', quietSeconds: 60 }),
  ])('are the same thing: %j', (given) => {
    expect(ruleOf(fieldsOfRule(given), given.id, given.enabled)).toEqual({ rule: given });
  });

  it('say at its field what is wrong, and take nothing for a number that is none', () => {
    expect(ruleOf(emptyRule, 'r', true)).toEqual({
      errors: {
        name: 'Give it a name.',
        series: 'Choose a number of the events.',
        threshold: 'Write a number.',
        clear: 'Write a number.',
      },
    });
    const metric = { ...emptyRule, name: 'x', series: 'value:a.b', threshold: '10' };
    expect(ruleOf({ ...metric, seconds: 'ten' }, 'r', true)).toEqual({ errors: { seconds: 'Write a number.' } });
    expect(ruleOf({ ...metric, clear: '11' }, 'r', true)).toEqual({
      errors: { clear: 'It could never end: choose 10 or less.' },
    });
    expect(ruleOf({ ...emptyRule, name: 'x', kind: 'match', search: ' ' }, 'r', true)).toEqual({
      errors: { search: 'Write what to look for.' },
    });
  });

  it('ends where it began when nothing else is said, for every source unless one is chosen', () => {
    const made = ruleOf({ ...emptyRule, name: 'x', series: 'value:a.b', threshold: '2,5' }, 'r', true);
    expect(made).toMatchObject({ rule: { source: null, condition: { threshold: 2.5, clear: 2.5 } } });
  });

  it('is told in a sentence', () => {
    expect(
      conditionSentence({
        kind: 'metric',
        series: 'value:cpu.percent',
        is: 'above',
        threshold: 90,
        clear: 80,
        seconds: 5,
      }),
    ).toBe('cpu.percent above 90 for 5 s, until 80');
    expect(conditionSentence({ kind: 'down', seconds: 0 })).toBe('down');
  });
});
