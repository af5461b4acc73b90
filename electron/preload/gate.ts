import { misshapen } from '../../shared/argument-shape';
import type { CommandResult } from '../../shared/errors';

/** Longer than any command's name. */
const longestName = 60;

/**
 * Why a call of the page does not even leave its process; null where it may. Main holds the same against it, but Electron
 * has copied it into main by then: 300,000 members stop main for a third of a second.
 */
export function refusalOf(name: unknown, args: unknown): CommandResult<never> | null {
  const named = typeof name === 'string' && name.length <= longestName;
  const message = named ? misshapen(args) : 'There is no such command.';
  return message === null ? null : { ok: false, error: { kind: 'invalid', errors: [{ field: '', message, fix: '' }] } };
}
