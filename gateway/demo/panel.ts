import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { faultSettingsSchema } from '../../shared/fault-schemas';
import type { GatewayLogLine } from '../config';
import { RefusedError } from '../errors';
import { parseJson } from '../publication';
import { readBody } from '../routes/publish';
import { allow } from '../routes/request';
import { sendJson } from '../routes/snapshot';
import type { GatewayFaults } from './faults';

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

export interface PanelDeps {
  readonly faults: GatewayFaults;
  readonly bodyBytes: number;
  readonly log: (line: GatewayLogLine) => void;
}

/** Serves `/demo/faults`. */
export async function servePanel(deps: PanelDeps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { faults } = deps;
  allow(request, 'GET', 'POST');
  if (request.method === 'POST') {
    const parsed = change.safeParse(parseJson(await readBody(request, deps.bodyBytes)));
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
    if (settings !== undefined) faults.change(named(settings));
    if (next !== undefined) faults.tamperNext(named(next));
    // After the answer, which would not survive some of them.
    if (action !== undefined) response.once('finish', () => setTimeout(act, 20, deps, action, downMs ?? 5_000));
  }
  sendJson(response, 200, JSON.stringify({ kind: 'faults', ...faults.state() }));
}

function act({ faults, log }: PanelDeps, action: NonNullable<Change['action']>, downMs: number): void {
  const failed = (error: unknown) => log({ level: 'error', message: `The fault ${action} failed: ${String(error)}` });
  switch (action) {
    case 'drop-connections':
      faults.dropConnections();
      return;
    case 'restart-new-epoch':
      faults.restart().catch(failed);
      return;
    case 'down':
      faults.down(downMs).catch(failed);
  }
}
