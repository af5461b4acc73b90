import type { Evidence, PhaseTimings } from '../../../shared/evidence';
import { transportNames } from '../../../shared/transport';
import { durationText, latency } from '../../ui/format/duration';
import { grouped, quantityText } from '../../ui/format/number';
import { fullTime } from '../../ui/format/time';
import { visible } from '../../ui/format/visible';
import styles from './evidence-list.module.css';

/** What proves a state or a transition, one click away. */
export function EvidenceList({ evidence }: { readonly evidence: readonly Evidence[] }) {
  if (evidence.length === 0) return null;
  return (
    <details className={styles.evidence}>
      <summary>Evidence ({evidence.length})</summary>
      <ul>
        {evidence.map((piece, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces of evidence never move
          <li key={index}>
            <EvidencePiece piece={piece} />
          </li>
        ))}
      </ul>
    </details>
  );
}

function EvidencePiece({ piece }: { readonly piece: Evidence }) {
  const { title, lines } = describeEvidence(piece);
  return (
    <>
      <strong>{visible(title)}</strong>
      {lines.map((line) => (
        <code key={line}>{visible(line)}</code>
      ))}
    </>
  );
}

/** A piece of evidence in words: a headline and its details, raw. */
export function describeEvidence(piece: Evidence): { readonly title: string; readonly lines: readonly string[] } {
  switch (piece.kind) {
    case 'http':
      return {
        title: `HTTP status ${piece.status}`,
        lines: [
          ...piece.headers.map(([name, value]) => `${name}: ${value}`),
          ...(piece.bodyStart === '' ? [] : [piece.bodyStart]),
        ],
      };
    case 'close':
      return {
        title: `Closed with ${piece.code} by ${piece.by === 'us' ? 'Wirewatch' : 'the server'}`,
        lines: piece.reason === '' ? [] : [piece.reason],
      };
    case 'errno':
      return { title: `${piece.code} during ${phaseNames[piece.phase]}`, lines: [piece.message] };
    case 'tls':
      return {
        title: `Certificate: ${piece.code}`,
        lines: [
          piece.message,
          ...(piece.subject === null ? [] : [`subject ${piece.subject}`]),
          ...(piece.issuer === null ? [] : [`issuer ${piece.issuer}`]),
          ...(piece.validTo === null ? [] : [`valid to ${fullTime(piece.validTo)}`]),
          ...(piece.fingerprint === null ? [] : [`SHA-256 ${piece.fingerprint}`]),
        ],
      };
    case 'proxy':
      return {
        title: piece.status === null ? `Proxy ${piece.proxy}` : `Proxy ${piece.proxy} answered ${piece.status}`,
        lines: [piece.message],
      };
    case 'timer': {
      const silent = piece.lastByteAgoMs === null ? '' : `last byte ${durationText(piece.lastByteAgoMs)} before`;
      return { title: `Timer: ${piece.name}, ${durationText(piece.afterMs)}`, lines: silent === '' ? [] : [silent] };
    }
    case 'control':
      return {
        title: `Control request over ${transportNames[piece.transport]}: ${piece.outcome}`,
        lines: [piece.detail],
      };
    case 'count':
      return { title: `${grouped(piece.count)} × ${piece.what} within ${durationText(piece.withinMs)}`, lines: [] };
    case 'protocol':
      return { title: piece.message, lines: [piece.detail] };
    case 'signal':
      return { title: piece.signal, lines: [piece.detail] };
    case 'command':
      return { title: `Asked for by you: ${piece.command}`, lines: [] };
    case 'address':
      return { title: 'Asked', lines: [piece.url] };
    case 'timings':
      return { title: 'Time to open', lines: [timingsText(piece.phases)] };
  }
}

const phaseNames = {
  dns: 'name lookup',
  tcp: 'TCP connect',
  proxy: 'the proxy',
  tls: 'the TLS handshake',
  request: 'the request',
  handshake: 'the WebSocket handshake',
  body: 'the answer',
} as const;

function timingsText({ dnsMs, tcpMs, proxyMs, tlsMs, answerMs }: PhaseTimings): string {
  const phases = { DNS: dnsMs, TCP: tcpMs, proxy: proxyMs, TLS: tlsMs, answer: answerMs };
  return Object.entries(phases)
    .flatMap(([name, ms]) => (ms === null ? [] : [`${name} ${quantityText(latency(ms))}`]))
    .join(' · ');
}
