import type { ButtonHTMLAttributes, Ref } from 'react';
import styles from './button.module.css';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: 'plain' | 'primary' | 'danger' | 'quiet' | 'icon';
  readonly ref?: Ref<HTMLButtonElement>;
}

/** A button. `icon` ones carry their name in `aria-label`. */
export function Button({ look = 'plain', type = 'button', className, ...rest }: ButtonProps) {
  return <button type={type} className={`${styles.button} ${className ?? ''}`} data-look={look} {...rest} />;
}
