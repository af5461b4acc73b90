import type { WayView } from '../../../shared/view';
import { useNow } from '../../store/services';
import { visible } from '../../ui/format/visible';
import styles from './way.module.css';

const dayMs = 86_400_000;
/** A certificate that ends within this is told in colour and words. */
const soonDays = 21;

/** How the last connection came about: the proxy it went through, the subprotocol the server chose, and how long the server's certificate is good. */
export function Way({ way }: { readonly way: WayView }) {
  const now = useNow();
  const { proxy, certificate, subprotocol = null } = way;
  if (proxy === null && certificate === null && subprotocol === null) return null;
  const days = certificate === null ? null : Math.floor((certificate.validTo - now) / dayMs);
  return (
    <p className={styles.way}>
      {proxy === null ? null : <span>Through {visible(proxy)}</span>}
      {subprotocol === null ? null : <span>Subprotocol {visible(subprotocol)}</span>}
      {certificate === null || days === null ? null : (
        <span
          data-soon={days < soonDays}
          title={`${visible(certificate.subject)}, issued by ${visible(certificate.issuer)}, SHA-256 ${certificate.fingerprint}`}
        >
          {days < 0
            ? `Certificate ended ${-days} days ago; trusted here`
            : `Certificate valid for ${days} more days${days < soonDays ? ': renew it soon' : ''}`}
        </span>
      )}
    </p>
  );
}
