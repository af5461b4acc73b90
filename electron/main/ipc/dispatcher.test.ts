import { beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../log';
import { type Caller, type CommandHandlers, CommandRefused, createDispatcher, type Dispatch } from './dispatcher';

const page: Caller = { id: 1, url: 'app://wirewatch/index.html', mainFrame: true };
let lines: string[];
let carriedOut: string[];
let dispatch: Dispatch;

/** Handlers that note what reaches them. */
const handlers = new Proxy({} as CommandHandlers, {
  get: (_target, name: string) => (args: unknown) => {
    carriedOut.push(`${name} ${JSON.stringify(args)}`);
    if (name === 'sources.pause') {
      throw new CommandRefused({ kind: 'not-found', message: 'There is no such source.' });
    }
    if (name === 'sources.retry') throw new Error('disk on fire');
    return name === 'sources.remove' ? null : { done: true };
  },
});

beforeEach(() => {
  lines = [];
  carriedOut = [];
  dispatch = createDispatcher({
    handlers,
    trusts: (url) => url.startsWith('app://wirewatch/'),
    log: createLog((line) => lines.push(line)),
  });
});

describe('the gate', () => {
  it('carries out a good command with its checked argument', async () => {
    expect(await dispatch(page, 'sources.remove', { id: 'a' })).toEqual({ ok: true, value: null });
    expect(carriedOut).toEqual(['sources.remove {"id":"a"}']);
  });

  it.each([
    ['another origin', { ...page, url: 'https://evil.test/index.html' }],
    ['a frame inside the page', { ...page, mainFrame: false }],
    ['a frame that is gone', { ...page, url: null }],
    ['an address that only looks right', { ...page, url: 'app://wirewatch.evil.test/' }],
  ])('refuses %s, logs it once and changes nothing', async (_what, caller) => {
    for (let round = 0; round < 3; round += 1) {
      const answer = await dispatch(caller, 'sources.remove', { id: 'a' });
      expect(answer).toMatchObject({ ok: false, error: { kind: 'refused' } });
    }
    expect(carriedOut).toEqual([]);
    expect(lines).toHaveLength(1);
  });

  it.each([
    ['sources.remove', {}],
    ['sources.remove', { id: '../../etc' }],
    ['sources.remove', { id: 'a', extra: 1 }],
    ['sources.remove', null],
    ['sources.remove', undefined],
    ['sources.pin', { id: 'a', rung: 9 }],
    ['sources.pin', { id: 'a', rung: 0.5 }],
    ['events.page', { source: 'a', from: null, direction: 'sideways', limit: 10 }],
    ['events.page', { source: 'a', from: null, direction: 'before', limit: 1e9 }],
    ['shell.open', { url: 'http://plain.test' }],
    ['shell.open', { url: 'file:///etc/passwd' }],
    ['shell.open', { url: 'javascript:alert(1)' }],
    ['window.interest', { generation: 1, source: 'a', tail: true, series: Array(65).fill('x') }],
    ['faults.change', { settings: { nuke: true } }],
  ])('refuses a malformed %s %j, logs it once and changes nothing', async (name, args) => {
    for (let round = 0; round < 3; round += 1) {
      expect(await dispatch(page, name, args)).toMatchObject({ ok: false, error: { kind: 'invalid' } });
    }
    expect(carriedOut).toEqual([]);
    expect(lines).toHaveLength(1);
  });

  it('hostile 6: has a thousand commands of one page under way, refuses more, and takes them again afterwards', async () => {
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const slow = new Proxy({} as CommandHandlers, { get: () => () => finished });
    const busy = createDispatcher({ handlers: slow, trusts: () => true, log: createLog(() => {}) });
    const answers = Array.from({ length: 1_001 }, () => busy(page, 'storage.read', {}));
    expect(await answers[1_000]).toMatchObject({ ok: false, error: { kind: 'refused' } });
    const other = busy({ ...page, id: 2 }, 'storage.read', {});
    finish();
    expect((await Promise.all([...answers.slice(0, 1_000), other])).every(({ ok }) => ok)).toBe(true);
    expect(await busy(page, 'storage.read', {})).toMatchObject({ ok: true });
  });

  /** To write such a name in ASCII takes time that grows with the square of its length: 200,000 letters, half a minute. */
  const endlessHost = `https://${Array.from({ length: 200_000 }, (_, at) => String.fromCodePoint(0x4e00 + (at % 20_000))).join('')}/`;
  const rung = { transport: 'sse', url: endlessHost, intervalSeconds: 5 };

  it.each([
    ['shell.open', { url: endlessHost }],
    ['sources.add', { name: 'a', url: 'https://a.test', protocol: 'json', ladder: [rung, rung, rung, rung] }],
    [
      'sources.add',
      {
        name: 'a',
        url: 'https://a.test',
        protocol: 'json',
        reach: { credential: { kind: 'token-url', url: endlessHost }, proxy: { kind: 'manual', url: endlessHost } },
      },
    ],
  ])('hostile 6: refuses the address of a %s whose host is longer than a name can be, unread', async (name, args) => {
    expect(await dispatch(page, name, args)).toMatchObject({ ok: false, error: { kind: 'invalid' } });
  });

  it('hostile 6: cannot be made to fill the log, nor to use up what it may say once', async () => {
    const counting = new Proxy({} as CommandHandlers, {
      get: () => (args: { readonly ordinal: number }) => {
        throw new Error(`Event ${args.ordinal} is not there.`);
      },
    });
    const log = createLog((line) => lines.push(line));
    const noisy = createDispatcher({ handlers: counting, trusts: () => true, log });
    for (let at = 0; at < 2_000; at++) {
      await noisy(page, `name-${at}`, {});
      await noisy(page, 'events.body', { source: 'a', ordinal: at, offset: 0 });
    }
    log.once('another', 'said all the same');
    expect(lines).toHaveLength(3);
    expect(lines[2]).toContain('said all the same');
  });

  const wordy = {
    ...{ id: 'r', name: 'r', source: null, severity: 'info', enabled: true },
    condition: { kind: 'match', search: 'a '.repeat(200), quietSeconds: 0 },
  };

  const unknownKeys = Object.fromEntries(Array.from({ length: 300_000 }, (_, at) => [`key-${at}`, at]));

  it.each([
    ['history.series', { source: 'a', series: ['events'], from: -1e300, to: 0, points: 400 }],
    ['history.series', { source: 'a', series: ['events'], from: 0, to: 1e300, points: 400 }],
    ['history.states', { source: 'a', from: Number.NEGATIVE_INFINITY, to: 0 }],
    ['history.states', { source: 'a', from: 0, to: Number.NaN }],
    ['events.at', { source: 'a', place: { by: 'time', time: 1e300 } }],
    ['alerts.page', { before: -1e300, limit: 1 }],
    ['events.page', { source: 'a', from: null, direction: 'before', limit: 1, text: 'a '.repeat(200) }],
    ['events.histogram', { source: 'a', text: 'a '.repeat(200), bars: 1 }],
    ['alerts.save', { rules: [wordy] }],
    ['sources.play', { id: 'a', playback: { kind: 'seek', at: -1e300 } }],
    ['sources.remove', { id: 'a', ...unknownKeys }],
    ['sources.add', { name: 'a', url: 'https://a.test', protocol: 'auto', reach: unknownKeys }],
    ['sources.add', { name: 'a', url: 'https://a.test', protocol: 'auto', reach: { 'key-1': 1 } }],
    ['sources.add', { name: 'a', url: 'x'.repeat(10_000_000), protocol: 'auto' }],
    ['alerts.save', { rules: Array.from({ length: 100_000 }, () => ({ 'key-1': 1 })) }],
    ['alerts.save', { rules: Array.from({ length: 200 }, () => ({ 'key-1': 1 })) }],
  ])('hostile 6: refuses a %s of any size or number in a few words that repeat nothing of it', async (name, args) => {
    const answer = await dispatch(page, name, args);
    expect(answer).toMatchObject({ ok: false, error: { kind: 'invalid' } });
    expect(JSON.stringify(answer).length).toBeLessThan(10_000);
    expect(JSON.stringify(answer)).not.toContain('key-1');
    expect(carriedOut).toEqual([]);
    expect(lines.join().length).toBeLessThan(1000);
  });

  it.each(['nothing.such', '__proto__', 'constructor', 'toString', 7, null, undefined, {}])(
    'refuses the name %j',
    async (name) => {
      expect(await dispatch(page, name, {})).toMatchObject({ ok: false, error: { kind: 'refused' } });
      expect(carriedOut).toEqual([]);
      expect(lines).toHaveLength(1);
    },
  );

  it('never logs what a field held', async () => {
    await dispatch(page, 'sources.add', { name: 'n', url: { secret: 'hunter2' }, protocol: 'auto' });
    expect(lines.join()).not.toContain('hunter2');
    expect(lines.join()).toContain('url');
  });

  it('fills in defaults of the schema', async () => {
    await dispatch(page, 'events.page', { source: 'a', from: null, direction: 'before', limit: 5 });
    expect(carriedOut[0]).toContain('"text":""');
  });

  it('hands a refusal over as it is, and a failure by its sentence', async () => {
    expect(await dispatch(page, 'sources.pause', { id: 'a' })).toEqual({
      ok: false,
      error: { kind: 'not-found', message: 'There is no such source.' },
    });
    expect(await dispatch(page, 'sources.retry', { id: 'a' })).toEqual({
      ok: false,
      error: { kind: 'failed', message: 'disk on fire' },
    });
  });
});
