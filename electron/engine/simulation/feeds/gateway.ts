import { createFakeGateway, type FakeGateway } from '../fake-gateway';
import { configOf, type FakeFeed, type FeedDeps, type Published } from './feed';

/** The gateway's own view, for judges that ask it for its log. */
export interface GatewayFeed extends FakeFeed {
  readonly gateway: FakeGateway;
}

const stream = 'alpha';

/** Our own gateway: one stream, all four transports, numbered without holes. */
export function createGatewayFeed(deps: FeedDeps): GatewayFeed {
  return gatewayFeed('gateway', deps, [stream]);
}

/**
 * Several streams over one connection: the one asked for can be resumed; the others come along, begin at each attach
 * with what is new, and say so.
 */
export function createMultiFeed(deps: FeedDeps): GatewayFeed {
  return gatewayFeed('multi', deps, [stream, 'beside-1', 'beside-2', 'beside-3']);
}

function gatewayFeed(kind: 'gateway' | 'multi', deps: FeedDeps, streams: readonly string[]): GatewayFeed {
  const beside = streams.slice(1);
  const gateway = createFakeGateway({ ...deps, beside });
  const { faults } = gateway;
  // Some ladders begin lower: what only a lower transport can meet is met there.
  const top = deps.random.pick([0, 0, 0, 1, 2]);
  faults.token = 'token-0';

  function truth(name: string): readonly Published[] {
    return gateway.published(name).map(({ epoch, seq, text, at }) => ({
      stream: name,
      body: text.slice(text.indexOf(',"data":') + 8, -1),
      id: null,
      position: { epoch, seq },
      at,
      mayMiss: false,
    }));
  }

  return {
    kind,
    gateway,
    promises: { identity: 'position', resumes: true },
    server: gateway.server,
    streams,
    config(id, place) {
      const base = `${place}/v1/${stream}`;
      const pushes = [
        ['websocket', `ws://${base}/ws`],
        ['sse', `http://${base}/sse`],
      ] as const;
      // A poll answer is about one stream.
      const polls = [
        ['long-poll', `http://${base}/poll`],
        ['poll', `http://${base}/poll`],
      ] as const;
      return configOf(id, `http://${base}`, 'gateway', kind === 'multi' ? pushes : [...pushes, ...polls].slice(top));
    },
    publish: () => void gateway.publish(deps.random.pick(streams)),
    truth,
    fault(fault, on, size) {
      switch (fault) {
        case 'duplicate':
          faults.duplicate = on;
          return;
        case 'reorder':
          faults.reorder = on;
          return;
        case 'lose':
          faults.lose = on;
          faults.deaf = on && size % 2 === 1;
          return;
        case 'server-stopped':
          gateway.standStill(on);
          return;
        case 'server-silent':
          faults.silent = on;
          return;
        case 'refuse-messages':
          faults.refuseMessages = on
            ? ((['rate', 'closing', 'internal', 'bad-event'] as const)[size % 4] ?? null)
            : null;
          return;
        case 'server-restart':
          gateway.restart();
          return;
        case 'server-shutdown':
          gateway.shutDown(size * 300);
          return;
        case 'retention': {
          const { retain } = faults;
          faults.retain = 3;
          for (let count = 0; count < 12; count += 1) gateway.publish(stream);
          faults.retain = retain;
          return;
        }
        case 'planned-end':
          gateway.endAll(1000, '');
          return;
        case 'close-1008':
          gateway.endAll(1008, 'policy');
          return;
        case 'close-1013':
          gateway.endAll(1013, 'later');
          return;
        case 'close-unknown':
          gateway.endAll(4000 + size, 'of our own');
          return;
        case 'undecodable':
          gateway.sendRaw(size % 2 ? '{"kind":"event","stream":"alpha","epoch":' : 'not json at all');
          return;
        case 'oversize':
          gateway.publishLarge(deps.random.pick(streams));
          return;
        case 'burst':
          for (let count = 0; count < size * 2; count += 1) gateway.publish(deps.random.pick(streams));
          return;
        default:
      }
    },
    token: () => faults.token,
    setToken(token) {
      faults.token = token;
    },
    close: () => gateway.close(),
  };
}
