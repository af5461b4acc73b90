import type { IncomingMessage, ServerResponse } from 'node:http';
import type { WebSocket } from 'ws';
import { shippedRecipes } from '../../electron/engine/protocols/recipes/shipped';
import { configOf, serve, watchConfig } from '../../electron/engine/source/testing/other-feed';
import { type Recipe, recipeSchema } from '../../shared/recipe';
import { sourceSchema } from '../../shared/source';
import type { TransportKind } from '../../shared/transport';

/** What every recipe is tried for. */
export type CaseName = 'heartbeat' | 'planned end' | 'error' | 'resume';

/** A recipe against a server that behaves as the feed's documentation says. */
export interface Trials {
  readonly recipe: string;
  readonly cases: Readonly<Record<CaseName, () => Promise<void>>>;
  /** The vendor's own client works against the same server: it shows that this speaks as the real one does. */
  readonly client?: () => Promise<void>;
}

/** Waits that would be a second are a twentieth of it. */
const timing = { backoffBaseMs: 50, backoffCapMs: 100, backoffMinMs: 20 };
const patienceMs = 60_000;

export type { WebSocket as Socket };
export { serve };

/** Watches an address with the real engine by a shipped recipe, its variables entered. */
export async function watchBy(
  name: string,
  transport: TransportKind,
  url: string,
  variables: Readonly<Record<string, string>> = {},
) {
  const recipe = filledIn(name, variables);
  const { protocol, ladder } = configOf('json', [[transport, url]]);
  const config = sourceSchema.parse({ id: 's', name: 'Feed', url, protocol, ladder, recipe });
  return watchConfig(config, { timing, secrets: { read: (secret) => `secret-${secret}`, onChange: () => () => {} } });
}

function filledIn(name: string, values: Readonly<Record<string, string>>): Recipe {
  const recipe = shippedRecipes.get(name);
  if (!recipe) throw new Error(`There is no recipe ${name}.`);
  const variables = recipe.variables.map((one) => ({ ...one, value: values[one.name] ?? one.value }));
  return recipeSchema.parse({ ...recipe, variables });
}

/** Waits until it holds; `what` says what was waited for when it never does. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`not in time: ${what}`);
    await pause(20);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export function same(what: string, got: unknown, wanted: unknown): void {
  const [said, expected] = [JSON.stringify(got), JSON.stringify(wanted)];
  if (said !== expected) throw new Error(`${what}: ${said} instead of ${expected}`);
}

export type Watched = Awaited<ReturnType<typeof watchBy>>;

/** It is live. */
export function live(watched: Watched): boolean {
  return watched.view()?.state.kind === 'live';
}

/** A sign of life came, and nothing was taken for news. */
export async function livesWithoutNews(watched: Watched): Promise<void> {
  await until('live by a sign of life', () => live(watched) && (watched.view()?.lastHeartbeatAt ?? null) !== null);
  same('events', watched.bodies(), []);
}

/** The error is told in the feed's own words, until an event comes, which `goOn` makes it send. */
export async function tellsOfError(watched: Watched, words: string, goOn: () => void): Promise<void> {
  const told = () => (watched.view()?.findings ?? []).some((sentence) => sentence.includes(words));
  await until(`told: ${words}`, told);
  goOn();
  await until('an event behind the error', () => watched.bodies().length > 0);
  await until('not told any more', () => !told());
}

/** What a server does when the trial says so, and not before: nothing depends on how fast this machine is. */
export function held(): { readonly on: (act: () => unknown) => void; readonly now: () => void } {
  let act: () => unknown = () => {};
  return {
    on(next) {
      act = next;
    },
    now: () => void act(),
  };
}

/** Gaps that stand at the end, by cause. */
export function lost(watched: Watched): readonly string[] {
  const newest = new Map(watched.gaps.map((gap) => [gap.id, gap]));
  return [...newest.values()].map(({ status, cause, to }) => `${status} ${cause}${to === null ? '' : ` to ${to}`}`);
}

/** The n-th request (from 1) is answered by the n-th of these, the last one answers all that follow. */
export function inTurn(...answers: readonly ((request: IncomingMessage, response: ServerResponse) => void)[]) {
  let asked = 0;
  return (request: IncomingMessage, response: ServerResponse): void => {
    const answer = answers[Math.min(asked, answers.length - 1)];
    asked += 1;
    answer?.(request, response);
  };
}

/** The same for connections of a WebSocket. */
export function inTurnOn(...talks: readonly ((socket: WebSocket) => void)[]) {
  let opened = 0;
  return (socket: WebSocket): void => {
    const talk = talks[Math.min(opened, talks.length - 1)];
    opened += 1;
    talk?.(socket);
  };
}

/** Nothing is served but the upgrade. */
export function onlyUpgrades(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(404).end();
}

export function stream(response: ServerResponse, type: string, ...chunks: readonly string[]): void {
  response.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache' });
  for (const chunk of chunks) response.write(chunk);
}

export function answer(response: ServerResponse, body: unknown, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}
