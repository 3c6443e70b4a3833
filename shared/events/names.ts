/** The names on the bus (README, "Events"). Apart from the schemas, so that the stack can name them without loading them. */
export const EVENT_SOURCE = 'wanhook';
export const TASK_CREATED = 'Image Task Created';
export const TASK_COMPLETED = 'Image Task Completed';
export const TASK_FAILED = 'Image Task Failed';
export const BUDGET_THRESHOLD = 'Budget Threshold Reached';
