import type { ProbeAnswer, Understood } from '../../../shared/probe';
import { sourceSchema } from '../../../shared/source';
import type { SourceDraft } from '../../../shared/source-draft';
import { understand } from '../../engine/paste/understand';
import { createSourcePorts } from '../../engine/source/ports';
import { type ProbingDeps, probeSource } from '../../engine/source/probing';
import { CommandRefused } from '../ipc/dispatcher';
import { withoutPost } from './posts';
import { type ReachDeskDeps, withTyped } from './reach-desk';
import { ladderOf } from './source-desk';

export interface LookDeskDeps extends ReachDeskDeps {
  readonly governor: ProbingDeps['governor'];
  readonly newId: () => string;
}

export interface WantedLook {
  readonly draft: SourceDraft;
  readonly secrets: readonly { readonly name: string; readonly value: string }[];
  /** The person has said that the request of the recipe is to be sent. */
  readonly post: boolean;
}

/** Understands what a person pastes, and looks at what answers there, before it is a source. Nothing of it is stored. */
export interface LookDesk {
  understand(pasted: string): Understood;
  /** One look at a time for each page: a new one ends the one before. `secrets`: typed and not kept yet, for this one look. */
  look(page: number, wanted: WantedLook): Promise<ProbeAnswer>;
  /** Ends the look of a page, or of one that has gone. Nothing happens where there is none. */
  end(page: number): void;
}

/** See `LookDesk`. */
export function createLookDesk({ reach, infer, consent, sealer, governor, newId }: LookDeskDeps): LookDesk {
  const running = new Map<number, AbortController>();

  function end(page: number): void {
    running.get(page)?.abort();
    running.delete(page);
  }

  return {
    understand(pasted) {
      const read = understand(pasted, newId);
      if (read.ok) return read.understood;
      throw new CommandRefused({ kind: 'invalid', errors: read.errors });
    },
    async look(page, { draft: typed, secrets, post }) {
      end(page);
      const mine = new AbortController();
      running.set(page, mine);
      try {
        const { draft, taken } = sealer.take(typed);
        const { protocol, ladder } = ladderOf(draft, infer, draft.recipe);
        if (protocol === 'recording') {
          throw new CommandRefused({ kind: 'refused', message: 'A recording is a file: there is nothing to look at.' });
        }
        const url = draft.url.trim();
        const config = sourceSchema.parse({
          ...{ id: `look-${newId()}`.slice(0, 40), name: draft.name.trim().slice(0, 80) || url.slice(0, 80) },
          ...{ url, protocol, ladder, reach: draft.reach, recipe: draft.recipe ?? undefined },
        });
        const typedNames = new Set([...secrets, ...taken].map(({ name }) => name));
        await consent.admit([post ? config : withoutPost(config)], typedNames);
        const ports = createSourcePorts({ ...reach, secrets: withTyped(reach.secrets, [...secrets, ...taken]) })(
          config,
        );
        try {
          return await probeSource(config, ports, { governor, clock: reach.clock }, { signal: mine.signal, post });
        } finally {
          ports.close();
        }
      } finally {
        if (running.get(page) === mine) running.delete(page);
      }
    },
    end,
  };
}
