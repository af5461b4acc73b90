import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LogEntry } from '../backplane/backplane';
import { type AttachRequest, attachPoint } from '../delivery/attach';
import type { Hub } from '../delivery/hub';
import { heartbeatDue } from '../delivery/roster';
import { type CannotResume, type Goodbye, goodbyeOf } from '../messages';
import type { RouteContext } from './context';
import { numberParameter } from './request';

const maxWaitSeconds = 55;
/** How long a hold lives when a demo fault cuts it, ms. */
const cutHoldMs = 1_000;

interface Answer {
  readonly epoch: string;
  readonly from: number;
  readonly head: number;
  readonly entries: readonly LogEntry[];
  readonly more: boolean;
  readonly cannotResume: CannotResume | null;
  readonly goodbye: Goodbye | null;
}

/** Serves `GET /v1/{stream}/poll`: plain polls, and long-polls that hold until there is something new. */
export async function servePoll(
  context: RouteContext,
  hub: Hub,
  request: IncomingMessage,
  response: ServerResponse,
  attach: AttachRequest,
  query: URLSearchParams,
): Promise<void> {
  const { config, backplane, faults, roster } = context;
  const wait = numberParameter(query, 'wait', 0, { min: 0, max: maxWaitSeconds, whole: false });
  const { answerEvents, answerBytes } = config.limits;
  const limit = numberParameter(query, 'limit', Math.min(1_000, answerEvents), {
    min: 1,
    max: answerEvents,
    whole: true,
  });

  const info = await hub.info();
  const point = attachPoint(hub.name, info, attach);

  async function look(goodbye: Goodbye | null): Promise<Answer> {
    const page = await backplane.read(hub.name, { epoch: info.epoch, after: point.from, limit, maxBytes: answerBytes });
    const base = { epoch: info.epoch, from: point.from, cannotResume: point.cannotResume, goodbye };
    // Another epoch or a trim between two reads: an empty answer, and the next request is told by its own cannot-resume.
    if (page.kind !== 'page') return { ...base, head: info.head, entries: [], more: true };
    const last = page.entries.at(-1)?.seq ?? point.from;
    return { ...base, head: page.info.head, entries: page.entries, more: last < page.info.head };
  }

  function send(answer: Answer): void {
    const { epoch, from, head, more, cannotResume, goodbye } = answer;
    const start = JSON.stringify({
      kind: 'answer',
      stream: hub.name,
      epoch,
      from,
      head,
      spreadMs: roster.spreadMs(),
      heartbeatMs: config.heartbeatMs,
      instance: context.instance,
      time: Date.now(),
      more,
      ...(cannotResume === null ? {} : { cannotResume }),
      ...(goodbye === null ? {} : { goodbye }),
    });
    const events = faults.answer(hub.name, epoch, answer.entries).map((entry) => entry.json);
    response.end(`${start.slice(0, -1)},"events":[${events.join(',')}]}\n`);
  }

  const headers: Record<string, string> = {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
  };
  if (wait === 0) headers['x-poll-interval'] = String(config.pollIntervalMs / 1000);
  response.writeHead(200, headers);

  const holds = wait > 0 && attach.cursor !== null && point.cannotResume === null;
  if (!holds || info.head > point.from) {
    send(await look(null));
    return;
  }
  response.flushHeaders();
  const goodbye = await hold(context, hub, point.from, request, response, wait * 1000);
  await faults.gate();
  if (!response.destroyed) send(await look(goodbye));
}

/** Holds until there is news, time is up, a goodbye is due (which it resolves to), or the client is gone. */
function hold(
  { roster, faults, now, config }: RouteContext,
  hub: Hub,
  from: number,
  request: IncomingMessage,
  response: ServerResponse,
  waitMs: number,
): Promise<Goodbye | null> {
  return new Promise((resolve) => {
    const reset = () => request.socket.resetAndDestroy();
    let lastSentAt = now();
    const end = (goodbye: Goodbye | null): void => {
      clearTimeout(timer);
      clearTimeout(cut);
      unlisten();
      leave();
      response.removeListener('close', gone);
      resolve(goodbye);
    };
    const gone = () => end(null);
    const timer = setTimeout(() => end(null), waitMs);
    const cut = setTimeout(() => {
      if (faults.settings.cutLongPoll) reset();
    }, cutHoldMs);
    const unlisten = hub.listen({
      kind: 'hold',
      batch: ({ last }) => {
        if (last > from) end(null);
      },
      late: () => undefined,
      epoch: () => end(goodbyeOf('restart', roster.spreadMs())),
    });
    const leave = roster.add({
      transport: 'long-poll',
      tick(at) {
        if (faults.settings.stall || !heartbeatDue(at, lastSentAt, config.heartbeatMs)) return;
        response.write(' ');
        lastSentAt = at;
      },
      goodbye: (reason) => end(goodbyeOf(reason, roster.spreadMs())),
      drop: reset,
      stalled: () => undefined,
    });
    response.once('close', gone);
    if (response.destroyed || request.socket.destroyed) gone();
  });
}
