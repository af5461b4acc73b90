const pad = (value: number, width = 2): string => String(value).padStart(width, '0');

/** `14:30:07` in local time. */
export function clock(at: number): string {
  const date = new Date(at);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

/** `14:30` in local time. */
export function clockMinutes(at: number): string {
  return clock(at).slice(0, 5);
}

/** `14:30:07.114` in local time. */
export function clockMs(at: number): string {
  return `${clock(at)}.${pad(new Date(at).getMilliseconds(), 3)}`;
}

/** Offset of local time at that instant: `+01:00`. */
export function zone(at: number): string {
  const offset = -new Date(at).getTimezoneOffset();
  const size = Math.abs(offset);
  return `${offset < 0 ? '−' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}

/** `2026-03-01 14:30:07.114 +01:00`: whole, for titles and copies. */
export function fullTime(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${clockMs(at)} ${zone(at)}`;
}

/** Clock time with ms and zone, with the date in front when it is not today's. */
export function sinceText(at: number, now: number): string {
  const full = fullTime(at);
  return full.slice(0, 10) === fullTime(now).slice(0, 10) ? full.slice(11) : full;
}
