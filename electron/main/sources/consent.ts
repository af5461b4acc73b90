import { pathToFileURL } from 'node:url';
import type { SourceConfig } from '../../../shared/source';
import { CommandRefused } from '../ipc/dispatcher';
import type { SecretStore } from '../secrets/secret-store';
import type { Settings } from '../settings/schema';
import type { SettingsStore } from '../settings/settings';
import { type Agreement, agreedBy, type Growth, growthOf, hidesHost, keyOf, placeInWords, settled } from './agreements';
import { type PostQuestion, postOf } from './posts';
import { secretNames } from './secret-names';

/** What a person is asked before something that a source keeps secret goes farther than it did. */
export interface SendQuestion {
  /** Name of the source. */
  readonly source: string;
  /** Commands for tokens among what would go, as they are run. */
  readonly commands: readonly string[];
  /** Where it was entered for; empty where nobody knows. In words, as are the others. */
  readonly held: readonly string[];
  /** Where it would go as well. */
  readonly more: readonly string[];
}

export interface ConsentDeps {
  readonly settings: Pick<SettingsStore, 'current'>;
  readonly secrets: Pick<SecretStore, 'state' | 'onChange'>;
  /** Lets a person choose a file; null when they did not. */
  readonly chooseFile: () => Promise<string | null>;
  /** Asks a person whether this command may be run, and its tokens shown there; outside the window, which could answer itself. */
  readonly askToRun: (command: string, places: readonly string[]) => Promise<boolean>;
  /** Asks a person whether secrets may go farther than they were entered for; outside the window as well. */
  readonly askToSend: (question: SendQuestion) => Promise<boolean>;
  /** Asks a person whether a feed may be asked by this POST. */
  readonly askToPost: (question: PostQuestion) => Promise<boolean>;
}

/** A recording a person chose. */
export interface ChosenRecording {
  readonly url: string;
  /** Of the file, without what it ends in. */
  readonly name: string;
}

/**
 * What a window may not decide by itself: which file of this machine is opened, which command is run, and where a secret
 * or a command's token goes. A file has been chosen in a dialog of main's, the others agreed to in one; what the settings
 * hold already was so before. A secret that was entered just now goes where the source says that it is entered for.
 */
export interface Consent {
  chooseRecording(): Promise<ChosenRecording | null>;
  /** Rejects with a CommandRefused where the source is a file that nobody has chosen. */
  admitFile(config: SourceConfig): void;
  /**
   * Asks about everything that these sources, in this order, would send farther than agreed, and rejects with a
   * CommandRefused at the first *no*. `typed`: names of secrets whose values come along, for this one time.
   */
  admit(configs: readonly SourceConfig[], typed?: ReadonlySet<string>): Promise<void>;
  /**
   * The settings with these sources in them, and with where their secrets may go: to be called as the settings change, since
   * they may be others by then than those that were asked about. Throws a CommandRefused for what nobody has agreed to.
   */
  seal(held: Settings, configs: readonly SourceConfig[]): Settings;
}

export function createConsent({ settings, secrets, chooseFile, askToRun, askToSend, askToPost }: ConsentDeps): Consent {
  const chosen = new Set<string>();
  /** What a person said yes to in this run, whether or not it has come into force. */
  const allowed = new Map<string, Set<string>>();
  /** Bodies that a person let be posted in this run, with where to. */
  const allowedPosts = new Set<string>();
  /** Secrets entered in this run that no source has named yet. */
  const entered = new Set<string>();
  let asking = false;
  const there = (name: string) => {
    const { stored, run } = secrets.state();
    return stored.includes(name) || run.includes(name);
  };
  secrets.onChange((name) => {
    // A new value for a source that has it already is entered for where that one goes.
    const used = settings.current().sources.some((source) => secretNames(source).includes(name));
    if (there(name) && !used) entered.add(name);
    else entered.delete(name);
  });

  /** One question at a time: a window that asks for many gets the first one answered. */
  async function alone<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    if (asking) throw refused('Another question is open: answer it first.');
    asking = true;
    try {
      return await ask();
    } finally {
      asking = false;
    }
  }

  /** What a source would send where nobody has let it, neither by entering it just now nor by a yes. */
  function openFor(agreed: readonly Agreement[], config: SourceConfig, typed: ReadonlySet<string>): readonly Growth[] {
    if (hidesHost(config)) throw refused('The host of an address cannot be a secret: write it out.');
    return growthOf(agreed, config).flatMap((one) => {
      if (one.kind === 'secret') {
        if (typed.has(one.name) || entered.has(one.name)) return [];
        // A name that says nothing here: it belongs to the first source that it is to be entered for.
        if (one.held === null && !there(one.name)) return [];
      }
      const yes = allowed.get(keyOf(one));
      const places = one.places.filter((place) => !yes?.has(place));
      return places.length === 0 ? [] : [{ ...one, places }];
    });
  }

  async function ask(growth: readonly Growth[], config: SourceConfig): Promise<void> {
    const unheard = growth.filter(({ kind, held }) => kind === 'command' && held === null);
    for (const { name, places } of unheard) {
      if (allowed.has(keyOf({ kind: 'command', name }))) continue;
      if (!(await alone(() => askToRun(name, places.map(placeInWords))))) {
        throw refused('The command was not allowed: nothing was run, and nothing changed.');
      }
      allow(growth.filter((one) => unheard.includes(one) && one.name === name));
    }
    const farther = growth.filter((one) => !covered(one));
    if (farther.length === 0) return;
    const question: SendQuestion = {
      source: config.name,
      commands: farther.flatMap(({ kind, name }) => (kind === 'command' ? [name] : [])),
      held: words(farther.flatMap((one) => [...(one.held ?? []), ...(allowed.get(keyOf(one)) ?? [])])),
      more: words(farther.flatMap(({ places }) => places)),
    };
    if (!(await alone(() => askToSend(question)))) {
      throw refused('The secret stays where it was entered for: nothing was sent, and nothing changed.');
    }
    allow(farther);
  }

  /** What would be posted that no source posts yet, and nobody has agreed to in this run. */
  function openPost(held: readonly SourceConfig[], config: SourceConfig): ReturnType<typeof postOf> {
    const post = postOf(config);
    if (post === null || allowedPosts.has(post.key)) return null;
    return held.some((source) => postOf(source)?.key === post.key) ? null : post;
  }

  async function askPost({ question, key }: NonNullable<ReturnType<typeof postOf>>): Promise<void> {
    if (!(await alone(() => askToPost(question)))) {
      throw refused('The request was not allowed: nothing was sent, and nothing changed.');
    }
    allowedPosts.add(key);
  }

  function covered(one: Growth): boolean {
    const yes = allowed.get(keyOf(one));
    return yes !== undefined && one.places.every((place) => yes.has(place));
  }

  function allow(growth: readonly Growth[]): void {
    for (const one of growth) {
      allowed.set(keyOf(one), new Set([...(allowed.get(keyOf(one)) ?? []), ...one.places]));
    }
  }

  return {
    async chooseRecording() {
      const path = await alone(chooseFile);
      if (path === null) return null;
      const url = pathToFileURL(path).href;
      chosen.add(url);
      const file = path.split(/[\\/]/).at(-1) ?? '';
      return { url, name: file.replace(/\.jsonl?(\.gz)?$/i, '').slice(0, 80) };
    },
    admitFile({ url, protocol }) {
      if (protocol !== 'recording' || chosen.has(url)) return;
      if (settings.current().sources.some((source) => source.url === url)) return;
      const message = 'A recording is opened by choosing its file.';
      const errors = [{ field: 'url', message, fix: 'Use the button that opens a recording.' }];
      throw new CommandRefused({ kind: 'invalid', errors });
    },
    async admit(configs, typed = new Set()) {
      const before: SourceConfig[] = [];
      for (const config of configs) {
        const { agreed, sources } = settings.current();
        // What comes before in the same import has a name first.
        const now = agreedBy(agreedBy(agreed, sources), before);
        const growth = openFor(now, config, typed);
        if (growth.length > 0) await ask(growth, config);
        const post = openPost(sources, config);
        if (post !== null) await askPost(post);
        before.push(config);
      }
    },
    seal(held, configs) {
      let agreed = agreedBy(held.agreed, held.sources);
      const named = new Set<string>();
      for (const config of configs) {
        if (openFor(agreed, config, new Set()).length > 0 || openPost(held.sources, config) !== null) {
          throw refused('The source was changed meanwhile: nothing was sent, and nothing changed. Try again.');
        }
        for (const name of secretNames(config)) named.add(name);
        agreed = agreedBy(agreed, [config]);
      }
      const byId = new Map(held.sources.map((source) => [source.id, source]));
      for (const config of configs) byId.set(config.id, config);
      const sources = [...byId.values()];
      // What was kept under the name of a secret that was entered anew went with the old one.
      const old = agreed.filter(({ kind, name }) => !(kind === 'secret' && named.has(name) && entered.has(name)));
      for (const name of named) entered.delete(name);
      return {
        ...held,
        sources,
        agreed: [...settled(old, sources)].map((one) => ({ ...one, places: [...one.places] })),
      };
    },
  };
}

function words(places: readonly string[]): readonly string[] {
  return [...new Set(places)].map(placeInWords);
}

function refused(message: string): CommandRefused {
  return new CommandRefused({ kind: 'refused', message });
}
