import { describe, expect, it } from 'vitest';
import { BodyNumbers } from '../core/body-numbers';
import { isAcknowledgement, isBareError, isGreeting, refusedLogin } from './login-answer';

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

describe('what only answers our first words, and shows of no feed that it speaks', () => {
  const of = (type: string, value: Record<string, unknown>) => ({ type, value, body: JSON.stringify(value) });

  it.each([
    [
      'Deribit',
      of('message', { jsonrpc: '2.0', id: 1, result: ['ticker.BTC'], usIn: 1, usOut: 2, usDiff: 1, testnet: false }),
    ],
    ['Bybit', of('subscribe', { success: true, ret_msg: 'subscribe', conn_id: 'c', op: 'subscribe' })],
    ['OKX', of('subscribe', { event: 'subscribe', arg: { channel: 'tickers', instId: 'BTC-USDT' }, connId: 'a' })],
    ['OKX, refused', of('error', { event: 'error', code: '60012', msg: 'Invalid request' })],
    [
      'Bitfinex',
      of('subscribed', { event: 'subscribed', channel: 'ticker', chanId: 1, symbol: 'tBTCUSD', pair: 'BTCUSD' }),
    ],
    ['Alpaca', of('message', { T: 'success', msg: 'connected' })],
    ['Alpaca, refused', of('message', { T: 'error', code: 402, msg: 'auth failed' })],
  ])('%s', (_feed, event) => {
    expect(isAcknowledgement(event)).toBe(true);
  });

  it.each([
    ['an event of the same name', of('subscribed', { type: 'subscribed', user: 'ada', plan: 'gold' })],
    ['a result with something in it', of('message', { id: 3, result: 'ok', price: 60_000 })],
    ['a status', of('status', { type: 'status', status: 'ok' })],
    ['a trade', of('trade', { type: 'trade', price: 1 })],
  ])('is not: %s', (_what, event) => {
    expect(isAcknowledgement(event)).toBe(false);
  });

  it('greets as the gateway of Discord does', () => {
    expect(isGreeting(of('message', { t: null, s: null, op: 10, d: { heartbeat_interval: 41_250 } }))).toBe(true);
    expect(isGreeting(of('message', { op: 10, d: { price: 1 } }))).toBe(false);
  });
});
