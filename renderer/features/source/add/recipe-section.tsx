import type { NamedProtocol } from '../../../../shared/protocols';
import { visible } from '../../../ui/format/visible';
import { bareRecipe } from '../mapping/mapping';
import reach from '../reach/reach.module.css';
import type { Adding } from './adding';
import { EncodingsPanel } from './encodings-panel';
import { RecipeBar } from './recipe-bar';
import { readBare, saysUnlooked } from './speaking';
import { TalkPanel } from './talk-panel';

interface RecipeSectionProps {
  readonly adding: Adding;
  readonly onChange: (adding: Adding) => void;
  /** The protocol that the form comes to; null: the recipe alone says how it is read, or it is guessed. */
  readonly protocol: NamedProtocol | null;
  /** Messages can be sent: it is read over a WebSocket. */
  readonly socket: boolean;
  /** What is sent is edited here, and not beside what was found. */
  readonly talk: boolean;
}

/** How the feed is read and spoken to, where no protocol says so: folded, as the sections of how it is reached are. */
export function RecipeSection({ adding, onChange, protocol, socket, talk }: RecipeSectionProps) {
  const { recipe, typed } = adding;
  const bare = readBare(protocol);
  const sent = recipe?.talk.open.length ?? 0;
  const summary = [
    recipe === null ? `None: ${bare}` : visible(recipe.title),
    ...(sent > 0 ? [`${sent} ${sent === 1 ? 'message' : 'messages'} on open`] : []),
  ].join(', ');
  return (
    <details className={reach.section} data-section="recipe">
      <summary>
        Recipe
        <span>{summary}</span>
      </summary>
      <div className={reach.fields}>
        <RecipeBar recipe={recipe} bare={bare} onChange={(next) => onChange({ ...adding, recipe: next, typed: {} })} />
        {recipe?.about ? <p className={reach.note}>{visible(recipe.about)}</p> : null}
        <EncodingsPanel recipe={recipe ?? bareRecipe()} onChange={(next) => onChange({ ...adding, recipe: next })} />
        {talk ? (
          <TalkPanel
            recipe={recipe ?? bareRecipe()}
            onChange={(next) => onChange({ ...adding, recipe: next })}
            typed={typed}
            onType={(next) => onChange({ ...adding, typed: next })}
            socket={socket}
            says={saysUnlooked(protocol)}
          />
        ) : null}
      </div>
    </details>
  );
}
