import { useNow } from '../store/services';
import { countdownText, durationText } from './format/duration';
import { fullTime } from './format/time';

/** Time left until an instant of main's clock, in bold. */
export function Countdown({ until }: { readonly until: number }) {
  const now = useNow();
  return <strong title={fullTime(until)}>{countdownText(until - now)}</strong>;
}

/** How long ago, as text; a dash when it never was. */
export function Age({ at }: { readonly at: number | null }) {
  const now = useNow();
  return at === null ? <>never</> : <span title={fullTime(at)}>{durationText(now - at)}</span>;
}
