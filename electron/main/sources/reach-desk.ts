import type { ReachAnswer, ReachPart } from '../../../shared/secrets';
import { sourceSchema } from '../../../shared/source';
import type { SourceDraft } from '../../../shared/source-draft';
import type { SecretReader } from '../../engine/core/secrets';
import { createSourcePorts, type SourcePortsDeps } from '../../engine/source/ports';
import { testReach } from '../../engine/source/reach-test';
import { CommandRefused } from '../ipc/dispatcher';
import type { Sealer } from '../secrets/sealer';
import { withoutPost } from './posts';
import { ladderOf, type SourceDeskDeps } from './source-desk';

export interface ReachDeskDeps {
  readonly reach: SourcePortsDeps;
  readonly infer: SourceDeskDeps['infer'];
  readonly consent: SourceDeskDeps['consent'];
  /** Takes secrets out of addresses: what a server repeats of them is then struck out of the answer. */
  readonly sealer: Pick<Sealer, 'take'>;
}

/** Tries how a source would be reached before it is one. */
export interface ReachDesk {
  /** `secrets`: typed and not kept yet; they go before the kept ones, for this one test. */
  test(
    draft: SourceDraft,
    part: ReachPart,
    secrets: readonly { readonly name: string; readonly value: string }[],
  ): Promise<ReachAnswer>;
}

/** Tests at one time: each holds a connection, perhaps for its whole patience. */
const maxAtOnce = 4;

/** See `ReachDesk`. */
export function createReachDesk({ reach, infer, consent, sealer }: ReachDeskDeps): ReachDesk {
  let running = 0;
  return {
    async test(typed, part, secrets) {
      const { draft, taken } = sealer.take(typed);
      const { protocol, ladder } = ladderOf(draft, infer, draft.recipe);
      if (protocol === 'recording') {
        throw new CommandRefused({ kind: 'refused', message: 'A recording is a file: there is nothing to reach.' });
      }
      const config = sourceSchema.parse({
        id: 'test',
        name: draft.name.trim().slice(0, 80) || draft.url.trim().slice(0, 80),
        url: draft.url.trim(),
        protocol,
        ladder,
        reach: draft.reach,
        recipe: draft.recipe ?? undefined,
      });
      // What may be billed is not sent for a test.
      const sent = config.recipe?.ask.post?.billed ? withoutPost(config) : config;
      await consent.admit([sent], new Set([...secrets, ...taken].map(({ name }) => name)));
      if (running >= maxAtOnce) {
        throw new CommandRefused({ kind: 'refused', message: 'Other tests are running: wait for their answers.' });
      }
      running += 1;
      const ports = createSourcePorts({ ...reach, secrets: withTyped(reach.secrets, [...secrets, ...taken]) })(config);
      try {
        return await testReach(config, part, ports, reach.clock);
      } finally {
        ports.close();
        running -= 1;
      }
    },
  };
}

/** Secrets that are typed go before those that are kept. */
export function withTyped(
  kept: SecretReader,
  typed: readonly { readonly name: string; readonly value: string }[],
): SecretReader {
  const values = new Map(typed.map(({ name, value }) => [name, value]));
  return { read: (name) => values.get(name) ?? kept.read(name), onChange: () => () => {} };
}
