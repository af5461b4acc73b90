import { app } from 'electron';
import type { AppInfo } from '../../shared/ipc';

/** What a window is told about the application it belongs to. */
export function appInfo(demo: boolean, notices: readonly string[]): AppInfo {
  return {
    version: app.getVersion(),
    electron: process.versions.electron,
    node: process.versions.node,
    chrome: process.versions.chrome,
    platform: process.platform,
    demo,
    notices,
  };
}
