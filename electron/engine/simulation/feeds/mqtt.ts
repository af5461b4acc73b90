import { type Recipe, recipeSchema } from '../../../../shared/recipe';
import { type BrokerConnection, createFakeBroker } from '../../protocols/mqtt/testing/broker';
import { authorised, configOf, type FakeFeed, type FeedDeps, type Published } from './feed';

const streams = ['plant/a/heat', 'plant/b/heat', 'plant/state'] as const;
const stateTopic = 'plant/state';

/** One message as the broker took it. */
export interface Kept extends Published {
  readonly qos: 0 | 1;
  /** Somebody is owed it: the broker gives it again until it is acknowledged. */
  owed: boolean;
  /** It was sent once more without a word that it was: it may be there twice. */
  twice: boolean;
}

/**
 * A broker of MQTT 3.1.1 and 5, over WebSocket or bare TCP: two topics behind a wildcard and one that it retains. In most
 * runs it keeps sessions, and everything is published with quality 1; it may have few messages under way, give identifiers
 * again, or forget to say that it sends something once more. Hooks: `kept`, `forgot`, `begun`.
 */
export interface MqttFeed extends FakeFeed {
  kept(stream: string): readonly Kept[];
  /** It lost a session, or keeps none, or has something that it keeps for nobody. */
  forgot(): boolean;
  /** How often somebody has begun to watch it anew: after a restart, or an edit. */
  begun(): number;
}

export function createMqttFeed({ clock, random }: FeedDeps): MqttFeed {
  const broker = createFakeBroker();
  const keepSession = random.next() < 0.85;
  const careless = random.next() < 0.2;
  const overTcp = random.next() < 0.5;
  const version = random.pick(['auto', '3.1.1', '5'] as const);
  broker.mostUnderWay = random.pick([1, 4, 20, 100]);
  broker.queueLimit = Number.POSITIVE_INFINITY;
  broker.marksRepeats = random.next() < 0.8;
  broker.reusesIds = random.next() < 0.5;
  broker.onRepeat = (topic, body) => {
    const sent = published.get(topic)?.find((one) => one.body === body);
    if (sent && !broker.marksRepeats) sent.twice = true;
  };
  const published = new Map<string, Kept[]>(streams.map((stream) => [stream, []]));
  const links = new Set<{ end(code: number): void }>();
  let count = 0;
  let token: string | null = 'token-0';
  let stopped = false;
  let waiting: (() => void)[] = [];
  let begun = 0;
  let forgot = !keepSession || careless;
  const recipe: Recipe = recipeSchema.parse({
    name: 'simulated-broker',
    title: 'A broker',
    speak: { protocol: 'mqtt', topics: ['plant/+/heat', stateTopic], version, keepSession },
  });

  /** A process that stands still does it when it goes on. */
  function whenRunning(act: () => void): void {
    if (stopped) waiting.push(act);
    else act();
  }

  function publish(): void {
    const topic = random.pick(streams);
    const qos = careless && random.next() < 0.1 ? 0 : 1;
    whenRunning(() => {
      count += 1;
      const body = `{"n":${count},"v":${Math.round(random.next() * 1000)}}`;
      const event: Kept = {
        ...{ stream: topic, body, id: null, position: null, at: clock.now() },
        ...({ qos, mayMiss: false, owed: false, twice: false } as const),
      };
      published.get(topic)?.push(event);
      const takers = broker.publish(topic, body, qos, topic === stateTopic);
      event.owed = takers > 0 && qos === 1 && keepSession;
    });
  }

  function forget(): void {
    forgot = true;
    const bodies = new Set(broker.forget());
    for (const one of [...published.values()].flat()) if (bodies.has(one.body)) one.owed = false;
  }

  function endAll(code: number): void {
    for (const link of [...links]) link.end(code);
  }

  /** A connection, whatever carries it: what comes goes to the broker, once it runs. */
  function link(send: (bytes: Uint8Array) => void, end: (code: number) => void) {
    const own = { end };
    links.add(own);
    const connection: BrokerConnection = broker.connect(send, () => end(1000));
    return {
      receive: (bytes: Uint8Array) => whenRunning(() => connection.receive(bytes)),
      closed() {
        links.delete(own);
        whenRunning(() => connection.closed());
      },
    };
  }

  return {
    kind: 'mqtt',
    promises: { identity: 'broker', resumes: keepSession },
    streams,
    server: {
      alive: () => !stopped,
      exchange(exchange) {
        exchange.head(426, []);
        exchange.end();
      },
      socket(socket) {
        if (stopped) return;
        if (!authorised(token, socket.request.headers)) return socket.refuse(401, [], '');
        socket.accept();
        const { receive, closed } = link(
          // A packet may begin in one frame and end in the next.
          (bytes) => {
            const cut = random.int(0, bytes.length);
            for (const part of [bytes.slice(0, cut), bytes.slice(cut)]) if (part.length > 0) socket.send(part);
          },
          (code) => socket.close(code, ''),
        );
        socket.onMessage((data) => receive(Buffer.from(data)));
        socket.onClosed(closed);
      },
      stream(stream) {
        const { receive, closed } = link(
          (bytes) => stream.send(bytes),
          () => stream.end(),
        );
        stream.onBytes(receive);
        stream.onClosed(closed);
      },
    },
    config(id, place) {
      begun += 1;
      const url = overTcp ? `mqtt://${place}` : `ws://${place}/mqtt`;
      return { ...configOf(id, url, 'mqtt', [[overTcp ? 'tcp' : 'websocket', url]]), recipe };
    },
    publish,
    truth: (stream) => published.get(stream) ?? [],
    kept: (stream) => published.get(stream) ?? [],
    forgot: () => forgot,
    begun: () => begun,
    fault(kind, on, size) {
      switch (kind) {
        case 'server-stopped': {
          stopped = on;
          const acts = on ? [] : waiting;
          if (!on) waiting = [];
          for (const act of acts) act();
          return;
        }
        case 'server-restart':
          // With a store its sessions outlive it.
          if (size % 3 === 0) forget();
          endAll(1012);
          return;
        case 'retention':
          // The session of who was away too long is gone, with all that was kept for it.
          forget();
          for (let turn = 0; turn < 12; turn += 1) publish();
          return;
        case 'planned-end':
          whenRunning(() => broker.stop());
          return;
        case 'login-refused':
          broker.login = on ? 'somebody:else' : null;
          if (on) endAll(1000);
          return;
        case 'close-1008':
          endAll(1008);
          return;
        case 'close-1013':
          endAll(1013);
          return;
        case 'close-unknown':
          endAll(4000 + size);
          return;
        case 'burst':
          for (let turn = 0; turn < size * 2; turn += 1) publish();
          return;
        default:
      }
    },
    token: () => token,
    setToken(next) {
      token = next;
    },
    close() {},
  };
}
