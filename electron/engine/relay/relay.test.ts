import { beforeEach, describe, expect, it } from 'vitest';
import type { Alert } from '../../../shared/alert';
import type { Transition } from '../../../shared/connection';
import type { Gap } from '../../../shared/gap';
import type { Interest, Update, UpdateBatch } from '../../../shared/ipc';
import type { DeliveredEvent } from '../core/delivery';
import { createFakeClock, type FakeClock } from '../simulation/fake-clock';
import { createRelay, type Relay, type RelayLink } from './relay';
import { createFakeEngine, type FakeEngine, fakeConfig } from './testing/fake-engine';

let clock: FakeClock;
let engine: FakeEngine;
let relay: Relay;
let batches: UpdateBatch[];
let link: RelayLink;

/** Acknowledges each batch as it comes, as a healthy window does. */
let acknowledging = true;

function open(): RelayLink {
  const opened: RelayLink = relay.open((batch) => {
    batches.push(structuredClone(batch));
    if (acknowledging) queueMicrotask(() => opened.ack(batch.generation, batch.batch));
  });
  return opened;
}

function look(source: string | null, change: Partial<Interest> = {}): void {
  link.setInterest({ generation: link.generation, source, tail: true, series: [], ...change });
}

function event(ordinal: number, body: string | Uint8Array = '{}'): DeliveredEvent {
  return {
    ordinal,
    late: false,
    stream: 'host',
    position: { epoch: 'e', seq: ordinal },
    id: null,
    type: 'cpu',
    sentAt: 1,
    receivedAt: 2,
    body,
    bytes: typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength,
    value: {},
  };
}

const transition: Transition = {
  from: { kind: 'idle', cause: 'new' },
  to: { kind: 'connecting', rung: 0, attempt: 0 },
  at: 1,
  code: 'source-added',
  text: 'The source was added.',
  evidence: [],
  transport: null,
};

const gap: Gap = {
  id: 'g',
  stream: 'host',
  epoch: 'e',
  from: 2,
  to: 4,
  status: 'open',
  cause: 'missed',
  openedAt: 1,
  closedAt: null,
};

const updates = <Kind extends Update['kind']>(kind: Kind): Extract<Update, { kind: Kind }>[] =>
  batches.flatMap((batch) =>
    batch.updates.filter((update): update is Extract<Update, { kind: Kind }> => update.kind === kind),
  );

/** Sources told of, whole or by their numbers, in order. */
const heardOf = () => updates('sources').flatMap(({ sources, numbers = [] }) => [...sources, ...numbers]);

const ordinals = () => updates('events').flatMap((update) => update.rows.map((row) => row.ordinal));

beforeEach(async () => {
  clock = createFakeClock();
  engine = createFakeEngine();
  batches = [];
  acknowledging = true;
  relay = createRelay({ clock, engine, faults: null });
  await engine.addSource(fakeConfig('a'));
  await engine.addSource(fakeConfig('b'));
  link = open();
});

describe('alerts', () => {
  const alert = (id: string, count = 1): Alert => ({
    id,
    rule: 'r',
    source: 'a',
    name: 'Hot',
    severity: 'info',
    text: 'It is hot.',
    raisedAt: 1,
    endedAt: null,
    acknowledgedAt: null,
    ordinal: 1,
    count,
    notice: 'sent',
    beforeRestart: false,
    mayRepeat: false,
  });

  function withAlerts(list: readonly Alert[]) {
    const listeners = new Set<(changed: readonly Alert[]) => void>();
    const alerts = {
      open: () => list,
      onChange(listener: (changed: readonly Alert[]) => void) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
    relay.close();
    relay = createRelay({ clock, engine, faults: null, alerts });
    batches = [];
    link = open();
    return (...changed: readonly Alert[]) => {
      for (const listener of listeners) listener(changed);
    };
  }

  it('are all told first, then as they change, each once with its newest word', async () => {
    const change = withAlerts([alert('x')]);
    change(alert('y'));
    await clock.advanceAsync(0);
    expect(updates('alerts')).toEqual([{ kind: 'alerts', full: true, alerts: [alert('x')] }]);
    change(alert('x', 2));
    change(alert('x', 3), alert('z'));
    await clock.advanceAsync(200);
    expect(updates('alerts').slice(1)).toEqual([{ kind: 'alerts', full: false, alerts: [alert('x', 3), alert('z')] }]);
    await clock.advanceAsync(5000);
    expect(updates('alerts')).toHaveLength(2);
  });

  it('are told whole again to a window that lagged behind too many', async () => {
    const change = withAlerts([alert('x')]);
    acknowledging = false;
    await clock.advanceAsync(0);
    for (let n = 0; n < 3; n++) {
      engine.set('a', { eventsPerSecond: n });
      await clock.advanceAsync(200);
    }
    for (let n = 0; n < 2000; n++) change(alert(`n${n}`));
    for (const { generation, batch } of batches) link.ack(generation, batch);
    await clock.advanceAsync(500);
    expect(updates('alerts').at(-1)).toEqual({ kind: 'alerts', full: true, alerts: [alert('x')] });
  });
});

describe('a load', () => {
  it('begins with the full state at a revision, sent after the call that opened it', async () => {
    expect(batches).toEqual([]);
    await clock.advanceAsync(0);
    expect(batches).toHaveLength(1);
    expect(batches[0]).toMatchObject({ generation: link.generation, batch: 1, revision: 2, now: clock.wall() });
    expect(updates('sources')[0]).toMatchObject({ full: true, removed: [] });
    expect(updates('sources')[0]?.sources.map((view) => view.id)).toEqual(['a', 'b']);
    expect(updates('journal')[0]?.journal).toEqual({ kind: 'ok', behind: 0 });
  });

  it('sends a full state also when there is nothing', async () => {
    await engine.removeSource('a');
    await engine.removeSource('b');
    await clock.advanceAsync(0);
    expect(updates('sources')).toEqual([{ kind: 'sources', full: true, sources: [], removed: [] }]);
  });

  it('gets only what is newer afterwards', async () => {
    await clock.advanceAsync(0);
    engine.set('b', { eventsPerSecond: 7 });
    await clock.advanceAsync(200);
    expect(updates('sources').slice(1)).toEqual([
      { kind: 'sources', full: false, sources: [], numbers: [{ id: 'b', eventsPerSecond: 7 }], removed: [] },
    ]);
    engine.set('b', { eventsPerSecond: 8, promise: 'None.' });
    await clock.advanceAsync(200);
    expect(updates('sources').at(-1)).toMatchObject({ sources: [{ id: 'b', eventsPerSecond: 8, promise: 'None.' }] });
    expect(batches.at(-1)?.revision).toBe(4);
  });

  it('is not told again what it knows', async () => {
    await clock.advanceAsync(0);
    engine.set('a', { eventsPerSecond: 5 });
    await clock.advanceAsync(200);
    const before = batches.length;
    engine.set('a', { eventsPerSecond: 5 });
    engine.set('b', {});
    await clock.advanceAsync(2000);
    expect(batches).toHaveLength(before);
    engine.set('a', { eventsPerSecond: 6 });
    engine.set('b', {});
    await clock.advanceAsync(200);
    expect(updates('sources').at(-1)).toMatchObject({ sources: [], numbers: [{ id: 'a', eventsPerSecond: 6 }] });
  });

  it('learns of sources that went', async () => {
    await clock.advanceAsync(0);
    await engine.removeSource('a');
    await clock.advanceAsync(200);
    expect(updates('sources').at(-1)).toMatchObject({ full: false, sources: [], removed: ['a'] });
  });

  it('is another generation: the old one sends nothing more and its acknowledgements mean nothing', async () => {
    await clock.advanceAsync(0);
    link.close();
    const old = link;
    link = open();
    expect(link.generation).toBe(old.generation + 1);
    old.ack(old.generation, 1);
    await clock.advanceAsync(0);
    expect(batches.map((batch) => [batch.generation, batch.batch])).toEqual([
      [old.generation, 1],
      [link.generation, 1],
    ]);
    expect(updates('sources').every((update) => update.full)).toBe(true);
  });

  it('splits a state that is too big for one batch, the first part full', async () => {
    for (let index = 0; index < 300; index += 1) await engine.addSource(fakeConfig(`s${index}`));
    await clock.advanceAsync(300);
    const parts = updates('sources');
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.map((part) => part.full)).toEqual([true, ...parts.slice(1).map(() => false)]);
    expect(new Set(parts.flatMap((part) => part.sources.map((view) => view.id))).size).toBe(302);
    for (const batch of batches) expect(JSON.stringify(batch).length).toBeLessThan(300 * 1024);
    expect(batches.slice(0, -1).every((batch) => batch.revision < 302)).toBe(true);
    expect(batches.at(-1)?.revision).toBe(302);
  });
});

describe('a window that lags', () => {
  it('has at most two batches unacknowledged, and then gets the latest state only', async () => {
    acknowledging = false;
    await clock.advanceAsync(0);
    for (let rate = 1; rate <= 50; rate += 1) {
      engine.set('a', { eventsPerSecond: rate });
      await clock.advanceAsync(100);
    }
    expect(batches.map((batch) => batch.batch)).toEqual([1, 2]);
    link.ack(link.generation, 1);
    await clock.advanceAsync(0);
    expect(batches).toHaveLength(3);
    expect(heardOf().at(-1)).toMatchObject({ id: 'a', eventsPerSecond: 50 });
    await clock.advanceAsync(10_000);
    expect(batches).toHaveLength(3);
  });

  it('behaviour 28: has its tail skip visibly: what is shown and what is counted add up to everything', async () => {
    await clock.advanceAsync(0);
    look('a');
    acknowledging = false;
    const total = 20_000;
    for (let ordinal = 1; ordinal <= total; ordinal += 100) {
      engine.emit.events(
        'a',
        Array.from({ length: 100 }, (_, index) => event(ordinal + index)),
      );
      await clock.advanceAsync(5);
    }
    acknowledging = true;
    for (const { generation, batch } of [...batches]) link.ack(generation, batch);
    await clock.advanceAsync(1000);
    const shown = ordinals();
    const skipped = updates('events').reduce((sum, update) => sum + update.skipped, 0);
    expect(shown.length + skipped).toBe(total);
    expect(skipped).toBeGreaterThan(0);
    expect(shown.at(-1)).toBe(total);
    expect(shown).toEqual([...shown].sort((a, b) => a - b));
  });

  it('is told of those too that waited when a flood drove all of them out', async () => {
    await clock.advanceAsync(0);
    look('a');
    const flood = (from: number, count: number) =>
      engine.emit.events(
        'a',
        Array.from({ length: count }, (_, index) => event(from + index)),
      );
    flood(1, 300);
    flood(301, 1000);
    await clock.advanceAsync(100);
    const skipped = updates('events').reduce((sum, update) => sum + update.skipped, 0);
    expect(ordinals().length + skipped).toBe(1300);
  });

  it('is told of more events than anybody reads four times a second, and of few at once', async () => {
    await clock.advanceAsync(0);
    look('a');
    const told = async (perStep: number): Promise<number> => {
      batches.length = 0;
      for (let step = 0, ordinal = 1; step < 100; step += 1) {
        engine.emit.events(
          'a',
          Array.from({ length: perStep }, () => event(ordinal++)),
        );
        await clock.advanceAsync(10);
      }
      return batches.filter(({ updates }) => updates.some(({ kind }) => kind === 'events')).length;
    };
    expect(await told(10)).toBeLessThanOrEqual(5);
    await clock.advanceAsync(1_000);
    expect(await told(1)).toBeGreaterThanOrEqual(18);
  });

  it('is told how many were skipped right before the rows that follow', async () => {
    await clock.advanceAsync(0);
    look('a');
    engine.emit.events(
      'a',
      Array.from({ length: 1000 }, (_, index) => event(index + 1)),
    );
    await clock.advanceAsync(100);
    const [update] = updates('events');
    expect(update?.skipped).toBe((update?.rows[0]?.ordinal ?? 0) - 1);
  });

  it('ignores acknowledgements of batches it was never sent', async () => {
    acknowledging = false;
    await clock.advanceAsync(0);
    link.ack(link.generation, 99);
    engine.set('a', { eventsPerSecond: 1 });
    await clock.advanceAsync(200);
    engine.set('a', { eventsPerSecond: 2 });
    await clock.advanceAsync(200);
    expect(batches).toHaveLength(2);
  });
});

describe('interest', () => {
  it('decides: no events, gaps, points or transitions of what is not looked at', async () => {
    await clock.advanceAsync(0);
    look('b', { series: ['events'] });
    const bucket = { start: 0, count: 1, sum: 1, min: 1, max: 1, last: 1 };
    engine.emit.events('a', [event(1)]);
    engine.emit.transition('a', transition);
    engine.emit.points('a', [{ series: 'events', seconds: 1, bucket }]);
    engine.emit.points('b', [
      { series: 'bytes', seconds: 1, bucket },
      { series: 'events', seconds: 1, bucket },
    ]);
    engine.emit.transition('b', transition);
    engine.emit.events('b', [event(5)]);
    await clock.advanceAsync(100);
    expect(updates('events')).toMatchObject([{ source: 'b', rows: [{ ordinal: 5 }], skipped: 0 }]);
    expect(updates('transition')).toEqual([{ kind: 'transition', source: 'b', transition }]);
    expect(updates('points')).toEqual([
      { kind: 'points', source: 'b', points: [{ series: 'events', seconds: 1, bucket }] },
    ]);
  });

  it('drops what waited for another source', async () => {
    await clock.advanceAsync(0);
    look('a');
    engine.emit.events('a', [event(1)]);
    look('b');
    await clock.advanceAsync(100);
    expect(updates('events')).toEqual([]);
  });

  it('of another generation is not heard', async () => {
    await clock.advanceAsync(0);
    link.setInterest({ generation: link.generation - 1, source: 'a', tail: true, series: [] });
    engine.emit.events('a', [event(1)]);
    await clock.advanceAsync(100);
    expect(updates('events')).toEqual([]);
    expect(engine.watched()).toEqual([]);
  });

  it('tells the engine what is watched, until the window is hidden or gone', () => {
    look('a');
    expect(engine.watched()).toEqual(['a']);
    link.setHidden(true);
    expect(engine.watched()).toEqual([]);
    link.setHidden(false);
    expect(engine.watched()).toEqual(['a']);
    link.close();
    expect(engine.watched()).toEqual([]);
  });

  it('sends each gap once per batch, in its newest shape', async () => {
    await clock.advanceAsync(0);
    look('a');
    engine.emit.gaps('a', [gap]);
    engine.emit.gaps('a', [{ ...gap, status: 'filled', closedAt: 2 }]);
    await clock.advanceAsync(100);
    expect(updates('gaps')).toMatchObject([{ gaps: [{ id: 'g', status: 'filled' }] }]);
  });
});

describe('many sources that change', () => {
  it('are told at the pace at which numbers are read, and at once where one of them is in another state', async () => {
    const ids = Array.from({ length: 30 }, (_, index) => `s${index}`);
    for (const id of ids) await engine.addSource(fakeConfig(id));
    await clock.advanceAsync(2000);
    let number = 0;
    const change = (): void => {
      number += 1;
      for (const id of ids) engine.set(id, { eventsPerSecond: number });
    };
    change();
    await clock.advanceAsync(0);
    const told = (): number => updates('sources').length;
    const before = told();
    change();
    await clock.advanceAsync(900);
    expect(told()).toBe(before);
    await clock.advanceAsync(100);
    expect(told()).toBe(before + 1);
    change();
    engine.emit.transition('s7', transition);
    engine.set('s7', {});
    await clock.advanceAsync(100);
    expect(told()).toBe(before + 2);
    change();
    await clock.advanceAsync(900);
    expect(told()).toBe(before + 2);
  });

  it('are told at that pace also where they change one after the other, but for the one that is looked at', async () => {
    const ids = Array.from({ length: 30 }, (_, index) => `s${index}`);
    for (const id of ids) await engine.addSource(fakeConfig(id));
    await clock.advanceAsync(2000);
    const told = (): number => updates('sources').length;
    const before = told();
    for (const id of ids) {
      engine.set(id, { eventsPerSecond: 1 });
      await clock.advanceAsync(100);
    }
    expect(told() - before).toBeLessThanOrEqual(4);
    await clock.advanceAsync(1000);
    const then = told();
    look('s3');
    engine.set('s3', { eventsPerSecond: 2 });
    await clock.advanceAsync(100);
    expect(told()).toBe(then + 1);
  });
});

describe('a hidden window', () => {
  const rates = () => heardOf().map(({ eventsPerSecond }) => eventsPerSecond);

  it('gets no tail and numbers once in 30 s, and is told at once when it is shown what it missed', async () => {
    await clock.advanceAsync(0);
    look('a');
    link.setHidden(true);
    const before = batches.length;
    for (let step = 1; step <= 400; step += 1) {
      engine.set('a', { eventsPerSecond: step });
      engine.emit.events('a', [event(step)]);
      await clock.advanceAsync(100);
    }
    expect(batches.length - before).toBe(1);
    expect(updates('events')).toEqual([]);
    link.setHidden(false);
    await clock.advanceAsync(0);
    expect(updates('events')).toEqual([{ kind: 'events', source: 'a', rows: [], skipped: 400, upTo: 400 }]);
    expect(rates().at(-1)).toBe(400);
  });

  it('learns within a second that a source is in another state, and nothing of the others then', async () => {
    await clock.advanceAsync(0);
    link.setHidden(true);
    await clock.advanceAsync(5000);
    const before = updates('sources').length;
    engine.set('b', { eventsPerSecond: 7 });
    await clock.advanceAsync(1000);
    expect(updates('sources')).toHaveLength(before);
    engine.emit.transition('a', transition);
    engine.set('a', { eventsPerSecond: 8 });
    await clock.advanceAsync(1000);
    expect(rates().slice(-1)).toEqual([8]);
    expect(updates('sources')).toHaveLength(before + 1);
    link.setHidden(false);
    await clock.advanceAsync(0);
    expect(rates().slice(-1)).toEqual([7]);
  });

  it('begins with the full state like any, in parts where one batch does not hold it', async () => {
    for (let n = 0; n < 200; n++) await engine.addSource(fakeConfig(`s${n}`));
    link.close();
    batches = [];
    link = open();
    link.setHidden(true);
    await clock.advanceAsync(100);
    const told = updates('sources');
    expect(told.map(({ full }) => full)).toEqual([true, ...told.slice(1).map(() => false)]);
    expect(told.flatMap(({ sources }) => sources.map(({ id }) => id))).toHaveLength(202);
  });

  it('has every gap and transition in order when it is shown, each event told once', async () => {
    await clock.advanceAsync(0);
    look('a');
    engine.emit.events('a', [event(1), event(2)]);
    await clock.advanceAsync(100);
    engine.emit.events('a', [event(3)]);
    link.setHidden(true);
    engine.emit.gaps('a', [gap]);
    engine.emit.transition('a', transition);
    engine.emit.transition('a', { ...transition, at: 2 });
    engine.emit.gaps('a', [{ ...gap, status: 'filled' }]);
    engine.emit.events('a', [event(4)]);
    await clock.advanceAsync(60_000);
    expect(updates('transition')).toEqual([]);
    link.setHidden(false);
    engine.emit.events('a', [event(5)]);
    await clock.advanceAsync(100);
    expect(updates('transition').map((update) => update.transition.at)).toEqual([1, 2]);
    expect(updates('gaps').flatMap((update) => update.gaps.map(({ status }) => status))).toEqual(['filled']);
    expect(updates('events').map(({ rows, skipped }) => [skipped, ...rows.map((row) => row.ordinal)])).toEqual([
      [0, 1, 2],
      [2, 5],
    ]);
  });
});

describe('bodies', () => {
  it('over 16 KB travel as a preview with their length, and one batch stays near 256 KB', async () => {
    await clock.advanceAsync(0);
    look('a');
    const long = 'ä'.repeat(3_000_000);
    engine.emit.events(
      'a',
      Array.from({ length: 40 }, (_, index) => event(index + 1, long)),
    );
    await clock.advanceAsync(1000);
    const rows = updates('events').flatMap((update) => update.rows);
    expect(rows.at(-1)).toMatchObject({ bytes: 6_000_000, encoding: 'text', ordinal: 40 });
    expect(rows.every((row) => row.body.length === 16 * 1024)).toBe(true);
    for (const batch of batches) expect(JSON.stringify(batch).length).toBeLessThan(280 * 1024);
  });

  it('of bytes travel as base64', async () => {
    await clock.advanceAsync(0);
    look('a');
    engine.emit.events('a', [event(1, Uint8Array.of(0, 255, 16))]);
    await clock.advanceAsync(100);
    expect(updates('events')[0]?.rows[0]).toMatchObject({ body: 'AP8Q', encoding: 'base64', bytes: 3 });
  });

  it('are never cut inside a surrogate pair', async () => {
    await clock.advanceAsync(0);
    look('a');
    engine.emit.events('a', [event(1, `x${'😀'.repeat(10_000)}`)]);
    await clock.advanceAsync(100);
    const body = updates('events')[0]?.rows[0]?.body ?? '';
    expect(body.length).toBe(16 * 1024 - 1);
    expect(body.endsWith('😀')).toBe(true);
  });
});

describe('closing', () => {
  it('leaves no timer and no listener', async () => {
    await clock.advanceAsync(0);
    look('a');
    engine.set('a', { eventsPerSecond: 3 });
    relay.close();
    const before = batches.length;
    engine.set('a', { eventsPerSecond: 4 });
    engine.emit.journal({ kind: 'ok', behind: 9 });
    await clock.advanceAsync(5000);
    expect(batches).toHaveLength(before);
    expect(clock.pending()).toBe(0);
    expect(relay.size()).toBe(0);
  });
});
