import type { Transition } from '../../../../shared/connection';
import type { ReasonCode } from '../../../../shared/reasons';
import type { Watch } from '../watch';
import type { World } from '../world';
import type { LiveJudge } from './politeness';

/** What must have been told to a source, lately, for it to give a reason: by its network, word for word. */
const causes: Partial<Record<ReasonCode, RegExp>> = {
  'dns-failed': /^errno ENOTFOUND$/,
  'connection-refused': /^errno ECONNREFUSED$/,
  'connection-reset': /^errno ECONNRESET$|^errno BODY_CUT$|^close 1006$/,
  'connect-timeout': /^errno ETIMEDOUT$/,
  'no-route': /^errno EHOSTUNREACH$/,
  'network-failed': /^errno EADDRNOTAVAIL$/,
  'tls-failed': /^errno ERR_SSL_WRONG/,
  'certificate-invalid': /^errno CERT_/,
  'client-certificate': /^errno ERR_SSL_TLSV13_ALERT/,
  'proxy-failed': /^errno PROXY_REFUSED$/,
  'proxy-auth': /^errno PROXY_AUTH_REQUIRED$/,
  'proxy-login-unsupported': /^errno PROXY_AUTH_UNSUPPORTED$/,
  unauthorized: /^status 401$/,
  forbidden: /^status 403$/,
  'not-found': /^status 404$/,
  gone: /^status 410$/,
  rejected: /^status 4\d\d$/,
  redirected: /^status 302$/,
  'upgrade-refused': /^status (2\d\d|400|426)$/,
  'rate-limited': /^status 429$/,
  'server-trouble': /^status (5\d\d|408|425)$/,
  'not-a-feed': /^status 200$/,
  'page-instead': /^status 200$/,
  'captive-portal': /^status (200|511)$/,
  'no-content': /^status 204$/,
  'closed-normally': /^close (1000|1001|1005)$/,
  'limit-used-up': /^status (403|429)$/,
  'bot-check': /^status 403$/,
  'endless-answer': /^status 200$/,
  'login-refused': /^close (1000|4401)$/,
  'planned-end': /^close 4900$/,
  'reserved-close': /^errno WS_ERR_INVALID_CLOSE_CODE$/,
  'protocol-broken': /^errno WS_ERR_INVALID_OPCODE$/,
  'server-closed': /^close 4\d\d\d$/,
  'policy-closed': /^close 1008$/,
  'server-restarting': /^close 1012$/,
  'try-later': /^close 1013$/,
  goodbye: /^close 1012$|^end$/,
  'stream-ended': /^end$/,
  'connection-cut': /^errno (ECONNRESET|BODY_CUT)$|^close 1006$/,
  'cut-young': /^errno (ECONNRESET|BODY_CUT)$|^close 1006$/,
  'idle-timeout': /^errno (ECONNRESET|BODY_CUT)$|^close 1006$/,
  'hold-cut': /^errno (ECONNRESET|BODY_CUT)$|^status 504$/,
};

/** What a broker says in a packet, before anything happens to the connection. */
const inPackets: ReadonlySet<string> = new Set(['login-refused', 'planned-end']);

/** Silence, ms, without which these reasons are untrue. */
const silences: Partial<Record<ReasonCode, number>> = {
  'heartbeat-missed': 4_990,
  // Where something cuts what is idle, pings go more often.
  'send-queue-stuck': 4_990,
  'silence-too-long': 9_990,
  'hold-overdue': 9_990,
  'poll-overdue': 9_990,
};

/** What the close code of a WebSocket that was live must be given as, within two seconds. */
const closes: Readonly<Record<string, readonly ReasonCode[]>> = {
  'close 1008': ['policy-closed'],
  'close 1012': ['server-restarting', 'goodbye'],
  'close 1013': ['try-later', 'goodbye'],
};

/** How long what was told explains what is said, ms: a round of the ladder with its waits. */
const memoryMs = 180_000;

/** Reasons are the right ones for what happened on the wire. */
export function watchReasons(world: World, complain: (text: string) => void): LiveJudge {
  const { clock } = world;
  const told = new Map<Watch, { readonly at: number; readonly what: string }[]>();
  const attemptedAt = new Map<Watch, number>();

  world.onAttempt((watch) => attemptedAt.set(watch, clock.now()));
  world.onTold((watch, what) => {
    const now = clock.now();
    told.set(
      watch,
      [...(told.get(watch) ?? []), { at: now, what }].filter(({ at }) => at > now - memoryMs),
    );
    const wanted = closes[what];
    const view = watch.view();
    if (!wanted || view?.state.kind !== 'live' || view.state.candidate !== null || watch.sessions.size !== 1) return;
    if (view.config.ladder[view.state.rung]?.transport !== 'websocket') return;
    const before = watch.transitions.length;
    clock.after(2_000, () => {
      const said = watch.transitions.slice(before).map(({ code }) => code);
      if (said.length === 0 || watch.commandedAt() >= now) return;
      if (!said.some((code) => wanted.includes(code) || code === 'flapping' || ownCourse.has(code)))
        complain(`${watch.id}: ${what} was told, and given as ${said.join(', ')}`);
    });
  });

  world.onTransition((watch, transition) => {
    if (transition.to.kind !== 'waiting' && transition.to.kind !== 'stopped') return;
    judgeCause(watch, transition);
    judgeSilence(watch, transition);
  });

  function judgeCause(watch: Watch, { code, text }: Transition): void {
    const wanted = causes[code];
    if (!wanted || (watch.feed.kind === 'mqtt' && inPackets.has(code))) return;
    const recent = told.get(watch) ?? [];
    if (recent.some(({ what }) => wanted.test(what))) return;
    const last = recent.slice(-4).map(({ what }) => what);
    complain(`${watch.id} (${watch.feed.kind}): says ${code} (${text}), but was told ${last.join(', ') || 'nothing'}`);
  }

  function judgeSilence(watch: Watch, { code, text }: Transition): void {
    const least = silences[code];
    // What anything else hears (a proof, a candidate, a message's answer) is no sign of life of the session accused.
    if (least === undefined || (attemptedAt.get(watch) ?? 0) > clock.now() - 34_000) return;
    const silent = clock.now() - (world.heardAt(watch) ?? 0);
    if (silent < least)
      complain(`${watch.id}: says ${code} (${text}), but heard something ${Math.round(silent)} ms ago`);
  }

  return { look() {}, slept() {} };
}

/** What comes between by itself: the machine slept, the network went. */
const ownCourse: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  'asleep',
  'woke-up',
  'no-network',
  'network-changed',
  'network-back',
  'credential-changed',
]);
