import { connect, type Socket } from 'node:net';
import type { Chooser, Fault } from './fault';

/** One connection through the proxy: a client's socket and, once it has spoken, one to the server. */
export interface ProxiedConnection {
  /** Puts a fault in force; it takes hold when the connection is one that `only` chooses. */
  apply(fault: Fault, only: Chooser | null): void;
  reset(): void;
  /** Falls silent for good: open to both ends, and nothing gets through any more, whatever fault is lifted. */
  strand(): void;
  /** The server's next chunk gets through to its middle, then both ends are closed. */
  cutMidway(): void;
}

export interface Target {
  readonly host: string;
  readonly port: number;
}

/** A request's head longer than this is taken as it is. */
const longestHead = 16 * 1024;
const headEnd = '\r\n\r\n';

/**
 * Carries bytes both ways. Nothing is read before the head of the first request is whole: by it the connection is
 * chosen or not, so that a fault can concern WebSockets alone.
 */
export function proxy(client: Socket, target: Target, gone: () => void): ProxiedConnection {
  let server: Socket | null = null;
  let head = '';
  let spoken = false;
  let over = false;
  let fault: Fault = { kind: 'none' };
  let only: Chooser | null = null;
  let upgraded = false;
  let stranded = false;
  let cut: 'not' | 'next' | 'now' = 'not';
  const timers = new Set<NodeJS.Timeout>();
  const acceptedAt = performance.now();
  /** Bytes on their way to the client while they drip. */
  let drops: Buffer = Buffer.alloc(0);
  let dripping = false;
  let early: Buffer[] = [];

  client.setNoDelay(true);
  client.on('error', () => {});
  client.on('close', end);
  client.on('data', fromClient);
  client.on('end', () => later(() => server?.end()));

  function end(): void {
    if (over) return;
    over = true;
    for (const timer of timers) clearTimeout(timer);
    client.destroy();
    server?.destroy();
    gone();
  }

  function reset(): void {
    if (over) return;
    client.resetAndDestroy();
    server?.resetAndDestroy();
    end();
  }

  function after(ms: number, what: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      if (!over) what();
    }, ms);
    timers.add(timer);
  }

  /** Now, or after the latency in force. Equal waits keep their order. */
  function later(what: () => void): void {
    if (fault.kind === 'latency') after(fault.ms, what);
    else what();
  }

  function fromClient(chunk: Buffer): void {
    if (!spoken) {
      early.push(chunk);
      head += chunk.toString('latin1');
      if (!head.includes(headEnd) && head.length < longestHead) return;
      spoken = true;
      dial();
      takeHold();
      const said = Buffer.concat(early);
      early = [];
      later(() => pass(said, client, server));
      return;
    }
    later(() => pass(chunk, client, server));
  }

  function dial(): void {
    server = connect({ ...target, allowHalfOpen: true });
    server.setNoDelay(true);
    server.on('error', () => client.resetAndDestroy());
    server.on('close', () => {
      // Cut midway, the client's half is still on its way out.
      if (cut !== 'now') end();
    });
    server.on('data', fromServer);
    server.on('end', () => later(endClient));
  }

  function endClient(): void {
    // What still drips goes first.
    if (drops.length > 0) after(10, endClient);
    else client.end();
  }

  function fromServer(chunk: Buffer): void {
    if (cut === 'now') return;
    if (cut === 'next') {
      cut = 'now';
      // Half of it is handed over before the end, so that the client holds a message without its rest.
      server?.destroy();
      client.end(chunk.subarray(0, Math.ceil(chunk.length / 2)), end);
      return;
    }
    if (!chosen()) {
      pass(chunk, server, client);
      return;
    }
    switch (fault.kind) {
      case 'half-close':
        return;
      case 'drip':
        drops = Buffer.concat([drops, chunk]);
        server?.pause();
        drip();
        return;
      case 'cut':
        if (fault.from === 'upgrade' && !upgraded) afterUpgrade(chunk, fault);
        else if (!fault.swallow) pass(chunk, server, client);
        return;
      default:
        later(() => pass(chunk, server, client));
    }
  }

  /** The server's first words. A 101 starts the clock. */
  function afterUpgrade(chunk: Buffer, cut: Extract<Fault, { kind: 'cut' }>): void {
    const text = chunk.toString('latin1');
    if (!text.startsWith('HTTP/1.1 101')) {
      pass(chunk, server, client);
      return;
    }
    upgraded = true;
    const headBytes = text.indexOf(headEnd) + headEnd.length;
    pass(cut.swallow ? chunk.subarray(0, headBytes) : chunk, server, client);
    after(cut.afterMs, () => cutNow(cut.how));
  }

  function cutNow(how: 'reset' | 'end'): void {
    if (how === 'reset') reset();
    else end();
  }

  function drip(): void {
    if (dripping) return;
    dripping = true;
    const next = (): void => {
      const everyMs = fault.kind === 'drip' ? fault.everyMs : null;
      // Lifted: the rest goes at once.
      const drop = everyMs === null ? drops : drops.subarray(0, 1);
      drops = drops.subarray(drop.length);
      if (drop.length > 0) client.write(drop);
      if (drops.length === 0) {
        dripping = false;
        server?.resume();
      } else if (everyMs === 0) setImmediate(() => over || next());
      else after(everyMs ?? 0, next);
    };
    next();
  }

  /** Passes a chunk on; reading stops while the other side does not take it. */
  function pass(chunk: Buffer, from: Socket | null, to: Socket | null): void {
    if (!to || to.destroyed || to.writableEnded) return;
    if (to.write(chunk)) return;
    from?.pause();
    to.once('drain', () => {
      if (!held()) from?.resume();
    });
  }

  function chosen(): boolean {
    return only === null || (spoken && only(head));
  }

  function held(): boolean {
    return stranded || (fault.kind === 'black-hole' && chosen());
  }

  /** What a fault does at once. */
  function takeHold(): void {
    if (held()) {
      client.pause();
      server?.pause();
      return;
    }
    client.resume();
    if (!dripping) server?.resume();
    if (!chosen()) return;
    switch (fault.kind) {
      case 'reset':
        reset();
        return;
      case 'half-close':
        client.end();
        return;
      case 'cut': {
        if (fault.from !== 'connect') return;
        const { how, afterMs } = fault;
        after(Math.max(0, acceptedAt + afterMs - performance.now()), () => cutNow(how));
        return;
      }
      default:
        return;
    }
  }

  return {
    apply(next, chooser) {
      if (over) return;
      fault = next;
      only = chooser;
      takeHold();
    },
    reset,
    strand() {
      stranded = true;
      takeHold();
    },
    cutMidway() {
      cut = 'next';
    },
  };
}
