import { beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock, type FakeClock } from '../../engine/simulation/fake-clock';
import { createLog } from '../log';
import { createFaultDesk } from './fault-desk';
import type { ToGateway } from './messages';
import { type ChildSink, createGatewaySupervisor, type GatewaySupervisor } from './supervisor';

interface Child {
  readonly sink: ChildSink;
  readonly heard: ToGateway[];
  killed: boolean;
}

let clock: FakeClock;
let children: Child[];
let gateway: GatewaySupervisor;

const latest = (): Child => {
  const child = children.at(-1);
  if (!child) throw new Error('no child was started');
  return child;
};

/** Lets the latest child listen, as it would on the port it was given. */
const listen = (free = 5000) => {
  const order = latest().heard[0];
  const asked = order?.kind === 'start' ? order.port : 0;
  latest().sink.onMessage({ kind: 'listening', port: asked === 0 ? free : asked });
};

beforeEach(() => {
  clock = createFakeClock();
  children = [];
  gateway = createGatewaySupervisor({
    clock,
    spawn: (sink) => {
      const child: Child = { sink, heard: [], killed: false };
      children.push(child);
      return {
        post: (message) => {
          child.heard.push(message);
          if (message.kind === 'stop') sink.onExit(0);
        },
        kill: () => {
          child.killed = true;
          sink.onExit(null);
        },
      };
    },
    stateDir: '/state',
    token: 'secret',
    demo: true,
    port: null,
    log: createLog(() => {}),
  });
});

describe('the gateway supervisor', () => {
  it('starts it on a free port and comes back on the same one after it died', async () => {
    const started = gateway.start();
    listen(5000);
    expect(await started).toBe(5000);
    latest().sink.onExit(139);
    expect(gateway.running()).toBe(false);
    clock.advance(199);
    expect(children).toHaveLength(1);
    clock.advance(1);
    expect(latest().heard[0]).toMatchObject({ kind: 'start', port: 5000, stateDir: '/state', token: 'secret' });
    listen();
    expect(gateway.running()).toBe(true);
    expect(gateway.port()).toBe(5000);
  });

  it('waits longer each time, up to 10 s, and starts over after it ran for 30 s', async () => {
    void gateway.start();
    const waits: number[] = [];
    for (let round = 0; round < 9; round += 1) {
      const before = children.length;
      const from = clock.now();
      latest().sink.onExit(1);
      while (children.length === before) clock.advance(50);
      waits.push(clock.now() - from);
    }
    expect(waits).toEqual([200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000]);
    listen();
    clock.advance(30_000);
    const from = clock.now();
    const before = children.length;
    latest().sink.onExit(1);
    while (children.length === before) clock.advance(50);
    expect(clock.now() - from).toBe(200);
  });

  it('starts anew what never answers, with more patience each time, and kills what hung', async () => {
    const started = gateway.start();
    const waits: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const from = clock.now();
      const hung = latest();
      for (let steps = 0; !hung.killed && steps < 1000; steps += 1) clock.advance(500);
      waits.push(clock.now() - from);
      // At most 10 s until the next one.
      const before = children.length;
      for (let steps = 0; children.length === before && steps < 200; steps += 1) clock.advance(50);
      // What hung says something after all: it is no longer the gateway.
      hung.sink.onMessage({ kind: 'listening', port: 1 });
      hung.sink.onExit(null);
    }
    expect(waits).toEqual([15_000, 30_000, 60_000, 120_000, 120_000]);
    expect(gateway.running()).toBe(false);
    listen(5000);
    expect(await started).toBe(5000);
    clock.advance(600_000);
    expect(latest().killed).toBe(false);
  });

  it('insists on its port for a while when something else took it, then takes another', async () => {
    const started = gateway.start();
    listen(5000);
    await started;
    const asked: number[] = [];
    latest().sink.onExit(1);
    for (let round = 0; round < 6; round += 1) {
      clock.advance(10_000);
      const order = latest().heard[0];
      if (order?.kind === 'start') asked.push(order.port);
      latest().sink.onMessage({ kind: 'failed', code: 'EADDRINUSE', message: 'in use' });
      latest().sink.onExit(1);
    }
    expect(asked).toEqual([5000, 5000, 5000, 5000, 5000, 0]);
  });

  it('held down stays down until released, whatever else happens', async () => {
    const started = gateway.start();
    listen(5000);
    await started;
    await gateway.hold();
    expect(latest().killed).toBe(true);
    clock.advance(600_000);
    expect(children).toHaveLength(1);
    const back = gateway.release();
    expect(children).toHaveLength(2);
    listen();
    expect(await back).toBe(5000);
  });

  it('tells a new process what is broken and watched', async () => {
    void gateway.start();
    const desk = createFaultDesk(gateway);
    listen();
    gateway.setWatched(true);
    await desk.change({ settings: { blockWebSocket: true } });
    latest().sink.onExit(1);
    clock.advance(200);
    expect(latest().heard).toMatchObject([
      { kind: 'start', faults: { blockWebSocket: true } },
      { kind: 'watched', watched: true },
    ]);
  });

  it('ignores what a former process still says', async () => {
    void gateway.start();
    const first = latest();
    first.sink.onExit(1);
    clock.advance(200);
    first.sink.onMessage({ kind: 'listening', port: 1 });
    first.sink.onExit(1);
    expect(gateway.running()).toBe(false);
    expect(children).toHaveLength(2);
  });

  it('closes once, leaving no process and no timer, and starts nothing afterwards', async () => {
    const started = gateway.start();
    listen();
    await started;
    await Promise.all([gateway.close(), gateway.close()]);
    expect(latest().heard.filter((message) => message.kind === 'stop')).toHaveLength(1);
    clock.advance(600_000);
    expect(children).toHaveLength(1);
    expect(clock.pending()).toBe(0);
  });

  it('rejects who waits for it when it closes before it listened', async () => {
    const started = gateway.start();
    const refused = expect(started).rejects.toThrow('closing');
    await gateway.close();
    await refused;
  });
});

describe('the fault desk', () => {
  it('kills and starts, and tells its listeners', async () => {
    void gateway.start();
    listen();
    const desk = createFaultDesk(gateway);
    let told = 0;
    desk.onChange(() => {
      told += 1;
    });
    expect(await desk.change({ action: 'kill' })).toMatchObject({ running: false });
    const starting = desk.change({ action: 'start' });
    listen();
    expect(await starting).toMatchObject({ running: true });
    expect(told).toBeGreaterThanOrEqual(2);
  });
});
