import { describe, expect, it } from 'vitest';
import { BodyNumbers } from '../core/body-numbers';
import { isBareError, refusedLogin } from './login-answer';

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

  it('promise 16: is read whole also where only numbers were taken off its body', () => {
    const value = new BodyNumbers({ tree: { code: 0, message: null } }, [401]);
    const body = '{"code":401,"message":"no such token"}';
    expect(refusedLogin({ type: 'message', value, body })).toBe('401, no such token');
    const error = { type: 'message', value: new BodyNumbers({ tree: { error: null, code: 0 } }, [401]) };
    expect(isBareError({ ...error, body: '{"error":"no","code":401}' })).toBe(true);
  });

  it('promise 16: names that mean nothing else need no words', () => {
    expect(said({ type: 'auth_invalid', message: 'no' })).toBe('auth_invalid, no');
    expect(said({ type: 'error', error: { code: 'invalid_token' } })).toBe('invalid_token');
    expect(said({ type: 'welcome', message: 'your token is fine' })).toBeNull();
  });
});
