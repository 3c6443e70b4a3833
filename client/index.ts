/**
 * What the package gives as `wanhook/client`: the client of the HTTP API, and what reads webhooks and events.
 * It depends on nothing but what Node 20, Deno, Bun and workers have: fetch, URL, Web Crypto.
 */
export {
  AuthenticationError,
  BusyError,
  ConflictError,
  ConnectionError,
  type ErrorDetails,
  InvalidRequestError,
  NotFoundError,
  ServerError,
  WanhookError,
} from './errors.ts';
export * from './event.ts';
export * from './requests.ts';
export * from './task.ts';
export type { ListQuery, TaskList, TaskPage } from './task-list.ts';
export * from './wanhook.ts';
export * from './webhook.ts';
