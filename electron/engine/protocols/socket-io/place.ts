/**
 * Where a session goes on, as servers have it whose state is recovered
 * (https://socket.io/docs/v4/connection-state-recovery): the session's private id, and the offset of its last event.
 */
export interface Place {
  readonly pid: string;
  readonly offset: string;
}

/** It is sent back to the server, among texts with places of secrets: nothing else than such a name is taken for one. */
const pidForm = /^[\w.:-]{1,200}$/;

export function isPid(text: string): boolean {
  return pidForm.test(text);
}

export function tokenOf({ pid, offset }: Place): string {
  return `${pid} ${offset}`;
}

export function placeIn(token: string | null): Place | null {
  const [pid = '', offset = ''] = token?.split(' ') ?? [];
  return isPid(pid) && isPid(offset) ? { pid, offset } : null;
}

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_';
/** A server's clock that is further off than this, ms, tells no offset from a word of seven letters. */
const clockMs = 365 * 86_400_000;

/**
 * Whether the last argument of an event is an offset, as the servers' adapters make it: a time in seven letters, with a
 * count behind it where several were made in one ms (in memory), a stream's id (Redis), an object's (MongoDB). Not every event
 * has one, and a word that is taken for one would be lost. `at`: when it came, epoch ms.
 */
export function offsetIn(argument: string | undefined, at: number): string | null {
  const text = /^"([\w.-]{7,40})"$/.exec(argument ?? '')?.[1];
  if (text === undefined) return null;
  if (/^\d{13}-\d{1,9}$/.test(text) || /^[0-9a-f]{24}$/.test(text)) return text;
  const [, time] = /^([\w-]{7})(?:\.[\w-]{1,6})?$/.exec(text) ?? [];
  if (time === undefined) return null;
  const made = [...time].reduce((sum, letter) => sum * 64 + alphabet.indexOf(letter), 0);
  return Math.abs(made - at) < clockMs ? text : null;
}
