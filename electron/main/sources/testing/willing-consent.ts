import type { SettingsStore } from '../../settings/settings';
import { type Consent, type ConsentDeps, createConsent } from '../consent';

/** The real consent of a person who agrees to everything, on a machine without secrets; `change` says what is otherwise. */
export function createWillingConsent(
  settings: Pick<SettingsStore, 'current'>,
  change: Partial<ConsentDeps> = {},
): Consent {
  return createConsent({
    settings,
    secrets: { state: () => ({ storage: 'none', stored: [], run: [] }), onChange: () => () => {} },
    chooseFile: async () => null,
    askToRun: async () => true,
    askToSend: async () => true,
    askToPost: async () => true,
    ...change,
  });
}
