import { afterEach, describe, expect, it } from 'vitest';
import { rule } from './alerts/testing/samples';
import type { AlertNews } from './core/alerts';
import type { FakeGateway } from './simulation/fake-gateway';
import { gatewayFor, startEngineBench } from './source/testing/engine-bench';
import { alpha, createEngineRig, type EngineRig } from './testing/engine-rig';

let rig: EngineRig;
let news: AlertNews[];

/** The gateway counts n up; this one is reached at the third event. */
const third = rule({ kind: 'metric', series: 'value:tick.n', is: 'above', threshold: 2, clear: 1, seconds: 0 });

async function startEngine(limits = {}): Promise<void> {
  rig = createEngineRig(limits, { alertRules: [third] });
  news = [];
  rig.engine.onAlerts((one) => news.push(one));
  await Promise.all([rig.engine.addSource(alpha), rig.clock.advanceAsync(2000)]);
}

const told = () =>
  news.map((one) =>
    one.kind === 'forgotten' ? one.kind : { stored: one.stored, ids: one.changes.map(({ alert }) => alert.id) },
  );

describe('an alert', () => {
  afterEach(() => rig.close());

  it('is told when it is stored with the event that raised it', async () => {
    await startEngine();
    await rig.publish(2);
    await rig.publish(2, 20);
    expect(news).toEqual([]);
    await rig.clock.advanceAsync(200);
    expect(told()).toEqual([{ stored: true, ids: ['r:alpha:3'] }]);
    const [alert] = await rig.engine.journal.openAlerts(5);
    expect(alert).toMatchObject({ id: 'r:alpha:3', ordinal: 3, text: 'tick.n is 3, above 2.' });
  });

  it('is told from memory while the disk is full, and once more when it is stored', async () => {
    await startEngine();
    rig.full = true;
    await rig.publish(2);
    await rig.publish(2);
    expect(told()).toEqual([{ stored: false, ids: ['r:alpha:3'] }]);
    rig.full = false;
    await rig.clock.advanceAsync(20_000);
    expect(told()).toEqual([
      { stored: false, ids: ['r:alpha:3'] },
      { stored: true, ids: ['r:alpha:3'] },
    ]);
    expect(await rig.engine.journal.openAlerts(5)).toHaveLength(1);
  });

  it('raised from memory ends, and may be raised again, when its events had to be fetched again', async () => {
    await startEngine({ waitEvents: 20 });
    rig.full = true;
    await rig.publish(2);
    for (let n = 0; n < 10; n++) await rig.publish(10);
    expect(told()).toEqual([{ stored: false, ids: ['r:alpha:3'] }]);
    rig.full = false;
    await rig.clock.advanceAsync(60_000);
    const stored = await rig.engine.journal.alertPage(null, 10);
    expect(stored.map(({ ordinal, endedAt }) => [ordinal, endedAt === null])).toEqual([
      [103, true],
      [3, false],
    ]);
    expect(told().at(-1)).toEqual({ stored: true, ids: ['r:alpha:3', 'r:alpha:103'] });
  });

  it('ends when its rule goes, and the journal has that too', async () => {
    await startEngine();
    await rig.publish(3);
    rig.engine.setAlertRules([]);
    await rig.clock.advanceAsync(200);
    expect(told()).toEqual([
      { stored: true, ids: ['r:alpha:3'] },
      { stored: true, ids: ['r:alpha:3'] },
    ]);
    expect((await rig.engine.journal.openAlerts(5))[0]?.endedAt).not.toBeNull();
    expect((await rig.engine.journal.restore('alpha'))?.alertStates).toEqual([]);
  });

  it('lasts across an edit of its source, and goes with it', async () => {
    await startEngine();
    await rig.publish(2);
    await rig.publish(1, 1);
    const edited = rig.engine.editSource({ ...alpha, url: `${alpha.url}?x` });
    await rig.clock.advanceAsync(3000);
    await edited;
    await rig.publish(1);
    expect(told()).toEqual([{ stored: true, ids: ['r:alpha:3'] }]);
    const removed = rig.engine.removeSource('alpha');
    await rig.clock.advanceAsync(3000);
    await removed;
    expect(told().at(-1)).toBe('forgotten');
    expect(await rig.engine.journal.openAlerts(5)).toEqual([]);
  });
});

describe('promise 3: an alert where nothing is kept', () => {
  it('is told with its event, not with the next that is handed over', async () => {
    let gateway: FakeGateway | null = null;
    const heard: AlertNews[] = [];
    const { clock } = await startEngineBench({
      server: (at) => {
        gateway = gatewayFor(at);
        return gateway.server;
      },
      source: { protocol: 'gateway', ladder: [['websocket', '/v1/s/ws']] },
      parts: () => ({ alertRules: [third] }),
      listen: (engine) => void engine.onAlerts((one) => heard.push(one)),
    });
    for (let n = 0; n < 3; n++) (gateway as FakeGateway | null)?.publish('s');
    await clock.advanceAsync(150);
    expect(heard).toHaveLength(1);
  });
});
