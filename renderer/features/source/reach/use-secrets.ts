import { useEffect, useState } from 'react';
import type { SecretStorage } from '../../../../shared/secrets';
import { useServices } from '../../../store/services';

/** How well this machine keeps secrets; null until main has said so. */
export function useSecretStorage(): SecretStorage | null {
  const { bridge } = useServices();
  const [storage, setStorage] = useState<SecretStorage | null>(null);
  useEffect(() => {
    let wanted = true;
    bridge.call('secrets.state', {}).then(
      (result) => {
        if (wanted && result.ok) setStorage(result.value.storage);
      },
      () => {},
    );
    return () => {
      wanted = false;
    };
  }, [bridge]);
  return storage;
}
