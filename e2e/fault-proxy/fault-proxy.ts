import { type AddressInfo, createServer } from 'node:net';
import { type ProxiedConnection, proxy, type Target } from './connection';
import type { Chooser, Fault } from './fault';

/** A TCP proxy on loopback that breaks connections as told. Knows of HTTP only what it needs to choose connections. */
export interface FaultProxy {
  readonly port: number;
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** The same path behind the proxy: `http://127.0.0.1:SERVER/x` becomes `http://127.0.0.1:PROXY/x`. */
  through(url: string): string;
  /** Puts a fault in force, for connections that are open and those to come, until the next one. */
  set(fault: Fault, only?: Chooser): void;
  /** Lifts the fault. */
  heal(): void;
  /** Resets what is open now; whoever comes next gets through. */
  resetAll(): void;
  /** What is open now falls silent for good, though it stays open; whoever comes next gets through. */
  strandAll(): void;
  /** What is open now is cut in the middle of the next chunk its server sends; whoever comes next gets through. */
  cutAllMidway(): void;
  /** Connections open now. */
  open(): number;
  /** Connections accepted since the start. */
  accepted(): number;
  /** Ends all connections and stops listening. */
  close(): Promise<void>;
}

/** Starts a fault proxy on a free port in front of `target`. */
export async function startFaultProxy(target: Target): Promise<FaultProxy> {
  const connections = new Set<ProxiedConnection>();
  let accepted = 0;
  let fault: Fault = { kind: 'none' };
  let only: Chooser | null = null;

  const server = createServer({ allowHalfOpen: true }, (socket) => {
    accepted += 1;
    const connection = proxy(socket, target, () => connections.delete(connection));
    connections.add(connection);
    connection.apply(fault, only);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;

  function set(next: Fault, chooser: Chooser | null): void {
    fault = next;
    only = chooser;
    for (const connection of [...connections]) connection.apply(fault, only);
  }

  return {
    port,
    host: `127.0.0.1:${port}`,
    through(url) {
      const behind = new URL(url);
      behind.port = String(port);
      return behind.href;
    },
    set: (next, chooser) => set(next, chooser ?? null),
    heal: () => set({ kind: 'none' }, null),
    resetAll() {
      for (const connection of [...connections]) connection.reset();
    },
    strandAll() {
      for (const connection of connections) connection.strand();
    },
    cutAllMidway() {
      for (const connection of connections) connection.cutMidway();
    },
    open: () => connections.size,
    accepted: () => accepted,
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const connection of [...connections]) connection.reset();
      return closed;
    },
  };
}
