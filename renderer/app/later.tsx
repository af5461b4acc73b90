/* biome-ignore-all lint/correctness/noComponentHookFactories: called once per part, outside of any component, as React.lazy is */
import { type ComponentType, type ReactNode, Suspense, use } from 'react';

/** A part of the window whose code comes after the first paint. */
export interface Later<Props> {
  (props: Props): ReactNode;
  /** Brings the code, once; resolves when it is there. */
  load(): Promise<void>;
}

/**
 * Makes a part that is loaded on demand or, better, before: once its code is there it is drawn at once, without a moment
 * of nothing, as `React.lazy` would have.
 */
export function later<Props extends object>(bring: () => Promise<ComponentType<Props>>): Later<Props> {
  let Part: ComponentType<Props> | null = null;
  let bringing: Promise<void> | null = null;
  const load = (): Promise<void> => {
    bringing ??= bring().then((part) => {
      Part = part;
    });
    return bringing;
  };
  const Drawn = (props: Props): ReactNode => {
    if (Part === null) use(load());
    return Part === null ? null : <Part {...props} />;
  };
  const LaterPart = (props: Props): ReactNode => (
    <Suspense fallback={null}>
      <Drawn {...props} />
    </Suspense>
  );
  return Object.assign(LaterPart, { load });
}
