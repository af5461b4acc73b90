import { describe, expect, it } from 'vitest';
import { refusedLogin } from './login-answer';

function said(value: Record<string, unknown>): string | null {
  return refusedLogin({ type: String(value.type ?? 'message'), value, body: JSON.stringify(value) });
}

describe('what a feed says of a login', () => {
  it('promise 16: a connection error is a refused login only where its words speak of one', () => {
    const of = (message: string) => said({ type: 'connection_error', payload: { message } });
    expect(of('Invalid token')).toBe('connection_error, Invalid token');
    expect(of('Unauthorized')).toBe('connection_error, Unauthorized');
    expect(of('upstream is not available')).toBeNull();
    expect(of('Author service is down')).toBeNull();
    expect(said({ type: 'connection_error' })).toBeNull();
  });

  it('promise 16: names that mean nothing else need no words', () => {
    expect(said({ type: 'auth_invalid', message: 'no' })).toBe('auth_invalid, no');
    expect(said({ type: 'error', error: { code: 'invalid_token' } })).toBe('invalid_token');
    expect(said({ type: 'welcome', message: 'your token is fine' })).toBeNull();
  });
});
