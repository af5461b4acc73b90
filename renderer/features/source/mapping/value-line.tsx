import { ChevronDown } from 'lucide-react';
import { DropdownMenu, Toolbar } from 'radix-ui';
import type { JsonToken } from '../../../ui/format/json';
import { visible } from '../../../ui/format/visible';
import { type Role, roleTexts } from './mapping';
import styles from './mapping.module.css';
import type { TreeLine } from './tree';

/** Characters of one value that a line shows. */
const tokenChars = 300;

interface ValueLineProps {
  readonly line: TreeLine;
  /** The way to it, as it is called. */
  readonly path: string;
  readonly role: Role;
  /** What it can be said to be. */
  readonly choices: readonly Role[];
  /** What it looks like, where nothing is said of it: `time`, `id`. Empty: nothing worth saying. */
  readonly looks: string;
  readonly onChoose: (role: Role) => void;
}

/** A single value of a message: a click says what it is. One stop of the tab key for all of them, arrows between them. */
export function ValueLine({ line, path, role, choices, looks, onChoose }: ValueLineProps) {
  const said = role === 'nothing' ? looks : roleTexts[role].tag;
  return (
    <DropdownMenu.Root modal={false}>
      <Toolbar.Button asChild>
        <DropdownMenu.Trigger className={styles.value} data-role={role}>
          {/* The name is the way to it and all that is seen of it. */}
          <span className={styles.voice}>{path}: </span>
          <LineText line={line} />
          {said === '' ? null : (
            <span className={styles.tag} data-role={role}>
              {said}
            </span>
          )}
          <ChevronDown className={styles.more} size={12} aria-hidden="true" />
        </DropdownMenu.Trigger>
      </Toolbar.Button>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className={styles.menu} align="end" sideOffset={2} collisionPadding={8}>
          <DropdownMenu.Label className={styles.menuTitle}>{visible(path)} is</DropdownMenu.Label>
          <DropdownMenu.RadioGroup value={role} onValueChange={(next) => onChoose(next as Role)}>
            {choices.map((choice) => (
              <DropdownMenu.RadioItem key={choice} value={choice} className={styles.item}>
                <span className={styles.check} aria-hidden="true">
                  {choice === role ? '✓' : ''}
                </span>
                {roleTexts[choice].name}
                <span className={styles.hint}>{roleTexts[choice].hint}</span>
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** The characters of a line, as they came. */
export function LineText({ line }: { readonly line: Pick<TreeLine, 'tokens' | 'depth'> }) {
  return (
    <span className={styles.text} style={{ paddingLeft: `${line.depth * 2}ch` }}>
      {line.tokens.map((token, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: tokens of a line never move
        <span key={at} data-token={token.kind}>
          {shown(token)}
        </span>
      ))}
    </span>
  );
}

function shown({ text }: JsonToken): string {
  return text.length <= tokenChars ? visible(text) : `${visible(text.slice(0, tokenChars))}…`;
}
