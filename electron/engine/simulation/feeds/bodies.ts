import type { Random } from '../../core/random';

/**
 * What other people's feeds say: things that come and go (A → B → A is a change, never a repeat), the same thing twice,
 * numbers no float holds, and a number for alert rules to watch.
 */
export function createBodies(random: Random): () => string {
  let n = 0;
  let on = false;
  return () => {
    n += 1;
    const roll = random.next();
    if (roll < 0.35) {
      on = !on;
      return `{"id":"door","on":${on}}`;
    }
    if (roll < 0.5) return '{"state":"ok"}';
    if (roll < 0.6) return `{"big":9007199254740993${n},"exact":1.0}`;
    return `{"type":"tick","n":${n},"wave":${(n * 7) % 20}}`;
  };
}
