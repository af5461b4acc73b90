/** What a code means for us: a login that is not taken, trouble that passes, or an answer that stays as it is. */
export type Meaning = 'login' | 'version' | 'busy' | 'planned' | 'taken-over' | 'refused';

export interface Reason {
  readonly words: string;
  readonly means: Meaning;
}

const reason = (words: string, means: Meaning = 'refused'): Reason => ({ words, means });

/** Return codes of CONNACK in MQTT 3.1.1 (§3.2.2.3). */
const oldCodes: Readonly<Record<number, Reason>> = {
  1: reason('it does not speak this version of MQTT', 'version'),
  2: reason('it does not take this client id'),
  3: reason('the server is not available', 'busy'),
  4: reason('bad user name or password', 'login'),
  5: reason('not authorized', 'login'),
};

/** Reason codes of MQTT 5 (§2.4). */
const codes: Readonly<Record<number, Reason>> = {
  0: reason('normal disconnection', 'planned'),
  128: reason('unspecified error', 'busy'),
  129: reason('malformed packet'),
  130: reason('protocol error'),
  131: reason('an error of its own kind', 'busy'),
  132: reason('it does not speak this version of MQTT', 'version'),
  133: reason('it does not take this client id'),
  134: reason('bad user name or password', 'login'),
  135: reason('not authorized', 'login'),
  136: reason('the server is not available', 'busy'),
  137: reason('the server is busy', 'busy'),
  138: reason('banned'),
  139: reason('the server is shutting down', 'planned'),
  140: reason('bad authentication method', 'login'),
  141: reason('it heard nothing of us in time', 'busy'),
  142: reason('another client took over the session', 'taken-over'),
  143: reason('the topic filter is not valid'),
  144: reason('the topic name is not valid'),
  145: reason('the packet identifier is in use'),
  147: reason('too much at once', 'busy'),
  148: reason('the topic alias is not valid'),
  149: reason('the packet is too large'),
  150: reason('too many messages', 'busy'),
  151: reason('the quota is used up', 'busy'),
  152: reason('an administrator ended it', 'planned'),
  153: reason('the payload is not in its format'),
  154: reason('retained messages are not supported'),
  155: reason('the quality of service is not supported'),
  156: reason('another server is to be used', 'planned'),
  157: reason('the server has moved', 'planned'),
  158: reason('shared subscriptions are not supported'),
  159: reason('too many connections', 'busy'),
  160: reason('the longest time of a connection has passed', 'planned'),
  161: reason('subscription identifiers are not supported'),
  162: reason('wildcards are not supported'),
};

export function connackReason(version: 4 | 5, code: number): Reason {
  return (version === 5 ? codes[code] : undefined) ?? oldCodes[code] ?? codes[code] ?? reason(`code ${code}`);
}

export function reasonOf(code: number): Reason {
  return codes[code] ?? reason(`code ${code}`, 'busy');
}
