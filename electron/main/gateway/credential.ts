import { randomBytes } from 'node:crypto';
import type { CredentialPort } from '../../engine/core/credential';

/** A token for one run: other users of this machine cannot read the built-in gateway with a guess. Never stored. */
export function newGatewayToken(): string {
  return randomBytes(24).toString('base64url');
}

/** A bearer token that stays what it is. */
export function fixedBearer(token: string): CredentialPort {
  const headers = [['authorization', `Bearer ${token}`]] as const;
  return {
    headers: () => headers,
    refresh: async () => ({ kind: 'nothing-to-refresh' }),
    onChange: () => () => {},
  };
}
