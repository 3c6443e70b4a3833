/** What the control routes tell about a task. */

/** Times are epoch ms; null stands for "not yet" and "none". */
export type TaskView = {
  id: string;
  key: string;
  provider: 'evolink' | 'vtrix';
  model: string;
  prompt: string;
  images: number;
  status: 'pending' | 'processing' | 'completed' | 'failed' | 'cancelled';
  createdAt: number;
  completedAt: number | null;
  callbackUrl: string | null;
  error: { code: string; message: string } | null;
  results: string[];
};
