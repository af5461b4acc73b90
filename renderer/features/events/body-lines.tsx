import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import type { JsonLine } from '../../ui/format/json';
import { grouped } from '../../ui/format/number';
import { visible } from '../../ui/format/visible';
import styles from './event-detail.module.css';

const lineHeight = 18;

/** Characters of one token shown; a copy has them all. */
const tokenChars = 5_000;

/** A body in lines, of which only those on screen exist: it may be megabytes. */
export function BodyLines({ lines }: { readonly lines: readonly JsonLine[] }) {
  const scroller = useRef<HTMLElement>(null);
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => lineHeight,
    overscan: 20,
  });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled with the keyboard
    <section ref={scroller} className={styles.body} tabIndex={0} aria-label="Body">
      <div className={styles.lines} style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((row) => {
          const line = lines[row.index];
          if (line === undefined) return null;
          return (
            <div
              key={row.key}
              className={styles.line}
              style={{ transform: `translateY(${row.start}px)`, paddingLeft: `${line.depth * 2}ch` }}
            >
              {line.tokens.map((token, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: tokens of a line never move
                <span key={index} data-token={token.kind}>
                  {shown(token.text)}
                </span>
              ))}
            </div>
          );
        })}
      </div>
    </section>
  );
}

function shown(text: string): string {
  if (text.length <= tokenChars) return visible(text);
  return `${visible(text.slice(0, tokenChars))}… ${grouped(text.length - tokenChars)} more characters`;
}
