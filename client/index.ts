/**
 * What the package gives as `wanhook/client`: the client of the HTTP API, and what reads webhooks and events.
 * It needs nothing but web standards: fetch, URL, Web Crypto (docs/decisions/client.md).
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
export type * from './usage.ts';
export * from './wanhook.ts';
export * from './webhook.ts';
