import type { RungConfig } from '../../../shared/source';
import { ByteQueue } from '../core/byte-queue';
import { decoderOf } from '../core/charset';
import { type Clock, deadline, type Timer } from '../core/clock';
import type { CredentialPort } from '../core/credential';
import type { HttpExchange, HttpPort } from '../core/network';
import type { Message, Protocol } from '../core/protocol';
import type { AttachRequest } from '../core/transport';
import type { RepairRequest } from '../delivery/repair';
import type { Sequencer } from '../delivery/sequencer';

export interface SourceRepairsDeps {
  readonly clock: Clock;
  readonly http: HttpPort;
  readonly credential: CredentialPort | null;
  readonly protocol: Protocol;
  readonly ladder: readonly RungConfig[];
  /** Sends over the delivering WebSocket; false where there is none. */
  send(text: string): boolean;
  currentRung(): RungConfig | null;
  readonly sequencer: Sequencer;
}

/** Requests that run beside the connection: missing ranges and snapshots. */
export interface SourceRepairs {
  repair(request: RepairRequest): void;
  /** No longer wanted. */
  end(ref: string): void;
  /** Fetches the state of a stream; `done` gets what it decodes to, or why not. False where there is none to fetch. */
  snapshot(stream: string, done: (fetched: SnapshotFetched) => void): boolean;
  /** Cuts all that is under way. */
  close(): void;
}

/** A snapshot's messages, or why there are none, as the end of a sentence. */
export type SnapshotFetched = { readonly messages: readonly Message[] } | { readonly why: string };

/** A whole body, or why it did not come whole with 200. */
type Answer = { readonly text: string } | { readonly why: string; readonly tooLarge: boolean };

/** Snapshots fetched at once, and streams that wait for theirs: more than these the state has no room for. */
const snapshotsAtOnce = 4;
const snapshotsWaiting = 1_000;

/** A request beside the connection is given up after this. */
const requestTimeoutMs = 15_000;
/** Largest answer taken, bytes. */
const maxAnswerBytes = 64 * 1024 * 1024;

/** Asks again: over the open socket where the protocol has words for it, over HTTP otherwise. */
export function createSourceRepairs(deps: SourceRepairsDeps): SourceRepairs {
  const { clock, http, protocol, sequencer } = deps;
  const running = new Map<string, { readonly exchange: HttpExchange; readonly timer: Timer }>();
  let closed = false;
  let snapshots = 0;
  let snapshotsRunning = 0;
  /** By stream: who waits for its snapshot. One answer serves them all. */
  const wanted = new Map<string, ((fetched: SnapshotFetched) => void)[]>();

  function finish(key: string): boolean {
    const entry = running.get(key);
    if (!entry) return false;
    running.delete(key);
    entry.timer.cancel();
    entry.exchange.destroy();
    return true;
  }

  /** One GET; `done` gets the whole body as text, or why not. */
  function get(key: string, request: AttachRequest, done: (body: Answer) => void): void {
    let decoder = decoderOf(null);
    const body = new ByteQueue();
    let status = 0;
    const give = (body: Answer): void => {
      if (finish(key)) done(body);
    };
    const refuse = (why: string, tooLarge = false): void => give({ why, tooLarge });
    const exchange = http.request(
      { method: 'GET', url: request.url, headers: request.headers, body: null },
      {
        onHead(head) {
          status = head.status;
          decoder = decoderOf(head);
          if (status !== 200) refuse(`the server answered ${status}.`);
        },
        onBytes(chunk) {
          body.add(chunk);
          if (body.length > maxAnswerBytes) refuse(`the answer is over ${maxAnswerBytes} bytes.`, true);
        },
        onEnd: () => give({ text: decoder.decode(body.takeAll()) }),
        onError: ({ code }) => refuse(`the request failed (${code}).`),
      },
    );
    running.set(key, {
      exchange,
      timer: deadline(clock, requestTimeoutMs, () => refuse('the server did not answer in time.')),
    });
  }

  /** The rung that repairs are asked through: the current one, else the first that speaks HTTP. */
  function rungForHttp(): RungConfig | null {
    return deps.currentRung() ?? deps.ladder[0] ?? null;
  }

  function nextSnapshot(): void {
    while (!closed && snapshotsRunning < snapshotsAtOnce) {
      const [next] = wanted;
      if (next === undefined) return;
      const [stream, waiting] = next;
      wanted.delete(stream);
      fetchSnapshot(stream, (fetched) => {
        for (const done of waiting) done(fetched);
      });
    }
  }

  function fetchSnapshot(stream: string, done: (fetched: SnapshotFetched) => void): void {
    const rung = rungForHttp();
    const url = rung && protocol.snapshotUrl(rung, stream);
    if (!url) {
      done({ why: 'the rung in use offers none.' });
      return;
    }
    snapshots += 1;
    snapshotsRunning += 1;
    const request: AttachRequest = {
      url,
      headers: [['accept', 'application/json']],
      subprotocols: [],
      lastEventId: null,
    };
    get(`snapshot ${snapshots}`, request, (body) => {
      snapshotsRunning -= 1;
      done('why' in body ? body : { messages: decodeAnswer(protocol, rung, body.text, clock.wall()) });
      nextSnapshot();
    });
  }

  return {
    repair(request) {
      if (closed) return;
      const rung = rungForHttp();
      const { ref, stream, after, to } = request;
      const message = rung && protocol.replayMessage(rung, stream, after, to, ref);
      if (rung?.transport === 'websocket' && message !== null && deps.send(message)) return;
      const attach = rung && protocol.replayRequest(rung, stream, after, to);
      if (!rung || !attach) {
        // Where there are no words for it at all there is no use in waiting.
        sequencer.repairFailed(ref, rung === null || message !== null);
        sequencer.flush();
        return;
      }
      get(request.ref, attach, (body) => {
        if ('why' in body) sequencer.repairFailed(request.ref, !body.tooLarge, body.tooLarge ? 'too-large' : undefined);
        else sequencer.repairAnswer(request.ref, decodeAnswer(protocol, rung, body.text, clock.wall()));
        sequencer.flush();
      });
    },
    end(ref) {
      finish(ref);
    },
    snapshot(stream, done) {
      const rung = rungForHttp();
      if (closed || !rung || protocol.snapshotUrl(rung, stream) === null) return false;
      const waiting = wanted.get(stream);
      if (waiting) waiting.push(done);
      else if (wanted.size < snapshotsWaiting) wanted.set(stream, [done]);
      else return false;
      nextSnapshot();
      return true;
    },
    close() {
      closed = true;
      wanted.clear();
      for (const key of [...running.keys()]) finish(key);
    },
  };
}

/** A repair's answer has the form of a poll answer, whatever rung we are on. */
function decodeAnswer(protocol: Protocol, rung: RungConfig, body: string, receivedAt: number): readonly Message[] {
  const asPoll: RungConfig = { ...rung, transport: 'poll' };
  const bytes = Buffer.byteLength(body);
  return protocol.createDecoder(asPoll).decode({ data: body, bytes, receivedAt, event: null, id: null, headers: [] });
}
