import type { ServerResponse } from 'node:http';
import type { Hub } from '../delivery/hub';
import type { RouteContext } from './context';

/** Serves `GET /v1/{stream}/snapshot`. */
export async function serveSnapshot(context: RouteContext, hub: Hub, response: ServerResponse): Promise<void> {
  const { info, latest } = await context.backplane.latest(hub.name);
  // Put together as text: a type may be called "__proto__", and the data is JSON already.
  const state = latest.map(
    ({ type, seq, time, data }) => `${JSON.stringify(type)}:{"seq":${seq},"time":${time},"data":${data}}`,
  );
  const start = JSON.stringify({
    kind: 'snapshot',
    stream: hub.name,
    epoch: info.epoch,
    seq: info.head,
    time: Date.now(),
  });
  sendJson(response, 200, `${start.slice(0, -1)},"state":{${state.join(',')}}}`);
}

/** Serves `GET /v1/{stream}`. */
export async function serveStream(hub: Hub, response: ServerResponse): Promise<void> {
  sendJson(response, 200, JSON.stringify({ kind: 'stream', stream: hub.name, ...(await hub.info()) }));
}

/** Answers with JSON text. */
export function sendJson(response: ServerResponse, status: number, json: string): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(`${json}\n`);
}
