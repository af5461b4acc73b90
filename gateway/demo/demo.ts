import type { FaultSettings } from '../../shared/faults';
import type { GatewayLogLine } from '../config';
import type { FollowedLog } from '../delivery/hub';
import type { Outlets } from '../delivery/outlets';
import type { Roster } from '../delivery/roster';
import { closingNow, RefusedError } from '../errors';
import type { Door } from '../listener';
import type { StreamTarget } from '../routes/request';
import type { Report } from '../tell';
import { createFaults, type FaultMachine, type GatewayFaults } from './faults';
import { createFaultyOutlets } from './outlets';
import { servePanel } from './panel';
import { createStall } from './stall';

/** How long a hold lives when it is cut, ms. */
const cutHoldMs = 1_000;

/** What of the gateway faults act on. */
export interface DemoDeps {
  readonly bodyBytes: number;
  readonly log: (line: GatewayLogLine) => void;
  readonly report: Report;
  isClosing(): boolean;
  /** Starts every stream anew. */
  restart(): Promise<void>;
  /** Opens and closes the port. */
  listen(): Promise<unknown>;
  stopListening(): Promise<void>;
}

/**
 * Demo mode: faults that stand around the gateway's parts, on its wires, before its door and behind its log. The parts
 * know nothing of them, and a gateway without demo mode has none of it.
 */
export interface Demo {
  readonly faults: GatewayFaults;
  readonly outlets: Outlets;
  readonly door: Door;
  followed(log: FollowedLog): FollowedLog;
  roster(roster: Roster): Roster;
  /** The gateway ends: whatever stands still or is down goes on. */
  close(): void;
}

/** See `Demo`. */
export function createDemo(deps: DemoDeps): Demo {
  const stall = createStall(deps.report);
  let endDown: (() => void) | null = null;
  let attached: Roster | null = null;

  const drop = (transport: 'websocket' | 'sse' | 'long-poll') => attached?.each((client) => client.drop(), transport);

  /** Listens no more, drops everyone, and listens again on the same port after `ms`. */
  async function down(ms: number): Promise<void> {
    if (endDown !== null || deps.isClosing()) return;
    const over = new Promise<void>((resolve) => {
      endDown = resolve;
    });
    const stopped = deps.stopListening();
    stall.resetAll();
    await stopped;
    const timer = setTimeout(() => endDown?.(), ms);
    await over;
    clearTimeout(timer);
    endDown = null;
    if (!deps.isClosing()) await deps.listen();
  }

  const faults = createFaults({
    changed(before, after) {
      if (!before.blockWebSocket && after.blockWebSocket) drop('websocket');
      if (!before.refuseSse && after.refuseSse) drop('sse');
      if (!before.cutLongPoll && after.cutLongPoll) drop('long-poll');
      stall.set(after.stall);
    },
    dropConnections: () => stall.resetAll(),
    restart: deps.restart,
    down,
  });

  return {
    faults: faults.api,
    outlets: createFaultyOutlets(faults, deps.report),
    door: {
      opened: (socket) => stall.opened(socket),
      serves: (path) => path === '/demo/faults',
      serve(request, response) {
        stall.exempt(request.socket);
        return servePanel({ ...deps, faults: faults.api }, request, response);
      },
      async admit(target) {
        await faults.gate();
        if (deps.isClosing()) throw closingNow();
        requireOpen(target, faults.settings);
      },
    },
    followed: (log) => stall.followed(log),
    roster(roster) {
      attached = roster;
      return faulty(roster, faults);
    },
    close() {
      if (faults.settings.stall) faults.api.change({ stall: false });
      endDown?.();
    },
  };
}

function requireOpen({ route }: StreamTarget, settings: FaultSettings): void {
  if (route === 'ws' && settings.blockWebSocket) {
    throw new RefusedError({
      kind: 'fault',
      message: 'WebSocket upgrades are blocked by a demo fault.',
      fix: 'Switch "block WebSocket" off in the fault panel.',
    });
  }
  if (route === 'sse' && settings.refuseSse) {
    throw new RefusedError({
      kind: 'fault',
      message: 'SSE is refused by a demo fault.',
      fix: 'Switch "refuse SSE" off in the fault panel.',
    });
  }
}

/** A roster whose clients are not ticked during a stall, and whose holds may be cut. */
function faulty(roster: Roster, faults: FaultMachine): Roster {
  return {
    get size() {
      return roster.size;
    },
    count: (transport) => roster.count(transport),
    spreadMs: () => roster.spreadMs(),
    each: (visit, transport) => roster.each(visit, transport),
    add(client) {
      const leave = roster.add({
        transport: client.transport,
        tick: (at) => {
          if (!faults.settings.stall) client.tick(at);
        },
        goodbye: (reason) => client.goodbye(reason),
        drop: () => client.drop(),
      });
      const cut = () => {
        if (faults.settings.cutLongPoll) client.drop();
      };
      const timer = client.transport === 'long-poll' ? setTimeout(cut, cutHoldMs) : undefined;
      return () => {
        clearTimeout(timer);
        leave();
      };
    },
  };
}
