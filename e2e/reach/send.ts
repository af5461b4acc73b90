import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocketServer } from 'ws';
import { openOutboxFile } from '../../electron/node/outbox-file';
import { createGateway } from '../../gateway/gateway';
import type { OutboxItem } from '../../shared/outbox';

/** Messages to be sent in each trial. */
const count = 1000;
/** Killed when so many have arrived. */
const killAt = [60, 250, 251, 600, 900];

export interface SendTrial {
  readonly name: string;
  readonly problem: string | null;
}

/** `kill -9` in the middle of sending a thousand messages, several times over. */
export async function sendTrials(): Promise<readonly SendTrial[]> {
  return [await acknowledged('websocket', 'over WebSocket'), await acknowledged('poll', 'by POST'), await silent()];
}

/** The gateway has each exactly once and in order. */
async function acknowledged(transport: string, how: string): Promise<SendTrial> {
  const name = `killed while sending ${count} messages ${how} to a server that acknowledges`;
  const gateway = createGateway({ feed: 'none', streams: ['notes'] });
  const { url } = await gateway.listen();
  try {
    const arrived = async (): Promise<readonly number[]> => {
      const answer = await fetch(`${url}/v1/notes/poll?last=5000&wait=0&limit=5000`);
      const body = (await answer.json()) as { events: { data: { n: number } }[] };
      return body.events.map(({ data }) => data.n);
    };
    const { kills } = await killAgainAndAgain(`${url}/v1/notes`, transport, async () => (await arrived()).length);
    const numbers = await arrived();
    const wrong = numbers.findIndex((n, index) => n !== index + 1);
    if (wrong >= 0) return { name, problem: `message ${wrong + 1} is ${numbers[wrong]}` };
    if (numbers.length !== count) return { name, problem: `${numbers.length} arrived` };
    return { name: `${name} (${kills} times)`, problem: null };
  } finally {
    await gateway.close();
  }
}

/** Nothing arrives twice, and what did not arrive is shown as unknown. */
async function silent(): Promise<SendTrial> {
  const name = `killed while sending ${count} messages to a server that says nothing`;
  const numbers: number[] = [];
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  server.on('connection', (socket) => {
    socket.on('message', (data) => numbers.push((JSON.parse(String(data)) as { n: number }).n));
  });
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const { items, kills } = await killAgainAndAgain(
      `ws://127.0.0.1:${port}/notes`,
      'websocket',
      async () => numbers.length,
    );
    const seen = new Set(numbers);
    const unknown = new Set(items.filter(({ state }) => state === 'unknown').map(({ number }) => number));
    const lost = Array.from({ length: count }, (_, n) => n + 1).filter((n) => !seen.has(n) && !unknown.has(n));
    if (seen.size !== numbers.length) return { name, problem: `${numbers.length - seen.size} arrived twice` };
    if (lost.length > 0) return { name, problem: `${lost.length} neither arrived nor are shown: ${lost.slice(0, 5)}` };
    const falling = numbers.findIndex((n, index) => n < (numbers[index - 1] ?? 0));
    if (falling >= 0) return { name, problem: `${numbers[falling]} came after ${numbers[falling - 1]}` };
    return { name: `${name} (${kills} times, ${unknown.size} shown as unknown, ${seen.size} arrived)`, problem: null };
  } finally {
    for (const client of server.clients) client.terminate();
    server.close();
  }
}

async function killAgainAndAgain(
  url: string,
  transport: string,
  arrived: () => Promise<number>,
): Promise<{ readonly items: readonly OutboxItem[]; readonly kills: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'wirewatch-send-'));
  const path = join(folder, 'outbox.jsonl');
  let kills = 0;
  try {
    for (const at of [...killAt, Number.POSITIVE_INFINITY]) {
      const child = spawn(
        process.execPath,
        [
          '--import',
          'tsx',
          join(import.meta.dirname ?? __dirname, 'send-child.ts'),
          url,
          transport,
          path,
          String(count),
        ],
        { stdio: ['ignore', 'ignore', 'inherit'] },
      );
      let ended = false;
      const end = new Promise<void>((resolve) =>
        child.once('exit', () => {
          ended = true;
          resolve();
        }),
      );
      const deadline = Date.now() + 60_000;
      while (!ended && (await arrived()) < at && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      if (!ended) {
        kills += 1;
        child.kill('SIGKILL');
      }
      await end;
    }
    const store = await openOutboxFile(path);
    const items = await store.load('send');
    await store.close();
    return { items, kills };
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
