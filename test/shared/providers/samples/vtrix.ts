/** Vtrix, as documented and observed (docs/providers.md). */
import type { Sample } from './sample.ts';

export const sample: Sample = {
  created: {
    id: '8d8ac610-566d-4ef0-9c22-186b2a5ed793',
    created_at: 1757156493,
    model: 'wan25_t2i_preview',
    status: 'in_progress',
    usage: { cost: '0.03', discount: 0, image_count: 1 },
  },
  completed: (id, urls) => ({
    id,
    status: 'completed',
    progress: 1,
    output: [{ content: urls.map((url) => ({ type: 'image', url })) }],
  }),
  createPath: '/model/v1/generation',
  readPath: (id) => `/model/v1/generation/task/${id}`,
};
