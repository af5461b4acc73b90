import type { RungConfig } from '../../../shared/source';
import type { SampleFrame, Verdict } from './verdict';

/** A verdict that says nothing yet. */
const nothing: Verdict = {
  title: '',
  protocol: 'json',
  ladder: [],
  confidence: 'guess',
  general: false,
  why: [],
  wants: [],
  base: null,
  waits: false,
  identity: null,
  accept: null,
  sampled: null,
  frames: [],
};

/** A verdict with what is known of it. */
export function verdict(known: Partial<Verdict> & Pick<Verdict, 'title' | 'ladder' | 'confidence' | 'why'>): Verdict {
  return { ...nothing, ...known };
}

export function frameOf(data: string | Uint8Array, line = false): SampleFrame {
  return { data, event: null, id: null, line };
}

/** A rung at an address, whichever of the two schemes that is written with. */
export function rungOf(transport: RungConfig['transport'], url: string, intervalSeconds = 5): RungConfig {
  const scheme = transport === 'websocket' ? 'ws' : 'http';
  return { transport, url: url.replace(/^(?:http|ws)(s?):/i, `${scheme}$1:`), intervalSeconds };
}

/** How many, in words. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
