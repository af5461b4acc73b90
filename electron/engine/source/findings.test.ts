import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../simulation/fake-clock';
import { createFindings, type FindingsNow } from './findings';

const now: FindingsNow = {
  live: true,
  suspected: false,
  aheadMs: null,
  undecodable: 0,
  leftSeries: 0,
  refused: 0,
  compression: false,
};
const gzip = { status: 200, headers: [], encoding: 'gzip' };
const plain = { status: 200, headers: [] };

function rig(head = plain) {
  const clock = createFakeClock();
  const findings = createFindings(clock);
  findings.opened('sse', head);
  return { clock, findings };
}

describe('what is found out about a feed', () => {
  it('behaviour 53: a compressed stream that brings nothing is suspected of not being flushed, with what helps', () => {
    const { clock, findings } = rig(gzip);
    clock.advance(29_000);
    expect(findings.sentences(now)).toEqual([]);
    clock.advance(1_000);
    expect(findings.sentences(now)).toEqual([
      'Compressed and not flushed: suspected. The stream is compressed (gzip) and nothing readable has come yet. Switch off compression under Requests, or let the server flush after each event.',
    ]);
    findings.frame(10);
    expect(findings.sentences(now)).toEqual([]);
    const other = rig(plain);
    other.clock.advance(60_000);
    expect(other.findings.sentences(now)).toEqual([]);
  });

  it('behaviour 53: so is one that holds back its head as well, where compression is offered', () => {
    const clock = createFakeClock();
    const findings = createFindings(clock);
    const offered = { ...now, live: false, compression: true };
    const begun = clock.now();
    findings.unanswered('sse', begun);
    clock.advance(10_000);
    findings.unanswered('sse', begun);
    findings.unanswered('websocket', begun);
    expect(findings.sentences(offered)).toEqual([]);
    findings.unanswered('sse', begun);
    expect(findings.sentences({ ...offered, compression: false })).toEqual([]);
    expect(findings.sentences(offered)).toEqual([
      'Compressed and not flushed: suspected. SSE is not answered at all while compression is offered: what compresses may hold back the head too. Switch off compression under Requests.',
    ]);
    findings.opened('sse', plain);
    expect(findings.sentences(offered)).toEqual([]);
  });

  it('behaviour 53: so is one whose events come in bursts, three times', () => {
    const { clock, findings } = rig(gzip);
    for (let burst = 0; burst < 3; burst += 1) {
      expect(findings.sentences(now)).toEqual([]);
      clock.advance(8_000);
      for (let n = 0; n < 20; n += 1) findings.frame(100);
      findings.news(0);
    }
    expect(findings.sentences(now)[0]).toContain('its events come in bursts');
    const steady = rig(gzip);
    for (let n = 0; n < 100; n += 1) {
      steady.clock.advance(1_000);
      steady.findings.frame(100);
      steady.findings.news(0);
    }
    expect(steady.findings.sentences(now)).toEqual([]);
  });

  it('promise 14: a source that delivers nothing for minutes while something comes says what', () => {
    const { clock, findings } = rig();
    findings.news(2);
    for (let n = 0; n < 14; n += 1) findings.life();
    findings.frame(300);
    clock.advance(119_000);
    expect(findings.sentences({ ...now, undecodable: 5 })).toEqual([]);
    clock.advance(61_000);
    expect(findings.sentences({ ...now, undecodable: 5 })).toEqual([
      'No event for 3 min, though the feed speaks: 14 signs of life, 3 messages that cannot be read, 1 frame of 300 bytes over SSE.',
    ]);
    expect(findings.sentences({ ...now, live: false })).toEqual([]);
    findings.news(5);
    clock.advance(600_000);
    expect(findings.sentences({ ...now, undecodable: 5 })).toEqual([]);
  });
});
