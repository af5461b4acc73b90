/** How instants are written for people, in the window and where there is none: an alert's text, a notification. */

const pad = (value: number): string => String(value).padStart(2, '0');

/** `14:30:07` in local time. */
export function clock(at: number): string {
  const date = new Date(at);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

/** Offset of local time at that instant: `+01:00`. */
export function zone(at: number): string {
  const offset = -new Date(at).getTimezoneOffset();
  const size = Math.abs(offset);
  return `${offset < 0 ? '−' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}
