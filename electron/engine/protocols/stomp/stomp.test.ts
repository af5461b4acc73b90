import { Client } from '@stomp/stompjs';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { recipeSchema } from '../../../../shared/recipe';
import { isSealed, type Said } from '../../core/said';
import { serveFixture } from '../testing/peer';
import { sessionOf } from '../testing/session';
import { stomp } from './stomp';
import { readStomp, stompLength, writeStomp } from './stomp-frame';
import { createStompFixture } from './testing/stomp-fixture';

const protocolOf = (more: object = {}) =>
  stomp.make({
    ladder: [],
    recipe: recipeSchema.parse({
      ...{ name: 'r', title: 'R' },
      speak: { protocol: 'stomp', destinations: ['/topic/a', '/topic/b'], ...more },
    }),
  });

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const said = (acts: readonly unknown[]): readonly unknown[] =>
  acts.map((act) =>
    typeof act === 'object' && isSealed(act as Said)
      ? (act as { compose(f: (t: string) => string): string }).compose((text) => text)
      : act,
  );

const connected = (version = '1.2', beats = '0,0') => `CONNECTED\nversion:${version}\nheart-beat:${beats}\n\n\u0000`;
const receipt = (id: number) => `RECEIPT\nreceipt-id:${id}\n\n\u0000`;

describe('the vendor’s own client', () => {
  it('takes our fixture for a broker: it connects, subscribes and hears', async () => {
    const fixture = createStompFixture();
    const server = await serveFixture(fixture);
    closers.push(() => server.close());
    const client = new Client({
      webSocketFactory: () => new WebSocket(`ws://127.0.0.1:${server.port}`, ['v12.stomp']),
      connectHeaders: { login: 'ada', passcode: 'right' },
      reconnectDelay: 0,
    });
    closers.push(() => client.deactivate({ force: true }));
    const heard = new Promise<string>((resolve) => {
      client.onConnect = () => client.subscribe('/topic/a', ({ body }) => resolve(body));
    });
    client.activate();
    await expect.poll(() => fixture.heard).toContain('SUBSCRIBE /topic/a');
    fixture.publish('/topic/a', '{"n":1}');
    expect(await heard).toBe('{"n":1}');
  });
});

describe('a session of STOMP', () => {
  it('connects, subscribes to each, and is settled when every receipt came', () => {
    const session = sessionOf(protocolOf({ login: 'ada', passcode: 'right\nx', host: 'v' }));
    expect(said(session.opened())).toEqual([
      'CONNECT\naccept-version:1.0,1.1,1.2\nhost:v\nheart-beat:10000,10000\nlogin:ada\npasscode:rightx\n\n\u0000',
    ]);
    expect(said(session.hear(connected()).acts)).toEqual([
      'SUBSCRIBE\nid:2\ndestination:/topic/a\nack:auto\nreceipt:2\n\n\u0000',
      'SUBSCRIBE\nid:3\ndestination:/topic/b\nack:auto\nreceipt:3\n\n\u0000',
    ]);
    expect(session.hear(receipt(3)).acts).toEqual([]);
    expect(session.hear(receipt(2)).acts).toEqual(['settled']);
    expect(session.hear(receipt(2)).acts).toEqual([]);
  });

  it('names no virtual host that it was not told: RabbitMQ refuses the name of a host as one that it does not have', () => {
    expect(said(sessionOf(protocolOf()).opened())).toEqual([
      'CONNECT\naccept-version:1.0,1.1,1.2\nheart-beat:10000,10000\n\n\u0000',
    ]);
  });

  it('is settled without receipts where a broker knows none and says nothing against it', () => {
    const session = sessionOf(protocolOf());
    session.opened();
    session.hear(connected(), 500);
    expect(session.wakeAt()).toBe(3_500);
    expect(session.due(3_500)).toEqual(['settled']);
  });

  it('waits for every receipt of a broker that gives them', () => {
    const session = sessionOf(protocolOf());
    session.opened();
    session.hear(connected());
    session.hear(receipt(2));
    expect(session.due(3_000)).toEqual([]);
    expect(session.due(10_000)).toEqual([{ kind: 'unanswered', step: 3, afterMs: 10_000 }]);
  });

  it('says of queues what it takes from others', () => {
    expect(protocolOf().promise).toContain('queue');
  });

  it('ends where it is not let in in time, and where it is refused, in the words of the broker', () => {
    const silent = sessionOf(protocolOf());
    silent.opened();
    expect(silent.due(10_000)).toEqual([{ kind: 'unanswered', step: 1, afterMs: 10_000 }]);
    const denied = sessionOf(protocolOf());
    denied.opened();
    expect(denied.hear('ERROR\nmessage:Bad CONNECT\n\nAccess refused for user\u0000').acts).toEqual([
      { kind: 'refused', login: true, message: 'Bad CONNECT: Access refused for user' },
    ]);
    const refused = sessionOf(protocolOf());
    refused.opened();
    refused.hear(connected());
    expect(refused.hear('ERROR\nmessage:no such exchange\n\n\u0000').acts).toEqual([
      { kind: 'refused', login: false, message: 'no such exchange' },
    ]);
  });

  it('says signs of life as often as is agreed, a little earlier, and takes those of the broker for life', () => {
    const session = sessionOf(protocolOf());
    session.opened();
    const heard = session.hear(connected('1.2', '5000,20000'));
    expect(heard.messages).toEqual([{ kind: 'terms', spreadMs: null, heartbeatMs: 10_000 }]);
    session.hear(receipt(2));
    session.hear(receipt(3));
    expect(session.wakeAt()).toBe(19_000);
    expect(session.due(19_000)).toEqual(['\n']);
    expect(session.wakeAt()).toBe(38_000);
    expect(session.hear('\n').messages).toMatchObject([{ kind: 'heartbeat' }]);
  });

  it('reads a message: the destination is its stream, what is escaped is read as it was meant', () => {
    const session = sessionOf(protocolOf());
    session.opened();
    session.hear(connected());
    const message =
      'MESSAGE\nsubscription:2\nmessage-id:m\\c1\ndestination:/topic/a\\c1\n\n{"n":9007199254740993}\u0000';
    expect(session.hear(message).messages).toMatchObject([
      { kind: 'event', event: { stream: '/topic/a:1', id: 'm:1', body: '{"n":9007199254740993}' } },
    ]);
    const bytes = Buffer.from('MESSAGE\r\ndestination:/topic/b\r\ncontent-length:3\r\n\r\na\u0000b\u0000');
    expect(session.hear(new Uint8Array(bytes)).messages).toMatchObject([{ event: { body: 'a\u0000b' } }]);
    const old = sessionOf(protocolOf());
    old.opened();
    old.hear(connected('1.0'));
    expect(old.hear('MESSAGE\ndestination:a\\cb\n\nx\u0000').messages).toMatchObject([{ event: { stream: 'a\\cb' } }]);
  });

  it('a message of a subscription that is not ours is no event, and is counted; one that names none is', () => {
    const session = sessionOf(protocolOf());
    session.opened();
    session.hear(connected());
    const message = (header: string) => `MESSAGE\n${header}message-id:1\ndestination:/topic/a\n\nx\u0000`;
    for (const foreign of ['999', '1', '4', '', '02', '2 ']) {
      expect(session.hear(message(`subscription:${foreign}\n`)).messages, foreign).toEqual([
        { kind: 'undecodable', why: 'a message of a subscription that is not ours', stream: null, position: null },
      ]);
    }
    for (const ours of ['subscription:2\n', 'subscription:3\n', '']) {
      expect(session.hear(message(ours)).messages, ours).toMatchObject([
        { kind: 'event', event: { stream: '/topic/a' } },
      ]);
    }
  });

  it('counts what is no frame, with why', () => {
    const session = sessionOf(protocolOf());
    session.opened();
    for (const text of ['NONSENSE\n\n\u0000', 'MESSAGE\nno colon\n\n\u0000', 'MESSAGE\na:b\n\nno end', '{"json":1}']) {
      expect(session.hear(text).messages, text).toMatchObject([
        { kind: 'undecodable', why: expect.stringMatching(/\w/) },
      ]);
    }
  });
});

describe('frames of STOMP in a stream of bytes', () => {
  it('are cut by their length, else by their NUL, and an end of line between them is one', () => {
    const of = (text: string) => stompLength(Buffer.from(text));
    expect(of('\nMESSAGE')).toEqual({ kind: 'whole', bytes: 1 });
    expect(of('\r\n')).toEqual({ kind: 'whole', bytes: 2 });
    expect(of('\r')).toEqual({ kind: 'more', bytes: 2 });
    expect(of('MESSAGE\na:b')).toEqual({ kind: 'more', bytes: null });
    expect(of('MESSAGE\n\nxy\u0000rest')).toEqual({ kind: 'whole', bytes: 12 });
    expect(of('MESSAGE\ncontent-length:5\n\nab')).toEqual({ kind: 'more', bytes: 32 });
    expect(of('MESSAGE\ncontent-length:3\n\na\u0000b\u0000X')).toEqual({ kind: 'whole', bytes: 30 });
    expect(of('MESSAGE\ncontent-length:1\n\nab\u0000')).toMatchObject({ kind: 'none' });
    expect(of('{"a":1}')).toMatchObject({ kind: 'none' });
    expect(stompLength(Buffer.alloc(70_000, 'A'))).toMatchObject({ kind: 'none' });
  });

  it('come out as they went in', () => {
    const written = writeStomp('SUBSCRIBE', [['destination', 'a:b\\c\r\nd']]);
    expect(readStomp(written, true).frames[0]?.headers.get('destination')).toBe('a:b\\c\r\nd');
  });
});
