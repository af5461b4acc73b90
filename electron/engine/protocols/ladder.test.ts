import { describe, expect, it } from 'vitest';
import { protocolNames } from '../../../shared/protocols';
import { addressSchemes } from '../../../shared/source';
import { inferLadder } from './ladder';

function ladder(typed: string, protocol: Parameters<typeof inferLadder>[1] = 'auto') {
  const found = inferLadder(typed, protocol);
  if (!found.ok) throw new Error(found.errors[0]?.message);
  return [found.protocol, ...found.ladder.map(({ transport, url }) => `${transport} ${url}`)];
}

function error(typed: string, protocol: Parameters<typeof inferLadder>[1] = 'auto') {
  const found = inferLadder(typed, protocol);
  if (found.ok) throw new Error('No error.');
  const [first] = found.errors;
  expect(first?.field).toBe('url');
  return `${first?.message} ${first?.fix}`;
}

describe('inferLadder', () => {
  it('a gateway stream gets all four rungs, from any of its schemes', () => {
    const all = [
      'gateway',
      'websocket ws://127.0.0.1:7070/v1/host/ws',
      'sse http://127.0.0.1:7070/v1/host/sse',
      'long-poll http://127.0.0.1:7070/v1/host/poll',
      'poll http://127.0.0.1:7070/v1/host/poll',
    ];
    expect(ladder(' http://127.0.0.1:7070/v1/host ')).toEqual(all);
    expect(ladder('http://127.0.0.1:7070/v1/host/')).toEqual(all);
    expect(ladder('ws://127.0.0.1:7070/v1/host')).toEqual(all);
    expect(ladder('https://h/v1/x')[1]).toBe('websocket wss://h/v1/x/ws');
  });

  it("a transport's own address gets that transport", () => {
    expect(ladder('ws://h/v1/x/ws')).toEqual(['gateway', 'websocket ws://h/v1/x/ws']);
    expect(ladder('http://h/v1/x/sse?last=5')).toEqual(['gateway', 'sse http://h/v1/x/sse?last=5']);
    expect(ladder('http://h/v1/x/poll')).toEqual([
      'gateway',
      'long-poll http://h/v1/x/poll',
      'poll http://h/v1/x/poll',
    ]);
  });

  it('other feeds', () => {
    expect(ladder('wss://h/feed#x')).toEqual(['json', 'websocket wss://h/feed']);
    expect(ladder('https://stream.wikimedia.org/v2/stream/recentchange')).toEqual([
      'json',
      'sse https://stream.wikimedia.org/v2/stream/recentchange',
    ]);
    expect(ladder('https://h/status.json')).toEqual(['json', 'poll https://h/status.json']);
    expect(ladder('https://h/api')).toEqual(['json', 'sse https://h/api', 'poll https://h/api']);
    expect(ladder('https://h/sub', 'nchan')).toEqual([
      'nchan',
      'websocket wss://h/sub',
      'sse https://h/sub',
      'long-poll https://h/sub',
    ]);
    expect(ladder('http://h/v1/x', 'json')).toEqual(['json', 'sse http://h/v1/x', 'poll http://h/v1/x']);
  });

  it('a page of metrics is one by its address, as a guess', () => {
    expect(ladder('http://h:9100/metrics')).toEqual(['prometheus', 'poll http://h:9100/metrics']);
    expect(ladder('https://h/actuator/prometheus')).toEqual(['prometheus', 'poll https://h/actuator/prometheus']);
    expect(ladder('http://h/metrics/cadvisor?x=1')).toEqual(['prometheus', 'poll http://h/metrics/cadvisor?x=1']);
    expect(ladder('http://h/api/prometheus-alerts')[0]).toBe('json');
    expect(ladder('ws://h/metrics')).toEqual(['json', 'websocket ws://h/metrics']);
    expect(ladder('http://h/stats', 'prometheus')).toEqual(['prometheus', 'poll http://h/stats']);
  });

  it('says what is wrong and how to write it', () => {
    expect(error('')).toContain('no address');
    expect(error('example.com/feed')).toContain('https://example.com/feed');
    expect(error('localhost:7070/v1/host')).toContain('http://localhost:7070/v1/host');
    expect(error('http:/h/x')).toContain('https://h/x');
    expect(error('ftp://h/x')).toContain('ftp://');
    expect(error('http://h/a b')).toContain('space');
    expect(error('http://')).toContain('not an address');
    expect(error('http://h:99999/')).toContain('not an address');
    expect(error('https://me:secret@h/x')).toMatch(/password/);
    expect(error('https://me:secret@h/x')).not.toContain('secret@');
    for (const name of ['access_token', 'token', 'apiKey', 'api-key', 'client_secret', 'PASSWORD']) {
      const said = error(`wss://h/x?a=1&${name}=hush`);
      expect(said).toContain(`There is a secret in the address (${name}).`);
      expect(said).not.toContain('hush');
    }
    expect(ladder('wss://h/x?tokens=3&page_token=4')[1]).toBe('websocket wss://h/x?tokens=3&page_token=4');
    expect(error('https://h/x', 'gateway')).toContain('/v1/stream');
    expect(error(`http://h/${'x'.repeat(5000)}`)).toContain('4,096');
  });

  it('says of every protocol and every scheme what is wrong, and throws for none', () => {
    for (const scheme of addressSchemes) {
      for (const protocol of protocolNames) {
        const read = inferLadder(`${scheme}//h.test/a`, protocol);
        if (!read.ok) expect(read.errors[0]?.fix, `${protocol} ${scheme}`).not.toBe('');
      }
    }
    expect(inferLadder('mqtt://h.test', 'json')).toMatchObject({ ok: false, errors: [{ field: 'url' }] });
  });
});
