import { describe, expect, it } from 'vitest';
import { defaultReach } from '../../../shared/reach';
import { type SourceConfig, sourceSchema } from '../../../shared/source';
import { destinationOf } from './destination';

const poll = { transport: 'poll', url: 'https://a.example/v1/orders/poll' } as const;
const socket = { transport: 'websocket', url: 'wss://a.example/v1/orders/ws' } as const;

function source(changed: Partial<Record<keyof SourceConfig, unknown>>): SourceConfig {
  return sourceSchema.parse({
    id: 's',
    name: 'Orders',
    url: 'https://a.example/v1/orders',
    protocol: 'gateway',
    ladder: [socket, poll],
    ...changed,
  });
}

describe('where messages of a source go', () => {
  const here = destinationOf(source({}));

  it.each([
    ['its name', { name: 'Others' }],
    ['its rungs at the same stream', { ladder: [poll] }],
    ['how the stream is written', { url: 'wss://a.example/v1/orders/ws?token=b#c' }],
    ['how one logs in', { reach: { ...defaultReach, sendsPerSecond: 3 } }],
  ])('promise 4: is the same whatever %s', (_, changed) => {
    expect(destinationOf(source(changed))).toBe(here);
  });

  it.each([
    ['the host', { url: 'https://b.example/v1/orders' }],
    ['the port', { url: 'https://a.example:444/v1/orders' }],
    ['the security', { url: 'http://a.example/v1/orders' }],
    ['the stream', { url: 'https://a.example/v1/others' }],
    ['the WebSocket alone', { ladder: [{ ...socket, url: 'wss://b.example/v1/orders/ws' }, poll] }],
    ['what is connected to in its place', { reach: { ...defaultReach, connectTo: 'b.example:443' } }],
  ])('promise 4: is another with %s', (_, changed) => {
    expect(destinationOf(source(changed))).not.toBe(here);
  });

  it('promise 4: a query counts, but for what is like a credential, and is not kept as text', () => {
    const of = (query: string) => {
      const url = `wss://a.example/feed${query}`;
      return destinationOf(source({ url, protocol: 'json', ladder: [{ transport: 'websocket', url }] }));
    };
    expect(of('?room=one&token=x')).toBe(of('?room=one&token=y'));
    expect(of('?room=one')).not.toBe(of('?room=two'));
    expect(of('?room=one')).not.toContain('one');
  });

  it('promise 4: that of this machine changes by itself and counts for nothing', () => {
    expect(destinationOf(source({ builtIn: true }))).toBeNull();
  });

  it('hostile 3: is the same whatever a secret in the address is called, and where it is kept', () => {
    const json = (url: string) => destinationOf(source({ url, protocol: 'json', ladder: [{ ...poll, url }] }));
    const typed = json('https://me:planted@a.example/x?a=1&sid=planted&next=%3Fkey%3Dplanted');
    expect(typed).not.toContain('planted');
    expect(json('https://*secret.a*@a.example/x?a=1&sid=*secret.b*')).toBe(
      json('https://a.example/x?a=1&sid=*secret.c*'),
    );
    expect(json('https://a.example/x?a=1&next=*secret.b*')).toBe(json('https://a.example/x?a=1&next=*secret.c*'));
  });
});
