import type { Bridge } from './ipc';

declare global {
  interface Window {
    readonly wirewatch: Bridge;
  }
}
