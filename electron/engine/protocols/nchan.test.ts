import { describe, expect, it } from 'vitest';
import type { RungConfig } from '../../../shared/source';
import type { TransportKind } from '../../../shared/transport';
import type { Frame } from '../core/frame';
import type { Message } from '../core/protocol';
import { nchanProtocol } from './nchan';
import { compareIds, httpId, parseToken, positionOf } from './nchan-id';

const at = (transport: TransportKind): RungConfig => ({ transport, url: 'http://h/sub', intervalSeconds: 5 });
const frame = (data: string, changed: Partial<Frame> = {}): Frame => ({
  data,
  bytes: data.length,
  receivedAt: 1,
  event: null,
  id: null,
  headers: [],
  ...changed,
});
const ids = (messages: readonly Message[]) =>
  messages.flatMap((message) => (message.kind === 'event' ? [message.event.id] : []));
const kinds = (messages: readonly Message[]) => messages.map(({ kind }) => kind);

function sse(token: string | null) {
  const decoder = nchanProtocol.createDecoder(at('sse'), token === null ? null : { positions: {}, token });
  return (id: string) => decoder.decode(frame('{"n":1}', { id }));
}

describe('nchan', () => {
  it('reads a message of ws+meta.nchan', () => {
    const decoder = nchanProtocol.createDecoder(at('websocket'), null);
    const messages = decoder.decode(frame('id: 1760000000:2\ncontent-type: application/json\n\n{"a":1.0}\n\nid: 5'));
    expect(kinds(messages)).toEqual(['attached', 'event', 'token']);
    expect(messages[1]).toMatchObject({ event: { id: '1760000000:2', body: '{"a":1.0}\n\nid: 5', type: 'message' } });
    expect(kinds(decoder.decode(frame('no head')))).toEqual(['undecodable']);
    expect(kinds(decoder.decode(frame('id:\n\nbody')))).toEqual(['undecodable']);
  });

  it('promise 7: an id of seconds that cannot be is no place, and nothing behind it is old', () => {
    const now = 1_760_000_000_000;
    const decoder = nchanProtocol.createDecoder(at('sse'), null);
    const hear = (id: string, receivedAt = now) => decoder.decode(frame('{}', { id, receivedAt }));
    hear('1760000000:0');
    expect(hear('9999999999:0')).toMatchObject([{ kind: 'event', event: { id: '9999999999:0', position: null } }]);
    expect(hear('1760000001:0')).toMatchObject([
      { kind: 'event', event: { position: positionOf('1760000001:0') } },
      { kind: 'token', token: '1760000000:0|1760000001:0' },
    ]);
    // A clock of ours that is years behind does not make every id one.
    const behind = nchanProtocol.createDecoder(at('sse'), null);
    for (const id of ['1760000000:0', '1760000001:0']) {
      expect(kinds(behind.decode(frame('{}', { id, receivedAt: 5_000 })))).toContain('token');
    }
  });

  it('asks each transport in its own way', () => {
    const resume = { positions: {}, token: '1760000000:1|1760000000:2' };
    const ask = (kind: TransportKind) => nchanProtocol.attach(at(kind), resume, { holdMs: 0 });
    expect(ask('websocket')).toMatchObject({
      subprotocols: ['ws+meta.nchan'],
      headers: [['last-event-id', '1760000000:1']],
    });
    expect(ask('sse').lastEventId).toBe('1760000000:1');
    expect(ask('long-poll').headers).toContainEqual(['if-modified-since', 'Thu, 09 Oct 2025 08:53:20 GMT']);
    expect(ask('long-poll').headers).toContainEqual(['if-none-match', '1']);
    const again = nchanProtocol.attach(at('long-poll'), resume, { holdMs: 0, again: true });
    expect(again.headers).toContainEqual(['if-none-match', '2']);
    expect(nchanProtocol.attach(at('poll'), null, { holdMs: 0 }).headers).toHaveLength(1);
  });

  it('makes an id of Etag and Last-Modified, and asks on', () => {
    const decoder = nchanProtocol.createDecoder(at('long-poll'), null);
    const headers = [
      ['last-modified', 'Thu, 09 Oct 2025 08:53:20 GMT'],
      ['etag', '"3"'],
    ] as const;
    const messages = decoder.decode(frame('x', { headers }));
    expect(ids(messages)).toEqual(['1760000000:3']);
    expect(kinds(messages)).toEqual(['attached', 'event', 'token', 'more']);
  });

  it('the token holds the last two ids', () => {
    const decode = sse(null);
    expect(decode('10:0').at(-1)).toEqual({ kind: 'token', token: '10:0' });
    expect(decode('10:1').at(-1)).toEqual({ kind: 'token', token: '10:0|10:1' });
  });

  it('behaviour 21: the message that overlaps proves that nothing is missing', () => {
    const decode = sse('10:0|10:1');
    expect(decode('10:1')).toMatchObject([{ kind: 'attached' }, { kind: 'control', name: 'overlap' }]);
    const next = decode('11:0');
    expect(kinds(next)).toEqual(['event', 'token']);
    expect(next[1]).toEqual({ kind: 'token', token: '10:1|11:0' });
  });

  it('behaviour 21: without it the server has forgotten: a gap, never a silent replay', () => {
    const messages = sse('10:0|10:1')('15:0');
    expect(kinds(messages)).toEqual(['cannot-resume', 'attached', 'event', 'token']);
    expect(messages[0]).toMatchObject({
      cause: 'retention',
      requested: positionOf('10:1'),
      oldest: positionOf('15:0')?.seq,
    });
  });

  it('behaviour 21: joined channels that come back without it are told as forgotten too, though nothing is numbered', () => {
    const decode = sse('10:0,[0]|10:1,[0]');
    const first = decode('15:0,[0]');
    expect(kinds(first)).toEqual(['cannot-resume', 'event', 'token']);
    expect(first[0]).toMatchObject({ cause: 'retention', requested: null, oldest: null });
    expect(kinds(decode('15:1,[0]'))).toEqual(['event', 'token']);
    const kept = sse('10:0,[0]|10:1,[0]');
    expect(kinds(kept('10:1,[0]'))).toEqual(['control']);
    expect(kinds(kept('15:0,[0]'))).toEqual(['event', 'token']);
  });

  it('promise 9: of which only one message was ever had, it is asked for again, so that a server that forgot is found out', () => {
    const resume = { positions: {}, token: '10:0' };
    const rung = { transport: 'sse', url: 'http://feed.test/sub', intervalSeconds: 5 } as const;
    const options = { holdMs: 25_000, again: false };
    expect(nchanProtocol.attach(rung, resume, options).lastEventId).toBe('9:0');
    expect(nchanProtocol.attach(rung, { ...resume, token: '10:3' }, options).lastEventId).toBe('10:2');
    expect(kinds(sse('10:0')('10:0'))).toEqual(['attached', 'control']);
    expect(kinds(sse('10:0')('15:0'))).toEqual(['cannot-resume', 'attached', 'event', 'token']);
    // Of joined channels nothing can be asked for that lies just before.
    const joined = nchanProtocol.attach(rung, { ...resume, token: '10:0,[0]' }, options);
    expect(joined.lastEventId).toBe('10:0,[0]');
    expect(kinds(sse('10:0,[0]')('15:0,[0]'))).toEqual(['cannot-resume', 'event', 'token']);
  });

  it('a replay from the oldest is recognised, passed on by its numbers, and joined where we left off', () => {
    const decode = sse('10:0|10:1');
    expect(ids(decode('8:0'))).toEqual(['8:0']);
    expect(kinds(decode('9:0'))).not.toContain('token');
    expect(kinds(decode('10:1'))).toContain('control');
    expect(kinds(decode('11:0'))).toEqual(['event', 'token']);
  });

  it('joined channels have ids without numbers and still resume', () => {
    expect(positionOf('1760000000:1,[0],-')).toBeNull();
    expect(parseToken('1760000000:1,[0],-')?.last).toBe('1760000000:1,[0],-');
    expect(httpId('1760000000:1,[0],-')?.etag).toBe('1,[0],-');
    expect(compareIds('5:1,2', '6:0,0')).toBeLessThan(0);
    expect(compareIds('5:1,2', '5:0,0')).toBeNull();
  });

  it('hostile tokens are no tokens', () => {
    for (const text of ['', '|', 'a\r\nb', '1:2\nx', '[{"topic":1}]', 'x|1:']) expect(parseToken(text)).toBeNull();
  });
});
