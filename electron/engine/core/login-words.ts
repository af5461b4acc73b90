/**
 * Words of a refused login: in an error's message, or in the reason of a close. Whoever only mentions a token or a session
 * has not refused one.
 */
const denies =
  /\b(un(authori[sz]ed|authenticated)|(not|un) (authori[sz]ed|authenticated|logged in)|auth(entication|orization)?[-_ ](failed|failure|required|error|invalid|denied|rejected|expired)|(invalid|bad|expired|missing|wrong|incorrect|no)[-_ ]((access|auth|bearer|id) )?(api[-_ ]?key|auth|token|credentials?|password|session|jwt|login)|((access|auth|bearer|id) )?(api[-_ ]?key|token|credentials?|password|session|jwt)( (is|was|has))?( been)? (invalid|expired|rejected|revoked|refused|missing|not valid|not accepted)|forbidden|(access|permission)[-_ ]denied|log[-_ ]?in[-_ ](failed|required|invalid|refused))\b/i;

export function deniesLogin(text: string): boolean {
  return denies.test(text);
}

/**
 * What a close code says of our login. 3000 and 3003 are registered (IANA, *Unauthorized* and *Forbidden*), 4401 and 4403
 * are in common use for the same (graphql-ws and others); 1008 and the codes of an application say it in their reason.
 */
export function closeDenies(code: number, reason: string): 'login' | 'access' | null {
  if (code === 3000 || code === 4401) return 'login';
  if (code === 3003 || code === 4403) return 'access';
  const speaks = code === 1008 || (code >= 4000 && code < 5000);
  return speaks && deniesLogin(reason) ? 'login' : null;
}
