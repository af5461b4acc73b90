import type { SourceConfig } from '../../../shared/source';
import { CommandRefused } from '../ipc/dispatcher';

export interface PostConsentDeps {
  /** Sources as they are stored: what one of them sends already was agreed to. */
  readonly sources: () => readonly SourceConfig[];
  /** Asks a person whether this is to be sent; outside the window, which could answer itself. */
  readonly ask: (url: string, body: string) => Promise<boolean>;
}

/** A request that may change or cost something is sent only once a person has seen it in a dialog of main's. */
export interface PostConsent {
  /** Rejects with a CommandRefused where it was not agreed to. The same request to the same address is asked about once in a run. */
  admit(config: Pick<SourceConfig, 'url' | 'recipe'>): Promise<void>;
}

export function createPostConsent({ sources, ask }: PostConsentDeps): PostConsent {
  const agreed = new Set<string>();
  let asking = false;
  return {
    async admit(config) {
      const post = config.recipe?.ask.post;
      const key = keyOf(config);
      if (!post || key === null || agreed.has(key) || sources().some((source) => keyOf(source) === key)) return;
      if (asking) throw refused('Another question is open: answer it first.');
      asking = true;
      try {
        if (!(await ask(config.url, post.body))) throw refused('The request was not sent.');
        agreed.add(key);
      } finally {
        asking = false;
      }
    },
  };
}

/** What is agreed to: this body, of this kind, to this address. */
function keyOf({ url, recipe }: Pick<SourceConfig, 'url' | 'recipe'>): string | null {
  const post = recipe?.ask.post;
  return post ? JSON.stringify([url, post.body, post.contentType, recipe?.variables ?? []]) : null;
}

function refused(message: string): CommandRefused {
  return new CommandRefused({ kind: 'refused', message });
}
