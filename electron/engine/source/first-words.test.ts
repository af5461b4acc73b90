import { describe, expect, it } from 'vitest';
import type { DecodedEvent } from '../core/protocol';
import type { TransportEnd } from '../core/transport';
import { createFakeClock } from '../simulation/fake-clock';
import { FirstWords } from './first-words';

const reset: TransportEnd = { kind: 'closed', code: 1006, reason: '' };

function event(value: Record<string, unknown>): DecodedEvent {
  const body = JSON.stringify(value);
  const type = String(value.type ?? 'message');
  return {
    stream: 'main',
    position: null,
    id: null,
    type,
    sentAt: null,
    receivedAt: 0,
    body,
    bytes: body.length,
    value,
  };
}

function session(credentialed: boolean) {
  const clock = createFakeClock();
  const rung = { transport: 'websocket', url: 'ws://h/', intervalSeconds: 5 } as const;
  const asked: { loginAsked: string | null; error: string | null } = { loginAsked: null, error: null };
  return { clock, asked, words: new FirstWords(rung, clock, credentialed, asked) };
}

const failedLogin = event({ type: 'unauthorized', user: 'bob' });

describe('the first words of a session', () => {
  it('promise 16: with no credential entered, no message is a refused login', () => {
    const { words } = session(false);
    words.hear(failedLogin);
    expect(words.read(reset)).toBe(reset);
  });

  it('promise 16: with a credential the first message is, where the close follows within 5 s', () => {
    for (const [waitedMs, kind] of [
      [0, 'login-refused'],
      [5_000, 'login-refused'],
      [5_001, 'closed'],
      [12_000, 'closed'],
    ] as const) {
      const { words, clock } = session(true);
      words.hear(failedLogin);
      clock.advance(waitedMs);
      expect(words.read(reset).kind).toBe(kind);
    }
  });

  it('promise 16: a message after any other of the feed is none, whatever it says', () => {
    const { words } = session(true);
    words.hear(event({ type: 'request', code: 200 }));
    words.hear(event({ type: 'request', code: 401, error: 'unauthorized' }));
    expect(words.read(reset)).toBe(reset);
    const attached = session(true).words;
    attached.accepted();
    attached.hear(failedLogin);
    expect(attached.read(reset)).toBe(reset);
  });

  it('promise 16: a greeting, or the question for a login, comes before the first message', () => {
    const { words } = session(true);
    words.hear(event({ type: 'auth_required' }));
    words.hear(event({ type: 'auth_invalid', message: 'wrong' }));
    expect(words.read(reset)).toEqual({ kind: 'login-refused', message: 'auth_invalid, wrong' });
    const welcome = session(true).words;
    welcome.hear(event({ type: 'auth_required' }));
    welcome.hear(event({ type: 'auth_ok' }));
    expect(welcome.read(reset)).toBe(reset);
  });

  it('promise 16: a feed that only asks for a login is known to want one, until it says anything else', () => {
    const { words, asked } = session(false);
    for (let times = 0; times < 5; times += 1) words.hear(event({ type: 'auth_required' }));
    expect(asked.loginAsked).toBe('auth_required');
    words.hear(event({ type: 'tick' }));
    expect(asked.loginAsked).toBeNull();
    words.hear(event({ type: 'auth_required' }));
    expect(asked.loginAsked).toBeNull();
    for (const type of ['hello', 'welcome', 'connected', 'info', 'tick']) {
      const other = session(false);
      other.words.hear(event({ type }));
      expect(other.asked.loginAsked).toBeNull();
    }
    // A refusal behind which it stays open is as much a question for one.
    const open = session(false);
    open.words.hear(event({ type: 'error', message: 'Not authenticated' }));
    expect(open.asked.loginAsked).toBe('error, Not authenticated');
    const entered = session(false);
    entered.words.hear(event({ type: 'auth_required' }));
    entered.words.accepted();
    expect(entered.asked.loginAsked).toBeNull();
  });
});
