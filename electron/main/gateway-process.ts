import { createGateway, type Gateway } from '../../gateway/gateway';
import type { FromGateway, ToGateway } from './gateway/messages';

/**
 * The built-in gateway's own process (an Electron utility process): does what the application tells it over the
 * parent port, and ends when told, when it cannot listen, or when the application is gone.
 */

let gateway: Gateway | null = null;

const tell = (message: FromGateway) => process.parentPort.postMessage(message);

async function start(order: Extract<ToGateway, { kind: 'start' }>): Promise<void> {
  try {
    gateway = createGateway({
      port: order.port,
      host: '127.0.0.1',
      token: order.token,
      demo: order.demo,
      feed: 'host',
      // One application uses it: what more comes is somebody else, and descriptors of this process are few.
      limits: { connections: 200, strangers: 50, clients: 50 },
      stateDir: order.stateDir,
      log: ({ level, message }) => {
        if (level !== 'info') tell({ kind: 'log', message });
      },
    });
    if (order.demo) gateway.faults.change(order.faults);
    const { port } = await gateway.listen();
    tell({ kind: 'listening', port });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : null;
    tell({ kind: 'failed', code, message: error instanceof Error ? error.message : String(error) });
    // The message is handed over before the process goes.
    setTimeout(() => process.exit(1), 50);
  }
}

async function obey(order: ToGateway): Promise<void> {
  switch (order.kind) {
    case 'start':
      await start(order);
      return;
    case 'faults':
      gateway?.faults.change(order.settings);
      return;
    case 'drop-connections':
      gateway?.faults.dropConnections();
      return;
    case 'restart-new-epoch':
      await gateway?.faults.restart();
      return;
    case 'watched':
      gateway?.setWatched(order.watched);
      return;
    case 'stop':
      await gateway?.close();
      process.exit(0);
  }
}

/** Orders are carried out one after another: a fault changed while listening begins waits for it. */
let queue = Promise.resolve();

process.parentPort.on('message', ({ data }: { data: ToGateway }) => {
  queue = queue
    .then(() => obey(data))
    .catch((error: unknown) => tell({ kind: 'log', message: error instanceof Error ? error.message : String(error) }));
});
