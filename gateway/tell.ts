/** Where an error goes that a listener threw. Must not throw itself. */
export type Report = (error: unknown) => void;

/** Without somewhere to report to, an error is an uncaught one, in a turn of its own. */
export const loudly: Report = (error) =>
  queueMicrotask(() => {
    throw error;
  });

/**
 * Tells those that listen now, in their order; one that leaves meanwhile is not told any more. What a listener throws
 * goes to `report` and holds up nobody: neither the listeners after it nor the caller.
 */
export function tellAll<Listener>(
  listeners: ReadonlySet<Listener>,
  tell: (listener: Listener) => void,
  report: Report,
): void {
  for (const listener of [...listeners]) {
    if (!listeners.has(listener)) continue;
    try {
      tell(listener);
    } catch (error) {
      report(error);
    }
  }
}
