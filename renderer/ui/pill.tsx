import type { ReactNode } from 'react';
import type { Badge } from '../../shared/connection';
import { badgeLooks, type Tone } from './badges';
import styles from './pill.module.css';

/** A state's word in its colour. */
export function BadgePill({ badge }: { readonly badge: Badge }) {
  const { word, tone } = badgeLooks[badge];
  return (
    <span className={styles.pill} data-tone={tone} data-badge={badge}>
      {word}
    </span>
  );
}

/** A plain tag, for rungs and the like. */
export function Tag({ children, title }: { readonly children: ReactNode; readonly title?: string }) {
  return (
    <span className={styles.tag} title={title}>
      {children}
    </span>
  );
}

/** A word in the colour of what it means. */
export function Pill({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) {
  return (
    <span className={styles.pill} data-tone={tone}>
      {children}
    </span>
  );
}
