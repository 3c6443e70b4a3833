/** The shapes of the pictures to come, with what is known of the way there. */
import type { Size } from '../compose/size.ts';
import { now } from '../state/clock.ts';
import { words } from '../state/words.ts';
import { duration } from '../words/duration.ts';

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
        {shapes.map((shape, index) => (
          <div key={index} class={isStill ? 'blank' : 'blank moving'} style={ratioOf(shape)} />
        ))}
      </Grid>
      <p class="state">
        {!isStill && <span class="dot" />}
        {text}
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

const ratioOf = ({ width, height }: Size) => ({ '--ratio': String(width / height) });

interface GridProps {
  readonly shapes: readonly Size[];
  readonly children: preact.ComponentChildren;
}

/** One large, or two beside each other: as wide as lets the whole be seen at once. */
export function Grid({ shapes, children }: GridProps) {
  const columns = shapes.length > 1 ? 2 : 1;
  const rows = Math.ceil(shapes.length / columns);
  const { width, height } = shapes[0] ?? { width: 1, height: 1 };
  const overall = (width * columns) / (height * rows);
  return (
    <div class={columns === 1 ? 'grid' : 'grid two'} style={{ '--overall': String(overall) }}>
      {children}
    </div>
  );
}

/** How long it has taken, of how long it may take. */
export function elapsed(since: number, estimate?: number): string {
  const seconds = Math.max(0, now.value / 1000 - since);
  return words.value.elapsed(duration(seconds), estimate ? duration(estimate) : undefined);
}
