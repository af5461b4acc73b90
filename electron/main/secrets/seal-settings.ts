import { secretsIn } from '../../../shared/secret-places';
import type { SourceConfig } from '../../../shared/source';
import type { SettingsStore } from '../settings/settings';
import { credentialTrouble, type Sealer, type TakenSecret } from './sealer';
import type { SecretStore } from './secret-store';

/**
 * Earlier versions kept what was typed into an address or a header as it was. It is moved to where secrets are kept, once,
 * before anything connects. Returns sentences a person must read: which source it was, and what is left to do.
 */
export async function sealSettings(
  settings: SettingsStore,
  secrets: Pick<SecretStore, 'state'>,
  sealer: Sealer,
): Promise<readonly string[]> {
  const notices = settings.current().sources.flatMap((source) => warned(source));
  const all = settings.current().sources.map((source) => sealer.take(source, source));
  const taken = all.flatMap((one) => one.taken);
  const changed = all.some(({ draft }, at) => draft.name !== settings.current().sources[at]?.name);
  if (taken.length === 0 && !changed) return notices;
  try {
    // Kept first: what is not kept yet must not be gone.
    await sealer.keep(taken);
    await settings.change((before) => ({ ...before, sources: all.map(({ draft }) => draft) }));
    // Once more, so that the backup beside the file does not hold them either.
    await settings.change((before) => ({ ...before }));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [...notices, `Secrets in addresses and headers could not be moved out of the settings file (${why}).`];
  }
  const stored = new Set(secrets.state().stored);
  const kept = (one: TakenSecret) => stored.has(one.name);
  return [...notices, ...all.flatMap(({ draft, taken: of }) => (of.length === 0 ? [] : [told(draft, of.every(kept))]))];
}

function told({ name, url, ladder, reach }: SourceConfig, stored: boolean): string {
  const addresses = [url, ...ladder.map((rung) => rung.url)].some((text) => secretsIn(text).length > 0);
  const headers = (reach?.headers ?? []).some(([, value]) => secretsIn(value).length > 0);
  const where = addresses ? 'the address' : headers ? 'a header' : 'the settings';
  return stored
    ? `There was a secret in ${where} of ${name}: it is kept by the keyring now, and no longer in the settings file.`
    : `There was a secret in ${where} of ${name}: it is no longer in the settings file. Nothing protects secrets on this machine, so it lasts for this run; enter it again in the source's form.`;
}

function warned({ name, reach }: SourceConfig): readonly string[] {
  return credentialTrouble(reach).map(
    ({ fix }) => `There is a secret in the credential of ${name} that is stored openly. ${fix}`,
  );
}
