import { useCallback, useEffect, useRef, useState } from 'react';
import type { CommandArgs } from '../../../../shared/ipc';
import type { ProbeAnswer } from '../../../../shared/probe';
import { parseUrl } from '../../../../shared/url';
import { errorText, useReading, useServices } from '../../../store/services';

/** How far looking at an address is. */
export type Look =
  | { readonly kind: 'none' }
  /** `until`: when it ends at the latest, epoch ms. */
  | { readonly kind: 'looking'; readonly until: number }
  /** `notBefore`: the server asks to be left alone until then, epoch ms; null where it does not. */
  | { readonly kind: 'told'; readonly answer: ProbeAnswer; readonly notBefore: number | null }
  /** Nothing was asked: a look at the same server was told to wait, until then, epoch ms. */
  | { readonly kind: 'held'; readonly notBefore: number }
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

/** Whether the server that was looked at may not be asked yet. */
export function useHeld(look: Look): boolean {
  const notBefore = look.kind === 'told' || look.kind === 'held' ? look.notBefore : null;
  return useReading((now) => (notBefore !== null && now < notBefore ? 'held' : 'free')) === 'held';
}

/** Looks at what answers at an address, one look at a time; the last one begun is the one that tells. */
export function useLook(): Looking {
  const { bridge, clock } = useServices();
  const [look, setLook] = useState<Look>({ kind: 'none' });
  const turn = useRef(0);
  const running = useRef(false);
  /** Until when each server asks to be left alone, epoch ms: it says so of itself, whatever path was asked for. */
  const pauses = useRef(new Map<string, number>());

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
    const host = hostOf(args.draft.url);
    const pause = pauses.current.get(host) ?? 0;
    if (pause > clock.now()) {
      end();
      running.current = false;
      setLook({ kind: 'held', notBefore: pause });
      return null;
    }
    running.current = true;
    setLook({ kind: 'looking', until: clock.now() + longestMs });
    const told = await bridge.call('sources.look', args).then(
      (result): Look =>
        result.ok
          ? { kind: 'told', answer: result.value, notBefore: pauseIn(result.value, clock.now()) }
          : { kind: 'failed', text: errorText(result.error) },
      (error: unknown): Look => ({ kind: 'failed', text: error instanceof Error ? error.message : String(error) }),
    );
    // Also of a look that was given up.
    if (told.kind === 'told' && told.notBefore !== null) pauses.current.set(host, told.notBefore);
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

function pauseIn({ retryAfterSeconds }: ProbeAnswer, now: number): number | null {
  return retryAfterSeconds === undefined ? null : now + retryAfterSeconds * 1000;
}

/** Host and port, by which a server is known whatever is asked of it. */
function hostOf(url: string): string {
  return parseUrl(url)?.host ?? url;
}
