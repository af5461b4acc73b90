import styles from './figure.module.css';
import type { Quantity } from './format/number';

interface FigureProps {
  readonly label: string;
  readonly quantity: Quantity;
  readonly title?: string | undefined;
}

/** A labelled figure: small label above, figure below, its unit smaller. Lives in a `dl`. */
export function LabelledFigure({ label, quantity, title }: FigureProps) {
  return (
    <div className={styles.pair} title={title}>
      <dt>{label}</dt>
      <dd>
        {quantity.figure}
        {quantity.unit === '' ? null : <span> {quantity.unit}</span>}
      </dd>
    </div>
  );
}
