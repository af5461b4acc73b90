import { clock, zone } from '../../../shared/time-text';

export { clock, zone };

const pad = (value: number, width = 2): string => String(value).padStart(width, '0');

/** `14:30` in local time. */
export function clockMinutes(at: number): string {
  return clock(at).slice(0, 5);
}

/** `14:30:07.114` in local time. */
export function clockMs(at: number): string {
  return `${clock(at)}.${pad(new Date(at).getMilliseconds(), 3)}`;
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
