/** A task as the control routes show it. */

/** Times are epoch ms; null stands for "not yet" and "none". */
export type TaskView = {
  id: string;
  key: string;
  provider: string;
  model: string;
  prompt: string;
  images: number;
  status: 'pending' | 'processing' | 'completed' | 'failed' | 'cancelled';
  createdAt: number;
  completedAt: number | null;
  callbackUrl: string | null;
  /** Over, and nothing more will be sent: the last callback is delivered or given up, or there is none. */
  settled: boolean;
  error: { code: string; message: string } | null;
  results: string[];
};
