import type { z } from 'zod';
import { misshapen } from '../../../shared/argument-shape';
import type { CommandError, CommandResult, FieldError } from '../../../shared/errors';
import { type CommandAnswer, type CommandName, commands } from '../../../shared/ipc';
import { parseUrl } from '../../../shared/url';
import type { Log } from '../log';
import { leftOut } from './shape';

/** Errors that one answer names, and characters of each: what was sent is refused, not sent back. */
const maxErrors = 20;
const maxErrorChars = 300;

/** Commands of one page that wait for their answers: more is no window of ours. */
const maxUnderWay = 1_000;

/** Who sent a command: the facts that decide whether it is heard. */
export interface Caller {
  /** Identity of the page (`webContents.id`). */
  readonly id: number;
  /** Address of the sending frame; null when the frame is gone already. */
  readonly url: string | null;
  /** Whether it is the page itself, not a frame inside it. */
  readonly mainFrame: boolean;
}

/** A command's argument as it is after the check. */
type CommandInput<Name extends CommandName> = z.output<(typeof commands)[Name]['args']>;

/** One function per command. It answers, or throws a `CommandRefused` when a person can do something about it. */
export type CommandHandlers = {
  readonly [Name in CommandName]: (
    args: CommandInput<Name>,
    caller: Caller,
  ) => Promise<CommandAnswer<Name>> | CommandAnswer<Name>;
};

/** A command that was understood and not carried out. Nothing was changed. */
export class CommandRefused extends Error {
  constructor(readonly error: CommandError) {
    super(error.kind);
    this.name = 'CommandRefused';
  }
}

/** Checks and carries out one command. Never rejects. */
export type Dispatch = (caller: Caller, name: unknown, args: unknown) => Promise<CommandResult<unknown>>;

export interface DispatcherDeps {
  readonly handlers: CommandHandlers;
  /** Whether a frame with this address may command. */
  readonly trusts: (url: string) => boolean;
  readonly log: Log;
}

/** The one gate for everything a window asks: sender, then name, size, schema, and only then the handler. */
export function createDispatcher({ handlers, trusts, log }: DispatcherDeps): Dispatch {
  const underWay = new Map<number, number>();
  return async (caller, name, args) => {
    if (!caller.mainFrame || caller.url === null || !trusts(caller.url)) {
      const from = originOf(caller.url);
      log.once(`frame ${from}`, `a command from a foreign frame was refused (${from})`);
      return refused('This frame may not send commands.');
    }
    if (!isCommandName(name)) {
      const shown = typeof name === 'string' ? name.slice(0, 60) : typeof name;
      // Once for all of them: there are more names than a log has room for.
      log.once('unknown command', `an unknown command was refused (${JSON.stringify(shown)})`);
      return refused('There is no such command.');
    }
    const waiting = underWay.get(caller.id) ?? 0;
    if (waiting >= maxUnderWay) {
      log.once(`flood ${caller.id}`, `more than ${maxUnderWay} commands at once were refused`);
      return refused('Too many commands are under way.');
    }
    underWay.set(caller.id, waiting + 1);
    try {
      return await carryOut(handlers, name, args, caller, log);
    } finally {
      const left = (underWay.get(caller.id) ?? 1) - 1;
      if (left > 0) underWay.set(caller.id, left);
      else underWay.delete(caller.id);
    }
  };
}

async function carryOut<Name extends CommandName>(
  handlers: CommandHandlers,
  name: Name,
  args: unknown,
  caller: Caller,
  log: Log,
): Promise<CommandResult<unknown>> {
  const shape = misshapen(args);
  if (shape !== null) {
    log.once(`shape ${name}`, `a malformed ${name} was refused (${shape})`);
    return invalid([{ field: '', message: shape, fix: '' }]);
  }
  // The table's own type says this; the compiler cannot follow it through a generic name.
  const schema = commands[name].args as unknown as z.ZodType<CommandInput<Name>>;
  const parsed = schema.safeParse(args);
  if (!parsed.success) {
    const errors = parsed.error.issues.slice(0, maxErrors).map(fieldError);
    // Names of fields only: values may hold what nobody should read in a log.
    log.once(`args ${name}`, `a malformed ${name} was refused (${errors.map((error) => error.field).join(', ')})`);
    return invalid(errors);
  }
  if (leftOut(args, parsed.data)) {
    log.once(`members ${name}`, `a malformed ${name} was refused (unknown members)`);
    return invalid([{ field: '', message: unknownMembers, fix: '' }]);
  }
  try {
    return { ok: true, value: await handlers[name](parsed.data, caller) };
  } catch (error) {
    if (error instanceof CommandRefused) return { ok: false, error: error.error };
    const message = error instanceof Error ? error.message : String(error);
    // Once for each kind of failure: whoever counts up numbers in it must not fill the log.
    log.once(
      `failed ${name} ${message.replace(/\d+/g, '#').slice(0, 100)}`,
      `${name} failed: ${message.slice(0, 1_000)}`,
    );
    return { ok: false, error: { kind: 'failed', message } };
  }
}

const unknownMembers = 'It has members that do not belong here.';

/** Field and sentence. The names of unknown members are whatever was sent: they are not repeated. */
function fieldError(issue: z.core.$ZodIssue): FieldError {
  const message = issue.code === 'unrecognized_keys' ? unknownMembers : issue.message.slice(0, maxErrorChars);
  return { field: issue.path.join('.').slice(0, maxErrorChars), message, fix: '' };
}

function invalid(errors: readonly FieldError[]): CommandResult<never> {
  return { ok: false, error: { kind: 'invalid', errors } };
}

function isCommandName(name: unknown): name is CommandName {
  return typeof name === 'string' && Object.hasOwn(commands, name);
}

function refused(message: string): CommandResult<never> {
  return { ok: false, error: { kind: 'refused', message } };
}

function originOf(url: string | null): string {
  const parsed = url === null ? null : parseUrl(url);
  return parsed ? `${parsed.protocol}//${parsed.host}` : 'unknown';
}
