import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandName, commands } from '../../../shared/ipc';
import { allEvents } from '../../engine/journal/event-query';
import { entry, event, someTime, transition } from '../../engine/journal/samples';
import { extremesOf, goodOf } from './testing/extremes';
import { openWindowRig } from './testing/window-rig';

/** No answer takes so long on any machine; what hangs never comes. */
const patienceMs = 20_000;
/** An answer that is a refusal repeats nothing of what was sent. */
const refusalChars = 10_000;

let rig: Awaited<ReturnType<typeof openWindowRig>>;

beforeAll(async () => {
  rig = await openWindowRig();
  // What there is to be asked for: events, numbers of them, and times it was connected.
  const events = Array.from({ length: 2_000 }, (_, at) => event(at, { receivedAt: someTime + at * 1_000 }));
  const rollups = events.map(({ receivedAt }) => ({
    series: 'events' as const,
    start: receivedAt,
    count: 1,
    sum: 1,
    min: 1,
    max: 1,
    last: 1,
  }));
  const transitions = events.map(({ receivedAt }) => transition(receivedAt, { kind: 'idle', cause: 'paused' }));
  rig.journal.append(entry('a', 1, 0, 2_000, { events, rollups, transitions }));
  await rig.journal.flush();
  const added = await rig.call('sources.add', { name: 'a', url: 'http://127.0.0.1:1/a', protocol: 'json' });
  expect(added).toMatchObject({ ok: true, value: { id: 'a' } });
  await rig.call('window.attach', {});
});

afterAll(() => rig?.close());

/** What it answers, or that it did not. */
async function inTime<Answer>(answer: Promise<Answer>): Promise<Answer | 'hangs'> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const hangs = new Promise<'hangs'>((resolve) => {
    timer = setTimeout(resolve, patienceMs, 'hangs');
  });
  try {
    return await Promise.race([answer, hangs]);
  } finally {
    clearTimeout(timer);
  }
}

const answerTo = (name: CommandName, args: unknown) => inTime(rig.call(name, args));

/** What a call leaves behind is taken away, so that the next one finds what the first found. */
async function tidy(name: CommandName, answer: Awaited<ReturnType<typeof answerTo>>): Promise<void> {
  if (answer === 'hangs' || !answer.ok || name !== 'sources.add') return;
  await rig.call('sources.remove', { id: Reflect.get(answer.value as object, 'id') });
}

const names = Object.keys(commands) as CommandName[];

/** What ends the source that the others are asked about comes last. */
const ordered = [...names.filter((name) => name !== 'sources.remove'), 'sources.remove' as const];

describe('the thread of the journal', () => {
  const bad = [-1e300, 1e300, Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const whole = { ...allEvents('a'), direction: 'after' as const };

  it.each(bad)('hostile 6: answers a question with %d in any place of a number, whoever asks it', async (at) => {
    const { journal } = rig;
    const series = Array.from({ length: 1_000 }, () => 'events' as const);
    const asked = [
      journal.history({ source: 'a', series, from: at, to: someTime, points: 400 }),
      journal.history({ source: 'a', series, from: 0, to: at, points: 400 }),
      journal.history({ source: 'a', series, from: -someTime, to: someTime, points: at }),
      journal.states('a', at, someTime),
      journal.states('a', 0, at),
      journal.transitions('a', at),
      journal.alertPage(at, at),
      journal.openAlerts(at),
      journal.page({ source: 'a', from: at, direction: 'before', limit: 10, text: '' }),
      journal.find({ ...whole, order: 'time', from: at, limit: 10, text: 'x '.repeat(100_000) }),
      journal.find({ ...whole, order: 'seq', stream: 'metrics', epoch: 'e1', from: at, limit: at }),
      journal.count({ ...whole, since: at, before: at }),
      journal.histogram({ ...whole, since: at, before: someTime }, at),
    ];
    for (const answer of asked) expect(await inTime<unknown>(answer)).not.toBe('hangs');
    expect(await inTime(journal.count(whole))).toBe(2_000);
  });
});

describe('every command there is', () => {
  it.each(ordered)('hostile 6: %s answers, whatever stands in any of its fields', async (name) => {
    const { args } = commands[name];
    for (const good of goodOf(args)) {
      if (name === 'sources.remove') break;
      const answer = await answerTo(name, good);
      expect(answer, `${name} of something good`).not.toBe('hangs');
      await tidy(name, answer);
    }
    for (const { path, value, argument } of extremesOf(args)) {
      const answer = await answerTo(name, argument());
      const where = `${name} ${path.join('.')} ${typeof value}`;
      expect(answer, where).not.toBe('hangs');
      if (answer !== 'hangs' && !answer.ok) expect(JSON.stringify(answer).length, where).toBeLessThan(refusalChars);
      await tidy(name, answer);
    }
    expect(await answerTo('events.page', { source: 'a', from: null, direction: 'before', limit: 1 })).toMatchObject({
      ok: true,
    });
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
    expect(rig.lines.join('\n').length, 'what it wrote to the log').toBeLessThan(100_000);
  });
});
