import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { RawData, WebSocket, WebSocketServer } from 'ws';
import type { AttachRequest } from '../delivery/attach';
import type { Hub } from '../delivery/hub';
import { startSubscription } from '../delivery/subscription';
import { type Refusal, RefusedError } from '../errors';
import { heartbeatJson, refusedJson } from '../messages';
import { draftOf, isRecord, parseJson } from '../publication';
import type { RouteContext } from './context';

const maxUnanswered = 16;
const closeCodes = { shutdown: 1001, drain: 1012, restart: 1012, 'slow-consumer': 1013 } as const;
const text = { binary: false } as const;

/** Serves the upgrade of `GET /v1/{stream}/ws`. */
export function serveWebSocket(
  context: RouteContext,
  server: WebSocketServer,
  hub: Hub,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  attach: AttachRequest,
): void {
  server.handleUpgrade(request, socket, head, (client) => serveClient(context, hub, client, socket as Socket, attach));
}

function serveClient(context: RouteContext, hub: Hub, client: WebSocket, socket: Socket, attach: AttachRequest): void {
  const { config } = context;
  socket.setNoDelay(true);
  const send = (json: string | Buffer, flushed?: () => void): void => {
    if (client.readyState === client.OPEN) client.send(json, text, flushed === undefined ? undefined : () => flushed());
    else flushed?.();
  };
  /** Several frames, one write to the socket. */
  const sendAll = (frames: readonly (string | Buffer)[], flushed?: () => void): void => {
    socket.cork();
    for (const [index, frame] of frames.entries()) send(frame, index === frames.length - 1 ? flushed : undefined);
    socket.uncork();
  };
  const subscription = startSubscription({
    hub,
    backplane: context.backplane,
    roster: context.roster,
    request: attach,
    heartbeatMs: config.heartbeatMs,
    queueBytes: config.limits.queueBytes,
    slowMs: config.limits.slowMs,
    instance: context.instance,
    now: context.now,
    report: context.report,
    onCut: () => {
      context.counters.cut += 1;
    },
    outlet: context.outlets.push(hub.name, {
      transport: 'websocket',
      cannotResume: (message) => send(JSON.stringify(message)),
      hello: (hello) => send(JSON.stringify(hello)),
      batch: (batch) => sendAll(batch.webSocket),
      page: (_epoch, entries, flushed) =>
        sendAll(
          entries.map((entry) => entry.json),
          flushed,
        ),
      heartbeat: (epoch, number) => send(heartbeatJson({ epoch, head: number }, Date.now())),
      queuedBytes: () => client.bufferedAmount,
      takenBytes: () => socket.bytesWritten - socket.writableLength,
      end(goodbye) {
        send(JSON.stringify(goodbye));
        client.close(closeCodes[goodbye.reason], goodbye.reason);
        // A peer that does not read never answers the close.
        const timer = setTimeout(() => client.terminate(), 1_000);
        client.once('close', () => clearTimeout(timer));
      },
      reset: () => socket.resetAndDestroy(),
    }),
  });
  /** Whatever the client asks for waits in its queue, refusals and pongs too: who does not read them is cut by it. */
  const isBehind = (): boolean => {
    if (client.readyState !== client.OPEN) return true;
    if (client.bufferedAmount <= config.limits.queueBytes) return false;
    subscription.cut();
    return true;
  };
  const say = (json: string): void => {
    if (isBehind()) return;
    send(json);
    subscription.sent();
  };
  client.on('ping', (data) => {
    if (!isBehind()) client.pong(data);
  });
  // What is wrong on the wire ends the connection; the close says so.
  client.on('error', () => undefined);
  client.on('close', () => subscription.close());

  let unanswered = 0;
  let queue = Promise.resolve();
  client.on('message', (data, isBinary) => {
    if (isBehind()) return;
    if (unanswered >= maxUnanswered) return say(refused(data, isBinary, tooManyAsked));
    unanswered += 1;
    const answered = queue.then(async () => {
      // It is gone, or was told goodbye: what it asked for is not done behind its back.
      if (client.readyState !== client.OPEN) return;
      const answer = await answerTo(data, isBinary).catch((error: unknown) => {
        if (!(error instanceof RefusedError))
          context.log({ level: 'error', message: `A request on a WebSocket failed: ${String(error)}` });
        return refused(data, isBinary, error instanceof RefusedError ? error.refusal : wentWrong);
      });
      unanswered -= 1;
      say(answer);
    });
    // Whatever went wrong with one, the next is answered.
    queue = answered.catch(context.report);
  });

  async function answerTo(data: RawData, isBinary: boolean): Promise<string> {
    if (isBinary) throw bad('kind', 'Binary frames have no meaning here.', 'Send JSON in text frames.');
    const text = data.toString();
    const message = parseJson(text);
    if (!isRecord(message)) throw bad('kind', 'This is not a JSON object.', 'Send {"kind": …}.');
    const { kind, ref } = message;
    if (ref !== undefined && (typeof ref !== 'string' || ref.length > 100)) {
      throw bad('ref', '"ref" is not a text of at most 100 characters.', 'Send a short string.');
    }
    switch (kind) {
      case 'publish': {
        const { position, repeated } = await context.publish(hub.name, draftOf(message, null, text));
        return JSON.stringify({ kind: 'published', ref, ...position, repeated });
      }
      case 'replay':
        return replay(ref, number(message, 'after'), number(message, 'to'));
      default:
        throw bad('kind', 'This kind of message has no meaning here.', 'Send "replay" or "publish".');
    }
  }

  async function replay(ref: string | undefined, after: number, to: number): Promise<string> {
    if (to < after) throw bad('to', '"to" lies before "after".', 'Send a "to" of at least "after".');
    const { epoch, oldest, head } = await hub.info();
    const until = Math.min(to, head, after + config.limits.answerEvents);
    let next = Math.max(after, oldest - 1);
    while (next < until && client.readyState === client.OPEN) {
      const page = await context.backplane.read(hub.name, {
        epoch,
        after: next,
        limit: Math.min(500, until - next),
        maxBytes: 256 * 1024,
      });
      // The log moved on meanwhile: what was dealt with is said, and the rest can be asked for.
      if (page.kind !== 'page' || page.entries.length === 0) break;
      const frames = page.entries.map((entry) => entry.json);
      await new Promise<void>((flushed) => sendAll(frames, flushed));
      subscription.sent();
      next = page.entries.at(-1)?.seq ?? next;
    }
    const dealtWith = Math.min(until, next);
    return JSON.stringify({
      kind: 'replayed',
      ref,
      after,
      to: dealtWith,
      oldest,
      missing: after < oldest - 1 && dealtWith > after,
    });
  }
}

function bad(field: string, message: string, fix: string): RefusedError {
  return new RefusedError({ kind: 'bad-message', field, message, fix });
}

function number(message: Record<string, unknown>, field: string): number {
  const value = message[field];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw bad(field, `"${field}" is not a whole number of at least 0.`, 'Send the number of an event.');
}

const tooManyAsked: Refusal = {
  kind: 'busy',
  message: 'Too many requests are unanswered.',
  fix: 'Wait for answers.',
};

const wentWrong: Refusal = { kind: 'internal', message: 'Something went wrong here.', fix: 'Try again.' };

/** The refusal of a message, with its `ref` where it can be made out. */
function refused(data: RawData, isBinary: boolean, refusal: Refusal): string {
  let ref: unknown;
  try {
    const parsed: unknown = isBinary ? null : JSON.parse(data.toString());
    if (isRecord(parsed) && typeof parsed.ref === 'string') ref = parsed.ref.slice(0, 100);
  } catch {
    // Not JSON: there is no ref to find.
  }
  return refusedJson(ref, refusal);
}
