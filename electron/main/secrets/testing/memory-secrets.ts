import type { SecretsState } from '../../../../shared/secrets';
import { createSealer } from '../sealer';
import type { Keep, SecretStore } from '../secret-store';

/** Secrets in memory, as a machine with a keyring has them, or with none, and what moves secrets there. */
export function memorySecrets(storage: SecretsState['storage'] = 'keyring') {
  const stored = new Map<string, string>();
  const run = new Map<string, string>();
  const secrets: Pick<SecretStore, 'read' | 'state' | 'set' | 'forget'> = {
    read: (name) => stored.get(name) ?? run.get(name) ?? null,
    state: () => ({ storage, stored: [...stored.keys()], run: [...run.keys()] }),
    async set(name, value, keep: Keep) {
      const kept = storage === 'keyring' && keep !== 'run' ? 'stored' : 'run';
      (kept === 'stored' ? stored : run).set(name, value);
      return kept;
    },
    async forget(names) {
      for (const name of names) {
        stored.delete(name);
        run.delete(name);
      }
    },
  };
  let made = 0;
  const sealer = createSealer(secrets, () => `${++made}`);
  return { secrets, sealer, values: () => Object.fromEntries([...stored, ...run]) };
}
