import { z } from 'zod';
import { alertRuleSchema, maxAlertRules } from '../../../shared/alert';
import { sourceSchema } from '../../../shared/source';
import { keepSchema, shippedKeep } from '../../../shared/storage';
import { ofOlderVersion } from './older-source';

/** Sources one installation may have. */
export const maxSources = 500;

/** What is kept about the built-in source: everything else of it is made anew at each start. */
const builtInSchema = z.object({
  paused: z.boolean().default(false),
  pinnedRung: z.number().int().min(0).max(3).nullable().default(null),
});

/**
 * The settings file, version 1. A file of a newer version is not understood and is set aside, not rewritten. Secrets
 * are never in it.
 */
export const settingsSchema = z.object({
  version: z.literal(1),
  sources: z.array(z.preprocess(ofOlderVersion, sourceSchema)).max(maxSources),
  thisMachine: builtInSchema,
  alertRules: z.array(alertRuleSchema).max(maxAlertRules).default([]),
  /** How much is kept of every source, and of those with limits of their own. */
  keep: keepSchema.default(shippedKeep),
  keepOf: z.record(z.string().max(40), keepSchema).default({}),
  /** Where secrets and commands for tokens may go (sources/agreements.ts). Only main writes it; no import touches it. */
  agreed: z
    .array(z.object({ kind: z.enum(['secret', 'command']), name: z.string(), places: z.array(z.string()) }))
    .default([]),
  /** Port the built-in gateway had last: tried first, so that its address stays. */
  gatewayPort: z.number().int().min(1).max(65535).nullable(),
});

export type Settings = z.output<typeof settingsSchema>;

/** Settings of a first start. */
export function freshSettings(): Settings {
  return {
    version: 1,
    sources: [],
    thisMachine: { paused: false, pinnedRung: null },
    alertRules: [],
    keep: shippedKeep,
    keepOf: {},
    agreed: [],
    gatewayPort: null,
  };
}
