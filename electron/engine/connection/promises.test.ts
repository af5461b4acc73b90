import { describe, expect, it } from 'vitest';
import { badgeOf } from '../../../shared/connection';
import { createFakeClock } from '../simulation/fake-clock';
import { createGovernor } from './governor';
import { byRung, createBench, facts, fails, failure, refuses, type Script, silent, works } from './testing/bench';

const troubled = ['connecting', 'waiting', 'stopped'];

describe('since', () => {
  it('promise 17: is when the trouble began, kept over all attempts, also of an address that always refuses', () => {
    const bench = createBench({ answer: fails('ECONNREFUSED') });
    bench.clock.advance(5_000);
    const began = bench.clock.wall();
    bench.connection.start();
    expect(bench.connection.view()).toMatchObject({ since: began, downSince: null });
    while (bench.sessions.length < 4) bench.clock.advance(500);
    expect(bench.connection.view()).toMatchObject({ since: began, downSince: began });
    const steps = bench.transitions.filter(({ to }) => troubled.includes(to.kind));
    expect(steps.length).toBeGreaterThan(5);
    expect(new Set(steps.map(({ since }) => since))).toEqual(new Set([began]));
  });

  it('promise 17: begins at the last sign of life, not when we noticed', () => {
    const bench = createBench();
    bench.connection.start();
    bench.clock.advance(31_000);
    const heardAt = bench.connection.view().lastByteAt;
    bench.last().pongs = 'flush-only';
    bench.answer = silent;
    bench.clock.advance(20_000);
    expect(bench.codes()).toContain('heartbeat-missed');
    bench.clock.advance(60_000);
    expect(bench.connection.view()).toMatchObject({ since: heardAt, downSince: heardAt });
    bench.answer = works;
    bench.clock.advance(60_000);
    const view = bench.connection.view();
    expect(view).toMatchObject({ state: { kind: 'live' }, downSince: null });
    expect(view.since).toBeGreaterThan(heardAt ?? 0);
    expect(bench.transitions.at(-1)).not.toHaveProperty('since');
  });

  it('promise 17: does not count the sleep and the lost network of this machine', () => {
    const bench = createBench({ answer: fails('ECONNREFUSED') });
    bench.connection.start();
    bench.clock.advance(10_000);
    bench.clock.sleep(3_600_000);
    bench.clock.advance(1_100);
    const woke = bench.transitions.find(({ code }) => code === 'woke-up')?.at ?? 0;
    bench.clock.advance(30_000);
    expect(bench.connection.view().downSince).toBe(woke);
  });
});

describe('reconnects and downtime', () => {
  const excused = (bench: ReturnType<typeof createBench>) =>
    bench.transitions.map(({ to, excused }) => `${to.kind} ${excused === true}`);

  it('promise 25: the first connection is no reconnect, and the time until it opened no downtime', () => {
    const bench = createBench({ answer: fails('ECONNREFUSED') });
    bench.connection.start();
    bench.clock.advance(20_000);
    bench.answer = works;
    bench.clock.advance(40_000);
    expect(bench.connection.view()).toMatchObject({ state: { kind: 'live' }, counters: { reconnects: 0 } });
    expect(excused(bench).filter((one) => !one.endsWith('true'))).toEqual(['live false']);
    bench.last().end(failure('ECONNRESET', 'body'));
    bench.clock.advance(2_000);
    expect(bench.connection.view()).toMatchObject({ state: { kind: 'live' }, counters: { reconnects: 1 } });
    expect(excused(bench).slice(-4)).toEqual(['waiting false', 'connecting false', 'live false', 'live false']);
  });

  it('promise 25: nor where the wait of a first attempt was cut in two by a lost network', () => {
    const bench = createBench({ rungs: [facts('sse')], answer: refuses(503, 60_000) });
    bench.connection.start();
    bench.clock.advance(1_000);
    bench.online = false;
    bench.signal({ kind: 'offline' });
    bench.clock.advance(11_000);
    bench.online = true;
    bench.signal({ kind: 'online' });
    expect(bench.connection.state().kind).toBe('waiting');
    bench.answer = works;
    bench.clock.advance(120_000);
    expect(bench.connection.view()).toMatchObject({ state: { kind: 'live' }, counters: { reconnects: 0 } });
  });

  it('promise 15: a probe that has to break first is told as that, and is neither a reconnect nor downtime', () => {
    const bench = createBench({ options: { overlap: false }, answer: byRung(refuses(403), works) });
    bench.connection.start();
    bench.clock.advance(2_000);
    const before = bench.transitions.length;
    bench.clock.advance(80_000);
    const seam = bench.transitions.slice(before);
    expect(seam[0]).toMatchObject({ code: 'probe-breaks-first', to: { kind: 'connecting', rung: 0 } });
    expect(seam[0]?.text).toBe(
      'Trying WebSocket in place of the running connection: this feed has no numbers, so two at once would repeat events.',
    );
    expect(seam.map(({ to, excused }) => `${to.kind} ${excused === true}`)).toEqual([
      'connecting true',
      'connecting true',
      'live true',
      'live false',
    ]);
    expect(bench.connection.view()).toMatchObject({ state: { kind: 'live', rung: 1 }, counters: { reconnects: 0 } });
  });

  it('promise 15: what fails after a break of our own making is trouble, from then on', () => {
    const bench = createBench({ options: { overlap: false }, answer: byRung(refuses(403), works) });
    bench.connection.start();
    bench.clock.advance(2_000);
    bench.answer = fails('ECONNREFUSED');
    while (bench.connection.state().kind !== 'waiting') bench.clock.advance(100);
    const failed = bench.transitions.at(-1);
    expect(failed).not.toHaveProperty('excused');
    expect(failed?.since).toBe(failed?.at);
    bench.clock.advance(5_000);
    bench.answer = byRung(refuses(403), works);
    bench.clock.advance(30_000);
    expect(bench.connection.view()).toMatchObject({ state: { kind: 'live' }, counters: { reconnects: 1 } });
  });

  it('promise 15: names the address that was asked', () => {
    const bench = createBench({ rungs: [facts('sse')], answer: refuses(404) });
    bench.connection.start();
    bench.clock.advance(500);
    expect(bench.transitions.at(-1)?.evidence).toContainEqual({
      kind: 'address',
      url: 'http://feed.example:80/sse',
    });
  });
});

describe('a status is read with its headers', () => {
  const refusing =
    (status: number, headers: readonly (readonly [string, string])[]): Script =>
    (session) =>
      session.end({ kind: 'refused', head: { status, headers }, bodyStart: '', retryAfterMs: null });

  it('behaviour 46: 403 with no requests left waits for the reset, and names it', () => {
    for (const reset of ['20', 'epoch', 'epoch of a server whose clock is ahead']) {
      const bench = createBench({ rungs: [facts('poll')] });
      const ahead = reset.endsWith('ahead') ? 90_000 : 0;
      const at = Math.round((bench.clock.wall() + ahead) / 1000) + 20;
      bench.answer = refusing(403, [
        ['x-ratelimit-remaining', '0'],
        ['x-ratelimit-reset', reset === '20' ? reset : String(at)],
        ...(ahead > 0 ? [['date', new Date(bench.clock.wall() + ahead).toUTCString()] as const] : []),
      ]);
      bench.connection.start();
      bench.clock.advance(100);
      const state = bench.connection.state();
      expect(state).toMatchObject({ kind: 'waiting', cause: 'limit-used-up' });
      const wait = state.kind === 'waiting' ? state.until - bench.clock.wall() : 0;
      expect(wait).toBeGreaterThan(19_000);
      expect(wait).toBeLessThan(32_000);
      expect(bench.transitions.at(-1)?.text).toMatch(/used up \(403\): it begins anew in (19|20)\.\d s/);
    }
  });

  it('promise 6, behaviour 46: 403 with a Retry-After and no other header waits that long, and no less', () => {
    for (const retryAfterMs of [60_000, 0]) {
      const bench = createBench({ rungs: [facts('poll')] });
      bench.answer = (session) =>
        session.end({ kind: 'refused', head: { status: 403, headers: [] }, bodyStart: '', retryAfterMs });
      bench.connection.start();
      bench.clock.advance(100);
      const state = bench.connection.state();
      expect(state).toMatchObject({ kind: 'waiting', cause: 'limit-used-up' });
      const wait = state.kind === 'waiting' ? state.until - bench.clock.wall() : 0;
      expect(wait).toBeGreaterThan(retryAfterMs - 101);
    }
  });

  it('behaviour 46: with requests left it stays a refusal', () => {
    const bench = createBench({ rungs: [facts('poll')], answer: refusing(403, [['x-ratelimit-remaining', '7']]) });
    bench.connection.start();
    bench.clock.advance(100);
    expect(bench.connection.state()).toMatchObject({ kind: 'stopped', cause: 'forbidden' });
  });

  it('behaviour 46: a check for bots is named, with what helps', () => {
    const bench = createBench({ rungs: [facts('sse')], answer: refusing(403, [['cf-mitigated', 'challenge']]) });
    bench.connection.start();
    bench.clock.advance(100);
    expect(bench.connection.state()).toMatchObject({ kind: 'stopped', cause: 'bot-check' });
    expect(bench.connection.view().advice).toContain('address of its interface for programs');
  });
});

describe('life', () => {
  it('behaviour 50: data is life on a server that has never answered a ping, and that is said', () => {
    const bench = createBench({
      rungs: [facts('websocket')],
      answer: (session) => {
        session.pongs = 'flush-only';
        works(session);
      },
    });
    bench.connection.start();
    bench.clock.advance(100);
    for (let message = 0; message < 20; message += 1) {
      bench.clock.advance(12_000);
      bench.last().frame();
    }
    expect(bench.sessions).toHaveLength(1);
    expect(bench.connection.view().notes.map(({ code }) => code)).toEqual(['pings-unanswered']);
    bench.clock.advance(40_000);
    expect(bench.connection.view()).toMatchObject({ quiet: true, state: { kind: 'live' } });
    bench.clock.advance(270_000);
    expect(bench.codes()).toContain('recycle-started');
  });

  it('promise 11: a source that is edited again and again opens no faster than one that is not', () => {
    const clock = createFakeClock();
    const shared = { clock, governor: createGovernor(clock) };
    const opened: number[] = [];
    for (let edit = 0; edit < 10; edit += 1) {
      const bench = createBench({ rungs: [facts('websocket')], shared });
      bench.connection.start();
      clock.advance(50);
      opened.push(...bench.sessions.map(({ at }) => at));
      bench.connection.close();
    }
    expect(opened).toEqual([0, 300]);
  });

  it('promise 9: with no place to go on from, a session is left before a better one begins: two would be out of order', () => {
    for (const [placed, code] of [
      [true, 'probe-started'],
      [false, 'probe-breaks-first'],
    ] as const) {
      const bench = createBench({ options: { overlap: true }, answer: byRung(refuses(403), works) });
      bench.connection.start();
      bench.clock.advance(2_000);
      bench.last().placed = placed;
      const before = bench.transitions.length;
      bench.clock.advance(80_000);
      expect(bench.transitions[before]).toMatchObject({ code });
    }
  });

  it('behaviour 15: a silent session is renewed beside the old one, also where nothing ever came: nothing broke', () => {
    for (const placed of [true, false]) {
      const bench = createBench({ rungs: [facts('sse')], options: { overlap: true } });
      bench.connection.start();
      bench.clock.advance(100);
      bench.last().placed = placed;
      bench.clock.advance(301_000);
      expect(bench.codes().slice(-2)).toEqual(['recycle-started', 'recycled']);
      expect(bench.last().purpose).toBe('candidate');
      expect(bench.alive()).toHaveLength(1);
    }
  });

  it('behaviour 50: a server that has answered one is judged by them, and so is a silent new one, once', () => {
    const bench = createBench({ rungs: [facts('websocket')] });
    bench.connection.start();
    bench.clock.advance(40_000);
    bench.answer = silent;
    bench.last().pongs = 'flush-only';
    bench.last().frame();
    bench.clock.advance(21_000);
    expect(bench.codes()).toContain('heartbeat-missed');

    const mute = createBench({
      rungs: [facts('websocket')],
      answer: (session) => {
        session.pongs = 'flush-only';
        session.open();
      },
    });
    mute.connection.start();
    mute.clock.advance(200_000);
    expect(mute.codes().filter((code) => code === 'heartbeat-missed')).toHaveLength(1);
    expect(mute.sessions).toHaveLength(2);
  });

  it('behaviour 50: a server that stands still before its first regular ping is judged by the one at the start', () => {
    const bench = createBench({ rungs: [facts('websocket')] });
    bench.connection.start();
    for (let message = 0; message < 14; message += 1) {
      bench.clock.advance(500);
      bench.last().frame();
    }
    bench.last().pongs = 'flush-only';
    bench.clock.advance(20_000);
    expect(bench.codes()).toContain('heartbeat-missed');
  });

  it('behaviour 50: a feed that promised a heartbeat and sends none is dead, also where no ping was ever answered', () => {
    const bench = createBench({
      rungs: [facts('websocket')],
      answer: (session) => {
        session.pongs = 'flush-only';
        works(session);
      },
    });
    bench.connection.start();
    bench.clock.advance(100);
    bench.last().sink.onTerms({ spreadMs: null, heartbeatMs: 5000 });
    bench.last().frame();
    bench.clock.advance(21_000);
    expect(bench.codes()).toContain('heartbeat-missed');
  });

  it.each([
    ['every minute', 60_000],
    ['every 20 s', 20_000],
  ])(
    'behaviour 51: a stream that ends in good order %s is asked again about a second later, and is not flapping',
    (_, ms) => {
      const bench = createBench({ rungs: [facts('sse')] });
      bench.connection.start();
      for (let end = 0; end < 8; end += 1) {
        bench.clock.advance(100);
        while (bench.connection.state().kind !== 'live') bench.clock.advance(100);
        bench.last().sink.onFloor(1_000);
        bench.clock.advance(ms);
        bench.last().end({ kind: 'ended', whole: true });
        const state = bench.connection.state();
        expect(state).toMatchObject({ kind: 'waiting', cause: 'stream-ended', attempt: 1 });
        const wait = state.kind === 'waiting' ? state.until - bench.clock.wall() : 0;
        expect(wait).toBeGreaterThanOrEqual(1_000);
        expect(wait).toBeLessThanOrEqual(2_000);
      }
      expect(bench.connection.view().flapping).toBe(false);
    },
  );

  it('behaviour 51: ends right after opening still slow down', () => {
    const bench = createBench({
      rungs: [facts('sse')],
      answer: (session) => {
        works(session);
        session.end({ kind: 'ended', whole: true });
      },
    });
    bench.connection.start();
    bench.clock.advance(300_000);
    expect(bench.sessions.length).toBeLessThan(30);
    expect(bench.connection.view().flapping).toBe(true);
  });

  it('promise 19: a pong is no traffic of the feed: cuts at an age are no idle timeout', () => {
    const bench = createBench({ rungs: [facts('websocket')] });
    bench.connection.start();
    for (let cut = 0; cut < 2; cut += 1) {
      while (bench.connection.state().kind !== 'live') bench.clock.advance(10);
      bench.clock.advance(52_000);
      bench.last().end({ kind: 'closed', code: 1006, reason: '' });
    }
    expect(bench.codes()).not.toContain('idle-timeout');
    expect(bench.transitions.at(-1)?.text).toMatch(/^WebSocket was cut without a close \(1006\) after 52\.\d s/);
  });

  it('promise 13: what cannot be decoded is told apart from what broke in the middle', () => {
    for (const [livedMs, code] of [
      [0, 'encoding-unreadable'],
      [40_000, 'encoding-broken'],
    ] as const) {
      const bench = createBench({ rungs: [facts('sse')] });
      bench.connection.start();
      if (livedMs > 0) bench.clock.advance(livedMs);
      bench.last().end(failure('BAD_ENCODING', 'body'));
      expect(bench.codes().at(-1)).toBe(code);
    }
  });

  it('behaviour 59: a close frame with a reserved code is said to be one, and a sentence agrees with its evidence', () => {
    const bench = createBench({ rungs: [facts('websocket')] });
    bench.connection.start();
    bench.clock.advance(40_000);
    const broken = failure('WS_ERR_INVALID_CLOSE_CODE', 'body');
    if (broken.kind !== 'failed') throw new Error('Not a failure.');
    const message = 'Invalid WebSocket frame: invalid status code 1006';
    bench.last().end({ kind: 'failed', failure: { ...broken.failure, message } });
    expect(bench.transitions.at(-1)).toMatchObject({
      code: 'reserved-close',
      text: `The server closed the connection with a reserved code, which no close may carry (${message}).`,
    });
    bench.clock.advance(40_000);
    bench.last().end({ kind: 'closed', code: 1006, reason: '' });
    const cut = bench.transitions.at(-1);
    expect(cut?.text).toContain('without a close');
    expect(cut?.evidence.map(({ kind }) => kind)).not.toContain('close');
    bench.clock.advance(40_000);
    bench.last().end(failure('WS_ERR_INVALID_UTF8', 'body'));
    expect(bench.transitions.at(-1)).toMatchObject({ code: 'protocol-broken' });
  });
});

describe('what breaks the protocol', () => {
  it('promise 19: has come, so that no idle timeout is seen in it, however long nothing came before', () => {
    const bench = createBench({ rungs: [facts('websocket')] });
    bench.connection.start();
    for (let turn = 0; turn < 2; turn += 1) {
      while (bench.connection.state().kind !== 'live') bench.clock.advance(10);
      bench.clock.advance(3_000);
      bench.last().frame();
      bench.clock.advance(9_000);
      bench.last().end(failure('WS_ERR_INVALID_OPCODE', 'body'));
      expect(bench.transitions.at(-1)?.code).toBe('protocol-broken');
    }
  });

  it('is the reason right after opening too, never that nothing was heard', () => {
    const bench = createBench();
    bench.connection.start();
    while (bench.connection.state().kind !== 'live') bench.clock.advance(10);
    bench.clock.advance(2_000);
    bench.last().end(failure('WS_ERR_INVALID_OPCODE', 'body'));
    bench.clock.advance(100);
    expect(bench.codes()).toContain('protocol-broken');
    expect(bench.codes()).not.toContain('cut-young');
  });

  it('is the reason also before what we say on open is answered', () => {
    const broken: Script = (session) => session.end(failure('WS_ERR_INVALID_OPCODE', 'body'));
    const bench = createBench({ rungs: [facts('websocket')], answer: broken });
    bench.connection.start();
    bench.clock.advance(100);
    expect(bench.codes()).toContain('protocol-broken');
    expect(bench.codes()).not.toContain('network-failed');
  });
});

describe('poll', () => {
  it('promise 14: an interval of days is taken for an hour, said, and asked hourly', () => {
    const bench = createBench({ rungs: [facts('poll')] });
    bench.connection.start();
    bench.clock.advance(100);
    bench.last().sink.onFloor(999_999_000);
    bench.last().sink.onAnswer(5);
    expect(bench.connection.view().notes[0]).toMatchObject({
      code: 'polled-hourly',
      text: 'The server asks us to wait 277.8 h between polls: it is asked hourly.',
    });
    bench.answer = silent;
    bench.clock.advance(2 * 3_600_000 + 10_100);
    expect(bench.codes()).toContain('poll-overdue');
  });
});

describe('a wait of days', () => {
  it('is said also where it was asked for before the stream ended, and is asked hourly', () => {
    const bench = createBench({ rungs: [facts('sse')] });
    bench.connection.start();
    bench.clock.advance(100);
    bench.last().sink.onFloor(86_400_000);
    bench.last().end({ kind: 'ended', whole: true });
    const last = bench.transitions.at(-1);
    expect(last?.to).toMatchObject({ kind: 'waiting' });
    expect(last?.text).toContain('The server asks us to wait 24.0 h; it is asked again hourly.');
    const { length } = bench.sessions;
    bench.clock.advance(3_590_000);
    expect(bench.sessions).toHaveLength(length);
    bench.clock.advance(600_000);
    expect(bench.sessions.length).toBeGreaterThan(length);
  });

  it('is said also where a look at what is stopped is answered so', () => {
    const bench = createBench({ rungs: [facts('sse')], answer: refuses(404) });
    bench.connection.start();
    while (bench.connection.state().kind !== 'stopped') bench.clock.advance(100);
    bench.answer = (session) =>
      session.end({ kind: 'refused', head: { status: 404, headers: [] }, bodyStart: '', retryAfterMs: 86_400_000 });
    bench.clock.advance(660_000);
    expect(bench.connection.view().reason.text).toContain(
      'The server asks us to wait 24.0 h; it is asked again hourly.',
    );
  });
});

describe('a guess', () => {
  const oneAddress = [facts('sse'), facts('poll')].map((rung) => ({ ...rung, url: 'http://feed.example/x' }));
  const page: Script = (session) =>
    session.end({
      kind: 'not-a-feed',
      head: { status: 200, headers: [] },
      contentType: 'application/json',
      bodyStart: '{}',
    });
  const badge = (bench: ReturnType<typeof createBench>) =>
    badgeOf({ state: bench.connection.state(), pinnedRung: null, throttled: false, stale: false, quiet: false });

  it('promise 15: that proves wrong is no degradation: a page that is polled well is live', () => {
    const bench = createBench({ rungs: oneAddress, options: { guessed: true }, answer: byRung(page, works) });
    bench.connection.start();
    bench.clock.advance(3_000);
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 1, topmost: true });
    expect(badge(bench)).toBe('live');
    expect(bench.transitions.at(-1)?.to).toMatchObject({ topmost: true });
  });

  it('promise 15: what existed once, or a ladder that somebody wrote, is missed', () => {
    const written = createBench({ rungs: oneAddress, answer: byRung(page, works) });
    written.connection.start();
    written.clock.advance(3_000);
    expect(badge(written)).toBe('degraded');
    const bench = createBench({ rungs: oneAddress, options: { guessed: true } });
    bench.connection.start();
    bench.clock.advance(3_000);
    bench.answer = byRung(page, works);
    bench.last().end(failure('ECONNRESET', 'body'));
    bench.clock.advance(5_000);
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 1 });
    expect(badge(bench)).toBe('degraded');
  });
});

describe('a poll that is answered with an event stream', () => {
  const stream: Script = (session) =>
    session.end({
      kind: 'not-a-feed',
      head: { status: 200, headers: [['content-type', 'text/event-stream']] },
      contentType: 'text/event-stream',
      bodyStart: '',
    });
  const rungs = [facts('sse'), facts('poll')].map((rung) => ({ ...rung, url: 'http://feed.example:80/live' }));

  it.each([403, 404, 410])(
    'promise 13: is no refusal where the ladder has SSE: after its %s that rung is asked again, and soon',
    (status) => {
      const bench = createBench({ rungs, options: { guessed: true }, answer: byRung(refuses(status), stream) });
      bench.connection.start();
      bench.clock.advance(500);
      expect(bench.connection.state()).toMatchObject({ kind: 'waiting' });
      expect(bench.transitions.at(-1)?.text).toContain(String(status));
      bench.answer = byRung(works, stream);
      bench.clock.advance(10_000);
      expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 0 });
      expect(bench.codes()).not.toContain('not-a-feed');
    },
  );

  it('promise 13: on a poll rung that was tried first, SSE is tried, and read', () => {
    const bench = createBench({ rungs, options: { guessed: true }, answer: byRung(silent, works) });
    bench.connection.start();
    while (bench.connection.state().kind !== 'live') bench.clock.advance(500);
    bench.answer = byRung(works, stream);
    bench.last().end({ kind: 'ended', whole: false });
    bench.clock.advance(20_000);
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 0 });
  });

  it('promise 13: where only polls are wanted it stops, and says what reads it', () => {
    const bench = createBench({ rungs: [facts('poll')], answer: stream });
    bench.connection.start();
    bench.clock.advance(500);
    expect(bench.connection.state()).toMatchObject({ kind: 'stopped', cause: 'stream-instead' });
    expect(bench.transitions.at(-1)?.text).toBe('What answers the poll is an event stream, which only SSE reads.');
  });
});

describe('control requests', () => {
  it('promise 20: a floor that the answer to a control request sets counts for the next one', () => {
    const bench = createBench({ answer: byRung(refuses(403), refuses(403, 7_000), works) });
    bench.connection.start();
    bench.clock.advance(30_000);
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 2 });
    const [, second, third] = bench.sessions;
    expect((third?.at ?? 0) - (second?.at ?? 0)).toBeGreaterThanOrEqual(7_000);
  });
});

describe('proof of a buffer', () => {
  const suspected = () => {
    const bench = createBench({ rungs: [facts('sse'), facts('poll')], options: { heartbeatMs: 10_000 } });
    bench.answer = (session) => session.open();
    bench.connection.start();
    while (bench.last().purpose !== 'proof') bench.clock.advance(500);
    return bench;
  };

  it('promise 20: a greeting that a poll gets and the open stream did not is proof too', () => {
    const bench = suspected();
    bench.last().sink.onProof('greeting');
    bench.clock.advance(2_000);
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 1 });
    expect(bench.transitions.find(({ code }) => code === 'sse-buffered')?.text).toBe(
      'SSE is being buffered: a poll returned the greeting that the open stream had not delivered.',
    );
  });

  it('promise 20: where there are no numbers it stays a suspicion, said, and the stream stays', () => {
    const bench = suspected();
    bench.last().sink.onProof('unclear');
    for (let beat = 0; beat < 60; beat += 1) {
      bench.clock.advance(5_000);
      bench.sessions[0]?.comment();
    }
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 0 });
    expect(bench.connection.view().ladder[0]).toMatchObject({ status: 'suspected', reason: { code: 'sse-suspected' } });
    expect(bench.sessions).toHaveLength(2);
    expect(bench.alive().map(({ purpose }) => purpose)).toEqual(['attach']);
  });
});

describe('stale', () => {
  it('promise 21: waits for sleep to be noticed: the clocks can be looked at before anything is judged', () => {
    const bench = createBench();
    bench.connection.start();
    bench.clock.advance(5_000);
    bench.clock.sleep(15_000);
    expect(bench.connection.state().kind).toBe('live');
    bench.connection.lookAtClocks();
    expect(bench.connection.state().kind).not.toBe('live');
    expect(bench.codes()).toContain('asleep');
  });
});

describe('what is held, and what goodbye asks', () => {
  it('waits what goodbye asked for, however short the ordinary delay', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const bench = createBench({ seed });
      bench.connection.start();
      bench.clock.advance(40_000);
      bench.last().sink.onGoodbye({ reason: 'restart', retryAfterMs: 45_000, spreadMs: 0 });
      bench.last().end({ kind: 'closed', code: 1000, reason: '' });
      const state = bench.connection.state();
      expect(state.kind === 'waiting' ? state.until - bench.clock.wall() : 0).toBeGreaterThanOrEqual(45_000);
    }
  });

  it('holds a session that opens while we hold', () => {
    const bench = createBench();
    bench.connection.hold(true);
    bench.connection.start();
    bench.clock.advance(100);
    expect(bench.last().paused).toBe(true);
    bench.connection.hold(false);
    expect(bench.last().paused).toBe(false);
  });
});
