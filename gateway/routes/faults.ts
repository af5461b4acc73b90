import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { faultSettingsSchema } from '../../shared/fault-schemas';
import { RefusedError } from '../errors';
import { parseJson } from '../publication';
import type { RouteContext } from './context';
import { readBody } from './publish';
import { sendJson } from './snapshot';

const times = z.number().int().min(0).max(1e6);

const change = z.strictObject({
  settings: faultSettingsSchema.partial().optional(),
  next: z.strictObject({ lose: times, repeat: times, reorder: times }).partial().optional(),
  action: z.enum(['drop-connections', 'restart-new-epoch', 'down']).optional(),
  downMs: z.number().int().min(0).max(600_000).optional(),
});

type Change = z.output<typeof change>;

/** Without members that are undefined, which would overwrite what is set. */
function named<T extends object>(members: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]?: Exclude<T[Key], undefined>;
  };
}

/** Serves `/demo/faults`; the router answers 404 outside demo mode. */
export async function serveFaults(
  context: RouteContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { api } = context.faults;
  if (request.method === 'POST') {
    const parsed = change.safeParse(parseJson(await readBody(request, context.config.limits.bodyBytes)));
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw new RefusedError({
        kind: 'bad-parameter',
        field: issue?.path.join('.') ?? '',
        message: issue?.message ?? 'This is not a change of faults.',
        fix: 'See docs/protocol.md, Demo faults.',
      });
    }
    const { settings, next, action, downMs } = parsed.data;
    if (settings !== undefined) api.change(named(settings));
    if (next !== undefined) api.tamperNext(named(next));
    // After the answer, which would not survive some of them.
    if (action !== undefined) response.once('finish', () => setTimeout(act, 20, context, action, downMs ?? 5_000));
  }
  sendJson(response, 200, JSON.stringify({ kind: 'faults', ...api.state() }));
}

function act(context: RouteContext, action: NonNullable<Change['action']>, downMs: number): void {
  const { api } = context.faults;
  const failed = (error: unknown) =>
    context.log({ level: 'error', message: `The fault ${action} failed: ${String(error)}` });
  switch (action) {
    case 'drop-connections':
      api.dropConnections();
      return;
    case 'restart-new-epoch':
      api.restart().catch(failed);
      return;
    case 'down':
      api.down(downMs).catch(failed);
  }
}
