import { randomBytes } from 'node:crypto';

/** A token for one run: other users of this machine cannot read the built-in gateway with a guess. Never stored. */
export function newGatewayToken(): string {
  return randomBytes(24).toString('base64url');
}
