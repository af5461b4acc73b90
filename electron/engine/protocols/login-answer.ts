import { parsedBody } from '../core/body-numbers';
import { deniesLogin } from '../core/login-words';
import type { DecodedEvent } from '../core/protocol';
import { fieldsOf } from './json-scan';

/**
 * Names that feeds give to their refusal of a login, as a type or as an error's code. What a first answer of such a name
 * says is believed once the feed closes behind it.
 */
const refusals =
  /^(auth(entication|orization)?[-_ .:]?(invalid|failed|failure|error|denied|rejected|refused|required)|(invalid|bad|expired|missing)[-_ ]?(auth|token|credentials?|api[-_ ]?key|login|password|session)|token[-_ ]?(invalid|expired|rejected)|un(authori[sz]ed|authenticated)|not[-_ ]?(authori[sz]ed|authenticated)|access[-_ ]?denied|forbidden|login[-_ ]?(failed|invalid|required|error|refused)|permission[-_ ]?denied|40[13])$/i;

/** Names for whatever went wrong: a refusal only where the words beside them speak of a login. */
const anyError = /^(error|fail(ed|ure)?|connection[-_ ]?error|-3[23]\d{3})$/i;

/** Members of a message that says nothing but that something went wrong. More of them, and it tells of somebody else. */
const errorMembers =
  /^(type|event|kind|status|code|error|errors|message|msg|reason|detail|details|description|success|ok|result|id|jsonrpc|data|payload|time|timestamp|ts)$/i;

/** What a feed asks for before it knows us: neither a yes nor a no. */
const greetings =
  /^(auth(entication)?[-_ ]?(required|challenge|request(ed)?)|login[-_ ]?required|hello|welcome|connected|challenge|info)$/i;

/** What it asks for a login by, among them. */
const questions = /^(auth(entication)?[-_ ]?(required|challenge|request(ed)?)|login[-_ ]?required|challenge)$/i;

/** What a message says of a refused login, in its own words; null where it says nothing of the kind. */
export function refusedLogin(event: Pick<DecodedEvent, 'type' | 'value' | 'body'>): string | null {
  const { type, body } = event;
  const fields = fieldsOf(parsedBody(event));
  const inner = fields?.fields('error') ?? fields?.fields('payload') ?? fields?.fields('data') ?? null;
  const codes = [type, ...[fields, inner].flatMap((one) => (one ? codesOf(one) : []))];
  const said =
    fields?.text('message') ?? inner?.text('message') ?? fields?.text('reason') ?? fields?.text('error') ?? null;
  const code = codes.find((name) => refusals.test(name) || (anyError.test(name) && deniesLogin(said ?? '')));
  if (code === undefined) return null;
  const text = said ?? (typeof body === 'string' && body.length <= 200 && !fields ? body : null);
  return text === null || text === code ? code : `${code}, ${text}`.slice(0, 300);
}

/** Whether a message is an error and nothing else: who is sent one has done something that was not taken. */
export function isBareError(event: Pick<DecodedEvent, 'type' | 'value' | 'body'>): boolean {
  const value = parsedBody(event);
  if (fieldsOf(value) === null || typeof value !== 'object' || value === null) return false;
  const names = Object.keys(value);
  const error = anyError.test(event.type) || names.some((name) => /^errors?$/i.test(name));
  return error && names.every((name) => errorMembers.test(name));
}

/** What a message asks for a login by; null where it asks for none. */
export function askedLogin({ type }: Pick<DecodedEvent, 'type'>): string | null {
  return questions.test(type) ? type : null;
}

/** Whether a message only asks for a login, or greets. */
export function isGreeting(event: Pick<DecodedEvent, 'type' | 'value' | 'body'>): boolean {
  return greetings.test(event.type) || (event.type === 'message' && isHelloOfDiscord(fieldsOf(parsedBody(event))));
}

/** Names that feeds give to the answer to a message of ours. */
const acknowledgements =
  /^(ack(nowledged)?|subscribed?|subscription([-_ .:]?(ack|confirmed|succeeded|success|status))?|subscriptions|unsubscribed?|success|authenticated|auth(orization)?[-_ .:]?(ok|success(ful)?))$/i;

/** Members beside the name that only say what is acknowledged. */
const acknowledging =
  /^(type|event|op|kind|action|method|channel|channels|arg|args|id|req_?id|request_?id|jsonrpc|result|status|success|ok|code|ret_?(msg|code)|msg|message|reason|conn_?id|symbol|symbols|pair|chan_?id|sub_?id|subs?|time|timestamp|ts|T|us(In|Out|Diff)|testnet)$/i;

/**
 * Whether a message only answers one of ours: that a subscription was taken, or refused. JSON-RPC answers with a `result` that
 * is bare or a list of names (https://www.jsonrpc.org/specification#response_object).
 */
export function isAcknowledgement(event: Pick<DecodedEvent, 'type' | 'value' | 'body'>): boolean {
  const value = parsedBody(event);
  if (isBareError(event)) return true;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const names = Object.keys(value);
  if (!names.every((name) => acknowledging.test(name))) return false;
  const fields = fieldsOf(value);
  const named = ['type', 'event', 'op', 'kind', 'action', 'method', 'T'].some((name) => {
    const said = fields?.text(name) ?? '';
    return acknowledgements.test(said) || anyError.test(said);
  });
  // `{"ok":true}`: how it went, and nothing of what.
  const how = names.some((name) => /^(ok|success)$/i.test(name) && typeof Reflect.get(value, name) === 'boolean');
  return named || how || acknowledgements.test(event.type) || (names.includes('result') && names.includes('id'));
}

/** Discord's gateway: `{"op":10,"d":{"heartbeat_interval":41250}}`, and nothing more before it is identified to. */
function isHelloOfDiscord(fields: ReturnType<typeof fieldsOf>): boolean {
  return fields?.number('op') === 10 && (fields.fields('d')?.number('heartbeat_interval') ?? null) !== null;
}

function codesOf(fields: NonNullable<ReturnType<typeof fieldsOf>>): readonly string[] {
  const numbers = ['code', 'status'].map((name) => fields.number(name));
  return [
    ...['error', 'code', 'status', 'reason', 'result', 'name'].map((name) => fields.text(name)),
    ...numbers.map((code) => (code === null ? null : String(code))),
  ].filter((code) => code !== null);
}
