/** EvoLink, as documented (docs/providers.md). */
import type { Sample } from './sample.ts';

export const sample: Sample = {
  created: {
    created: 1757156493,
    id: 'task-unified-1757156493-imcg5zqt',
    model: 'wan2.5-text-to-image',
    type: 'image',
    object: 'image.generation.task',
    progress: 0,
    status: 'pending',
    task_info: { can_cancel: true, estimated_time: 30 },
    usage: { billing_rule: 'per_call', credits_reserved: 1.2, user_group: 'default' },
  },
  completed: (id, urls) => ({ id, status: 'completed', progress: 100, results: urls }),
  createPath: '/v1/images/generations',
  readPath: (id) => `/v1/tasks/${id}`,
};
