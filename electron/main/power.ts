import { powerMonitor } from 'electron';
import type { HostSignalSource } from '../node/host-signals';

/** Hands the system's sleep and wake on to the engine; returns what ends that. */
export function followPower(signals: HostSignalSource): () => void {
  const suspend = () => signals.tell({ kind: 'suspend' });
  const resume = () => {
    signals.tell({ kind: 'resume' });
    // The network one wakes on may be another one.
    signals.look();
  };
  powerMonitor.on('suspend', suspend);
  powerMonitor.on('resume', resume);
  return () => {
    powerMonitor.removeListener('suspend', suspend);
    powerMonitor.removeListener('resume', resume);
  };
}
