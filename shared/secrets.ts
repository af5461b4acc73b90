/** How well this machine keeps secrets. `weak`: on disk, but anyone who reads the disk can read them. */
export type SecretStorage = 'keyring' | 'weak' | 'none';

/** What a window may know of secrets: which there are, never what they say. */
export interface SecretsState {
  readonly storage: SecretStorage;
  /** Names of those on disk, encrypted. */
  readonly stored: readonly string[];
  /** Names of those kept for this run only. */
  readonly run: readonly string[];
}

/** Where a secret went. */
export type SecretKept = 'stored' | 'run';

/** Which part of how a source is reached is tried. */
export const reachParts = ['proxy', 'tls', 'credential', 'requests'] as const;

export type ReachPart = (typeof reachParts)[number];

/** What trying it came to, in a sentence. */
export interface ReachAnswer {
  readonly ok: boolean;
  readonly text: string;
  /** The certificate that was seen, also when it was refused: it can be trusted by its fingerprint. */
  readonly certificate: {
    readonly subject: string;
    readonly issuer: string;
    /** Epoch ms. */
    readonly validTo: number;
    readonly fingerprint: string;
  } | null;
}
