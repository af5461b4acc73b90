import { describe, expect, it } from 'vitest';
import type { RungConfig } from '../../../shared/source';
import { createGovernor } from '../connection/governor';
import type { HttpHead } from '../core/network';
import type { RungSink } from '../core/rung';
import type { Transport, TransportSink } from '../core/transport';
import { createSequencer } from '../delivery/sequencer';
import { createRecipeProtocol } from '../protocols/recipe/recipe-protocol';
import { createFakeClock } from '../simulation/fake-clock';
import { createSeededRandom } from '../simulation/seeded-random';
import { createFindings } from './findings';
import { createSourceRungs } from './rungs';

/** An open connection, an event stream by default, that brings what it is told to, and what its connection hears of it. */
function start(kind: RungConfig['transport'] = 'sse') {
  const clock = createFakeClock();
  let open: TransportSink | null = null;
  const sent: string[] = [];
  const heard: string[] = [];
  const nothing = () => {};
  const transport: Transport = {
    kind,
    open(attach, _options, sink) {
      attach();
      open = sink;
      const ways = { pause: nothing, resume: nothing, close: nothing, destroy: nothing, askNow: nothing };
      return {
        ...ways,
        bytesRead: () => 0,
        bytesQueued: () => 0,
        ping: () => false,
        send: (text: string) => sent.push(text) > 0,
      };
    },
  };
  const rung: RungConfig = { transport: kind, url: 'http://h/feed', intervalSeconds: 5 };
  const protocol = createRecipeProtocol(null, [rung]);
  const findings = createFindings(clock);
  const sequencer = createSequencer(
    { facts: protocol, clock, random: createSeededRandom(1), restored: null },
    {
      onDelivery: ({ events }) => heard.push(`delivered ${events.length}`),
      onRepair: nothing,
      onRepairEnded: nothing,
      onReattach: nothing,
      onLook: nothing,
      onChanged: nothing,
      onSnapshotWanted: nothing,
      onCaughtUp: nothing,
      onEpochChanged: nothing,
      onDiagnosis: nothing,
    },
  );
  const rungs = createSourceRungs({
    id: 's',
    governor: createGovernor(clock),
    ladder: [rung],
    protocol,
    transports: { websocket: transport, sse: transport, 'long-poll': transport, poll: transport, tcp: transport },
    sequencer,
    clock,
    findings,
    credentialed: false,
    sendsPerSecond: 10,
    onFrame: nothing,
  });
  const sink: RungSink = {
    onTalking: nothing,
    onOpen: nothing,
    onFrame: () => heard.push('frame'),
    onHeartbeat: (kind) => heard.push(kind),
    onFloor: nothing,
    onStream: nothing,
    onAnswer: nothing,
    onAttached: nothing,
    onTerms: nothing,
    onGoodbye: nothing,
    onEvent: nothing,
    onCaughtUp: nothing,
    onProof: nothing,
    onEnd: nothing,
  };
  rungs.open(0, 'attach', sink);
  const frame = (data = '{"a":1}'): void =>
    open?.onFrame({ data, bytes: data.length, receivedAt: clock.wall(), event: null, id: null, headers: [] });
  const opened = (head: HttpHead): void =>
    open?.onOpen({
      head,
      timings: { dnsMs: null, tcpMs: null, proxyMs: null, tlsMs: null, answerMs: null },
      roundTripMs: null,
    });
  return { clock, heard, sent, rungs, findings, frame, opened, comment: () => open?.onHeartbeat('comment') };
}

describe('what a session tells its connection of frames', () => {
  it('is once for all that were read together, and again behind a comment: a cadence has no frame in it', () => {
    const { clock, heard, frame, comment } = start();
    for (let count = 0; count < 3; count++) frame();
    comment();
    for (let count = 0; count < 3; count++) frame();
    clock.advance(1);
    frame();
    expect(heard).toEqual(['frame', 'comment', 'frame', 'delivered 6', 'frame']);
  });

  it('hostile 8: is one sign of life and a few steps of delivery for a thousand frames of nothing', () => {
    const { clock, heard, frame } = start();
    for (let count = 0; count < 1_000; count++) frame('');
    frame();
    clock.advance(1);
    expect(heard).toEqual(['frame', 'delivered 256', 'delivered 256', 'delivered 256', 'delivered 233']);
  });
});

describe('what a person sends', () => {
  const now = {
    live: true,
    suspected: false,
    aheadMs: null,
    undecodable: 0,
    leftSeries: 0,
    refused: 0,
    compression: false,
  };

  it('hostile 2: goes to no other origin that a redirect leads to, and that is said', () => {
    const { rungs, sent, opened, findings } = start('websocket');
    opened({ status: 101, headers: [], elsewhere: true });
    expect(rungs.send('restart')).toBeNull();
    expect(sent).toEqual([]);
    expect(findings.sentences(now)).toEqual([expect.stringContaining('messages are not sent there')]);
    const own = start('websocket');
    own.opened({ status: 101, headers: [] });
    expect(own.rungs.send('restart')).not.toBeNull();
    expect(own.sent).toEqual(['restart']);
    expect(own.findings.sentences(now)).toEqual([]);
  });
});
