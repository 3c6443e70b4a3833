/** One picture of a task, at its final shape from the beginning. */
import { useSignal } from '@preact/signals';
import { ownLink, type Task, type TaskImage } from '../api/task.ts';
import { addResult } from '../state/references.ts';
import { read } from '../state/tasks.ts';
import { viewed } from '../state/viewer.ts';
import { words } from '../state/words.ts';
import { copy } from './copy.ts';
import { Icon } from './icon.tsx';

interface Props {
  readonly task: Task;
  readonly image: TaskImage;
  readonly index: number;
}

export function Picture({ task, image, index }: Props) {
  const { open, truncated } = words.value;
  return (
    <figure class="picture" style={{ '--ratio': String(image.width / image.height) }}>
      <button
        type="button"
        class="open"
        aria-label={open(index + 1)}
        onClick={() => {
          viewed.value = { taskId: task.id, index };
        }}
      >
        <Loaded task={task} image={image} index={index} />
      </button>
      <div class="tools">
        <PictureTools image={image} />
      </div>
      {image.truncated && (
        <figcaption class="flag">
          <Icon name="warning" />
          {truncated}
        </figcaption>
      )}
    </figure>
  );
}

/** The `img`; a link that no longer works is read anew. */
export function Loaded({ task, image, index }: Props) {
  const { image: name, imageBroken } = words.value;
  const isBroken = useSignal(false);
  const tries = useSignal(0);
  const loaded = useSignal(false);
  if (isBroken.value) return <span class="broken">{imageBroken}</span>;
  return (
    <img
      key={tries.value}
      class={loaded.value ? 'loaded' : undefined}
      src={ownLink(image.url)}
      width={image.width}
      height={image.height}
      alt={name(index + 1, task.images.length, task.prompt)}
      decoding="async"
      onLoad={() => {
        loaded.value = true;
      }}
      onError={() => {
        if (tries.peek() > 0) isBroken.value = true;
        // A link dies after some days; the task has a fresh one.
        else void read().then(() => tries.value++);
      }}
    />
  );
}

export function PictureTools({ image }: Pick<Props, 'image'>) {
  const { download, useAsReference, copyLink } = words.value;
  const link = ownLink(image.url);
  return (
    <>
      <a class="tool" href={`${link}?download`} download aria-label={download} title={download}>
        <Icon name="download" />
      </a>
      <button
        type="button"
        class="tool"
        aria-label={useAsReference}
        title={useAsReference}
        onClick={() => {
          viewed.value = undefined;
          addResult(image, link);
        }}
      >
        <Icon name="picture" />
      </button>
      <button
        type="button"
        class="tool"
        aria-label={copyLink}
        title={copyLink}
        onClick={() => void copy(image.url)}
      >
        <Icon name="link" />
      </button>
    </>
  );
}
