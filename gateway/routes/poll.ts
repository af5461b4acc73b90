import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AttachRequest, attachPoint } from '../delivery/attach';
import type { Hub } from '../delivery/hub';
import type { PollAnswer } from '../delivery/outlets';
import { heartbeatDue } from '../delivery/roster';
import { type Goodbye, goodbyeOf } from '../messages';
import type { RouteContext } from './context';
import { numberParameter } from './request';

const maxWaitSeconds = 55;

/** Serves `GET /v1/{stream}/poll`: plain polls, and long-polls that hold until there is something new. */
export async function servePoll(
  context: RouteContext,
  hub: Hub,
  request: IncomingMessage,
  response: ServerResponse,
  attach: AttachRequest,
  query: URLSearchParams,
): Promise<void> {
  const { config, backplane, roster } = context;
  const wait = numberParameter(query, 'wait', 0, { min: 0, max: maxWaitSeconds, whole: false });
  const { answerEvents, answerBytes } = config.limits;
  const limit = numberParameter(query, 'limit', Math.min(1_000, answerEvents), {
    min: 1,
    max: answerEvents,
    whole: true,
  });

  const info = await hub.info();
  const point = attachPoint(hub.name, info, attach);

  async function look(goodbye: Goodbye | null): Promise<PollAnswer> {
    const page = await backplane.read(hub.name, { epoch: info.epoch, after: point.from, limit, maxBytes: answerBytes });
    const base = { epoch: info.epoch, from: point.from, cannotResume: point.cannotResume, goodbye };
    // Another epoch or a trim between two reads: an empty answer, and the next request is told by its own cannot-resume.
    if (page.kind !== 'page') return { ...base, head: info.head, entries: [], more: true };
    const last = page.entries.at(-1)?.seq ?? point.from;
    return { ...base, head: page.info.head, entries: page.entries, more: last < page.info.head };
  }

  function send({ epoch, from, head, entries, more, cannotResume, goodbye }: PollAnswer): void {
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
    const events = entries.map((entry) => entry.json);
    response.end(`${start.slice(0, -1)},"events":[${events.join(',')}]}\n`);
  }

  const outlet = context.outlets.poll(hub.name, { answer: send });

  const headers: Record<string, string> = {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
  };
  if (wait === 0) headers['x-poll-interval'] = String(config.pollIntervalMs / 1000);
  response.writeHead(200, headers);

  const holds = wait > 0 && attach.cursor !== null && point.cannotResume === null;
  if (!holds || info.head > point.from) {
    await outlet.answer(await look(null));
    return;
  }
  response.flushHeaders();
  const goodbye = await hold(context, hub, point.from, request, response, wait * 1000);
  if (!response.destroyed) await outlet.answer(await look(goodbye));
}

/** Holds until there is news, time is up, a goodbye is due (which it resolves to), or the client is gone. */
function hold(
  { roster, now, config }: RouteContext,
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
      unlisten();
      leave();
      response.removeListener('close', gone);
      resolve(goodbye);
    };
    const gone = () => end(null);
    const timer = setTimeout(() => end(null), waitMs);
    const unlisten = hub.listen({
      batch: ({ last }) => {
        if (last > from) end(null);
      },
      epoch: () => end(goodbyeOf('restart', roster.spreadMs())),
    });
    const leave = roster.add({
      transport: 'long-poll',
      tick(at) {
        if (!heartbeatDue(at, lastSentAt, config.heartbeatMs)) return;
        response.write(' ');
        lastSentAt = at;
      },
      goodbye: (reason) => end(goodbyeOf(reason, roster.spreadMs())),
      drop: reset,
    });
    response.once('close', gone);
    if (response.destroyed || request.socket.destroyed) gone();
  });
}
