import { describe, expect, it } from 'vitest';
import { sceneSources } from '../../testing/scenes';
import { sinceOf } from './source-head';

const now = 1_700_000_000_000;
const [source] = sceneSources('states', now);
if (source === undefined) throw new Error('No source.');

describe('since when', () => {
  const waiting = { kind: 'waiting', until: now, attempt: 3, cause: 'source-added' } as const;
  const connecting = { kind: 'connecting', rung: 0, attempt: 4 } as const;

  it('promise 17: is when the trouble began, whatever was tried since', () => {
    for (const state of [waiting, connecting]) {
      const { at, text } = sinceOf({ ...source, state, since: now - 2_000, downSince: now - 187_000 }, now);
      expect(at).toBe(now - 187_000);
      expect(text).toMatch(/^down 3 min 7 s since \d\d:\d\d:\d\d\.\d{3} [+−]\d\d:\d\d$/);
    }
  });

  it('is when the connection opened that is live, and else when it became so', () => {
    expect(sinceOf(source, now).text).toMatch(/^WebSocket since /);
    const paused = { ...source, state: { kind: 'idle', cause: 'paused' }, downSince: null } as const;
    expect(sinceOf(paused, now).at).toBe(source.since);
  });
});
