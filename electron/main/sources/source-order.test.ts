import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SourceConfig } from '../../../shared/source';
import { createEngine } from '../../engine/engine';
import { createVolatileJournal } from '../../engine/journal/volatile';
import { createFakeClock } from '../../engine/simulation/fake-clock';
import { createFakeHostSignals } from '../../engine/simulation/fake-host';
import { createFakeNetwork } from '../../engine/simulation/fake-network';
import { createSeededRandom } from '../../engine/simulation/seeded-random';
import { readEventStreamDirectly } from '../../engine/transports/event-stream-reader';
import { memorySecrets } from '../secrets/testing/memory-secrets';
import { freshSettings, type Settings } from '../settings/schema';
import type { SettingsStore } from '../settings/settings';
import { createSourceDesk } from './source-desk';
import { createWillingConsent } from './testing/willing-consent';

/** What a person may order, and how long it is until the next order, ms. */
type Order = { readonly kind: 'edit' | 'rename' | 'remove' | 'pause' | 'resume' | 'import'; readonly to: number };

const order = fc.record({
  order: fc.record({
    kind: fc.constantFrom<Order['kind']>('edit', 'rename', 'remove', 'pause', 'resume', 'import'),
    to: fc.nat(3),
  }),
  waitMs: fc.nat(30),
});

const configOf = (to: number, paused: boolean): SourceConfig => ({
  id: 'one',
  name: `Imported ${to}`,
  url: `http://host${to}.test/v1/one`,
  protocol: 'gateway',
  ladder: [{ transport: 'sse', url: `http://host${to}.test/v1/one/sse`, intervalSeconds: 5 }],
  pinnedRung: null,
  paused,
  builtIn: false,
});

/** The real desk and engine; a journal, a disk and a person that take their time, up to these, ms. */
function rig(slowness: readonly number[]) {
  const clock = createFakeClock();
  const random = createSeededRandom(1);
  const network = createFakeNetwork({ clock, random });
  const sessions = new Set<number>();
  let turn = 0;
  let forgetting = 0;
  let tooEarly = 0;
  const slowly = (): Promise<void> =>
    new Promise((resolve) => {
      turn += 1;
      clock.after(slowness[turn % slowness.length] ?? 0, resolve);
    });
  const volatile = createVolatileJournal();
  const engine = createEngine({
    clock,
    random,
    http: network.http,
    socket: network.socket,
    stream: network.stream,
    reader: readEventStreamDirectly,
    host: createFakeHostSignals(),
    onSession: ({ id, open }) => (open ? sessions.add(id) : sessions.delete(id)),
    journal: {
      ...volatile,
      async restore(id) {
        if (forgetting > 0) tooEarly += 1;
        await slowly();
        return volatile.restore(id);
      },
      async forget() {
        forgetting += 1;
        await slowly();
        forgetting -= 1;
      },
      flush: slowly,
    },
  });
  let held: Settings = { ...freshSettings(), sources: [configOf(0, false)] };
  const settings: SettingsStore = {
    current: () => held,
    async change(edit) {
      held = edit(held);
      await slowly();
    },
    notices: [],
    settled: async () => {},
  };
  const desk = createSourceDesk({
    engine,
    settings,
    infer: (url) => ({ ok: true, protocol: 'gateway', ladder: [{ transport: 'sse', url, intervalSeconds: 5 }] }),
    newId: () => 'new',
    wall: () => 0,
    consent: { ...createWillingConsent(settings), admit: slowly },
    sealer: memorySecrets().sealer,
  });

  async function carryOut({ kind, to }: Order): Promise<unknown> {
    const now = held.sources[0];
    const draft = { name: now?.name ?? '', url: `http://host${to}.test/v1/one`, protocol: 'auto' } as const;
    switch (kind) {
      case 'edit':
        return desk.edit('one', draft);
      case 'rename':
        return desk.edit('one', { ...draft, name: `Name ${to}`, url: now?.url ?? draft.url });
      case 'remove':
        return desk.remove('one');
      case 'pause':
      case 'resume':
        return desk.command('one', kind);
      case 'import':
        // As the backup desk does it: into the settings, then in force.
        await settings.change((before) => ({ ...before, sources: [configOf(to, to === 1)] }));
        return desk.put('one');
    }
  }

  /** How often a source's place was asked for while that of the removed one was being forgotten. */
  return { clock, engine, desk, settings, sessions, carryOut, tooEarly: () => tooEarly };
}

describe('orders for a source', () => {
  it('promise 11: end as the last of them says, in any order and at any moment, and leave nothing else running', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(order, { minLength: 1, maxLength: 8 }),
        fc.array(fc.nat(40), { minLength: 1, maxLength: 7 }),
        async (orders, slowness) => {
          const { clock, engine, desk, settings, carryOut, tooEarly } = rig(slowness);
          const started = desk.startAll();
          const all: Promise<unknown>[] = [];
          let wanted: { readonly gone: boolean; readonly paused: boolean | null } = { gone: false, paused: null };
          for (const { order: next, waitMs } of orders) {
            all.push(carryOut(next).catch(() => {}));
            if (next.kind === 'remove') wanted = { gone: true, paused: null };
            else if (next.kind === 'import') wanted = { gone: false, paused: next.to === 1 };
            await clock.advanceAsync(waitMs);
          }
          await clock.advanceAsync(2_000);
          await Promise.all([started, ...all]);
          const [config] = settings.current().sources;
          expect(engine.views().map((view) => view.config)).toEqual(config === undefined ? [] : [config]);
          // What was ordered last of those that say whether it is there.
          expect(config === undefined).toBe(wanted.gone);
          const closed = engine.close();
          await clock.advanceAsync(5_000);
          await closed;
          expect(clock.pending()).toBe(0);
          expect(tooEarly()).toBe(0);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('promise 11: a removal while an edit waits for the journal leaves nothing running', async () => {
    const { clock, engine, desk, settings, sessions } = rig([20]);
    const started = desk.startAll();
    await clock.advanceAsync(3_000);
    await started;
    const edited = desk.edit('one', { name: 'Other', url: 'http://host2.test/v1/one', protocol: 'auto' });
    await clock.advanceAsync(45);
    const removed = desk.remove('one');
    await clock.advanceAsync(3_000);
    await Promise.allSettled([edited, removed]);
    expect(settings.current().sources).toEqual([]);
    expect(engine.views()).toEqual([]);
    expect(sessions.size).toBe(0);
  });

  it('promise 11: a pause while an edit waits for a person is not undone by it', async () => {
    const { clock, engine, desk, settings } = rig([20]);
    const started = desk.startAll();
    await clock.advanceAsync(3_000);
    await started;
    const edited = desk.edit('one', { name: 'Other', url: 'http://host2.test/v1/one', protocol: 'auto' });
    const paused = desk.command('one', 'pause');
    await clock.advanceAsync(3_000);
    await Promise.all([edited, paused]);
    expect(settings.current().sources[0]).toMatchObject({ name: 'Other', paused: true });
    expect(engine.view('one')).toMatchObject({ badge: 'paused', config: { name: 'Other', paused: true } });
  });
});
