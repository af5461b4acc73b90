import type { Evidence } from './evidence';
import { machineReasons } from './machine-reasons';
import { ownReasons } from './own-reasons';
import { compose, type SentencePart, type Values } from './sentence';
import { talkReasons } from './talk-reasons';

/**
 * Every reason a connection can give, with the sentence a person reads and what they can do.
 * The one table: `docs/reasons.md` is made from it.
 */
export interface ReasonEntry {
  /**
   * Sentence without a final value; `{name}` marks what the evidence fills in, `*…*` the figure that makes it matter,
   * `[…]` what is left out where room is short.
   */
  readonly sentence: string;
  /** What the person can do; empty where nothing is needed. */
  readonly advice: string;
  /** What happens by itself, after the advice. */
  readonly itself?: string;
}

const waits = { advice: 'Nothing to do: it is tried again by itself.', itself: 'Use retry to try now.' };
const rechecked = {
  itself: 'It is looked at again every 10 minutes, and after a wake or a network change. Use retry to look now.',
};
const again = { itself: 'It is tried again by itself.' };

export const reasons = {
  ...ownReasons,

  // The ordinary course.
  'retry-due': { sentence: 'Attempt {attempt}, with {transport}. Before: {why}', advice: '' },
  opened: { sentence: '{transport} is open.', advice: '' },
  'remembered-rung': {
    sentence: '{transport} is open, tried first because it worked on this network within the last hour.',
    advice: 'Better rungs are probed by themselves.',
  },
  'caught-up': { sentence: 'Caught up with the feed.', advice: '' },
  'control-request': {
    sentence: '{failed} did not get through: asking over {transport} whether the host answers.',
    advice: '',
  },
  'stepped-down': {
    sentence: 'Stepped down from {failed} to {transport}: {failed} does not get through, {transport} does.',
    advice: 'Better rungs are probed by themselves. Look at the evidence for what blocks the better rung.',
  },
  'moved-up': { sentence: '{transport} opened while {failed} failed.', advice: '' },
  'probe-started': { sentence: 'Trying {transport} beside the running connection.', advice: '' },
  'probe-breaks-first': {
    sentence:
      'Trying {transport} in place of the running connection: this feed has no numbers, so two at once would repeat events.',
    advice: '',
  },
  'probe-failed': { sentence: 'The probe of {transport} failed: {why}', advice: 'It is probed again later.' },
  'promotion-timeout': {
    sentence: '{transport} opened but did not catch up within *{seconds} s*.',
    advice: 'It is probed again later.',
  },
  'promotion-ended': { sentence: 'The probe of {transport} was broken off: {why}.', advice: '' },
  promoted: { sentence: 'Back up to {transport}.', advice: '' },
  'recycle-started': {
    sentence: 'Silent for *{seconds} s* on a feed that promises no heartbeat: opening a fresh connection beside it.',
    advice: '',
  },
  recycled: { sentence: 'The silent connection was replaced by a fresh one.', advice: '' },
  reattach: { sentence: 'Attaching again: {why}.', advice: '' },

  // The way to the host.
  'dns-failed': {
    sentence: 'The name of the host could not be resolved ({errno}).',
    advice: 'Check the address and the DNS of this machine.',
    ...again,
  },
  'connection-refused': {
    sentence: 'The host refused the connection ({errno}).',
    advice: 'Check that the server runs and the port is right.',
    ...again,
  },
  'connection-reset': { sentence: 'The connection was reset ({errno}) during {phase}.', ...waits },
  'connect-timeout': {
    sentence: 'The host did not answer ({errno}).',
    advice: 'Check the address, and whether a firewall drops the packets.',
    ...again,
  },
  'no-route': {
    sentence: 'There is no way to the host from this network ({errno}).',
    advice: 'Check the network or VPN of this machine.',
    ...again,
  },
  'network-failed': { sentence: 'The attempt failed during {phase}: {message} ({errno}).', ...waits },
  'open-timeout': { sentence: '{transport} did not open within *{seconds} s*.', ...waits },
  'tls-failed': { sentence: 'The TLS handshake failed: {message} ({errno}).', ...waits },
  'certificate-invalid': {
    sentence: 'The certificate of the host cannot be trusted: {message}[{certificate}].',
    advice: 'Renew it at the server, or trust its authority here.',
    ...rechecked,
  },
  'client-certificate': {
    sentence: 'The server wants a client certificate that it accepts ({message}).',
    advice: "Enter the certificate and its key in the source's TLS section.",
    ...rechecked,
  },
  'proxy-failed': {
    sentence: 'The proxy {proxy} did not let us through: {message}.',
    advice: 'Check the proxy settings.',
    ...again,
  },
  'proxy-auth': {
    sentence: 'The proxy {proxy} wants a credential that it accepts: {message}.',
    advice: 'Enter the credential of the proxy, then retry.',
  },

  // What the host answered.
  'proxy-login-unsupported': {
    sentence: 'The proxy {proxy} wants a login that Wirewatch cannot give: {message}. Wirewatch knows Basic only.',
    advice:
      'Ask who runs the proxy for Basic or for an exception, or use a proxy on this machine that does the login, such as px or cntlm.',
  },
  unauthorized: {
    sentence: 'The credential was not accepted (*401*).',
    advice: 'Enter a valid credential. It is not tried again before, since repeated attempts could lock the account.',
  },
  'login-refused': {
    sentence: 'The feed refused the login ({message}).',
    advice: 'Enter a valid credential. It is not tried again before, since repeated attempts could lock the account.',
  },
  'credential-wanted': {
    sentence: 'The feed wants a credential (*401*), and none is entered here.',
    advice: "Enter one in the source's credential section. It is not tried again before.",
  },
  'credential-failed': {
    sentence: 'There is no valid credential to send: {message}.',
    advice: 'Check where the credential comes from.',
    ...again,
  },
  'credential-refreshing': { sentence: 'The credential was not accepted: looking for a fresh one.', advice: '' },
  'credential-refreshed': { sentence: 'The credential was refreshed: asking again.', advice: '' },
  forbidden: {
    sentence: 'The server forbids access (*403*).',
    advice: 'Check the rights of the account.',
    ...rechecked,
  },
  'not-found': { sentence: 'There is nothing at this address (*404*).', advice: 'Check the address.', ...rechecked },
  gone: { sentence: 'The feed has been removed (*410*).', advice: 'Ask who runs it where it went.', ...rechecked },
  rejected: { sentence: 'The server rejected the request (*{status}*).', advice: 'Check the address.', ...rechecked },
  redirected: {
    sentence: 'The server answered with a redirect (*{status}*) that was not followed.',
    advice: 'Use the address it points to.',
  },
  'upgrade-refused': {
    sentence: 'The answer to the WebSocket upgrade was *{status}*, not 101.',
    advice: 'A proxy on the way may not forward upgrades.',
  },
  'rate-limited': { sentence: 'The server asks us to slow down (*{status}*).', ...waits },
  'limit-used-up': {
    sentence: 'The limit of requests is used up ({status}): it begins anew in *{seconds} s*.',
    advice: 'It is asked again then. Ask less often, or with a credential that may ask more.',
  },
  'bot-check': {
    sentence: 'A check for bots answered in place of the feed (*{status}*): only a browser passes it.',
    advice:
      'Ask who runs it to let programs in at this address, use the address of its interface for programs, or send the cookie or token that it gives.',
    ...rechecked,
  },
  'server-trouble': { sentence: 'The server is in trouble (*{status}*).', ...waits },
  'not-our-gateway': {
    sentence: 'The address looks like that of a gateway stream, but what answers is none: {found}.',
    advice: 'Choose the protocol that the feed speaks, or check the address.',
    ...rechecked,
  },
  'first-message-unreadable': {
    sentence: 'The first message cannot be read as one of our gateway, so the connection was ended: {found}.',
    advice: 'If it stays so, choose the protocol that the feed speaks, or check the address.',
    ...again,
  },
  'bytes-unreadable': {
    sentence: 'What comes cannot be read on, so the connection was ended: {found}.',
    advice: 'If it stays so, choose the protocol that the feed speaks, or check the address.',
    ...again,
  },
  'page-instead': {
    sentence: 'A page for people came in place of the feed, which was live here before.',
    advice: 'It may be maintenance, or a proxy or login page on the way: open the address in a browser.',
    ...again,
  },
  'no-list': {
    sentence: 'It answered no list, where it has always been one: {found}.',
    ...waits,
  },
  'answer-unusable': {
    sentence: 'The answer cannot be read as what is polled here, and nothing of it is taken: {found}.',
    advice: 'If it stays so, choose the protocol that the address speaks.',
    ...again,
  },
  'endless-answer': {
    sentence: 'The answer to a poll does not end: {bytes} bytes of {contentType} so far, and no line of it is JSON.',
    advice: 'This is a stream in a form that is not read here.',
    ...rechecked,
  },
  'not-a-feed': {
    sentence: 'What answers is no feed, but {contentType}.',
    advice: 'Check that the address is that of the feed, not of a page.',
    ...rechecked,
  },
  'stream-instead': {
    sentence: 'What answers the poll is an event stream, which only SSE reads.',
    advice: 'Choose SSE for this address.',
    ...rechecked,
  },
  'encoding-unreadable': {
    sentence: 'The answer cannot be decoded ({message}).',
    advice: 'Turn off compression of this path, at the server or at the proxy that does it.',
    ...rechecked,
  },
  'captive-portal': {
    sentence: 'This network answers in place of the hosts: it seems to want a sign-in.',
    advice: 'Open a browser and sign in to the network. It is tried again every minute.',
  },
  'no-content': {
    sentence: 'The server told us to stop (*204*).',
    advice: 'The standard says not to reconnect. Use retry if you know better.',
  },

  // How a connection ended.
  'closed-normally': { sentence: 'The server closed the connection (code *{close}*{closeReason}).', ...waits },
  'server-closed': { sentence: 'The server closed the connection with code *{close}*{closeReason}.', ...waits },
  'policy-closed': {
    sentence: 'The server refuses to serve us (close code *{close}*{closeReason}).',
    advice: 'Find out which policy was broken.',
    ...rechecked,
  },
  'server-restarting': { sentence: 'The server is restarting (close code *1012*{closeReason}).', ...waits },
  'try-later': { sentence: 'The server asks us to come back later (close code *1013*{closeReason}).', ...waits },
  'reserved-close': {
    sentence: 'The server closed the connection with a reserved code, which no close may carry ({message}).',
    advice: 'Tell who runs it: its close frames are wrong.',
    ...again,
  },
  'protocol-broken': {
    sentence: 'What came after *{seconds} s* was no valid WebSocket frame, so the connection was ended: {message}.',
    advice: 'Something on the way, or the server itself, breaks the protocol.',
    ...again,
  },
  'encoding-broken': {
    sentence: 'What came after *{seconds} s* could not be decoded ({message}), so the connection was ended.',
    advice: 'Something on the way, or the server itself, breaks the compression: turn it off for this path.',
    ...again,
  },
  goodbye: { sentence: 'The server said goodbye ({why}).', ...waits },
  'stream-ended': { sentence: 'The server ended the stream.', ...waits },
  'connection-cut': { sentence: '{transport} was cut without a close ({how}) after *{seconds} s*.', ...waits },
  'cut-young': {
    sentence: '{transport} was cut *{seconds} s* after opening, before anything was heard ({how}).',
    advice: 'Something between us and the server may not let it live.',
    ...again,
  },
  'idle-timeout': {
    sentence: 'Cut after *{seconds} s* without traffic: something on the way has an idle timeout.',
    advice: 'Nothing to do; raising the idle timeout of the proxy, or the heartbeat of the server, avoids it.',
  },
  'hold-cut': {
    sentence: 'The long-poll was cut while the server held it ({how}).',
    advice: 'A proxy on the way may have a shorter timeout than the hold.',
  },
  'too-large': {
    sentence: 'A message of *{size}* is over the limit of {limit}.',
    advice: 'Make the messages smaller at the source.',
    ...again,
  },
  'heartbeat-missed': {
    sentence: 'Half-open: no byte came back within *{seconds} s* of our ping, though the socket says open.',
    ...waits,
  },
  'send-queue-stuck': {
    sentence: 'Half-open: our ping could not leave for *{seconds} s* and nothing was heard.',
    ...waits,
  },
  'silence-too-long': {
    sentence: 'Nothing heard for *{seconds} s* on a feed whose heartbeat comes every {cadence} s.',
    ...waits,
  },
  'hold-overdue': { sentence: 'The held request was not answered within *{seconds} s*.', ...waits },
  'poll-overdue': { sentence: 'No poll was answered for *{seconds} s*.', ...waits },
  'recycle-failed': { sentence: 'The silent connection could not be renewed: {why}', ...waits },
  'sse-suspected': {
    sentence: 'SSE events arrive in bursts or late: something on the way may be buffering them.',
    advice: 'Turn off response buffering for this path in the proxy.',
  },
  'sse-buffered': {
    sentence: 'SSE is being buffered: a poll returned *{what}* that the open stream had not delivered.',
    advice: 'Turn off response buffering for this path in the proxy.',
  },
  flapping: {
    sentence:
      'Flapping: it came up and went down *{count} times* within {minutes} min, so retries are slowed. Last: {why}',
    advice: 'Look at the transitions for what ends it each time. Use retry to try now.',
  },

  // What is worth knowing of a live connection.
  'pings-unanswered': {
    sentence: 'This server has never answered a ping: its life is judged by its data.',
    advice: 'Silence is not proof of death here. A heartbeat of the feed would be.',
  },
  'polled-hourly': {
    sentence: 'The server asks us to wait *{hours} h* between polls: it is asked hourly.',
    advice: 'What happens in between is not known. Use retry to ask now.',
  },

  ...talkReasons,
  ...machineReasons,
} as const satisfies Record<string, ReasonEntry>;

export type ReasonCode = keyof typeof reasons;

/** A reason with its evidence, before it becomes part of a transition. */
export interface ReasonedEvidence {
  readonly code: ReasonCode;
  readonly text: string;
  /** The text in stretches, where it has more than one. */
  readonly parts?: readonly SentencePart[];
  readonly evidence: readonly Evidence[];
}

/** What a person can do, and what happens by itself. */
export function adviceOf(code: ReasonCode): string {
  const { advice, itself }: ReasonEntry = reasons[code];
  return [advice, itself ?? ''].filter((text) => text !== '').join(' ');
}

/** What may follow a reason's sentence. */
const notes = {
  'asked-hourly': 'The server asks us to wait {hours} h; it is asked again hourly.',
} as const;

export type NoteName = keyof typeof notes;

/** Fills a reason's sentence from evidence: what was composed before goes in with its stretches. */
export function sayReason(code: ReasonCode, values: Values = {}, evidence: readonly Evidence[] = []): ReasonedEvidence {
  return { code, ...compose(reasons[code].sentence, values), evidence };
}

/** Adds a note to a reason's sentence. */
export function withNote<Said extends ReasonedEvidence>(said: Said, note: NoteName, values: Values): Said {
  return { ...said, ...compose(`{said} ${notes[note]}`, { said, ...values }) };
}
