import { sourceSchema } from '../../../../shared/source';
import { createGovernor } from '../../connection/governor';
import { inferLadder } from '../../protocols/ladder';
import { probeSource } from '../probing';
import { portsOf } from './other-feed';

/** What an address is taken for, looked at over the real network: `title, protocol: confidence`, or `nothing: why`. */
export async function foundAt(url: string) {
  const inferred = inferLadder(url, /^(mqtt|stomp)s?:/.test(url) ? 'auto' : 'json');
  if (!inferred.ok) throw new Error('no address');
  const { clock, make } = portsOf();
  const config = sourceSchema.parse({ id: 'look', name: 'Look', url, ...inferred });
  const ports = make(config);
  try {
    const signal = new AbortController().signal;
    const answer = await probeSource(
      config,
      ports,
      { governor: createGovernor(clock), clock },
      { signal, post: false },
    );
    const [first] = answer.found;
    return first ? `${first.title}, ${first.protocol}: ${first.confidence}` : `nothing: ${answer.problem}`;
  } finally {
    ports.close();
  }
}
