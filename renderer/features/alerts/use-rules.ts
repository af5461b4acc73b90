import { useCallback, useEffect, useState } from 'react';
import type { AlertRule } from '../../../shared/alert';
import { useServices } from '../../store/services';

/** The rules, null before main has said them, and how to put others in their place. */
export function useRules(): {
  readonly rules: readonly AlertRule[] | null;
  /** False when they were refused; a notice says why. */
  save(rules: readonly AlertRule[]): Promise<boolean>;
} {
  const { call } = useServices();
  const [rules, setRules] = useState<readonly AlertRule[] | null>(null);
  useEffect(() => {
    let ended = false;
    void call('alerts.rules', {}).then((answer) => {
      if (!ended && answer !== null) setRules(answer);
    });
    return () => {
      ended = true;
    };
  }, [call]);
  const save = useCallback(
    async (wanted: readonly AlertRule[]) => {
      const kept = await call('alerts.save', { rules: [...wanted] });
      if (kept !== null) setRules(kept);
      return kept !== null;
    },
    [call],
  );
  return { rules, save };
}
