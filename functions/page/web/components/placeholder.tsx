/** The shapes of the pictures to come, with what is known of the way there. */
import type { Size } from '../compose/size.ts';
import { now } from '../state/clock.ts';
import { words } from '../state/words.ts';
import { duration } from '../words/duration.ts';
import { Grid } from './sheet.tsx';

interface Props {
  readonly shapes: readonly Size[];
  readonly text: string;
  /** In percent, where the provider tells it. */
  readonly progress?: number;
  readonly isStill?: boolean;
}

export function Placeholders({ shapes, text, progress = 0, isStill = false }: Props) {
  const { progress: label } = words.value;
  return (
    <div class="waiting" aria-busy={!isStill}>
      <Grid shapes={shapes}>
        {shapes.map(({ width, height }, index) => (
          <div
            key={index}
            class={isStill ? 'blank' : 'blank moving'}
            style={{ '--ratio': String(width / height) }}
          />
        ))}
      </Grid>
      <p class="state">
        {!isStill && <span class="dot" />}
        <span>{text}</span>
        {progress > 0 && (
          <>
            <progress max={100} value={progress} aria-label={label} />
            <span>{progress} %</span>
          </>
        )}
      </p>
    </div>
  );
}

/** How long it has taken, of how long it may take. */
export function elapsed(since: number, estimate?: number): string {
  const seconds = Math.max(0, now.value / 1000 - since);
  return words.value.elapsed(duration(seconds), estimate ? duration(estimate) : undefined);
}
