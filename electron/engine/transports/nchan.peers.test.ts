import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ResumePoint } from '../../../shared/position';
import type { RungConfig } from '../../../shared/source';
import type { TransportKind } from '../../../shared/transport';
import { createSystemClock } from '../../node/clock';
import type { Message } from '../core/protocol';
import type { Transport, TransportSession } from '../core/transport';
import { createDialler } from '../dialling/dialler';
import { createHttpPort } from '../dialling/http-port';
import { createSocketPort } from '../dialling/socket-port';
import { nchanProtocol } from '../protocols/nchan';
import { readThroughEventSource } from './eventsource-reader';
import { createLongPollTransport } from './long-poll';
import { createPollTransport } from './poll';
import { createSseTransport } from './sse';
import { hasNchan, type Nginx, startNginx } from './testing/nginx';
import { createRecorder } from './testing/recorder';
import { createWebSocketTransport } from './websocket';

const clock = createSystemClock();
const dial = createDialler({ clock });
const http = createHttpPort({ dial, clock });
const transports: readonly Transport[] = [
  createWebSocketTransport({ socket: createSocketPort({ dial, clock }), clock }),
  createSseTransport({ http, clock, reader: readThroughEventSource }),
  createLongPollTransport({ http, clock }),
  createPollTransport({ http, clock }),
];

const locations = `
location ~ ^/pub/(\\w+)$ { nchan_publisher; nchan_channel_id $1; nchan_message_buffer_length 20; }
location ~ ^/sub/(\\w+)$ { nchan_subscriber websocket eventsource longpoll; nchan_channel_id $1; nchan_subscriber_first_message newest; nchan_websocket_ping_interval 1; nchan_eventsource_ping_interval 1; }
location ~ ^/poll/(\\w+)$ { nchan_subscriber interval-poll; nchan_channel_id $1; nchan_subscriber_first_message oldest; }
`;

let nginx: Nginx;
let channel = 0;
const sessions = new Set<TransportSession>();
beforeAll(async () => {
  if (!hasNchan) return;
  nginx = await startNginx(locations);
});
afterEach(() => {
  for (const session of sessions) session.destroy();
  sessions.clear();
});
afterAll(async () => {
  http.close();
  await nginx?.close();
});

async function publish(name: string, from: number, to: number): Promise<void> {
  for (let n = from; n <= to; n += 1) {
    const answer = await fetch(`http://127.0.0.1:${nginx.port}/pub/${name}`, { method: 'POST', body: `{"n":${n}}` });
    expect(answer.status).toBeLessThan(300);
  }
}

function follow(transport: Transport, name: string, resume: ResumePoint | null = null) {
  const kind: TransportKind = transport.kind;
  const path = kind === 'poll' ? 'poll' : 'sub';
  const rung: RungConfig = {
    transport: kind,
    url: `${kind === 'websocket' ? 'ws' : 'http'}://127.0.0.1:${nginx.port}/${path}/${name}`,
    intervalSeconds: 1,
  };
  const decoder = nchanProtocol.createDecoder(rung, resume);
  const recorder = createRecorder();
  const messages: Message[] = [];
  let point = resume;
  recorder.react = (frame) => {
    for (const message of decoder.decode(frame)) {
      messages.push(message);
      if (message.kind === 'token') point = { positions: {}, token: message.token };
      if (message.kind === 'more') session.askNow();
    }
  };
  let again = false;
  const session = transport.open(
    () => {
      const request = nchanProtocol.attach(rung, point, { holdMs: 5000, again });
      again = true;
      return request;
    },
    { maxFrameBytes: 100_000, pollIntervalMs: 100, holdMs: 5000 },
    recorder,
  );
  sessions.add(session);
  const numbers = () => messages.flatMap((m) => (m.kind === 'event' ? [Number(/\d+/.exec(String(m.event.body)))] : []));
  return { session, recorder, messages, numbers, point: () => point };
}

const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe.skipIf(!hasNchan).each(transports)('nginx with nchan over $kind', (transport) => {
  const streams = transport.kind === 'websocket' || transport.kind === 'sse';

  async function settled(follower: ReturnType<typeof follow>): Promise<void> {
    if (streams) await follower.recorder.until(({ log }) => log.includes('open'));
    await new Promise((resolve) => setTimeout(resolve, 150));
  }

  it('brings events in order and resumes with nothing lost or repeated', async () => {
    channel += 1;
    const name = `c${channel}`;
    const first = follow(transport, name);
    await settled(first);
    await publish(name, 1, 10);
    await first.recorder.until(() => first.numbers().length >= 10);
    expect(first.numbers()).toEqual(upTo(1, 10));
    first.session.destroy();
    await publish(name, 11, 18);
    const second = follow(transport, name, first.point());
    await second.recorder.until(() => second.numbers().length >= 8);
    expect(second.numbers()).toEqual(upTo(11, 18));
    expect(second.messages.some(({ kind }) => kind === 'cannot-resume')).toBe(false);
    await publish(name, 19, 20);
    await second.recorder.until(() => second.numbers().length >= 10);
    expect(second.numbers()).toEqual(upTo(11, 20));
  });

  it('behaviour 21: an evicted id is not a silent replay', async () => {
    channel += 1;
    const name = `c${channel}`;
    const first = follow(transport, name);
    await settled(first);
    await publish(name, 1, 3);
    await first.recorder.until(() => first.numbers().length >= 3);
    first.session.destroy();
    await publish(name, 4, 40);
    const second = follow(transport, name, first.point());
    await second.recorder.until(() => second.numbers().includes(40));
    expect(second.numbers()).toEqual(upTo(21, 40));
    expect(second.messages[0]).toMatchObject({ kind: 'cannot-resume', cause: 'retention' });
  });

  if (!streams) return;

  it('behaviour 14: its pings are life, not events', async () => {
    channel += 1;
    const follower = follow(transport, `c${channel}`);
    await settled(follower);
    const before = follower.session.bytesRead();
    await expect.poll(() => follower.session.bytesRead(), { timeout: 3000 }).toBeGreaterThan(before);
    expect(follower.messages).toEqual([]);
    expect(follower.recorder.ends).toEqual([]);
  });
});
