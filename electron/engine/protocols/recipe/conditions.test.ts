import { describe, expect, it } from 'vitest';
import { compileConditions } from './conditions';
import { compilePattern } from './pattern';

const asked = (text: string, event: string | null = null) => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {}
  return { text, value, event };
};

describe('conditions of a recipe', () => {
  it('all that are named must hold', () => {
    const refused = compileConditions([
      { path: 'type', is: 'result' },
      { path: 'success', is: false },
    ]);
    expect(refused(asked('{"type":"result","success":false}'))).toBe(true);
    expect(refused(asked('{"type":"result","success":true}'))).toBe(false);
    expect(refused(asked('{"type":"event","success":false}'))).toBe(false);
    const one = compileConditions([{ path: 'n', in: [1, 'two'], is: 'two' }]);
    expect(one(asked('{"n":"two"}'))).toBe(true);
    expect(one(asked('{"n":1}'))).toBe(false);
  });

  it('numbers and booleans are taken as they are written', () => {
    const seven = compileConditions([{ path: 'op', is: 7 }]);
    expect([seven(asked('{"op":7}')), seven(asked('{"op":"7"}'))]).toEqual([true, false]);
    expect(compileConditions([{ path: 'error', is: null }])(asked('{"error":null}'))).toBe(true);
    expect(compileConditions([{ path: 'error', is: null }])(asked('{}'))).toBe(false);
  });

  it('something is there, or nothing', () => {
    const there = compileConditions([{ path: 'data.rows[*].at', exists: true }]);
    const absent = compileConditions([{ path: 'data', exists: false }]);
    expect([there(asked('{"data":{"rows":[{},{"at":1}]}}')), there(asked('{"data":{}}'))]).toEqual([true, false]);
    expect([absent(asked('{}')), absent(asked('not JSON')), absent(asked('{"data":0}'))]).toEqual([true, true, false]);
  });

  it('the message itself is asked as text and as JSON, an SSE event by its name', () => {
    expect(compileConditions([{ is: '2' }])(asked('2'))).toBe(true);
    expect(compileConditions([{ is: 2 }])(asked('2'))).toBe(true);
    expect(compileConditions([{ is: '[DONE]' }])(asked('[DONE]'))).toBe(true);
    expect(compileConditions([{ matches: '^42' }])(asked('42["news",{}]'))).toBe(true);
    expect(compileConditions([{ event: 'ping' }])(asked('{}', 'ping'))).toBe(true);
    expect(compileConditions([{ event: 'ping' }])(asked('{}'))).toBe(false);
    expect(compileConditions([{ event: 'message' }])(asked('{}'))).toBe(true);
  });

  it('a regular expression takes time that is linear in the text, and a broken one never matches', () => {
    const hostile = compileConditions([{ path: 'a', matches: '^(a+)+$' }]);
    expect(hostile(asked(`{"a":"${'a'.repeat(50_000)}!"}`))).toBe(false);
    expect(hostile(asked('{"a":"aaa"}'))).toBe(true);
    expect(compileConditions([{ path: 'a', matches: '(' }])(asked('{"a":"("}'))).toBe(false);
    // Linear as well, in a text times a thousand.
    expect(compilePattern('a{0,1000}a{0,1000}$')).toBeNull();
    expect(compilePattern('^(trade|quote|book)\\.[A-Z]{3,10}-[A-Z]{3,10}$')).not.toBeNull();
  });
});
