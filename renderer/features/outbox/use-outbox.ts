import { useCallback, useEffect, useState } from 'react';
import type { OutboxView } from '../../../shared/outbox';
import { useServices } from '../../store/services';

/** How often the outbox is looked at while it is on screen, ms. */
const lookMs = 1000;

/** What was sent to a source; null before main has said so. `look` asks at once. */
export function useOutbox(source: string): { readonly outbox: OutboxView | null; readonly look: () => void } {
  const { bridge } = useServices();
  const [outbox, setOutbox] = useState<OutboxView | null>(null);
  const look = useCallback(() => {
    bridge.call('outbox.view', { source }).then(
      (result) => {
        if (result.ok) setOutbox(result.value);
      },
      () => {},
    );
  }, [bridge, source]);
  useEffect(() => {
    look();
    const timer = window.setInterval(look, lookMs);
    return () => window.clearInterval(timer);
  }, [look]);
  return { outbox, look };
}
