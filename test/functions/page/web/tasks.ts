/** Tasks as the API would give them. */
import type { Task } from '../../../../functions/page/web/api/task.ts';

let number = 0;

export function aTask(part: Partial<Task> = {}): Task {
  number += 1;
  return {
    id: `task_${String(number).padStart(26, '0')}`,
    model: 'wan2.5-text-to-image',
    created: 1_700_000_000 + number,
    status: 'processing',
    progress: 0,
    prompt: 'a red boat',
    output: [],
    images: [],
    error: null,
    metadata: {},
    completed: null,
    ...part,
  };
}

export const anImage = (index = 0, width = 1280, height = 1280) => ({
  url: `https://api.example.com/v1/images/task_1/${index}/signed`,
  width,
  height,
  bytes: 1000,
  content_type: 'image/png',
});
