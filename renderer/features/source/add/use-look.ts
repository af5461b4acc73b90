import { useCallback, useEffect, useRef, useState } from 'react';
import type { CommandArgs } from '../../../../shared/ipc';
import type { ProbeAnswer } from '../../../../shared/probe';
import { errorText, useServices } from '../../../store/services';

/** How far looking at an address is. */
export type Look =
  | { readonly kind: 'none' }
  /** `until`: when it ends at the latest, epoch ms. */
  | { readonly kind: 'looking'; readonly until: number }
  | { readonly kind: 'told'; readonly answer: ProbeAnswer }
  | { readonly kind: 'failed'; readonly text: string };

/** The longest a look takes, ms: main keeps to it. */
const longestMs = 10_000;

interface Looking {
  readonly look: Look;
  /** Looks at a draft; resolves with what was told, or null where nothing was or it was given up. */
  begin(args: CommandArgs<'sources.look'>): Promise<ProbeAnswer | null>;
  /** Ends it: what was seen so far is told. */
  end(): void;
  /** Gives up what was told. */
  forget(): void;
}

/** Looks at what answers at an address, one look at a time; the last one begun is the one that tells. */
export function useLook(): Looking {
  const { bridge, clock } = useServices();
  const [look, setLook] = useState<Look>({ kind: 'none' });
  const turn = useRef(0);
  const running = useRef(false);

  const end = useCallback((): void => {
    if (running.current) void bridge.call('sources.lookEnd', {});
  }, [bridge]);

  // Closing the form ends it.
  useEffect(
    () => () => {
      turn.current += 1;
      end();
    },
    [end],
  );

  const begin = async (args: CommandArgs<'sources.look'>): Promise<ProbeAnswer | null> => {
    turn.current += 1;
    const own = turn.current;
    running.current = true;
    setLook({ kind: 'looking', until: clock.now() + longestMs });
    const told = await bridge.call('sources.look', args).then(
      (result): Look =>
        result.ok ? { kind: 'told', answer: result.value } : { kind: 'failed', text: errorText(result.error) },
      (error: unknown): Look => ({ kind: 'failed', text: error instanceof Error ? error.message : String(error) }),
    );
    if (turn.current !== own) return null;
    running.current = false;
    setLook(told);
    return told.kind === 'told' ? told.answer : null;
  };
  const forget = (): void => {
    turn.current += 1;
    end();
    running.current = false;
    setLook({ kind: 'none' });
  };
  return { look, begin, end, forget };
}
