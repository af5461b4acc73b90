import { app, type ProxyConfig, session } from 'electron';

/**
 * Asks what proxy the system uses for an address, through a session of its own: the window's has no way out
 * (window/app-scheme.ts). Chromium applies its switches for proxies to the window's session alone: they are read here.
 */
export function createSystemProxy(): (url: string) => Promise<string> {
  const own = session.fromPartition('system-proxy');
  const ready = own.setProxy(configured());
  return async (url) => {
    await ready;
    return own.resolveProxy(url);
  };
}

function configured(): ProxyConfig {
  const { commandLine } = app;
  if (commandLine.hasSwitch('no-proxy-server')) return { mode: 'direct' };
  if (commandLine.hasSwitch('proxy-auto-detect')) return { mode: 'auto_detect' };
  const pacScript = commandLine.getSwitchValue('proxy-pac-url');
  if (pacScript !== '') return { mode: 'pac_script', pacScript };
  const proxyRules = commandLine.getSwitchValue('proxy-server');
  if (proxyRules === '') return { mode: 'system' };
  return { mode: 'fixed_servers', proxyRules, proxyBypassRules: commandLine.getSwitchValue('proxy-bypass-list') };
}
