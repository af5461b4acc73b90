/** Name of the one ipc channel for each direction. Apart from `ipc.ts`, so that preload carries no schemas. */
export const channels = { command: 'wirewatch:command', update: 'wirewatch:update' } as const;
