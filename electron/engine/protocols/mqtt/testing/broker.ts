import {
  generate,
  type IConnackPacket,
  type IConnectPacket,
  type ISubscribePacket,
  type Packet,
  parser,
} from 'mqtt-packet';
import { topicMatches } from '../topics';

/**
 * A broker without a network, as MQTT 3.1.1 (https://docs.oasis-open.org/mqtt/mqtt/v3.1.1/os/mqtt-v3.1.1-os.html) and 5
 * (https://docs.oasis-open.org/mqtt/mqtt/v5.0/os/mqtt-v5.0-os.html) describe one: sessions that outlive their connection
 * (§3.1.2.4), redelivery marked DUP (§4.4), flow control (§4.9), retained messages (§3.3.1.3), take-over (§3.1.4).
 * Hooks: `versions`, `login`, `deny`, `denyPublish`, `terms`, `mostUnderWay`, `queueLimit`, `marksRepeats`, `reusesIds`,
 * `onRepeat`, `forget`, `stop`.
 */
export interface FakeBroker {
  /** Versions that it speaks: 4 is 3.1.1. */
  versions: readonly number[];
  /** `user:password` that it insists on; null takes everyone. */
  login: string | null;
  /** Filters that it grants nobody. */
  deny: readonly string[];
  /** Topics that nobody may publish to; only MQTT 5 says so. */
  denyPublish: readonly string[];
  /** Terms of its CONNACK in MQTT 5. */
  terms: NonNullable<IConnackPacket['properties']>;
  /** Highest quality that it grants. */
  mostQos: 0 | 1 | 2;
  /** Messages under way at once to one client, at most. */
  mostUnderWay: number | null;
  /** Messages kept for one client; what comes beyond is dropped without a word. */
  queueLimit: number;
  /** It sets DUP on what it sends once more, as it has to. */
  marksRepeats: boolean;
  /** It gives a packet the lowest identifier that is free, where others count on. */
  reusesIds: boolean;
  /** Called for what is sent once more. */
  onRepeat(topic: string, body: string): void;
  connect(send: (bytes: Uint8Array) => void, close: () => void): BrokerConnection;
  /** How many clients get it, now or once they are back. */
  publish(topic: string, body: string | Buffer, qos?: 0 | 1 | 2, retain?: boolean): number;
  /** All sessions are gone, as after a restart without a store. The bodies that were owed to somebody. */
  forget(): readonly string[];
  /** Ends every connection: in order, as it says to whom speaks 5. */
  stop(): void;
  /** Ids of clients that are connected. */
  clients(): readonly string[];
  /** Packets that came, newest last; `PUBACK 3`. */
  readonly heard: readonly string[];
  /** Packets sent and not acknowledged, and those that wait, of a client. */
  owed(client: string): number;
}

export interface BrokerConnection {
  receive(bytes: Uint8Array): void;
  /** The way is gone. */
  closed(): void;
}

interface Message {
  readonly topic: string;
  readonly body: Buffer;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
}

interface Session {
  subscriptions: { readonly topic: string; readonly qos: 0 | 1 | 2 }[];
  queue: Message[];
  inflight: Map<number, { readonly message: Message; released: boolean }>;
  nextId: number;
  link: Link | null;
  keeps: boolean;
}

interface Link {
  readonly version: 4 | 5;
  readonly window: number;
  write(packet: Packet): void;
  close(): void;
}

export function createFakeBroker(): FakeBroker {
  const sessions = new Map<string, Session>();
  const retained = new Map<string, Message>();
  const heard: string[] = [];
  let named = 0;

  function nextIdOf(session: Session): number {
    const { inflight, nextId } = session;
    if (!broker.reusesIds) {
      session.nextId = (nextId % 65_535) + 1;
      return nextId;
    }
    let free = 1;
    while (inflight.has(free)) free += 1;
    return free;
  }

  function pump(session: Session): void {
    const { link } = session;
    if (link === null) return;
    while (session.queue.length > 0) {
      const next = session.queue[0];
      if (next === undefined || (next.qos > 0 && session.inflight.size >= link.window)) return;
      session.queue.shift();
      let messageId: number | undefined;
      if (next.qos > 0) {
        messageId = nextIdOf(session);
        session.inflight.set(messageId, { message: next, released: false });
      }
      write(link, next, messageId, false);
    }
  }

  function write(link: Link, { topic, body, qos, retain }: Message, messageId: number | undefined, dup: boolean): void {
    link.write({ cmd: 'publish', topic, payload: body, qos, retain, dup, ...(messageId ? { messageId } : {}) });
  }

  function offer(session: Session, message: Message): boolean {
    const wanted = session.subscriptions.filter(({ topic }) => topicMatches(topic, message.topic));
    if (wanted.length === 0) return false;
    const most = Math.max(...wanted.map(({ qos }) => qos));
    const qos = Math.min(most, message.qos) as Message['qos'];
    // Whoever is away is kept what was published with a quality, and nothing else.
    if (session.link === null && (qos === 0 || !session.keeps)) return false;
    if (session.queue.length >= broker.queueLimit) return false;
    session.queue.push({ ...message, qos, retain: message.retain });
    pump(session);
    return true;
  }

  function connected(
    packet: IConnectPacket,
    link: Link,
  ): { readonly client: string; readonly session: Session } | null {
    const version = packet.protocolVersion ?? 4;
    const refuse = (old: number, now: number) => {
      link.write({
        cmd: 'connack',
        sessionPresent: false,
        ...(link.version === 5 ? { reasonCode: now } : { returnCode: old }),
      });
      link.close();
      return null;
    };
    if (!broker.versions.includes(version)) return refuse(1, 0x84);
    if (broker.login !== null && `${packet.username}:${packet.password}` !== broker.login) return refuse(4, 0x86);
    named += 1;
    const client = packet.clientId || `named-${named}`;
    const before = sessions.get(client);
    if (before?.link) {
      if (before.link.version === 5) before.link.write({ cmd: 'disconnect', reasonCode: 0x8e });
      before.link.close();
      before.link = null;
    }
    const kept = packet.clean || !before?.keeps ? undefined : before;
    const session: Session = kept ?? {
      subscriptions: [],
      queue: [],
      inflight: new Map(),
      nextId: 1,
      link,
      keeps: false,
    };
    session.link = link;
    // What waited for room goes with its connection, unless it has a quality.
    session.queue = session.queue.filter(({ qos }) => qos > 0);
    session.keeps = version === 5 ? (packet.properties?.sessionExpiryInterval ?? 0) > 0 : !packet.clean;
    sessions.set(client, session);
    link.write({
      cmd: 'connack',
      sessionPresent: kept !== undefined,
      ...(link.version === 5 ? { reasonCode: 0, properties: broker.terms } : { returnCode: 0 }),
    });
    for (const [messageId, { message, released }] of session.inflight) {
      if (released) link.write({ cmd: 'pubrel', messageId, reasonCode: 0 });
      else {
        broker.onRepeat(message.topic, String(message.body));
        write(link, message, messageId, broker.marksRepeats);
      }
    }
    pump(session);
    return { client, session };
  }

  function subscribe(session: Session, link: Link, { messageId, subscriptions }: ISubscribePacket): void {
    const granted = subscriptions.map(({ topic, qos }) => {
      if (broker.deny.includes(topic)) return link.version === 5 ? 0x87 : 0x80;
      const most = Math.min(qos, broker.mostQos) as Message['qos'];
      session.subscriptions = [...session.subscriptions.filter((one) => one.topic !== topic), { topic, qos: most }];
      return most;
    });
    link.write({ cmd: 'suback', messageId: messageId ?? 0, granted });
    for (const { topic } of subscriptions) {
      if (broker.deny.includes(topic)) continue;
      for (const message of retained.values()) {
        if (!topicMatches(topic, message.topic)) continue;
        const own = session.subscriptions.find((one) => one.topic === topic);
        session.queue.push({ ...message, qos: Math.min(own?.qos ?? 0, message.qos) as Message['qos'] });
      }
    }
    pump(session);
  }

  const broker: FakeBroker = {
    versions: [4, 5],
    login: null,
    deny: [],
    denyPublish: [],
    terms: {},
    mostQos: 2,
    mostUnderWay: null,
    queueLimit: 1_000,
    marksRepeats: true,
    reusesIds: false,
    onRepeat() {},
    heard,
    connect(send, close) {
      let over = false;
      let own: { readonly client: string; readonly session: Session } | null = null;
      let link: Link | null = null;
      const read = parser();

      function lost(): void {
        if (over) return;
        over = true;
        if (own === null || own.session.link !== link) return;
        own.session.link = null;
        if (!own.session.keeps) sessions.delete(own.client);
      }

      function linkOf({ protocolVersion, properties }: IConnectPacket): Link {
        const version = protocolVersion === 5 ? 5 : 4;
        return {
          version,
          window: Math.min(
            broker.mostUnderWay ?? (version === 5 ? 100 : 20),
            (version === 5 ? properties?.receiveMaximum : undefined) ?? 65_535,
          ),
          write: (packet) => over || send(generate(packet, { protocolVersion: version })),
          close() {
            lost();
            close();
          },
        };
      }

      read.on('packet', (packet: Packet) => {
        heard.push(`${packet.cmd}${packet.messageId === undefined ? '' : ` ${packet.messageId}`}`);
        if (packet.cmd === 'connect') {
          link = linkOf(packet);
          own = connected(packet, link);
          return;
        }
        if (own === null || link === null || over) return;
        const { session } = own;
        const id = packet.messageId ?? 0;
        switch (packet.cmd) {
          case 'subscribe':
            subscribe(session, link, packet);
            return;
          case 'pingreq':
            link.write({ cmd: 'pingresp' });
            return;
          case 'puback':
          case 'pubcomp':
            session.inflight.delete(id);
            pump(session);
            return;
          case 'pubrec': {
            const sent = session.inflight.get(id);
            if (sent) sent.released = true;
            link.write({ cmd: 'pubrel', messageId: id, reasonCode: 0 });
            return;
          }
          case 'publish':
            for (const each of sessions.values()) {
              offer(each, { topic: packet.topic, body: Buffer.from(packet.payload), qos: packet.qos, retain: false });
            }
            if (packet.qos === 1) {
              const refused = broker.denyPublish.includes(packet.topic) && link.version === 5;
              link.write({ cmd: 'puback', messageId: id, reasonCode: refused ? 0x87 : 0 });
            }
            return;
          case 'disconnect':
            link.close();
            return;
          default:
        }
      });
      return {
        receive: (bytes) => over || void read.parse(Buffer.from(bytes)),
        closed: lost,
      };
    },
    publish(topic, body, qos = 1, retain = false) {
      const message: Message = { topic, body: Buffer.from(body), qos, retain: false };
      if (retain) retained.set(topic, { ...message, retain: true });
      return [...sessions.values()].filter((session) => offer(session, message)).length;
    },
    forget() {
      const owed = [...sessions.values()].flatMap(({ queue, inflight }) => [
        ...queue,
        ...[...inflight.values()].map(({ message }) => message),
      ]);
      for (const session of sessions.values()) session.link?.close();
      sessions.clear();
      return owed.map(({ body }) => String(body));
    },
    stop() {
      for (const { link } of [...sessions.values()]) {
        if (link?.version === 5) link.write({ cmd: 'disconnect', reasonCode: 0x8b });
        link?.close();
      }
    },
    clients: () => [...sessions].flatMap(([client, { link }]) => (link ? [client] : [])),
    owed(client) {
      const session = sessions.get(client);
      return session ? session.queue.length + session.inflight.size : 0;
    },
  };
  return broker;
}

/** A packet of a client, for tests that look at what was sent. */
export function packetsIn(bytes: Uint8Array, version: 4 | 5): readonly Packet[] {
  const found: Packet[] = [];
  const read = parser({ protocolVersion: version });
  read.on('packet', (packet: Packet) => void found.push(packet));
  read.parse(Buffer.from(bytes));
  return found;
}
