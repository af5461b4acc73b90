import type { ReactNode } from 'react';
import type { Badge } from '../../shared/connection';
import { badgeLooks } from './badges';
import styles from './state-shape.module.css';

/** The shapes of states, and of nothing else. Each differs in outline, so that colour is never the only signal. */
const shapes: Readonly<Record<Badge, ReactNode>> = {
  live: <circle cx="8" cy="8" r="5" fill="currentColor" />,
  degraded: (
    <>
      <circle cx="8" cy="8" r="4.75" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d="M8 3.25a4.75 4.75 0 0 0 0 9.5z" fill="currentColor" />
    </>
  ),
  'catching-up': (
    <path
      d="M8 3.25a4.75 4.75 0 1 1-4.75 4.75"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
    />
  ),
  connecting: (
    <circle cx="8" cy="8" r="4.75" fill="none" stroke="currentColor" strokeWidth="1.75" strokeDasharray="2.4 2.575" />
  ),
  waiting: <path d="M8 2.75 13.75 12.75H2.25z" fill="currentColor" strokeLinejoin="round" />,
  stopped: <rect x="3.25" y="3.25" width="9.5" height="9.5" rx="1" fill="currentColor" />,
  offline: <path d="M8 2.25 13.75 8 8 13.75 2.25 8z" fill="none" stroke="currentColor" strokeWidth="1.5" />,
  paused: <path d="M4 3.25h2.75v9.5H4zm5.25 0H12v9.5H9.25z" fill="currentColor" />,
  recording: (
    <path d="M4.5 2.75 12.5 8l-8 5.25z" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinejoin="round" />
  ),
  throttled: <path d="M3.25 2.75h9.5L8.75 8l4 5.25h-9.5l4-5.25z" fill="currentColor" />,
  stale: (
    <>
      <circle cx="8" cy="8" r="4.75" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d="M8 5.25V8l2 1.25" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" />
    </>
  ),
  silent: (
    <>
      <circle cx="8" cy="8" r="4.75" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d="M5.5 8h5" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" />
    </>
  ),
  quiet: <circle cx="8" cy="8" r="4.5" fill="none" stroke="currentColor" strokeWidth="1.75" />,
};

interface StateShapeProps {
  readonly badge: Badge;
  /** Edge in px. */
  readonly size?: number;
}

/** A state's shape in its colour. Decoration: the word always stands beside it or in the element's name. */
export function StateShape({ badge, size = 14 }: StateShapeProps) {
  return (
    <svg
      className={styles.shape}
      data-tone={badgeLooks[badge].tone}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      aria-hidden="true"
      focusable="false"
    >
      {shapes[badge]}
    </svg>
  );
}
