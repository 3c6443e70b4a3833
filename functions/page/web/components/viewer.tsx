/** A picture as large as the window; the arrow keys turn to the others of its task. */
import { useEffect, useRef } from 'preact/hooks';
import { turn, viewed, viewedTask } from '../state/viewer.ts';
import { words } from '../state/words.ts';
import { Icon } from './icon.tsx';
import { Loaded, PictureTools } from './picture.tsx';

export function Viewer() {
  const say = words.value;
  const dialog = useRef<HTMLDialogElement>(null);
  const task = viewedTask.value;
  const index = viewed.value?.index ?? 0;
  const image = task?.images[index];
  const isOpen = image !== undefined;

  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);

  const close = () => {
    viewed.value = undefined;
  };
  function onKeyDown({ key }: KeyboardEvent) {
    if (key === 'ArrowLeft') turn(-1);
    if (key === 'ArrowRight') turn(1);
  }

  return (
    <dialog
      ref={dialog}
      class="viewer"
      aria-label={task ? say.image(index + 1, task.images.length, task.prompt) : undefined}
      onClose={close}
      onKeyDown={onKeyDown}
      onClick={(event) => {
        if (event.target === event.currentTarget) close();
      }}
    >
      {task && image && (
        <>
          <div class="bar">
            <span class="count" aria-live="polite">
              {task.images.length > 1 && `${index + 1} / ${task.images.length}`}
            </span>
            <span class="spread" />
            <PictureTools image={image} />
            <button type="button" class="tool" aria-label={say.close} title={say.close} onClick={close}>
              <Icon name="close" />
            </button>
          </div>
          <Loaded key={image.url} task={task} image={image} index={index} />
          {index > 0 && (
            <button type="button" class="tool turn back" aria-label={say.previous} onClick={() => turn(-1)}>
              <Icon name="left" />
            </button>
          )}
          {index < task.images.length - 1 && (
            <button type="button" class="tool turn on" aria-label={say.next} onClick={() => turn(1)}>
              <Icon name="right" />
            </button>
          )}
        </>
      )}
    </dialog>
  );
}
