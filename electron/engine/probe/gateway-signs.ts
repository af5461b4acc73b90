import { type Json, memberOf, textOf } from './parse';

/** Whether a message is the greeting of our own gateway (docs/protocol.md): all of it, since nobody else is taken for it. */
export function isGatewayHello(parsed: Json): boolean {
  return parsed.ok && textOf(parsed.value, 'kind') === 'hello' && isAttachment(parsed.value);
}

/** The same for its answer to a poll. */
export function isGatewayAnswer(parsed: Json): boolean {
  return (
    parsed.ok &&
    textOf(parsed.value, 'kind') === 'answer' &&
    isAttachment(parsed.value) &&
    Array.isArray(memberOf(parsed.value, 'events'))
  );
}

function isAttachment(value: unknown): boolean {
  const name = (member: string) => /^[A-Za-z0-9._-]{1,64}$/.test(textOf(value, member) ?? '');
  return name('stream') && name('epoch') && Number.isSafeInteger(memberOf(value, 'from'));
}
