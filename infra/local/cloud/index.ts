/**
 * The local cloud: runs a synthesized stack on this machine. This file is its only entrance; README.md says what it
 * runs and what it refuses.
 *
 *   const cloud = await startLocalCloud({ assembly: 'cdk.out' });
 *   await fetch(cloud.apiUrl);
 *   await cloud.stop();
 */
export { type Assembly, readAssembly } from './assembly.ts';
export { type DynamoServer, hasEmbeddedDynamoServer, startDynamoServer } from './dynamodb/dynoxide.ts';
export { CloudFailure } from './failure.ts';
export { forgetState } from './forget-state.ts';
export type * from './local-cloud.ts';
export { startLocalCloud } from './start-cloud.ts';
