import type { FaultSettings } from '../../../shared/faults';

/** What the application tells the gateway's process. The token travels here and never on a command line. */
export type ToGateway =
  | {
      readonly kind: 'start';
      /** 0 takes a free one. */
      readonly port: number;
      readonly stateDir: string;
      readonly token: string | null;
      readonly demo: boolean;
      readonly faults: FaultSettings;
    }
  | { readonly kind: 'faults'; readonly settings: FaultSettings }
  | { readonly kind: 'drop-connections' }
  | { readonly kind: 'restart-new-epoch' }
  /** Whether someone looks at the feed: its dear parts (processes) are measured only then. */
  | { readonly kind: 'watched'; readonly watched: boolean }
  | { readonly kind: 'stop' };

/** What it tells back. */
export type FromGateway =
  | { readonly kind: 'listening'; readonly port: number }
  /** It could not listen and will exit. `code` is the errno where there is one. */
  | { readonly kind: 'failed'; readonly code: string | null; readonly message: string }
  | { readonly kind: 'log'; readonly message: string };
